"""Learns when feeds publish: how many entries an hour, by hour of the day and day of the week, in UTC.

A feed's rate is its mean rate times a factor for the hour and one for the weekday. A factor is the number of entries
heard in that time divided by the number that the mean would give, drawn towards 1 by `DOUBT` entries, so that a few
entries do not make a pattern. Everything fades with a half-life of three weeks, so a rhythm that moves (summer time, a
new editor) is learned again. Only time that the feed's list covers counts as watched: days without a poll are no
silence.

On top of the rhythm there are two short memories: what was heard in about the last hour against what was expected (a
burst, or less than usual), and how many entries were expected since the last one (a silence).

All functions take n feeds at once, as arrays whose first axis is the feed: the poll stage passes one, the simulator
thousands. Times are hours since 1970.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HOURS, DAYS = 24, 7
HALF_LIFE = 21 * 24.0  # hours
MEMORY = 1.0  # hours: time constant of what was heard lately
WARY = 7 * 24.0  # hours: half-life of caution after entries were lost
BACKLOG = 28 * 24.0  # hours that the list of a first poll tells about, at most
DOUBT = 0.5  # entries
_HOUR_STARTS, _DAY_STARTS = np.arange(HOURS, dtype=np.float64), 24.0 * np.arange(DAYS)
_MONDAY = 72.0  # hours from Monday 0:00 to Thursday, 1970-01-01


@dataclass(frozen=True, slots=True)
class Rhythms:
    """What was learned about n feeds. Columns of the first two: 24 hours, then 7 weekdays from Monday."""

    heard: Floats  # (n, 31) entries, faded
    watched: Floats  # (n, 31) hours that were covered, faded
    lately: Floats  # (n) entries, those heard an hour ago count 1/e
    expected: Floats  # (n) the same of those expected
    quiet: Floats  # (n) entries expected since the last one
    wary: Floats  # (n) polls per hour at least, because entries were lost; faded

    def __len__(self) -> int:
        return len(self.quiet)

    def rows(self, which: Any) -> Self:
        """The feeds at these positions."""
        return type(self)(*(getattr(self, field.name)[which] for field in fields(self)))


@dataclass(frozen=True, slots=True)
class Rates:
    """Entries per hour: `mean`, times the factors of an hour and a weekday (n, 31)."""

    mean: Floats
    factors: Floats


def unknown(n: int) -> Rhythms:
    """The rhythms of n feeds that were never polled."""
    columns = HOURS + DAYS
    return Rhythms(np.zeros((n, columns)), np.zeros((n, columns)), *(np.zeros(n) for _ in range(4)))


def pack(one: Rhythms) -> bytes:
    """One feed's rhythm as 66 little-endian 32-bit floats."""
    return np.concatenate([getattr(one, field.name).ravel() for field in fields(one)]).astype("<f4").tobytes()


def unpack(packed: bytes) -> Rhythms:
    """The inverse of `pack`; an unknown rhythm if `packed` is not one."""
    columns = HOURS + DAYS
    values = np.frombuffer(packed, "<f4").astype(np.float64) if len(packed) == 4 * (2 * columns + 4) else None
    if values is None or not (np.isfinite(values).all() and (values >= 0).all() and (values < 1e9).all()):
        return unknown(1)
    heard, watched, rest = values[:columns], values[columns : 2 * columns], values[2 * columns :]
    return Rhythms(heard[None], watched[None], *rest[:, None])


def columns_of(times: Floats) -> tuple[Ints, Ints]:
    """The columns of hour and weekday in which `times` are."""
    hours = np.floor(times).astype(np.int64)
    return hours % HOURS, HOURS + (hours + int(_MONDAY)) // 24 % DAYS


def covered(since: Floats, until: Floats) -> Floats:
    """Hours (n, 31) between two times that are in each hour of the day and in each day of the week."""

    def before(times: Floats) -> Floats:
        shifted = times + _MONDAY
        days, weeks = np.floor(shifted / 24), np.floor(shifted / 168)
        hour, of_week = (shifted - 24 * days)[:, None], (shifted - 168 * weeks)[:, None]
        hours = np.minimum(np.maximum(hour - _HOUR_STARTS, 0.0), 1.0) + days[:, None]
        return np.hstack([hours, np.minimum(np.maximum(of_week - _DAY_STARTS, 0.0), 24.0) + 24 * weeks[:, None]])

    return before(until) - before(since)


def rates(rhythms: Rhythms) -> Rates:
    """The learned rates. A feed about which nothing is known counts as one with an entry per hour."""
    mean = (rhythms.heard[:, :HOURS].sum(axis=1) + 1.0) / (rhythms.watched[:, :HOURS].sum(axis=1) + 1.0)
    return Rates(mean, (rhythms.heard + DOUBT) / (mean[:, None] * rhythms.watched + DOUBT))


def learn(rhythms: Rhythms, since: Floats, until: Floats, rows: Ints, dates: Floats, undated: Floats) -> Rhythms:
    """The rhythms after a poll that covers the time from `since` to `until`.

    New entries: those with a date in that time are given as `dates`, with the row of their feed in `rows`; of the
    others, `undated` (n) is only the number, and they are spread over that time.
    """
    n, span = len(rhythms), np.maximum(until - since, 1e-6)
    watched = covered(since, until)
    share = watched / span[:, None]  # of the hours and of the weekdays: each adds up to 1
    fade, gone = (0.5 ** (span / HALF_LIFE))[:, None], np.exp(-span / MEMORY)
    heard = rhythms.heard * fade + _counts(n, rows, dates) + share * undated[:, None]
    after = replace(rhythms, heard=heard, watched=rhythms.watched * fade + watched)
    learned = rates(after)
    usual = share * learned.factors
    expected = learned.mean * span * usual[:, :HOURS].sum(axis=1) * usual[:, HOURS:].sum(axis=1)
    weight = (1.0 - gone) * MEMORY / span  # of an entry at an unknown moment
    dated = np.bincount(rows, np.exp((dates - until[rows]) / MEMORY), minlength=n)
    new = np.bincount(rows, minlength=n) + undated
    return replace(
        after,
        lately=rhythms.lately * gone + dated + undated * weight,
        expected=rhythms.expected * gone + expected * weight,
        quiet=np.where(new > 0, 0.0, rhythms.quiet + expected),
        wary=rhythms.wary * 0.5 ** (span / WARY),
    )


def _counts(n: int, rows: Ints, dates: Floats) -> Floats:
    """How many of the dates are in each column, for each of n feeds."""
    size = HOURS + DAYS
    hours, days = columns_of(dates)
    cells = np.concatenate([rows * size + hours, rows * size + days])
    return np.bincount(cells, minlength=n * size).reshape(n, size).astype(np.float64)


def ahead(rhythms: Rhythms, at: Floats, hours: int) -> tuple[Floats, Floats]:
    """Rates and lengths (n, hours + 1) of the hours that follow `at`; the first is the rest of the hour of `at`."""
    learned = rates(rhythms)
    calm = learned.mean * (3.0 / (3.0 + rhythms.quiet)) ** 2  # a silence that lasts is believed
    rest = np.floor(at) + 1.0 - at
    starts = np.maximum(np.arange(hours + 1)[None, :] - 1.0 + rest[:, None], 0.0)
    of_hour, of_day = columns_of(np.floor(at)[:, None] + np.arange(hours + 1)[None, :])
    rows = np.arange(len(at))[:, None]
    factors = learned.factors[rows, of_hour] * learned.factors[rows, of_day]
    usual = calm[:, None] * factors
    # Half of what is more or less than expected goes on, for about as long as it is remembered.
    excess = 0.5 * (rhythms.lately - rhythms.expected) / MEMORY
    lengths = np.ones_like(starts)
    lengths[:, 0] = rest
    return np.maximum(usual + excess[:, None] * np.exp(-starts / MEMORY), 0.25 * usual), lengths
