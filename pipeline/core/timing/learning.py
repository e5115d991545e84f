"""Learns from successful polls, and decides from them when the next ones are due.

`learned` does it for one poll, `learn_polls` for many at once, one of each feed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from pipeline.core.timing.next_poll import Lists, Pacing, caution, intervals
from pipeline.core.timing.rhythm import BACKLOG, Floats, Ints, Rhythms, learn, pack, unknown, unpack
from pipeline.records import Rhythm

Flags = NDArray[np.bool_]

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_FEW = 2  # dates: too few to say how far back a list reaches


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


@dataclass(frozen=True, slots=True)
class Polls:
    """Polls of n feeds, as in Heard. Times in hours since 1970; `last`: of the poll before.

    `size`: entries in the feed; `before`: at the poll before. `dates`: of all new entries that have one, in order
    of feeds and then of time; `rows`: their feeds.
    """

    at: Floats
    last: Floats
    known: Flags
    size: Floats
    before: Floats
    new: Floats
    hint: Floats
    rows: Ints
    dates: Floats


def learned(before: Rhythm | None, heard: Heard, pacing: Pacing) -> tuple[Rhythm, float]:
    """What is known of the rhythm after a poll, and the seconds until the next."""
    at = _hours(heard.at)
    size = heard.size if heard.size is not None else before.size if before else 0
    dates = np.array(sorted(_hours(date) for date in heard.dates if date is not None), np.float64)
    polls = Polls(
        _one(at), _one(_hours(before.heard_at) if before else at), np.array([before is not None and heard.known]),
        _one(size), _one(before.size if before else 0), _one(heard.new), _one(heard.hint),
        np.zeros(len(dates), np.int64), dates,
    )  # fmt: skip
    rhythms, seconds, gap = learn_polls(unpack(before.weights) if before else unknown(1), polls, pacing)
    gaps = (before.gaps if before else 0) + bool(gap[0])
    return Rhythm(heard_at=heard.at, weights=pack(rhythms), size=size, gaps=gaps), float(seconds[0])


def learn_polls(rhythms: Rhythms, polls: Polls, pacing: Pacing) -> tuple[Rhythms, Floats, Flags]:
    """The rhythms after these polls, the seconds until the next, and which brought nothing known, so that entries may
    have been lost since the poll before."""
    gap = polls.known & (polls.before > 0) & (polls.size > 0) & (polls.new >= polls.size)
    last = np.minimum(polls.last, polls.at)
    past = polls.dates <= polls.at[polls.rows]
    rows, dates = polls.rows[past], polls.dates[past]
    since, whole = _since(polls, gap, last, rows, dates)
    inside = (dates > since[rows]) & (polls.known | whole)[rows]
    rows, dates = rows[inside], dates[inside]
    others = np.maximum(polls.new - np.bincount(rows, minlength=len(since)), 0.0)
    rhythms = learn(rhythms, since, polls.at, rows, dates, np.where(polls.known & ~whole, others, 0.0))
    elapsed = np.where(polls.known, polls.at - last, 0.0)
    rhythms = replace(rhythms, wary=np.where(gap, np.maximum(rhythms.wary, caution(elapsed)), rhythms.wary))
    lists = Lists(polls.size, polls.new, elapsed)
    return rhythms, intervals(rhythms, polls.at, lists, polls.hint, pacing), gap


def _since(polls: Polls, gap: Flags, last: Floats, rows: Ints, dates: Floats) -> tuple[Floats, Flags]:
    """From when on the polls cover the time, and which cover only as much as their list reaches back.

    Those are first polls, and polls that brought nothing known, if they have some dates. How far a list reaches is not
    taken from its oldest entries: some feeds keep an old one for years.
    """
    count = np.bincount(rows, minlength=len(last))
    whole = (gap | ~polls.known) & (count > _FEW)
    since = np.maximum(np.where(polls.known, last, polls.at), polls.at - BACKLOG)
    if whole.any():
        oldest = dates[(np.cumsum(count) - count + count // 10)[whole]]
        floor = np.where(polls.known, since, polls.at - BACKLOG)[whole]
        since[whole] = np.maximum(oldest, floor)
    return since, whole


def _hours(moment: datetime) -> float:
    return (moment - _BEGINNING) / timedelta(hours=1)


def _one(value: float) -> Floats:
    return np.array([value], np.float64)
