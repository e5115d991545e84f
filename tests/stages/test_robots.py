"""clean obeys robots.txt: what is asked for, when, and what becomes of an article that may not be fetched."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pipeline.backends.robots_sqlite import RobotsSqlite
from pipeline.core.timing.pace import Pace
from pipeline.ports import FetchFailed, RobotsStore
from pipeline.records import Article, Item
from pipeline.stage import Drop, Emit, Later, Outcome, Unavailable
from pipeline.stages.clean import Clean
from pipeline.stages.robots import MEMORY, RobotsCache, RobotsOptions
from tests.core.pages.pages import SENTENCE, an_item
from tests.fakes import FakeFetch, InlinePool, MemoryRobots, page
from tests.options import clean_options
from tests.stages.test_clean import AT, BODY, URL, Time

ROBOTS = "https://news.example.org/robots.txt"
FORBIDDING = page(ROBOTS, "User-agent: *\nDisallow: /2026/\nCrawl-delay: 60", content_type="text/plain")


class Bench:
    """A clean stage with a clock that only sleeping moves."""

    def __init__(self, answers: dict[str, Any], store: RobotsStore | None = None, **options: Any) -> None:
        self.fetch, self.time, self.pace = FakeFetch({URL: page(URL, BODY), **answers}), Time(), Pace(0.0, 4)
        self.store = store or MemoryRobots()
        self.cache = RobotsCache(self.fetch, self.store, self.time.now, RobotsOptions(**options))
        self.clean = Clean(
            self.fetch, InlinePool(), self.pace, self.time.now, monotonic=self.time.monotonic, sleep=self.time.sleep,
            options=clean_options(), robots=self.cache,
        )  # fmt: skip

    async def step(self, item: Item | None = None) -> Outcome:
        return await self.clean.step(item or an_item(url=URL), AT)

    @property
    def asked(self) -> list[str]:
        return [url for url, _ in self.fetch.calls]


def article(outcome: Outcome) -> Article:
    assert isinstance(outcome, Emit)
    (out,) = outcome.outs
    assert isinstance(out.record, Article)
    return out.record


@pytest.mark.parametrize(
    "answer",
    [page(ROBOTS, status=404), page(ROBOTS, "User-agent: *\nDisallow: /other"), page(ROBOTS, status=403),
     FetchFailed("redirects", "6", temporary=False)],
)  # fmt: skip
async def test_what_is_allowed_is_read_and_the_file_is_asked_for_once_a_day(answer: Any) -> None:
    bench = Bench({ROBOTS: answer})
    assert article(await bench.step()).fetched
    await bench.step()
    assert bench.asked == [ROBOTS, URL, URL]
    bench.time.at = 86_401
    await bench.step()
    assert bench.asked[3:] == [ROBOTS, URL]


async def test_what_is_forbidden_is_never_fetched() -> None:
    bench = Bench({ROBOTS: FORBIDDING})
    outcome = await bench.step()
    assert isinstance(outcome, Drop)
    assert (outcome.reason, outcome.detail) == ("robots", f"{ROBOTS} forbids it")
    assert bench.asked == [ROBOTS]


async def test_the_text_of_the_feed_stands_in() -> None:
    bench = Bench({ROBOTS: FORBIDDING})
    found = article(await bench.step(an_item(url=URL, title="Harbour", content=f"<p>{SENTENCE * 12}</p>")))
    assert found.fetched
    assert (found.fetched.extractor, found.fetched.status) == ("feed", 0)
    assert bench.asked == [ROBOTS]


async def test_a_redirect_to_what_is_forbidden() -> None:
    wrapped = "https://link.example/1"
    bench = Bench(
        {ROBOTS: FORBIDDING, wrapped: page(URL, BODY), "https://link.example/robots.txt": page("", status=404)}
    )
    assert isinstance(await bench.step(an_item(url=wrapped)), Drop)


async def test_an_exempt_site_is_not_asked() -> None:
    for exempt in ("example.org", "news.example.org"):
        bench = Bench({ROBOTS: FORBIDDING}, exempt=(exempt,))
        assert isinstance(await bench.step(), Emit)
        assert bench.asked == [URL]


async def test_unreachable_delays_and_allows_after_a_day() -> None:
    bench = Bench({ROBOTS: page(ROBOTS, status=503)})
    item = an_item(url=URL)
    for _ in range(20):
        outcome = await bench.step(item)
        if not isinstance(outcome, Later):
            break
        assert outcome.reason == "robots_unreachable"
        assert URL not in bench.asked
        assert isinstance(outcome.out.record, Item)
        item = outcome.out.record
        assert item.not_before
        bench.time.at += (item.not_before - bench.time.now()).total_seconds()
    assert article(outcome).fetched
    assert bench.time.at == pytest.approx(86_400, abs=10)
    assert bench.asked.count(ROBOTS) < 40


async def test_unreachable_with_text_in_the_feed_does_not_wait_for_a_day() -> None:
    bench = Bench({ROBOTS: page(ROBOTS, status=503)})
    item = replace(
        an_item(url=URL, title="Harbour", content=f"<p>{SENTENCE * 12}</p>"), attempt=clean_options().attempts - 1
    )
    assert article(await bench.step(item)).fetched


async def test_a_host_that_is_down_fails_as_without_robots() -> None:
    bench = Bench({ROBOTS: FetchFailed("connect", "refused", temporary=True)})
    outcome = await bench.step()
    assert isinstance(outcome, Later)
    assert outcome.reason == "fetch_connect"
    last = replace(an_item(url=URL), attempt=clean_options().attempts - 1)
    ended = await bench.step(last)
    assert isinstance(ended, Drop)
    assert ended.reason == "fetch_connect"


async def test_our_own_network_being_down_is_no_answer() -> None:
    bench = Bench({ROBOTS: Unavailable("no route")})
    with pytest.raises(Unavailable):
        await bench.step()
    bench.fetch.answers[ROBOTS] = FORBIDDING
    assert isinstance(await bench.step(), Drop)


async def test_crawl_delay_up_to_the_limit() -> None:
    bench = Bench({ROBOTS: page(ROBOTS, "User-agent: *\nCrawl-delay: 60")}, max_delay=1.5)
    await bench.step()
    started = bench.time.at
    await bench.step()
    await bench.step()
    assert bench.time.at - started == pytest.approx(3.0, abs=1.5)


@pytest.fixture(params=["sqlite", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> RobotsStore:
    return RobotsSqlite(tmp_path / "robots.sqlite") if request.param == "sqlite" else MemoryRobots()


async def test_a_restart_asks_no_site_again(store: RobotsStore) -> None:
    await Bench({ROBOTS: FORBIDDING}, store).step()
    again = Bench({ROBOTS: page(ROBOTS, status=404)}, store)
    again.time.at = 3600
    assert isinstance(await again.step(), Drop)
    assert again.asked == []
    again.time.at = 90_000
    assert isinstance(await again.step(), Emit)


async def test_a_damaged_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "robots.sqlite"
    path.write_bytes(b"no database at all, but long enough to be looked at" * 50)
    store = RobotsSqlite(path)
    store.put("a", b"1")
    assert store.get("a") == b"1"
    store.put(ROBOTS, b"of another version")
    assert isinstance(await Bench({ROBOTS: FORBIDDING}, store).step(), Drop)
    store.close()


async def test_memory_is_bounded() -> None:
    bench = Bench({})
    sites = [f"https://s{n}.example/robots.txt" for n in range(MEMORY + 50)]
    bench.fetch.answers |= {url: page(url, status=404) for url in sites}
    for url in sites:
        assert (await bench.cache.ask(url.replace("robots.txt", "a"))).allowed
    assert bench.cache.known("https://s0.example/a") is not None  # from the store
    assert timedelta(0) == timedelta(seconds=bench.time.at)
