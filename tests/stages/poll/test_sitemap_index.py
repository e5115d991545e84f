"""An index of sitemaps as a feed: which of its sitemaps are asked for, and what comes of it."""

from __future__ import annotations

from pipeline.ports import FetchFailed
from pipeline.records import Page
from tests.core.feeds.test_sitemap import index, urlset
from tests.fakes import page
from tests.stages.poll.bench import FEED, NOW, Bench, answer, numbers

BASE = "https://www.example.org"


def sitemap(name: str, *paths: str, etag: str = "", day: str = "2026-03-01") -> Page:
    listed = (f"<url><loc>{BASE}/n/{path}</loc><lastmod>{day}</lastmod></url>" for path in paths)
    return page(
        f"{BASE}/{name}",
        urlset(*listed),
        content_type="text/xml",
        fetched_at=NOW,
        headers={"etag": etag} if etag else {},
    )


def listing(*children: tuple[str, str], minutes: float = 0) -> Page:
    return answer(index(*((f"{BASE}/{name}", changed) for name, changed in children)).encode(), minutes)


def asked(bench: Bench) -> list[str]:
    return [url.removeprefix(BASE + "/") for url, _ in bench.fetch.calls]


async def test_the_newest_sitemaps_of_an_index_are_one_feed() -> None:
    bench = Bench(listing(*((f"{n}.xml", f"2026-02-{n + 10}") for n in range(9))))
    for n in range(9):
        bench.fetch.answers[f"{BASE}/{n}.xml"] = sitemap(f"{n}.xml", f"a{n}", "shared")
    polled = await bench.once()
    assert asked(bench) == ["rss", "8.xml", "7.xml", "6.xml"]
    assert sorted(numbers(polled)) == ["a6", "a7", "a8", "shared"]
    assert polled.counts["poll", "entry.drop.repeated"] == 2
    assert (polled.report.outcome, polled.report.backlog) == ("ok", True)


async def test_what_did_not_change_is_not_fetched_and_not_forgotten() -> None:
    exact, vague = ("exact.xml", "2026-03-01T10:00:00Z"), ("vague.xml", "2026-03-01")
    bench = Bench(listing(exact, vague), listing(exact, vague, minutes=15), listing(exact, vague, minutes=30))
    bench.fetch.answers[f"{BASE}/exact.xml"] = sitemap("exact.xml", "a")
    bench.fetch.answers[f"{BASE}/vague.xml"] = [
        sitemap("vague.xml", "b", etag='"1"'), page(f"{BASE}/vague.xml", status=304, fetched_at=NOW),
        sitemap("vague.xml", "b", "c"),
    ]  # fmt: skip
    assert sorted(numbers(await bench.once())) == ["a", "b"]
    second = await bench.once()
    assert (numbers(second), second.report.outcome) == ([], "ok")
    assert numbers(await bench.once()) == ["c"]
    assert asked(bench) == ["rss", "exact.xml", "vague.xml", "rss", "vague.xml", "rss", "vague.xml"]
    assert bench.fetch.calls[4][1]["If-None-Match"] == '"1"'
    assert "If-None-Match" not in bench.fetch.calls[3][1]


async def test_one_sitemap_that_fails_costs_only_itself() -> None:
    bench = Bench(listing(("a.xml", "2026-03-01"), ("b.xml", "2026-02-28")))
    bench.fetch.answers[f"{BASE}/a.xml"] = page(f"{BASE}/a.xml", status=500, fetched_at=NOW)
    bench.fetch.answers[f"{BASE}/b.xml"] = sitemap("b.xml", "1")
    polled = await bench.once()
    assert (numbers(polled), polled.report.notes) == (["1"], ("child_failed",))
    bench.fetch.answers[f"{BASE}/b.xml"] = FetchFailed("timeout", "late", temporary=True)
    bench.fetch.answers[FEED.url] = listing(("b.xml", "2026-03-01"), minutes=15)
    failed = await bench.once()
    assert (failed.report.outcome, "b.xml" in failed.report.detail or "late" in failed.report.detail) == (
        "timeout",
        True,
    )
    assert failed.state.listed  # known entries stay known


async def test_indexes_in_an_index_are_followed_a_little() -> None:
    bench = Bench(listing(("inner.xml", "")))
    for n in range(20):
        inner = index(*((f"{BASE}/inner.xml" if n == 0 else f"{BASE}/{n}.xml", "") for n in range(n + 2)))
        bench.fetch.answers[f"{BASE}/{n or 'inner'}.xml"] = page(
            f"{BASE}/x", inner, content_type="text/xml", fetched_at=NOW
        )
    await bench.once()
    assert len(asked(bench)) == 5


async def test_requests_to_the_site_are_paced() -> None:
    bench = Bench(listing(("a.xml", ""), ("b.xml", "")), gap=2.0)
    bench.fetch.answers |= {f"{BASE}/{name}.xml": sitemap(f"{name}.xml", name) for name in "ab"}
    assert sorted(numbers(await bench.once())) == ["a", "b"]
    assert bench.slept == [2.0, 2.0]
