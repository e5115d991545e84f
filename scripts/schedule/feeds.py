"""Makes feeds that publish like real ones: papers, wires, blogs; in all time zones, with bursts and silences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.core.timing.rhythm import Floats, Ints

HISTORY, MONTH = 14 * 24, 30 * 24  # hours: before the first poll, and simulated
_START = 480_000.0 + 96.0  # hours since 1970 of the first poll: a Monday, 0:00
_WIDTH = 1e5  # hours that a feed takes in `keys`, more than all its time
OUTAGES = 4  # at most, per feed

Shape = Callable[[], Floats]  # a week of hours, of any height


def _week(hours: dict[range, float], days: tuple[float, ...] = (1, 1, 1, 1, 1, 0.6, 0.6), rest: float = 0.04) -> Floats:
    """168 rates from those of ranges of hours and of weekdays."""
    day = np.full(24, rest)
    for part, rate in hours.items():
        day[list(part)] = rate
    return np.concatenate([day * factor for factor in days])


_DAYTIME = _week({range(6, 9): 0.7, range(9, 19): 1.0, range(19, 23): 0.5})
_FLAT = _week({range(24): 0.6, range(7, 20): 1.0}, (1, 1, 1, 1, 1, 0.8, 0.8))
_MORNING = _week({range(4, 7): 1.0, range(7, 22): 0.12}, (1, 1, 1, 1, 1, 1, 0.2), 0.01)
_OFFICE = _week({range(8, 12): 1.0, range(12, 17): 0.8}, (1, 1, 1, 1, 0.8, 0.02, 0.02), 0.005)
_EVENING = _week({range(17, 24): 1.0, range(9, 17): 0.4})
_WEEKLY = _week({range(8, 10): 1.0}, (0, 0, 0, 1, 0, 0, 0), 0.002)


@dataclass(frozen=True)
class Kind:
    """A kind of feed. Ranges: of entries per day, of entries in the list, of entries that appear together."""

    name: str
    share: float
    per_day: tuple[float, float]
    shape: Floats
    size: tuple[int, int]
    together: tuple[int, int] = (1, 1)
    bursts: float = 0.0  # per month
    silent: bool = False  # for two weeks in the middle
    broken: float = 0.0  # share that answers with an error for ever


KINDS = (
    Kind("wire", 0.01, (120, 600), _FLAT, (20, 100), (1, 2), bursts=2),
    Kind("short and fast", 0.02, (40, 200), _DAYTIME, (3, 10)),
    Kind("online paper", 0.06, (25, 120), _DAYTIME, (15, 60), (1, 3), bursts=1),
    Kind("daily paper", 0.15, (4, 40), _MORNING, (15, 40), (1, 6)),
    Kind("office", 0.12, (0.3, 6), _OFFICE, (10, 30), (1, 3)),
    Kind("weekly paper", 0.08, (0.6, 4), _WEEKLY, (10, 30), (1, 6)),
    Kind("blog", 0.36, (0.02, 1.0), _EVENING, (10, 20)),
    Kind("bursts", 0.04, (0.2, 4), _FLAT, (10, 40), bursts=4),
    Kind("paused", 0.03, (1, 20), _DAYTIME, (10, 30), silent=True),
    Kind("dead", 0.13, (0, 0), _FLAT, (0, 20), broken=0.4),
)


@dataclass(frozen=True)
class Feeds:
    """n feeds and their entries. Times in hours since 1970.

    `keys`: the entries in order of feeds and times, each as position of its feed * width + hours since `origin`.
    """

    kind: Ints  # position in KINDS
    size: Ints
    dated: Ints  # 0: entries have no dates
    hint: Floats  # seconds
    site: Ints
    broken: Ints
    down: Floats  # (n, OUTAGES, 2) from, until
    keys: Floats
    start: Ints  # (n + 1) position of the first entry of each feed in `keys`
    first_poll: float = _START
    end: float = _START + MONTH
    origin: float = _START - HISTORY

    def __len__(self) -> int:
        return len(self.kind)

    def published(self, rows: Ints, at: Floats) -> Ints:
        """Positions in `keys` after the last entry that these feeds had published at these times."""
        return np.searchsorted(self.keys, rows * _WIDTH + (at - self.origin), side="right")

    def feed_of(self, entries: Ints) -> Ints:
        """The feeds of these positions in `keys`."""
        return (self.keys[entries] / _WIDTH).astype(np.int64)

    def times(self, entries: Ints) -> Floats:
        """When these positions in `keys` were published."""
        return self.keys[entries] % _WIDTH + self.origin

    def fails(self, rows: Ints, at: Floats) -> Floats:
        """Until when the servers of these feeds fail that fail at these times; 0 for the others."""
        down, times = self.down[rows], at[:, None]
        until = np.where((down[:, :, 0] <= times) & (times < down[:, :, 1]), down[:, :, 1], 0.0).max(axis=1)
        return np.where(self.broken[rows] > 0, np.inf, until)


def make(n: int, seed: int) -> Feeds:
    """n feeds; the same for the same seed."""
    rng = np.random.default_rng(seed)
    kind = np.sort(rng.choice(len(KINDS), n, p=[kind.share for kind in KINDS]))
    parts = [_entries(KINDS[number], np.flatnonzero(kind == number), rng) for number in range(len(KINDS))]
    keys = np.sort(np.concatenate(parts))
    size, broken = np.zeros(n, np.int64), np.zeros(n, np.int64)
    for number, one in enumerate(KINDS):
        rows = kind == number
        size[rows] = rng.integers(one.size[0], one.size[1] + 1, rows.sum())
        broken[rows] = rng.random(rows.sum()) < one.broken
    down = np.zeros((n, OUTAGES, 2))
    count = np.where(rng.random(n) < 0.1, rng.integers(1, OUTAGES + 1, n), 0)
    down[:, :, 0] = _START + rng.random((n, OUTAGES)) * MONTH
    length = np.where(rng.random((n, OUTAGES)) < 0.1, 24.0, rng.exponential(2.0, (n, OUTAGES)))
    down[:, :, 1] = down[:, :, 0] + length * (np.arange(OUTAGES)[None] < count[:, None])
    return Feeds(
        kind, size, (rng.random(n) < 0.9).astype(np.int64),
        np.where(rng.random(n) < 0.2, rng.choice([300.0, 900.0, 1800.0, 3600.0], n), 0.0),
        np.where(rng.random(n) < 0.2, rng.integers(0, max(1, n // 1000), n), n + np.arange(n)), broken, down, keys,
        np.searchsorted(keys, np.arange(n + 1) * _WIDTH),
    )  # fmt: skip


def _entries(kind: Kind, rows: Ints, rng: np.random.Generator) -> Floats:
    """The entries of the feeds at `rows`, as in Feeds.keys."""
    n, hours = len(rows), HISTORY + MONTH
    low, high = kind.per_day
    if not high or not n:
        return np.zeros(0)
    per_day = np.exp(rng.uniform(np.log(low), np.log(high), n))
    together = rng.integers(kind.together[0], kind.together[1] + 1, n)
    # Everyone's own time zone, weekday (of weeklies) and luck with the news of the day.
    zone = rng.integers(-8, 13, n) + 24 * (rng.integers(0, 7, n) if kind.shape is _WEEKLY else 0)
    week = kind.shape[(np.arange(168)[None] - zone[:, None]) % 168]
    week = week / week.mean(axis=1, keepdims=True) * (per_day / 24 / together)[:, None]
    rates = np.tile(week, (1, hours // 168 + 1))[:, :hours]
    rates *= np.repeat(rng.lognormal(-0.08, 0.4, (n, hours // 24)), 24, axis=1)
    if kind.silent:
        rates[:, HISTORY + 8 * 24 : HISTORY + 22 * 24] = 0.0
    cells = np.repeat(np.arange(n * hours), rng.poisson(rates).ravel())
    feed, at = cells // hours, cells % hours + rng.random(len(cells))
    feed, at = np.repeat(feed, together[feed]), np.repeat(at, together[feed])
    at = at + rng.exponential(0.02, len(at)) * (together[feed] > 1)
    count = rng.poisson(kind.bursts * hours / MONTH, n)
    burst, length = np.repeat(np.arange(n), count), rng.integers(15, 70, count.sum())
    of_burst = np.repeat(burst, length)
    begun = np.repeat(rng.random(len(burst)) * hours, length) + rng.exponential(2.0, len(of_burst))
    feed, at = np.concatenate([feed, of_burst]), np.concatenate([at, begun])
    return np.asarray(rows[feed] * _WIDTH + np.minimum(at, hours - 1e-3), np.float64)
