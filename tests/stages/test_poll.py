"""The poll stage: one feed asked through fakes of Fetch and WorkerPool, from answer to outputs, counters and report."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from pipeline.core.timing.pace import Pace
from pipeline.ports import FetchFailed, JobFailed
from pipeline.records import (
    Feed,
    Item,
    Page,
    Record,
    encode,
)  # fmt: skip
from pipeline.stage import Emit, Message, Position, Unavailable
from pipeline.stages.poll import Poll, Polled
from tests.builders import alert, document
from tests.fakes import FakeFetch, InlinePool, page
from tests.options import poll_options

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FEED = Feed(id="faro", name="El Faro", url="https://www.example.org/rss", language="es", country="VE")
AT = Position("feeds", 0, 0)


def rss(*numbers: int, more: str = "") -> bytes:
    entries = "".join(
        f"<item><title>N {n}</title><link>https://www.example.org/n/{n}</link></item>" for n in sorted(numbers)[::-1]
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{entries}{more}</channel></rss>'.encode()


def answer(body: bytes = b"", minutes: float = 0, status: int = 200, url: str = FEED.url, **more: Any) -> Page:
    return page(url, body, status, "text/xml", fetched_at=NOW + timedelta(minutes=minutes), **more)


class Bench:
    """A Poll on fakes, with a clock that only sleeping moves."""

    def __init__(self, *answers: Page | Exception, pool: Any = None, gap: float = 0.0, feed: Feed = FEED) -> None:
        self.fetch = FakeFetch({feed.url: list(answers) or [FetchFailed("dns", "none", temporary=True)]})
        self.seconds = 0.0
        self.slept: list[float] = []
        self.pace = Pace(gap, 1)
        self.poll = Poll(
            self.fetch, pool or InlinePool(), self.pace, lambda: NOW + timedelta(seconds=self.seconds),
            random=lambda: 0.5, monotonic=lambda: self.seconds, sleep=self.sleep,
            options=poll_options(),
        )  # fmt: skip
        self.feed = feed

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    async def once(self) -> Polled:
        """Poll, and apply as the driver does after its commit."""
        await self.poll.step(self.feed, AT)
        polled = await self.poll.poll(self.feed)
        self.poll.apply(polled)
        return polled


def items(polled: Polled) -> list[Item]:
    return [
        out.record for out in polled.outs if out.stream in ("items", "items-backfill") and isinstance(out.record, Item)
    ]


def numbers(polled: Polled) -> list[str]:
    return [item.url.rsplit("/", 1)[1] for item in items(polled)]


# ---- polling ----


async def test_first_poll_is_backlog_oldest_first_and_ends_with_the_state() -> None:
    polled = await Bench(answer(rss(1, 2, 3, more="<item><title>no link</title></item>"))).once()
    assert numbers(polled) == ["1", "2", "3"]
    assert all(item.backlog and item.feed == "faro" and item.language == "es" for item in items(polled))
    assert {out.key for out in polled.outs[:-1]} == {"example.org"}
    assert (polled.outs[-1].stream, polled.outs[-1].key, polled.outs[-1].record) == ("feed-state", "faro", polled.state)
    assert polled.counts == {("poll", "entry.item"): 3, ("poll", "fetch.ok"): 1, ("poll", "entry.drop.no_url"): 1}
    assert (polled.report.outcome, polled.report.new, polled.report.error, polled.report.backlog) == (
        "ok",
        3,
        None,
        True,
    )


async def test_only_new_entries_come_out() -> None:
    bench = Bench(answer(rss(1, 2)), answer(rss(2, 3), 15), answer(rss(1, 2, 3), 30))
    assert numbers(await bench.once()) == ["1", "2"]
    second = await bench.once()
    assert numbers(second) == ["3"]
    assert not items(second)[0].backlog
    assert numbers(await bench.once()) == []  # 1 came back: a cache served an older copy


async def test_memory_changes_only_when_the_driver_has_committed() -> None:
    bench = Bench(answer(rss(1)))
    await bench.poll.step(FEED, AT)
    assert numbers(await bench.poll.poll(FEED)) == ["1"]
    polled = await bench.poll.poll(FEED)
    assert numbers(polled) == ["1"]
    bench.poll.apply(polled)
    assert numbers(await bench.poll.poll(FEED)) == []


async def test_conditional_requests_and_unchanged_bodies() -> None:
    headers = {"etag": '"a"', "last-modified": "Sun, 01 Mar 2026 11:00:00 GMT"}
    bench = Bench(
        answer(rss(1), headers=headers), answer(status=304, minutes=15), answer(rss(1), 30, headers={"etag": '"b"'}),
        answer(rss(1, 2), 45),
    )  # fmt: skip
    outcomes = [(await bench.once()).report.outcome for _ in range(4)]
    assert outcomes == ["ok", "not_modified", "unchanged", "ok"]
    asked = [call[1] for call in bench.fetch.calls]
    assert "If-None-Match" not in asked[0]
    assert "rss" in asked[0]["Accept"]
    assert (asked[1]["If-None-Match"], asked[1]["If-Modified-Since"]) == ('"a"', headers["last-modified"])
    assert asked[3]["If-None-Match"] == '"b"'


async def test_a_body_seen_before_is_not_parsed_again() -> None:
    class Counting(InlinePool):
        jobs = 0

        async def run(self, job: Any, *args: Any) -> Any:
            self.jobs += 1
            return job(*args)

    pool = Counting()
    bench = Bench(answer(rss(1)), answer(rss(1), 15), pool=pool)
    await bench.once()
    await bench.once()
    assert pool.jobs == 1


async def test_after_a_body_that_was_cut_off_the_whole_is_asked_for() -> None:
    tag = {"etag": '"a"'}
    bench = Bench(answer(rss(1, 2, 3)[:-70], headers=tag), answer(rss(1, 2, 3), 15, headers=tag))
    assert (await bench.once()).report.notes == ("truncated",)
    assert numbers(await bench.once())
    assert "If-None-Match" not in bench.fetch.calls[1][1]


async def test_settings_of_the_feed_are_kept_to() -> None:
    feed = msgspec.structs.replace(FEED, user_agent="Reader/1", ignore_validators=True)
    bench = Bench(answer(rss(1), headers={"etag": '"a"'}), feed=feed)
    await bench.once()
    await bench.once()
    assert [call[1].get("User-Agent") for call in bench.fetch.calls] == ["Reader/1"] * 2
    assert all("If-None-Match" not in call[1] for call in bench.fetch.calls)


class Hanging(InlinePool):
    async def run(self, job: Any, *args: Any) -> Any:
        raise JobFailed("extract_timeout", "20 s")


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (FetchFailed("dns", "no such host", temporary=True), "dns"),
        (FetchFailed("refused_address", "10.0.0.1", temporary=False), "refused_address"),
        (answer(b"no", status=404), "http_404"),
        (answer(b"", status=410), "gone"),
        (answer(b"", status=503, headers={"retry-after": "1800"}), "http_503"),
        (answer(b"", status=304), "http_304"),
        (answer(b"<!DOCTYPE html><html><title>Consent</title>"), "not_a_feed"),
        (answer(b""), "empty"),
        (answer(b"/etc/passwd"), "not_a_feed"),
        (answer(b'<!DOCTYPE rss [<!ENTITY a "aaaa&b;">]><rss version="2.0"/>'), "entities"),
    ],
)
async def test_a_bad_feed_is_a_report(bad: Page | Exception, reason: str) -> None:
    bench = Bench(bad, answer(rss(1), 60))
    polled = await bench.once()
    assert [out.stream for out in polled.outs] == ["feed-state"]
    assert polled.counts == {("poll", f"fetch.{reason}"): 1}
    report = polled.report
    assert (report.outcome, report.error, report.failures) == (reason, reason, 1)
    assert report.detail or reason == "http_304"
    assert report.next_at > NOW + timedelta(minutes=5)
    assert reason != "http_503" or report.next_at >= NOW + timedelta(minutes=30)
    bench.seconds += (report.next_at - NOW).total_seconds()
    mended = await bench.once()
    assert (mended.report.error, mended.report.failures, numbers(mended)) == (None, 0, ["1"])


async def test_a_parser_that_hangs() -> None:
    polled = await Bench(answer(rss(1)), pool=Hanging()).once()
    assert polled.report.error == "parse_timeout"


async def test_our_own_trouble_is_no_fault_of_the_feed() -> None:
    bench = Bench(Unavailable("no network"), answer(rss(1)))
    with pytest.raises(Unavailable):
        await bench.once()
    assert not bench.poll.states
    assert numbers(await bench.once()) == ["1"]  # and the host is free again


async def test_pace_is_kept() -> None:
    bench = Bench(answer(rss(1)), gap=5.0)
    await bench.once()
    await bench.once()
    assert bench.slept == [5.0]


async def test_feeds_of_a_host_that_is_down_are_put_off() -> None:
    bench = Bench(FetchFailed("connect", "refused", temporary=True))
    for _ in range(3):
        await bench.once()
    other = msgspec.structs.replace(FEED, id="other", url="https://deporte.example.org/rss")
    polled = await bench.poll.poll(other)
    report = polled.report
    assert (report.outcome, report.error, report.failures) == ("busy", None, 0)
    assert NOW < report.next_at < NOW + timedelta(minutes=2)
    assert polled.counts == {("poll", "fetch.busy"): 1}


class Broken:
    """A pool in which the parser breaks."""

    async def run(self, job: Any, *args: Any) -> Any:
        raise RecursionError("too deep")

    async def close(self) -> None:
        pass


async def test_a_body_that_breaks_the_parser_is_a_report() -> None:
    polled = await Bench(answer(rss(1)), pool=Broken()).once()
    assert (polled.report.error, polled.counts) == ("parse_error", {("poll", "fetch.parse_error"): 1})
    assert "too deep" in polled.report.detail


async def test_only_what_may_pass_makes_a_host_wait() -> None:
    for temporary in (True, False):
        bench = Bench(FetchFailed("too_large", "50 MB", temporary=temporary))
        await bench.once()
        assert (bench.pace.enter("example.org", 0.0) > 0) == temporary


async def test_backlog_after_a_day_of_our_own_silence() -> None:
    bench = Bench(answer(rss(1)), answer(rss(1, 2), 25 * 60), answer(rss(1, 2, 3), 26 * 60))
    await bench.once()
    assert [item.backlog for item in items(await bench.once())] == [True]
    assert [item.backlog for item in items(await bench.once())] == [False]


async def test_a_permanent_redirect_is_followed_in_the_end() -> None:
    new = "https://new.example/feed"
    bench = Bench(*(answer(rss(n), n, url=new, permanent=new) for n in range(6)))
    bench.fetch.answers[new] = answer(rss(9), 99, url=new)
    for _ in range(6):
        await bench.once()
    assert [call[0] for call in bench.fetch.calls] == [FEED.url] * 5 + [new]


# ---- state ----


async def replayed(*messages: tuple[str, str, Record | None]) -> Poll:
    async def replay(stream: str, since: int = 0) -> AsyncIterator[Message]:
        for n, (name, key, record) in enumerate(messages):
            if name == stream:
                yield Message(Position(name, 0, n), key, encode(record) if record else None, NOW)

    bench = Bench()
    bench.poll.feeds["stale"] = FEED
    await bench.poll.restore(replay)
    return bench.poll


async def test_restores_itself() -> None:
    state = (await Bench(answer(rss(1))).once()).state
    older = msgspec.structs.replace(state, polled_at=state.polled_at - timedelta(hours=1), etag="old")
    gone = msgspec.structs.replace(FEED, id="gone", url="https://gone.example/rss")
    poll = await replayed(
        ("feeds", "faro", FEED), ("feeds", "gone", gone), ("feeds", "gone", None),
        ("feed-state", "faro", state), ("feed-state", "faro", older), ("feed-state", "gone", None),
    )  # fmt: skip
    assert poll.feeds == {"faro": FEED}
    assert poll.states == {"faro": state}
    assert poll.due(NOW) == []
    assert poll.next_due() == state.next_at
    assert poll.due(state.next_at) == [FEED]


async def test_feeds_come_and_go() -> None:
    poll = Bench().poll
    assert poll.next_due() is None
    assert await poll.step(FEED, AT) == Emit()
    assert poll.due(NOW) == poll.enabled() == [FEED]
    await poll.step(msgspec.structs.replace(FEED, enabled=False), AT)
    assert poll.due(NOW) == poll.enabled() == []
    await poll.step(msgspec.structs.replace(FEED, removed=True), AT)
    assert poll.next_due() is None


# ---- corrections ----


def atom(*entries: tuple[int, str]) -> bytes:
    xml = "".join(
        f"<entry><id>urn:{n}</id><title>N {n}</title><link href='https://www.example.org/n/{n}'/>"
        f"<updated>2026-03-01T{time}Z</updated></entry>"
        for n, time in entries
    )
    return f"<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'>{xml}</feed>".encode()


async def test_an_entry_that_says_it_was_changed_is_fetched_again_once() -> None:
    first = atom((1, "08:00:00"), (2, "08:00:00"), (3, "08:00:00"))
    second = atom((1, "08:00:00"), (2, "11:00:00"), (3, "07:00:00"))
    bench = Bench(answer(first), answer(second, 15), answer(second + b" ", 30))
    assert not [item for item in items(await bench.once()) if item.revisit]
    corrected = await bench.once()
    assert [(item.url[-1], item.revisit, item.backlog) for item in items(corrected)] == [("2", 1, False)]
    assert corrected.report.new == 1
    assert items(await bench.once()) == []


async def test_a_feed_that_dates_everything_anew_corrects_nothing() -> None:
    numbers_ = range(1, 8)
    bench = Bench(
        answer(atom(*((n, "08:00:00") for n in numbers_))), answer(atom(*((n, "09:00:00") for n in numbers_)), 15)
    )
    await bench.once()
    polled = await bench.once()
    assert items(polled) == []
    assert "redated" in polled.report.notes


# ---- re-visits ----


async def test_an_article_and_an_alert_are_scheduled_to_be_fetched_again() -> None:
    """Which ones and when: tests/core/timing/test_revisits.py."""
    poll = Bench().poll
    for record, count in ((document(), 3), (alert(), 1)):
        outcome = await poll.step(record, AT)
        assert isinstance(outcome, Emit)
        assert [out.stream for out in outcome.outs] == ["items-later"] * count
