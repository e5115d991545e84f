"""When feeds are asked again: one table of answers, and histories played through the pure decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.timing import feed_schedule as schedule
from pipeline.core.timing.feed_schedule import (
    Bad,
    Good,
    address,
    after,
    conditions,
    is_backlog,
    next_at,
    same_body,
)
from pipeline.records import Dated, Feed, FeedState, decode, encode
from tests.options import PACING

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FEED = Feed(id="f", name="F", url="https://f.example/rss")
P = replace(PACING, every=900.0)
KEYS = tuple(f"k{n}" for n in range(30))
GOOD = Good(NOW, modified=True, listed=KEYS, entries=len(KEYS), etag='W/"1"', last_modified="Sun", body_hash="h1")
SAME = Good(NOW, modified=False, whole=False)


def later(state: FeedState | None, *answers: Good | Bad, feed: Feed = FEED, gap: float = 900) -> FeedState:
    """`answers`, `gap` seconds apart."""
    for answer in answers:
        at = (state.polled_at if state else NOW) + timedelta(seconds=gap)
        state = after(state, feed, replace(answer, at=at), 0.5, P)
    assert state is not None
    return state


def wait(state: FeedState) -> float:
    return (state.next_at - state.polled_at).total_seconds()


FIRST = later(None, replace(GOOD, new=30))


def test_first_poll() -> None:
    assert FIRST.first_polled_at == FIRST.polled_at
    assert wait(FIRST) == P.every  # all thirty are new, which says nothing about its pace
    assert conditions(FIRST, FEED, NOW) == {"If-None-Match": 'W/"1"', "If-Modified-Since": "Sun"}
    assert same_body(FIRST, FEED, "h1")
    assert not same_body(FIRST, FEED, "h2")


def test_a_feed_that_speaks_is_asked_more_often_a_silent_one_less() -> None:
    busy = later(FIRST, *[replace(GOOD, new=25)] * 3)
    assert P.min_interval <= wait(busy) < 1.2 * P.min_interval
    calm = later(FIRST, *[replace(GOOD, new=1)] * 10)
    assert P.min_interval <= wait(calm) < P.every
    silent = later(FIRST, *[SAME] * 40, gap=36 * 3600)
    assert P.max_interval / 2 < wait(silent) <= P.max_interval
    assert wait(later(silent, replace(GOOD, new=1), gap=86400)) < P.max_interval / 4


@given(st.lists(st.integers(0, 30), max_size=60), st.floats(0, 1))
def test_the_interval_stays_within_bounds(news: list[int], jitter: float) -> None:
    state = FIRST
    for new in news:
        state = after(state, FEED, replace(GOOD, at=state.next_at, new=new), jitter, P)
        assert P.min_interval * 0.89 <= wait(state) <= P.max_interval * 1.11


@pytest.mark.parametrize(
    ("new", "hint", "expected"),
    [(0, 1800.0, 1800), (0, 86400.0, 3600), (1, 1800.0, 1800), (1, 60.0, None)],
)
def test_hints_slow_down_but_not_without_end(new: int, hint: float, expected: float | None) -> None:
    without = wait(later(FIRST, replace(GOOD, new=new)))
    assert without < 1800
    assert wait(later(FIRST, replace(GOOD, new=new, hint=hint))) == pytest.approx(expected or without)


def test_a_hint_does_not_count_where_entries_would_be_lost() -> None:
    assert wait(later(FIRST, replace(GOOD, new=20, hint=3600.0))) < 450


def test_a_fixed_interval() -> None:
    feed = msgspec.structs.replace(FEED, every=120.0)
    assert wait(later(None, replace(GOOD, new=30), feed=feed)) == 120
    assert next_at(FIRST, feed) == FIRST.polled_at + timedelta(seconds=132)  # it was set after the last poll


def test_jitter_spreads_feeds_polled_together() -> None:
    waits = [wait(after(FIRST, FEED, SAME, jitter, P)) for jitter in (0.0, 0.5, 1.0)]
    assert waits == [pytest.approx(waits[1] * share, abs=1) for share in (0.9, 1.0, 1.1)]


# ---- failures ----


@pytest.mark.parametrize(
    ("reason", "waits"),
    [
        ("timeout", [300, 600, 1200, 2400, 4800, 9600, 19200, 21600, 21600]),
        ("http_503", [300, 600, 1200, 2400]),
        ("http_404", [300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 43200, 43200]),
        ("not_a_feed", [300, 600]),
        ("gone", [604800, 604800]),
    ],
)
def test_back_off(reason: str, waits: list[float]) -> None:
    state = FIRST
    for number, expected in enumerate(waits, 1):
        state = later(state, Bad(NOW, reason, "why"))
        assert wait(state) == expected * 1.25
        assert (state.failures, state.error) == (number, reason)
    assert state.failing_since == FIRST.polled_at + timedelta(seconds=900)
    assert (state.etag, state.listed) == (FIRST.etag, FIRST.listed)


def test_retry_after_is_kept_to() -> None:
    assert wait(later(FIRST, Bad(NOW, "http_429", "", retry_after=3000))) == 3000 * 1.25
    assert wait(later(FIRST, Bad(NOW, "http_429", "", retry_after=5))) == 300 * 1.25


def test_any_answer_ends_a_failure_of_the_way() -> None:
    failing = later(FIRST, *[Bad(NOW, "timeout", "")] * 5)
    assert conditions(failing, FEED, NOW)
    for answer in (SAME, GOOD):
        state = later(failing, answer)
        assert (state.failures, state.error, state.failing_since) == (0, None, None)
        assert wait(state) < 3600


def test_a_failure_of_the_body_is_not_ended_by_not_modified() -> None:
    failing = later(FIRST, Bad(NOW, "not_a_feed", "HTML"))
    assert conditions(failing, FEED, NOW) == {}
    assert not same_body(failing, FEED, "h1")
    assert later(failing, GOOD).error is None


def test_a_304_keeps_what_is_known() -> None:
    state = later(FIRST, SAME)
    assert (state.etag, state.body_hash, state.listed) == (FIRST.etag, FIRST.body_hash, FIRST.listed)
    assert later(FIRST, replace(SAME, etag='"2"')).etag == '"2"'


def test_a_server_whose_304_lies_gets_no_validators() -> None:
    assert conditions(FIRST, msgspec.structs.replace(FEED, ignore_validators=True), NOW) == {}


# ---- what it lists ----


def test_it_keeps_what_it_is_given_of_the_entries() -> None:
    """What that is: tests/core/feeds/test_memory.py."""
    state = later(FIRST, replace(GOOD, listed=("a", "b"), shared=("l",), entries=3, drops={"repeated": 1}))
    assert (state.listed, state.shared, state.entries, state.drops) == (("a", "b"), ("l",), 3, {"repeated": 1})
    moved = later(state, replace(GOOD, modified=False), feed=msgspec.structs.replace(FEED, url="https://b.example/rss"))
    assert (moved.listed, moved.shared) == (("a", "b"), ("l",))


# ---- moving ----

MOVED = replace(GOOD, permanent="https://new.example/rss")


def test_moves_after_the_same_answer_five_times() -> None:
    state = later(FIRST, *[MOVED] * 4)
    assert address(state, FEED) == FEED.url
    state = later(state, MOVED)
    assert address(state, FEED) == "https://new.example/rss"
    state = later(state, GOOD, SAME, GOOD)  # the new address answers itself
    assert address(state, FEED) == "https://new.example/rss"


def test_a_move_to_another_address_starts_again() -> None:
    state = later(FIRST, *[MOVED] * 4, GOOD, *[MOVED] * 4)
    assert address(state, FEED) == FEED.url
    state = later(FIRST, *[MOVED] * 4, replace(MOVED, permanent="https://maintenance.example/"))
    assert (state.moved_to, state.moved_times) == ("https://maintenance.example/", 1)


def test_a_new_address_that_is_no_feed_leads_back() -> None:
    state = later(FIRST, *[MOVED] * 5)
    assert address(later(state, Bad(NOW, "timeout", "")), FEED) == "https://new.example/rss"
    assert address(later(state, Bad(NOW, "http_404", "")), FEED) == FEED.url
    lost = later(state, *[Bad(NOW, "dns", "no such host")] * 3)
    assert (address(lost, FEED), lost.read_at) == (FEED.url, None)


def test_a_move_counts_polls_without_news_too_and_survives_a_restart() -> None:
    state = FIRST
    for answer in (MOVED, *[replace(SAME, permanent=MOVED.permanent)] * 4):
        state = decode(FeedState, encode(later(state, answer)))
    assert address(state, FEED) == state.read_at == "https://new.example/rss"


def test_where_a_feed_is_read_after_a_redirect_inside_a_page() -> None:
    state = later(FIRST, replace(GOOD, read_at="https://new.example/rss"))
    assert (address(state, FEED), state.read_at) == (FEED.url, "https://new.example/rss")
    assert later(state, GOOD).read_at is None


def test_a_feed_whose_address_was_edited_is_asked_at_once_and_wholly() -> None:
    feed = msgspec.structs.replace(FEED, url="https://other.example/rss")
    state = later(FIRST, *[MOVED] * 5)
    assert next_at(state, feed) == schedule.NEW
    assert address(state, feed) == feed.url
    assert conditions(state, feed, NOW) == {}
    assert not same_body(state, feed, "h1")
    state = later(state, replace(GOOD, etag=None), feed=feed)
    assert (state.url, state.etag, state.moved_to, state.first_polled_at) == (
        feed.url,
        None,
        None,
        FIRST.first_polled_at,
    )


# ---- backlog, gaps ----


def test_a_poll_that_brings_nothing_known_is_counted() -> None:
    assert schedule.gaps(FIRST) == 0  # there was nothing that could be known
    other = tuple(f"o{n}" for n in range(30))
    assert schedule.gaps(later(FIRST, replace(GOOD, listed=other, new=30))) == 1
    assert schedule.gaps(later(FIRST, replace(GOOD, new=29), SAME, replace(GOOD, entries=0, new=0))) == 0


def test_a_feed_of_a_crowded_site_is_polled_less_often() -> None:
    calm, crowded = (after(FIRST, FEED, SAME, 0.5, P, crowd) for crowd in (1.0, 3.0))
    assert wait(crowded) == pytest.approx(3 * wait(calm))
    assert crowded.interval == calm.interval
    assert wait(after(FIRST, FEED, SAME, 0.5, P, 1e9)) == P.max_interval


def test_backlog() -> None:
    assert is_backlog(None, NOW)
    assert is_backlog(later(None, Bad(NOW, "dns", "")), NOW)
    assert not is_backlog(FIRST, FIRST.polled_at + timedelta(hours=24))
    assert is_backlog(FIRST, FIRST.polled_at + timedelta(hours=24, seconds=1))


def test_after_a_repair_only_what_is_older_than_the_first_poll_is_old() -> None:
    first = FIRST.first_polled_at
    assert first
    old, new = (Dated(first + timedelta(hours=hours), "feed", "") for hours in (-1, 1))
    reread = msgspec.structs.replace(FIRST, entries=2, listed=())
    assert [is_backlog(reread, NOW, date) for date in (old, new, None)] == [True, False, False]
    assert not is_backlog(msgspec.structs.replace(FIRST, entries=2, listed=("k m",)), NOW, old)


def test_put_off_for_a_busy_host() -> None:
    state = schedule.postponed(None, FEED, NOW, 60, P)
    assert (state.next_at, state.first_polled_at, state.failures) == (NOW + timedelta(minutes=1), None, 0)
    state = schedule.postponed(FIRST, FEED, NOW, 60, P)
    assert state == msgspec.structs.replace(FIRST, next_at=NOW + timedelta(minutes=1))
