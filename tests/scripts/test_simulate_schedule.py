"""The simulator in small: the schedule of the poll stage against fixed intervals, for the same made-up feeds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from pipeline.core.timing.learning import Heard, learned
from scripts.schedule.feeds import HISTORY, KINDS, MONTH, Feeds, make
from scripts.schedule.polls import STEP, Adaptive, Tally, at_intervals
from scripts.simulate_schedule import PERCENTILES, mean, percentiles, report, simulate
from tests.options import PACING

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def single(hours: list[float], size: int = 5, down: tuple[float, float] = (0, 0)) -> Feeds:
    """One feed that publishes at these hours after the first poll."""
    one = np.zeros(1, np.int64)
    plain = make(1, 1)
    start = plain.first_poll
    windows = np.zeros((1, 4, 2))
    windows[0, 0] = [start + hour for hour in down]
    keys = np.array(sorted(hours)) + HISTORY
    return Feeds(one, one + size, one + 1, np.zeros(1), one, one, windows, keys, np.array([0, len(keys)]))


def total(tally: Tally) -> int:
    return int(tally.delays.sum())


def test_a_fixed_interval() -> None:
    tally = at_intervals(single([0.6 + n for n in range(100)]), 60, seed=1)
    assert total(tally) + int(tally.missed.sum()) in (99, 100)
    assert int(tally.requests.sum()) == MONTH
    phase = np.random.default_rng(1).random(1)[0]
    assert mean(tally.delays.sum(axis=0)) == pytest.approx(60 * ((phase - 0.6) % 1), abs=STEP / 60)


def test_what_falls_off_the_list_is_missed() -> None:
    tally = at_intervals(single([10.05 + n / 1000 for n in range(12)], size=5), 60, seed=1)
    assert (total(tally), int(tally.missed.sum()), int(tally.news.sum())) == (5, 7, 1)


def test_a_server_that_fails_is_asked_again() -> None:
    tally = at_intervals(single([10.5], down=(10, 13)), 60, seed=1)
    assert 2.5 * 60 < mean(tally.delays.sum(axis=0)) < 3.5 * 60


def test_feeds_publish_as_their_kind_says() -> None:
    feeds = make(3000, 5)
    days = (HISTORY + MONTH) / 24
    for number, kind in enumerate(KINDS):
        rows = np.flatnonzero(feeds.kind == number)
        per_day = np.diff(feeds.start)[rows] / days
        assert len(rows) == pytest.approx(3000 * kind.share, rel=0.5)
        if kind.per_day[1]:
            assert kind.per_day[0] / 3 < np.median(per_day) < 2 * kind.per_day[1] + 10 * kind.bursts
        else:
            assert not per_day.any()
    assert (np.diff(feeds.keys) >= 0).all()


def test_the_simulation_decides_as_the_poll_stage_does() -> None:
    """One feed is polled at the same moments when its polls are learned one by one."""
    feeds = single([n * 0.37 for n in range(-200, 400)], size=10)
    adaptive = Adaptive(feeds, PACING, seed=3)
    rhythm, at, seen, times = None, adaptive._next[0], 0, feeds.times(np.arange(600))
    for _ in range(50):
        there = int(feeds.published(np.zeros(1, np.int64), np.array([at]))[0])
        dates = [BEGINNING + timedelta(hours=hour) for hour in times[there - min(there - seen, 10) : there]]
        heard = Heard(BEGINNING + timedelta(hours=at), len(dates), dates, 10, known=rhythm is not None)
        rhythm, seconds = learned(rhythm, heard, PACING)
        seen = there
        adaptive._poll(np.zeros(1, np.int64))
        assert 0.9 - 1e-3 <= (adaptive._next[0] - at) * 3600 / seconds <= 1.1 + 1e-3
        at = adaptive._next[0]


@pytest.mark.slow
def test_the_rhythm_beats_every_15_minutes() -> None:
    """Sooner, with fewer requests and fewer entries missed: half of the entries, and on average."""
    tallies = simulate(400, seed=1, days=8)
    adaptive, fixed = tallies["adaptive"], tallies["every 15 min"]
    assert adaptive.requests.sum() < 0.75 * fixed.requests.sum()
    ours, theirs = adaptive.delays.sum(axis=0), fixed.delays.sum(axis=0)
    assert mean(ours) < mean(theirs)
    assert percentiles(ours)[0] < percentiles(theirs)[0] / 2
    assert adaptive.missed.sum() < fixed.missed.sum()
    # The same number of requests at a fixed interval is far slower.
    rare = tallies["every 60 min"]
    assert (percentiles(ours) < percentiles(rare.delays.sum(axis=0)))[:2].all()
    assert len(PERCENTILES) == 3
    assert report(tallies).count("\n") > 10
