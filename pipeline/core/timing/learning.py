"""Learns from one successful poll of a feed, and decides from it when the next one is due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from pipeline.core.timing.next_poll import Lists, Pacing, gap, intervals
from pipeline.core.timing.rhythm import BACKLOG, Floats, learn, pack, unknown, unpack
from pipeline.records import Rhythm

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Heard:
    """A successful poll. `new` entries were not known; `dates` are those that they state, None for no date.

    `size`: entries in the feed, None if it was not read again because it is unchanged. `known`: whether entries were
    known before, so that `new` means something. `hint`: seconds between polls that server or feed recommend, or 0.
    """

    at: datetime
    new: int
    dates: Sequence[datetime | None]
    size: int | None
    known: bool
    hint: float = 0.0


def learned(before: Rhythm | None, heard: Heard, pacing: Pacing) -> tuple[Rhythm, float]:
    """What is known of the rhythm after a poll, and the seconds until the next."""
    known = before is not None and heard.known
    until = _hours(heard.at)
    last = min(_hours(before.heard_at), until) if before else until
    size = heard.size if heard.size is not None else before.size if before else 0
    missed = gap(size, heard.new, known_before=known)
    since, dates, undated = _span(last if known else None, until, heard, missed=missed)
    rhythms = learn(
        unpack(before.weights) if before else unknown(1),
        _one(since), _one(until), np.zeros(len(dates), np.int64), np.array(dates, np.float64), _one(undated),
    )  # fmt: skip
    lists = Lists(_one(size), _one(heard.new), _one(until - last if known else 0.0))
    (seconds,) = intervals(rhythms, _one(until), lists, _one(heard.hint), pacing)
    gaps = (before.gaps if before else 0) + missed
    return Rhythm(heard_at=heard.at, weights=pack(rhythms), size=size, gaps=gaps), float(seconds)


def _span(last: float | None, until: float, heard: Heard, *, missed: bool) -> tuple[float, list[float], float]:
    """From when on the poll covers the time, the dates of new entries in it, and how many other entries appeared in it.

    A first poll, and one that brought nothing known, tells only about the time that its list reaches back.
    """
    dates = sorted(date for date in _dated(heard.dates) if date <= until)
    since = max(until if last is None else last, until - BACKLOG)
    if (last is None or missed) and len(dates) > 2:
        # Not the oldest: some feeds keep an old entry for years.
        oldest = max(dates[len(dates) // 10], until - BACKLOG)
        since = oldest if last is None else max(since, oldest)
        return since, [date for date in dates if date > since], 0.0
    if last is None:
        return since, [], 0.0
    inside = [date for date in dates if date > since]
    return since, inside, float(max(0, heard.new - len(inside)))


def _dated(dates: Iterable[datetime | None]) -> list[float]:
    return [_hours(date) for date in dates if date is not None]


def _hours(moment: datetime) -> float:
    return (moment - _BEGINNING) / timedelta(hours=1)


def _one(value: float) -> Floats:
    return np.array([value], np.float64)
