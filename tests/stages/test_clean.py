"""clean against hosts that are slow, busy, failing or gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from pipeline.core.pages.article import clean_from_feed
from pipeline.core.timing.delays import DELAYS, ITEMS_LATER
from pipeline.core.timing.pace import Pace
from pipeline.core.urls import article_id
from pipeline.ports import FetchFailed, JobFailed
from pipeline.records import Article, Dropped, Item, Page, decode, encode
from pipeline.stage import Drop, Emit, Later, Message, Outcome, Position, Unavailable, run
from pipeline.stages.clean import Clean
from tests.core.pages.pages import HEAD, SENTENCE, an_item
from tests.fakes import FakeFetch, InlinePool, page
from tests.options import clean_options
from tests.options import pace as default_pace

URL = "https://news.example.org/2026/03/01/harbour-budget"
AT = Position("items", 0, 0)
BODY = HEAD + f"<article><p>{SENTENCE * 12}</p></article></body></html>"


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.at = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime(2026, 3, 1, 18, tzinfo=UTC) + timedelta(seconds=self.at)

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


class DyingPool:
    """Reads feeds, but no page."""

    async def run(self, job: Callable[..., Any], *args: Any) -> Any:
        if job is clean_from_feed:
            return job(*args)
        raise JobFailed("extract_timeout", "20 s")

    async def close(self) -> None:
        pass


def stage(fetch: Any, *, pace: Pace | None = None, time: Time | None = None, pool: Any = None, **options: Any) -> Clean:
    time = time or Time()
    return Clean(
        fetch, pool or InlinePool(), default_pace() if pace is None else pace, time.now,
        monotonic=time.monotonic, sleep=time.sleep, options=clean_options(**options),
    )  # fmt: skip


async def step(answer: Page | Exception, item: Item | None = None, **more: Any) -> Outcome:
    item = item or an_item(URL)
    return await stage(FakeFetch({item.url: answer}), **more).step(item, AT)


def put_off(outcome: Outcome) -> tuple[Item, float]:
    """The item of a Later and the seconds to its due time."""
    assert isinstance(outcome, Later)
    assert isinstance(outcome.out.record, Item)
    assert outcome.out.stream == ITEMS_LATER
    assert outcome.out.due is not None
    assert outcome.out.partition is not None
    wait = (outcome.out.due - Time().now()).total_seconds()
    assert DELAYS[outcome.out.partition] == pytest.approx(wait, abs=3)
    return outcome.out.record, wait


async def test_a_page_becomes_an_article_keyed_by_its_id() -> None:
    outcome = await step(page(URL, BODY))
    assert isinstance(outcome, Emit)
    (out,) = outcome.outs
    assert isinstance(out.record, Article)
    assert (out.stream, out.key) == ("articles", article_id(URL))
    assert out.record.text.startswith("The council met")
    assert decode(Article, encode(out.record)) == out.record


@pytest.mark.parametrize(
    ("status", "headers", "body", "reason"),
    [
        (404, {}, BODY, "http_404"),
        (410, {}, BODY, "http_410"),
        (403, {}, "", "http_403"),
        (401, {}, "", "http_401"),
        (451, {}, "", "http_451"),
        (304, {}, "", "http_304"),
        (204, {}, "", "empty"),
    ],
)
async def test_answers_that_end_it(status: int, headers: dict[str, str], body: str, reason: str) -> None:
    outcome = await step(page(URL, body, status, headers=headers))
    assert isinstance(outcome, Drop)
    assert outcome.reason == reason


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 522])
async def test_answers_worth_another_try(status: int) -> None:
    item, wait = put_off(await step(page(URL, "", status)))
    assert item.attempt == 1
    assert item.not_before == Time().now() + timedelta(seconds=15)
    assert wait == 15


@pytest.mark.parametrize(("header", "least"), [("600", 600), ("Sun, 01 Mar 2026 18:30:00 GMT", 1800), ("soon", 15)])
async def test_retry_after(header: str, least: float) -> None:
    item, wait = put_off(await step(page(URL, "", 429, headers={"retry-after": header})))
    assert wait >= least
    assert item.not_before == Time().now() + timedelta(seconds=least)


async def test_waits_grow_and_end() -> None:
    item, waits = an_item(URL), []
    for _ in range(5):
        item, wait = put_off(
            await step(FetchFailed("dns", "no such host", temporary=True), replace(item, not_before=None))
        )
        waits.append(wait)
    assert waits == [15, 120, 900, 3600, 6 * 3600]
    last = await step(FetchFailed("dns", "no such host", temporary=True), replace(item, not_before=None))
    assert isinstance(last, Drop)
    assert last.reason == "fetch_dns"


async def test_a_permanent_failure_ends_it_at_once() -> None:
    outcome = await step(FetchFailed("refused_address", "127.0.0.1", temporary=False))
    assert isinstance(outcome, Drop)
    assert outcome.reason == "fetch_refused_address"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (page(URL, "", 403), None),
        (FetchFailed("refused_address", "x", temporary=False), None),
        (page(URL, "", 404), None),
        (page(URL, "", 410), "http_410"),  # the outlet says that it deleted the article
    ],
)
async def test_the_feeds_text_stands_in(answer: Page | Exception, reason: str | None) -> None:
    outcome = await step(answer, an_item(URL, title="Harbour budget", content=f"<p>{SENTENCE * 8}</p>"))
    if reason:
        assert isinstance(outcome, Drop)
        assert outcome.reason == reason
        return
    assert isinstance(outcome, Emit)
    assert isinstance(outcome.outs[0].record, Article)
    assert outcome.outs[0].record.fetched
    assert outcome.outs[0].record.fetched.extractor == "feed"


async def test_a_revisit_flows_like_any_item() -> None:
    outcome = await step(page(URL, BODY), an_item(URL, revisit=2))
    assert isinstance(outcome, Emit)
    assert isinstance(outcome.outs[0].record, Article)
    assert outcome.outs[0].record.revisit == 2


async def test_an_item_that_comes_early_is_put_off_again() -> None:
    fetch = FakeFetch({URL: page(URL, BODY)})
    outcome = await stage(fetch).step(an_item(URL, not_before=Time().now() + timedelta(seconds=100)), AT)
    item, wait = put_off(outcome)
    assert (item.attempt, wait) == (0, 120)
    assert fetch.calls == []


async def test_a_host_that_is_soon_free_is_waited_for() -> None:
    time, pace = Time(), Pace(delay_per_site=1.0, per_domain=2)
    clean = stage(FakeFetch({URL: page(URL, BODY)}), pace=pace, time=time)
    assert isinstance(await clean.step(an_item(URL), AT), Emit)
    assert isinstance(await clean.step(an_item(URL), AT), Emit)
    assert time.slept == [1.0]
    assert pace.in_flight("example.org") == 0


async def test_a_host_that_is_long_busy_is_not_waited_for() -> None:
    time, pace = Time(), Pace(delay_per_site=10.0, per_domain=1)
    fetch = FakeFetch({URL: page(URL, BODY)})
    clean = stage(fetch, pace=pace, time=time)
    await clean.step(an_item(URL), AT)
    item, wait = put_off(await clean.step(an_item(URL), AT))
    assert (item.attempt, wait) == (0, 15)  # being busy is no failure
    assert time.slept == []
    assert len(fetch.calls) == 1


async def test_one_host_waits_in_a_quarter_of_the_window_only() -> None:
    """Eight places: two may wait for a host, however soon it is free."""
    time, pace = Time(), Pace(delay_per_site=0.5, per_domain=8)
    clean = stage(FakeFetch({URL: page(URL, BODY)}), pace=pace, time=time, window=8)
    ends: list[Outcome] = []

    async def crowd(seconds: float) -> None:
        """While the first one sleeps two more come."""
        if len(time.slept) < 2:
            time.slept.append(seconds)
            ends.append(await clean.step(an_item(URL), AT))
        time.at += seconds

    clean._sleep = crowd
    await clean.step(an_item(URL), AT)
    assert isinstance(await clean.step(an_item(URL), AT), Emit | Later)
    assert isinstance(ends[0], Later)
    assert clean._waiting == {}


@pytest.mark.parametrize(
    "error", [FetchFailed("dns", "x", temporary=True), Unavailable("no uplink"), RuntimeError("bug")]
)
async def test_the_host_is_given_back_whatever_happens(error: Exception) -> None:
    pace = Pace(delay_per_site=0.0, per_domain=1)
    clean = stage(FakeFetch({URL: error}), pace=pace)
    if isinstance(error, FetchFailed):
        await clean.step(an_item(URL), AT)
    else:
        with pytest.raises(type(error)):
            await clean.step(an_item(URL), AT)
    assert pace.in_flight("example.org") == 0


async def test_a_page_that_kills_the_extractor_is_dead_with_the_reason() -> None:
    message = Message(AT, "example.org", encode(an_item(URL)), Time().now())

    async def wait(error: Unavailable, attempt: int) -> None:
        raise AssertionError("nothing of ours is down")

    end = await run(stage(FakeFetch({URL: page(URL, BODY)}), pool=DyingPool()), message, Time().now, wait)
    assert end.ending == "dead"
    assert end.outs[0].record.error == "extract_timeout"  # type: ignore[union-attr]


async def test_the_feed_stands_in_for_a_page_that_kills_the_extractor() -> None:
    outcome = await step(page(URL, BODY), an_item(URL, title="Harbour budget"), pool=DyingPool())
    assert isinstance(outcome, Emit)
    assert isinstance(article := outcome.outs[0].record, Article)
    assert article.fetched
    assert (article.text, article.fetched.refused) == ("Harbour budget", "extract_timeout")


@pytest.mark.parametrize("url", ["", "mailto:x", "http://"])
async def test_an_address_nobody_can_fetch(url: str) -> None:
    outcome = await stage(FakeFetch()).step(an_item(url), AT)
    assert isinstance(outcome, Drop)
    assert outcome.reason == "bad_url"


async def test_a_relative_link_is_tried_at_the_site_too() -> None:
    item = an_item("https://feeds.example/a/1", also=("https://site.example/a/1",))
    outcome = await step(Page(url=item.url, status=404, body=b"", fetched_at=Time().now()), item)
    other, _ = put_off(outcome)
    assert (other.url, other.also) == ("https://site.example/a/1", ())
    gone = await step(Page(url=other.url, status=404, body=b"", fetched_at=Time().now()), other)
    assert isinstance(gone, Drop)


async def test_an_item_that_becomes_no_article_is_recorded_with_its_feed_and_reason() -> None:
    outcome = await step(page(URL, "", 404), an_item(URL, title="Harbour budget"))
    assert isinstance(outcome, Drop)
    (out,) = outcome.outs
    assert isinstance(out.record, Dropped)
    assert (out.stream, out.key, out.record.url, out.record.reason) == ("dropped", "f", URL, "http_404")
    revisit = await step(page(URL, "", 403), an_item(URL, revisit=1))
    assert isinstance(revisit, Drop)
    assert revisit.outs == ()  # the article is there


async def test_an_entry_without_a_page_is_not_fetched() -> None:
    fetch = FakeFetch()
    item = an_item("https://site.example/", link="none", article="ab" * 16, title="Quake of 5.4 near Norberg")
    outcome = await stage(fetch).step(item, AT)
    assert isinstance(outcome, Emit)
    assert (outcome.outs[0].key, fetch.calls) == ("ab" * 16, [])
