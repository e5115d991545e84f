"""What is learned about when a feed publishes, and when it is polled next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.timing.learning import Heard, learned
from pipeline.core.timing.next_poll import Lists, intervals
from pipeline.core.timing.rhythm import DAYS, HOURS, Rhythms, covered, pack, rates, unknown, unpack
from pipeline.records import Rhythm
from tests.options import PACING as DEFAULT

PACING = replace(DEFAULT, every=900.0)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
FIRST_YEAR = datetime(1970, 1, 1, tzinfo=UTC)


def hours(moment: datetime) -> float:
    return (moment - FIRST_YEAR) / HOUR


def play(
    entries: list[datetime], start: datetime, end: datetime, *, size: int = 30, dated: bool = True
) -> tuple[Rhythm, list[datetime]]:
    """The rhythm after polling a feed with these entries from `start` to `end`, and when it was polled."""
    rhythm, at, seen = None, start, 0
    polls: list[datetime] = []
    while at < end:
        there = [entry for entry in entries if entry <= at]
        new = there[seen:][-size:] if polls else there[-size:]
        heard = Heard(at, len(new), new if dated else [None] * len(new), min(size, len(there)), bool(polls))
        rhythm, seconds = learned(rhythm, heard, PACING)
        polls.append(at)
        seen, at = len(there), at + timedelta(seconds=seconds)
    assert rhythm is not None
    return rhythm, polls


def every(step: timedelta, start: datetime, end: datetime) -> list[datetime]:
    return [start + n * step for n in range(int((end - start) / step))]


def gaps_minutes(polls: list[datetime], hour: int) -> float:
    """The mean time between polls that start in this hour of the day, after the first week."""
    waits = [
        (after - poll).total_seconds() / 60
        for poll, after in pairwise(polls)
        if poll.hour == hour and poll > polls[0] + WEEK
    ]
    return sum(waits) / len(waits)


def test_hours_that_are_covered() -> None:
    whole = covered(np.array([hours(MONDAY)]), np.array([hours(MONDAY + WEEK)]))[0]
    assert whole[:HOURS].tolist() == [7.0] * HOURS
    assert whole[HOURS:].tolist() == [24.0] * DAYS
    part = covered(np.array([hours(MONDAY + 1.5 * HOUR)]), np.array([hours(MONDAY + 2.25 * HOUR)]))[0]
    assert {n: value for n, value in enumerate(part) if value} == {1: 0.5, 2: 0.25, HOURS: 0.75}


@given(st.floats(4e5, 6e5), st.floats(0, 900))
def test_covered_hours_add_up(since: float, length: float) -> None:
    (one,) = covered(np.array([since]), np.array([since + length]))
    assert one[:HOURS].sum() == pytest.approx(length, abs=1e-6)
    assert one[HOURS:].sum() == pytest.approx(length, abs=1e-6)
    assert (one >= -1e-9).all()


def test_a_steady_feed_is_polled_as_the_settings_say() -> None:
    for per_hour in (1, 4, 16):
        entries = every(HOUR / per_hour, MONDAY - DAY, MONDAY + 3 * DAY)
        polls = play(entries, MONDAY, MONDAY + 3 * DAY, size=50)[1]
        late = [poll for poll in polls if poll > MONDAY + 2 * DAY]
        expected = 15 / per_hour**0.5
        assert (late[-1] - late[0]).total_seconds() / 60 / (len(late) - 1) == pytest.approx(expected, rel=0.25)


def test_nights_are_learned() -> None:
    entries = [at for at in every(HOUR / 2, MONDAY - DAY, MONDAY + 3 * WEEK) if 6 <= at.hour < 20]
    _, polls = play(entries, MONDAY, MONDAY + 3 * WEEK)
    assert gaps_minutes(polls, 1) > 4 * gaps_minutes(polls, 12)
    morning = [min(poll for poll in polls if poll >= at) - at for at in entries if at.hour == 6 and not at.minute]
    assert max(morning[7:]) < timedelta(minutes=45)  # polls are back when the entries are


def test_a_weekly_paper_is_polled_often_only_on_its_day() -> None:
    issues = [MONDAY + n * WEEK + 3 * DAY + 9 * HOUR for n in range(-4, 5)]
    entries = [issue + k * timedelta(minutes=10) for issue in issues for k in range(8)]
    _, polls = play(entries, MONDAY, MONDAY + 5 * WEEK, size=40)
    last = [poll for poll in polls if poll >= MONDAY + 4 * WEEK]
    thursday = [poll for poll in last if poll.weekday() == 3 and 8 <= poll.hour <= 11]
    assert len(thursday) > (len(last) - len(thursday)) / 3
    assert len(last) < 7 * 24


def test_days_without_polls_are_no_silence() -> None:
    entries = every(HOUR, MONDAY - DAY, MONDAY + 2 * WEEK)
    rhythm, _ = play(entries, MONDAY, MONDAY + WEEK)
    before = rates(unpack(rhythm.weights)).mean[0]
    at = MONDAY + WEEK + 5 * DAY  # the list reaches back 30 of the 120 hours
    listed = [entry for entry in entries if entry <= at][-30:]
    rhythm, _ = learned(rhythm, Heard(at, 30, listed, 30, known=True), PACING)
    assert rates(unpack(rhythm.weights)).mean[0] == pytest.approx(before, rel=0.1)
    assert rhythm.gaps == 1


def test_the_dates_of_the_first_list_are_a_rhythm() -> None:
    daily = [MONDAY - n * DAY for n in range(20, 0, -1)]
    slow = learned(None, Heard(MONDAY, 20, daily, 20, known=False), PACING)
    fast = learned(None, Heard(MONDAY, 20, [MONDAY - n * HOUR / 20 for n in range(20, 0, -1)], 20, known=False), PACING)
    undated = learned(None, Heard(MONDAY, 20, [None] * 20, 20, known=False), PACING)
    assert undated[1] == pytest.approx(PACING.every)
    assert fast[1] < undated[1] < slow[1]
    old = [MONDAY - 400 * DAY - n * DAY for n in range(20)]
    assert learned(None, Heard(MONDAY, 20, old, 20, known=False), PACING)[1] > 4 * PACING.every


def test_dates_that_lie_are_not_believed() -> None:
    rhythm, _ = learned(None, Heard(MONDAY, 9, [None] * 9, 9, known=False), PACING)
    lying = [MONDAY + 400 * DAY, MONDAY - 400 * DAY, None]
    after, _ = learned(rhythm, Heard(MONDAY + HOUR, 3, lying, 9, known=True), PACING)
    assert unpack(after.weights).heard[0, 0] == pytest.approx(3.0)  # between 0 and 1 o'clock, when they appeared


def test_a_burst_is_followed() -> None:
    quiet = every(DAY, MONDAY - 3 * WEEK, MONDAY + 2 * WEEK)
    rhythm, _ = play(quiet, MONDAY, MONDAY + WEEK + 5 * HOUR)
    at = MONDAY + WEEK + 6 * HOUR
    (_, calm), (_, burst) = (learned(rhythm, Heard(at, n, [at - HOUR / 9] * n, 20, known=True), PACING) for n in (0, 5))
    assert burst < 15 * 60 < calm / 3


def test_a_silence_ends_with_the_first_entry() -> None:
    entries = every(HOUR, MONDAY - DAY, MONDAY + WEEK)
    rhythm, polls = play(entries, MONDAY, MONDAY + 4 * WEEK)
    silent = polls[-1] - polls[-2]
    assert silent > 12 * HOUR
    at = polls[-1] + silent
    _, seconds = learned(rhythm, Heard(at, 1, [at - HOUR], 30, known=True), PACING)
    assert seconds < 2700


def test_a_short_list_is_polled_before_entries_fall_off() -> None:
    entries = every(HOUR / 6, MONDAY - DAY, MONDAY + DAY)
    short, long = (play(entries, MONDAY, MONDAY + DAY, size=size)[1] for size in (1, 50))
    assert len(short) > 1.5 * len(long)
    rhythm, _ = learned(None, Heard(MONDAY, 3, [None] * 3, 3, known=False), PACING)
    after, seconds = learned(rhythm, Heard(MONDAY + HOUR, 3, [None] * 3, 3, known=True), PACING)
    assert seconds <= 15 * 60
    assert after.gaps == 1
    at = MONDAY + HOUR  # it is polled often for days, although nothing comes
    for _ in range(300):
        at += timedelta(seconds=seconds)
        after, seconds = learned(after, Heard(at, 0, [], None, known=True), PACING)
    assert timedelta(days=2) < at - MONDAY < timedelta(days=5)
    assert seconds < 1800


def test_a_feed_without_entries_is_silent_too() -> None:
    rhythm, polls = play([MONDAY + WEEK], MONDAY, MONDAY + WEEK)
    assert polls[-1] - polls[-2] > 4 * HOUR
    after, seconds = learned(rhythm, Heard(MONDAY + WEEK, 1, [MONDAY + WEEK], 1, known=True), PACING)
    assert seconds < 3600
    assert after.gaps == 0


# ---- the decision ----

levels = st.floats(0, 500)


def some(heard: float, watched: float, lately: float, expected: float, quiet: float) -> Rhythms:
    columns = HOURS + DAYS
    spread = np.repeat([1 / HOURS, 1 / DAYS], [HOURS, DAYS])[None]
    assert spread.shape == (1, columns)
    one = [np.array([value]) for value in (lately, expected, quiet, 0.0)]
    return Rhythms(heard * spread, watched * spread, *one)


def decide(
    rhythms: Rhythms,
    at: float,
    size: float = 20,
    new: float = 0,
    elapsed: float = 0.25,
    hint: float = 0,
    **pacing: float,
) -> float:
    lists = Lists(np.array([size]), np.array([new]), np.array([elapsed]))
    return float(intervals(rhythms, np.array([at]), lists, np.array([hint]), replace(PACING, **pacing))[0])


rhythms = st.builds(some, levels, levels, st.floats(0, 50), st.floats(0, 50), levels)
moments = st.floats(490_000, 500_000)


@given(
    rhythms, moments, st.integers(0, 1000), st.integers(0, 1000), st.floats(0, 1000), st.floats(0, 1e9),
    st.floats(1, 7200), st.floats(7200, 1e6),
)  # fmt: skip
def test_the_interval_is_within_bounds_and_always_the_same(
    one: Rhythms, at: float, size: int, new: int, elapsed: float, hint: float, shortest: float, longest: float
) -> None:
    bounds = {"min_interval": shortest, "max_interval": longest}
    seconds = decide(one, at, size, new, elapsed, hint, **bounds)
    assert shortest - 1e-6 <= seconds <= longest + 1e-6
    assert seconds == decide(one, at, size, new, elapsed, hint, **bounds)


@given(rhythms, moments, st.floats(0, 100), st.floats(0, 100))
def test_monotone(one: Rhythms, at: float, low: float, more: float) -> None:
    """More entries: sooner. More silence, a longer list, a longer hint, a longer `every`: later."""
    high, close = low + more, 1e-6
    heard = [decide(replace(one, heard=one.heard * (1 + level)), at) for level in (low, high)]
    lately = [decide(replace(one, lately=np.array([level])), at) for level in (low, high)]
    new = [decide(one, at, 20, level) for level in (low + 1, high + 1)]
    for sooner in (heard, lately, new):
        assert sooner[1] <= sooner[0] + close
    quiet = [decide(replace(one, quiet=np.array([level])), at) for level in (low, high)]
    size = [decide(one, at, 1 + level) for level in (low, high)]
    hint = [decide(one, at, hint=60 * level) for level in (low, high)]
    dial = [decide(one, at, every=60 * (level + 1)) for level in (low, high)]
    for later in (quiet, size, hint, dial):
        assert later[1] >= later[0] - close


def test_many_feeds_at_once_are_decided_as_each_alone() -> None:
    alone = [some(n, 100, n / 9, 1, n % 3) for n in range(50)]
    together = Rhythms(
        np.concatenate([one.heard for one in alone]), np.concatenate([one.watched for one in alone]),
        *(np.concatenate([getattr(one, name) for one in alone]) for name in ("lately", "expected", "quiet", "wary")),
    )  # fmt: skip
    at, twenty = np.linspace(490_000, 490_100, 50), np.full(50, 20.0)
    lists = Lists(twenty, twenty / 4, twenty / 80)
    seconds = intervals(together, at, lists, np.zeros(50), PACING)
    expected = [decide(one, moment, 20, 5, 0.25) for one, moment in zip(alone, at, strict=True)]
    assert seconds.tolist() == pytest.approx(expected)


@given(rhythms)
def test_what_is_kept_is_read_back(one: Rhythms) -> None:
    again = unpack(pack(one))
    assert len(pack(one)) == 264
    assert again.heard == pytest.approx(one.heard, rel=1e-6)
    assert again.quiet == pytest.approx(one.quiet, rel=1e-6)


@pytest.mark.parametrize("damaged", [b"", b"abc", b"\xff" * 264, b"\x00\x00\x80\xbf" * 66])
def test_damaged_weights_are_an_unknown_rhythm(damaged: bytes) -> None:
    assert unpack(damaged).heard.tolist() == unknown(1).heard.tolist()
