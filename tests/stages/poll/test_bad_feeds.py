"""Feeds and hosts that fail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from pipeline.ports import FetchFailed, JobFailed
from pipeline.records import (
    Page,
)  # fmt: skip
from pipeline.stage import Unavailable
from tests.fakes import InlinePool
from tests.stages.poll.bench import FEED, NOW, Bench, answer, numbers, rss


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
    repaired = await bench.once()
    assert (repaired.report.error, repaired.report.failures, numbers(repaired)) == (None, 0, ["1"])


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
