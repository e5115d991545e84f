"""Polls whose answers are cut off, of a firewall, elsewhere, or false."""

from __future__ import annotations

import pytest

from pipeline.core.timing.feed_schedule import FULL_FETCH
from tests.stages.poll.bench import FEED, Bench, answer, numbers, rss

CUT = "received 9 of 99 bytes"


async def test_a_feed_whose_end_arrived_although_more_was_announced_is_read_and_marked() -> None:
    polled = await Bench(answer(rss(1, 2), cut=CUT)).once()
    assert numbers(polled) == ["1", "2"]
    assert (polled.report.outcome, polled.report.notes) == ("ok", ("cut_off",))
    assert polled.counts["poll", "entry.note.cut_off"] == 1


async def test_a_feed_that_is_cut_off_is_asked_for_again_and_then_read_as_far_as_it_came() -> None:
    half = answer(rss(1, 2, 3)[:-70], cut=CUT)
    bench = Bench(half, half, answer(rss(1, 2, 3)))
    polled = await bench.once()
    assert (polled.report.outcome, polled.report.detail, numbers(polled)) == ("cut_off", CUT, [])
    polled = await bench.once()
    assert numbers(polled)
    assert set(polled.report.notes) == {"truncated", "cut_off"}
    assert polled.report.error is None
    await bench.once()
    assert "If-None-Match" not in bench.fetch.calls[2][1]


@pytest.mark.parametrize("body", [b"", b"<html><head>", rss()[:20]])
async def test_a_body_of_which_nothing_can_be_read_is_cut_off_too(body: bytes) -> None:
    assert (await Bench(answer(body, cut=CUT)).once()).report.outcome == "cut_off"


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (202, {"x-amzn-waf-action": "challenge"}, b""),
        (403, {"cf-mitigated": "challenge"}, b""),
        (403, {}, b"<script src=https://ct.captcha-delivery.com/c.js></script>"),
        (503, {}, b"<script>window._cf_chl_opt={}</script>"),
        (200, {}, b"<html><script>window._cf_chl_opt={}</script></html>"),
        (200, {"sg-captcha": "challenge"}, rss(1)),
        (200, {}, b"<html><head><title>Just a moment...</title></head></html>"),
    ],
)
async def test_a_challenge_is_named_and_not_parsed(status: int, headers: dict[str, str], body: bytes) -> None:
    polled = await Bench(answer(body, status=status, headers=headers)).once()
    assert polled.report.outcome == polled.state.error == "challenge"
    assert "asks for a browser" in polled.report.detail
    assert numbers(polled) == []


@pytest.mark.parametrize(("status", "outcome"), [(201, "ok"), (202, "ok"), (206, "ok"), (403, "http_403")])
async def test_a_feed_with_another_status(status: int, outcome: str) -> None:
    assert (await Bench(answer(rss(1), status=status)).once()).report.outcome == outcome
    assert (await Bench(answer(b"", status=202)).once()).report.outcome == "http_202"


async def test_a_feed_that_moved_inside_a_page_is_read_there_and_says_so() -> None:
    new = "https://new.example/rss"
    bench = Bench(answer(rss(1), url=new, jumped=True), answer(b"", 15, 304, url=new, jumped=True), answer(rss(1), 30))
    assert (await bench.once()).state.read_at == new
    assert bench.poll.states[FEED.id].moved_to is None
    bench.poll.states[FEED.id] = (await bench.once()).state
    assert bench.poll.states[FEED.id].read_at == new
    assert {url for url, _ in bench.fetch.calls} == {FEED.url}  # it is asked for at its own address each time
    assert (await bench.once()).state.read_at is None


async def test_a_server_that_always_answers_304_is_found_out() -> None:
    tag = {"etag": '"a"'}
    always = [answer(b"", 15 * n, 304, headers=tag) for n in range(1, FULL_FETCH + 1)]
    whole = answer(rss(1, 2), 15 * (FULL_FETCH + 1), headers=tag)
    bench = Bench(answer(rss(1), headers=tag), *always, whole)
    for _ in range(FULL_FETCH + 1):
        await bench.once()
    polled = await bench.once()
    assert numbers(polled) == ["2"]
    assert polled.report.notes == ("false_304",)
    assert polled.state.false_304
    assert (await bench.once()).report.notes == ()
    asked = ["If-None-Match" in headers for _, headers in bench.fetch.calls]
    assert asked == [False, *[True] * FULL_FETCH, False, False]
