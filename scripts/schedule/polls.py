"""Polls made-up feeds for a month: by the schedule of the poll stage, or at a fixed interval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from pipeline.core.timing.feed_schedule import back_off
from pipeline.core.timing.learning import Polls, learn_polls
from pipeline.core.timing.next_poll import Pacing
from pipeline.core.timing.rhythm import Floats, Ints, Rhythms, unknown
from scripts.schedule.feeds import KINDS, Feeds

STEP, BINS = 10.0, 6 * 3600  # seconds, and number, of the bins that delays are counted in: 60 hours
_MOST_FAILURES = 30


@dataclass
class Tally:
    """What polling cost and brought, by kind of feed."""

    feeds: Ints = field(default_factory=lambda: np.zeros(len(KINDS), np.int64))
    requests: Ints = field(default_factory=lambda: np.zeros(len(KINDS), np.int64))
    news: Ints = field(default_factory=lambda: np.zeros(len(KINDS), np.int64))  # requests that brought something
    missed: Ints = field(default_factory=lambda: np.zeros(len(KINDS), np.int64))  # entries that fell off the list
    delays: Ints = field(default_factory=lambda: np.zeros((len(KINDS), BINS), np.int64))

    def add(self, other: Tally) -> None:
        for name in ("feeds", "requests", "news", "missed", "delays"):
            getattr(self, name)[:] += getattr(other, name)

    def heard(self, feeds: Feeds, entries: Ints, at: Floats) -> None:
        """Count entries, read at these times."""
        late = np.clip((at - feeds.times(entries)) * 3600 / STEP, 0, BINS - 1).astype(np.int64)
        cells = feeds.kind[feeds.feed_of(entries)] * BINS + late
        self.delays += np.bincount(cells, minlength=len(KINDS) * BINS).reshape(self.delays.shape)


def at_intervals(feeds: Feeds, minutes: float, seed: int) -> Tally:
    """Poll every feed at the same interval, or at that which it asks for if that is longer."""
    tally = Tally(_by_kind(feeds.kind))
    step = np.maximum(minutes / 60, feeds.hint / 3600)
    phase = feeds.first_poll + np.random.default_rng(seed).random(len(feeds)) * step
    polls = np.floor((feeds.end - phase) / step).astype(np.int64) + 1
    tally.requests += _by_kind(feeds.kind, polls)
    entries = np.arange(len(feeds.keys))
    rows, times = feeds.feed_of(entries), feeds.times(entries)
    step = step[rows]
    number = np.maximum(np.ceil((times - phase[rows]) / step), 0)
    for _ in range(feeds.down.shape[1] + 1):  # until the server is up again
        until = feeds.fails(rows, phase[rows] + number * step)
        number = np.where(until > 0, np.ceil((until - phase[rows]) / step), number)
    heard = (times > phase[rows]) & (number < polls[rows])
    entries, rows, number, step = entries[heard], rows[heard], number[heard].astype(np.int64), step[heard]
    last = np.flatnonzero(np.diff(rows * 10**6 + number, append=-1))
    per_poll = np.diff(last, prepend=-1)
    fell = np.repeat(last, per_poll) - np.arange(len(entries)) >= feeds.size[rows]
    tally.missed += _by_kind(feeds.kind[rows[fell]])
    tally.news += _by_kind(feeds.kind[rows[last]])
    tally.heard(feeds, entries[~fell], (phase[rows] + number * step)[~fell])
    return tally


class Adaptive:
    """The schedule of the poll stage, for all feeds at once."""

    def __init__(self, feeds: Feeds, pacing: Pacing, seed: int) -> None:
        n = len(feeds)
        self._feeds, self._pacing, self._rng = feeds, pacing, np.random.default_rng(seed)
        self._retry = np.array([
            [back_off(reason, max(failures, 1), pacing) for failures in range(_MOST_FAILURES)]
            for reason in ("http_503", "http_404")
        ])  # fmt: skip
        self.tally = Tally(_by_kind(feeds.kind))
        self._rhythms = unknown(n)
        self._next = feeds.first_poll + self._rng.random(n) * 0.5
        self._last, self._size = np.zeros(n), np.zeros(n)
        self._seen, self._failures = feeds.start[:-1].copy(), np.zeros(n, np.int64)
        self._asked = np.zeros(n)  # polls per second that each feed asks for
        self._sites = np.zeros(feeds.site.max() + 1)

    def run(self, progress: Callable[[float], None] = lambda share: None) -> Tally:
        """Poll for a month."""
        step = 0.85 * self._pacing.min_interval / 3600  # so that no feed is polled twice in one
        ends = np.arange(self._feeds.first_poll, self._feeds.end, step) + step
        for number, end in enumerate(ends):
            rows = np.flatnonzero(self._next < min(end, self._feeds.end))
            if len(rows):
                self._poll(rows)
            if number % 500 == 0:
                progress(number / len(ends))
        return self.tally

    def _poll(self, rows: Ints) -> None:
        at = self._next[rows]
        self.tally.requests += _by_kind(self._feeds.kind[rows])
        fails = self._feeds.fails(rows, at) > 0
        if fails.any():
            self._fail(rows[fails], at[fails])
            rows, at = rows[~fails], at[~fails]
        if len(rows):
            self._hear(rows, at)

    def _fail(self, rows: Ints, at: Floats) -> None:
        self._failures[rows] = np.minimum(self._failures[rows] + 1, _MOST_FAILURES - 1)
        wait = self._retry[self._feeds.broken[rows], self._failures[rows]]
        self._next[rows] = at + wait / 3600 * (1.0 + 0.5 * self._rng.random(len(rows)))

    def _hear(self, rows: Ints, at: Floats) -> None:
        feeds, known, seen = self._feeds, self._last[rows] > 0, self._seen[rows]
        there = feeds.published(rows, at)
        size = np.minimum(there - feeds.start[rows], feeds.size[rows])
        new = np.minimum(there - seen, size)
        owner, entries = _ranges(there - new, new)
        self._count(rows, there - seen - new, owner, entries, at)
        dated = feeds.dated[rows[owner]] > 0
        polls = Polls(
            at, np.where(known, self._last[rows], at), known, size.astype(np.float64), self._size[rows],
            new.astype(np.float64),
            feeds.hint[rows], owner[dated], feeds.times(entries[dated]),
        )  # fmt: skip
        rhythms, seconds, _ = learn_polls(self._rhythms.rows(rows), polls, self._pacing)
        _store(self._rhythms, rows, rhythms)
        self._seen[rows], self._last[rows], self._failures[rows] = there, at, 0
        self._size[rows] = size
        wait = self._crowded(rows, seconds) / 3600
        self._next[rows] = at + wait * (0.9 + 0.2 * self._rng.random(len(rows)))

    def _count(self, rows: Ints, fell: Ints, owner: Ints, entries: Ints, at: Floats) -> None:
        """Count what was read, without what was there before the first poll."""
        kind = self._feeds.kind[rows]
        later = self._last[rows] > 0
        self.tally.missed += _by_kind(kind[later], fell[later])
        self.tally.news += np.bincount(kind[np.unique(owner)], minlength=len(KINDS))
        counted = later[owner]
        self.tally.heard(self._feeds, entries[counted], at[owner[counted]])

    def _crowded(self, rows: Ints, seconds: Floats) -> Floats:
        """The intervals for the sake of the sites, as crowd.py makes them."""
        sites, asked = self._feeds.site[rows], 1 / seconds
        factor = np.maximum(1.0, self._sites[sites] * self._pacing.per_site)
        np.add.at(self._sites, sites, asked - self._asked[rows])
        self._asked[rows] = asked
        return np.minimum(seconds * factor, self._pacing.max_interval)


def _by_kind(kind: Ints, weights: Ints | None = None) -> Ints:
    return np.bincount(kind, weights, minlength=len(KINDS)).astype(np.int64)


def _ranges(start: Ints, count: Ints) -> tuple[Ints, Ints]:
    """The positions start, start + 1, …, and for each the index of the range that it is in."""
    owner = np.repeat(np.arange(len(count)), count)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(count) - count - start, count)


def _store(into: Rhythms, rows: Ints, rhythms: Rhythms) -> None:
    for name in ("heard", "watched", "lately", "expected", "quiet", "wary"):
        getattr(into, name)[rows] = getattr(rhythms, name)
