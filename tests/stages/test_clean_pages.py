"""clean with articles on several pages: what is joined, what ends it, and its limits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.core.timing.pace import Pace
from pipeline.core.urls import article_id
from pipeline.ports import FetchFailed, JobFailed
from pipeline.records import Article, Item, Page
from pipeline.stage import Emit, Later
from pipeline.stages.further_pages import SeveralPages
from pipeline.stages.robots import RobotsCache, RobotsOptions
from tests.core.pages.pages import an_item
from tests.fakes import FakeFetch, InlinePool, MemoryRobots, page
from tests.stages.test_clean import AT, Time, stage

A = "https://news.example.org/2026/03/harbour-budget"
TITLE = "Harbour budget approved after two ballots"
WORDS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def block(number: int) -> str:
    word = WORDS[number % 10]
    return f"Block {number} says what the council decided about the {word} pier, and who is to pay for it in the end."


def body(*blocks: int, ahead: str = "", title: str = TITLE, head: str = "") -> str:
    text = "".join(f"<p>{block(number)}</p>" for number in blocks)
    pager = f'<div class="pagination"><a rel="next" href="{ahead}">Next page</a></div>' if ahead else ""
    return (
        f"<html><head><title>{title} | Coastwire</title>{head}</head><body><article><h1>{title}</h1>{text}</article>"
        f"{pager}</body></html>"
    )


ONE, TWO, THREE = range(4), range(4, 8), range(8, 10)


async def read(
    pages: dict[str, str | Page | Exception], item: Item | None = None, **more: Any
) -> tuple[Article, list[str]]:
    """The article, and the addresses that were asked for."""
    answers = {url: page(url, each) if isinstance(each, str) else each for url, each in pages.items()}
    fetch = FakeFetch(answers)
    outcome = await stage(fetch, **more).step(item or an_item(A, title=TITLE), AT)
    assert isinstance(outcome, Emit), outcome
    article = outcome.outs[0].record
    assert isinstance(article, Article)
    return article, [url for url, _ in fetch.calls]


def blocks(article: Article) -> list[int]:
    return [int(line.split()[1]) for line in article.text.split("\n") if line.startswith("Block")]


async def test_all_pages_are_joined_in_order() -> None:
    pages: dict[str, Any] = {
        A: body(*ONE, ahead="?page=2"), f"{A}?page=2": body(0, *TWO, ahead="?page=3", title=f"{TITLE} - Page 2"),
        f"{A}?page=3": body(*THREE, title=f"{TITLE} (3/3)"),
    }  # fmt: skip
    article, asked = await read(pages)
    assert blocks(article) == list(range(10))
    assert (article.partial, article.id, article.title.value) == ("", article_id(A), TITLE)
    assert article.fetched is not None
    assert article.fetched.pages == 3
    assert asked == list(pages)
    again, _ = await read(pages, an_item(A, title=TITLE, revisit=1))
    assert again.content_hash == article.content_hash


@pytest.mark.parametrize(
    ("second", "partial"),
    [
        (FetchFailed("timeout", "x", temporary=True), "pages"),
        (page(f"{A}/2", "", 503), "pages"),
        (page(f"{A}/2", "", 403), "pages"),
        (page(f"{A}/2", body(*TWO), headers={"cf-mitigated": "challenge"}), "pages"),
        (page("https://news.example.org/login?next=2", body(*TWO)), ""),  # it led off: there was no second page
        (page(A, body(*ONE)), ""),  # a redirect to the first page
        (body(*TWO, title="Night trains return to the coast"), ""),  # another article
        (body(*ONE), ""),  # the same again, with other comments
    ],
)
async def test_a_second_page_that_is_none(second: Any, partial: str) -> None:
    article, _ = await read({A: body(*ONE, ahead=f"{A}/2"), f"{A}/2": second})
    assert blocks(article) == list(ONE)
    assert article.partial == partial


async def test_a_paid_second_page_is_marked() -> None:
    asks = body(*TWO[:1]).replace("</article>", "<p>Subscribe to continue reading.</p></article>")
    article, _ = await read({A: body(*ONE, ahead=f"{A}/2"), f"{A}/2": asks})
    assert article.partial in ("paid", "pages")


async def test_the_page_with_all_is_preferred_and_its_failure_is_none() -> None:
    canonical = f'<link rel="canonical" href="{A}?view=all">'
    pages: dict[str, Any] = {
        A: body(*ONE, ahead="?page=2", head=canonical), f"{A}?view=all": body(*range(10)),
        f"{A}?page=2": body(*range(4, 10)),
    }  # fmt: skip
    article, asked = await read(pages)
    assert (blocks(article), article.partial, asked) == (list(range(10)), "", [A, f"{A}?view=all"])
    assert article.id == article_id(f"{A}?view=all")
    pages[f"{A}?view=all"] = page(f"{A}?view=all", "", 404)
    article, asked = await read(pages)
    assert (blocks(article), article.partial) == (list(range(10)), "")
    assert asked == [A, f"{A}?view=all", f"{A}?page=2"]


async def test_redirects_of_both_pages() -> None:
    there = "https://news.example.org/2026/03/01/harbour-budget-approved"
    first, second = page(there, body(*ONE, ahead="?page=2")), page(f"{there}?page=2", body(*TWO))
    article, _ = await read({A: first, f"{there}?page=2": second})
    assert (blocks(article), article.partial, article.id) == ([*ONE, *TWO], "", article_id(there))


async def test_the_feeds_whole_text_needs_no_further_page() -> None:
    content = "".join(f"<p>{block(number)}</p>" for number in range(10))
    article, asked = await read({A: body(*ONE, ahead="?page=2")}, an_item(A, title=TITLE, content=content))
    assert (blocks(article), article.text_from, asked) == (list(range(10)), "feed", [A])


@pytest.mark.parametrize(
    ("limits", "pages"), [(SeveralPages(pages=3), 3), (SeveralPages(size=800), 3), (SeveralPages(seconds=2.5), 3)]
)
async def test_limits(limits: SeveralPages, pages: int) -> None:
    """Pages without end, one a second."""
    endless = {f"{A}?page={n}": body(10 * n, 10 * n + 1, ahead=f"?page={n + 1}") for n in range(2, 40)}
    first: dict[str, Any] = {A: body(0, 1, ahead="?page=2"), **endless}
    article, asked = await read(first, pace=Pace(delay_per_site=1.0, per_domain=1), several=limits)
    assert len(asked) == pages
    assert article.partial == "pages"
    assert article.fetched is not None
    assert article.fetched.pages == pages


async def test_every_page_waits_its_turn() -> None:
    time, pace = Time(), Pace(delay_per_site=5.0, per_domain=1)
    pages: dict[str, Any] = {A: body(*ONE, ahead="?page=2"), f"{A}?page=2": body(*TWO)}
    await read(pages, pace=pace, time=time)
    assert sum(time.slept) == 5.0
    assert pace.in_flight("example.org") == 0


async def test_a_page_that_robots_txt_forbids_is_not_asked_for() -> None:
    rules = page("https://news.example.org/robots.txt", "User-agent: *\nDisallow: /*?page=", content_type="text/plain")
    fetch = FakeFetch({rules.url: rules, A: page(A, body(*ONE, ahead="?page=2"))})
    robots = RobotsCache(fetch, MemoryRobots(), lambda: datetime(2026, 3, 1, 18, tzinfo=UTC), RobotsOptions())
    clean = stage(fetch, pace=Pace(delay_per_site=0.0, per_domain=1))
    clean._robots = robots
    outcome = await clean.step(an_item(A, title=TITLE), AT)
    assert isinstance(outcome, Emit)
    assert isinstance(article := outcome.outs[0].record, Article)
    assert article.partial == "pages"
    assert [url for url, _ in fetch.calls] == [rules.url, A]


class DyingPool(InlinePool):
    """Dies of every page but the first."""

    async def run(self, job: Any, *args: Any) -> Any:
        if job.__name__ == "add_page":
            raise JobFailed("extract_crash", "x")
        return job(*args)


async def test_a_later_page_that_kills_its_process_leaves_the_first() -> None:
    pages: dict[str, Any] = {A: body(*ONE, ahead="?page=2"), f"{A}?page=2": body(*TWO)}
    article, _ = await read(pages, pool=DyingPool())
    assert (blocks(article), article.partial) == (list(ONE), "pages")


async def test_one_site_does_not_fill_the_window_with_such_articles() -> None:
    clean = stage(FakeFetch({A: page(A, body(*ONE, ahead="?page=2"))}), window=8)
    clean._further._reading["example.org"] = 2
    outcome = await clean.step(an_item(A, title=TITLE), AT)
    assert isinstance(outcome, Later)
    assert outcome.reason == "busy"
