"""Counts hits over time in columns that fit a chart: intervals that people think in, aligned to their days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.core.query.search import Intervals

MOST = 48  # columns
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LENGTHS = (
    timedelta(minutes=5), timedelta(minutes=15), HOUR, 2 * HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY,
)  # fmt: skip
MONDAY = timedelta(days=4)  # after the start of 1970, a Thursday


@dataclass(frozen=True, slots=True)
class Stretch:
    """One column: from `begin` to `end` (exclusive)."""

    begin: datetime
    end: datetime
    count: int


def intervals(since: datetime | None, until: datetime, ahead: timedelta) -> Intervals:
    """In which intervals to count from `since` (None: always, by days) to `until`. `ahead`: the reader's zone before
    UTC, by which days begin."""
    every = DAY if since is None else next((one for one in LENGTHS if (until - since) / one <= MOST), LENGTHS[-1])
    return Intervals(every, (MONDAY if every == 7 * DAY else timedelta(0)) - ahead)


def stretches(
    counts: Mapping[datetime, int], wanted: Intervals, since: datetime | None, until: datetime
) -> list[Stretch]:
    """The columns, also empty ones, from `since` (None: the first hit) to `until`; of long times several intervals are
    one column."""
    if not counts and since is None:
        return []
    begin = wanted.begin(since if since is not None else min(counts))
    last = wanted.begin(max([until - timedelta(microseconds=1), *counts]))
    number = (last - begin) // wanted.every + 1
    several = -(-number // MOST)
    if several > 1 and wanted.every == DAY:
        several = next((one // DAY for one in LENGTHS if one >= several * DAY), several)
    length = several * wanted.every
    found = [Stretch(at, at + length, 0) for n in range(-(-number // several)) for at in (begin + n * length,)]
    for at, count in counts.items():
        place = (at - begin) // length
        if 0 <= place < len(found):
            found[place] = Stretch(found[place].begin, found[place].end, found[place].count + count)
    return found
