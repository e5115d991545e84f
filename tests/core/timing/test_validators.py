"""When the whole feed is asked for, when a 304 is proved false, and when a feed wants to be left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
import pytest

from pipeline.core.feeds.skips import Skips
from pipeline.core.timing import feed_schedule as schedule
from pipeline.core.timing.feed_schedule import Bad, Good, after, conditions
from pipeline.records import FeedState, decode, encode
from tests.core.timing.test_feed_schedule import FEED, FIRST, GOOD, NOW, SAME, P, later

# ---- 304s that lie ----

WHOLE = Good(NOW, modified=False, etag='W/"1"', last_modified="Sun")  # the same feed, asked for without validators


def test_after_some_304s_the_whole_feed_is_asked_for_less_often_if_they_prove_right() -> None:
    state, runs = FIRST, [0]
    for _ in range(160):
        if conditions(state, FEED, state.polled_at):
            state, runs[-1] = later(state, SAME), runs[-1] + 1
        else:
            state = later(state, WHOLE)
            runs.append(0)
    assert runs[:6] == [4, 8, 16, 32, 32, 32]
    assert not state.false_304


@pytest.mark.parametrize(("reason", "asked"), [("http_412", False), ("http_500", False), ("http_503", True)])
def test_after_an_answer_that_may_be_due_to_the_validators_none_are_sent(reason: str, asked: bool) -> None:
    assert bool(conditions(later(FIRST, Bad(NOW, reason, "")), FEED, NOW)) is asked


def test_in_any_case_after_three_days() -> None:
    state = later(FIRST, SAME)
    assert conditions(state, FEED, FIRST.polled_at + schedule.FULL_AFTER - timedelta(minutes=1))
    assert conditions(state, FEED, FIRST.polled_at + schedule.FULL_AFTER) == {}


@pytest.mark.parametrize(
    ("whole", "false"),
    [
        (replace(GOOD, new=2), True),  # the same validators, but news
        (replace(GOOD, new=2, etag='"2"'), False),
        (replace(GOOD, new=2, etag='"2"', oldest_new=NOW - timedelta(days=1)), True),  # it was there all the time
        (replace(GOOD, new=2, etag='"2"', oldest_new=NOW + timedelta(days=1)), False),
        (replace(GOOD, new=0, body_hash="h2"), False),
        (replace(GOOD, new=2, etag=None), True),
        (replace(GOOD, new=2, etag=None, last_modified=None), False),
        (replace(GOOD, new=2, etag=None, last_modified="Mon"), False),
    ],
)
def test_a_304_is_proved_false(whole: Good, false: bool) -> None:
    state = later(FIRST, *[SAME] * 4, whole)
    assert state.false_304 is false
    assert (conditions(state, FEED, NOW) == {}) is (false or not (whole.etag or whole.last_modified))
    state = later(decode(FeedState, encode(state)), GOOD, GOOD)  # it survives a restart, and what comes later
    assert state.false_304 is false
    assert not later(FIRST, whole).false_304  # there was no 304 before


# ---- what it skips ----


@pytest.mark.parametrize(
    ("skips", "expected"),
    [
        (Skips(), NOW + timedelta(minutes=15)),
        (Skips(hours=(12, 13)), NOW + timedelta(hours=2, minutes=5)),
        (Skips(hours=(11, 14)), NOW + timedelta(minutes=15)),
        (Skips(days=(6,)), NOW + timedelta(hours=12, minutes=5)),  # NOW is a Sunday
        (Skips(hours=tuple(range(1, 24)), days=(6,)), NOW + timedelta(hours=12, minutes=5)),
        (Skips(hours=(0,), days=(6, 0)), NOW + timedelta(hours=37, minutes=5)),
    ],
)
def test_hours_and_days_that_the_feed_skips(skips: Skips, expected: datetime) -> None:
    state = after(FIRST, FEED, replace(GOOD, at=NOW, skips=skips), 0.5, P)
    assert state.next_at == expected
    assert after(state, FEED, replace(SAME, at=NOW), 0.5, P).next_at == expected
    fixed = msgspec.structs.replace(FEED, every=900.0)  # the operator wins
    assert after(state, fixed, replace(SAME, at=NOW), 0.5, P).next_at == NOW + timedelta(minutes=15)
