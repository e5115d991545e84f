"""Quiet hours: "22:00-07:00", "mon-fri 22:00-07:00", "sat-sun"; several may overlap.

A span starts and ends by the clocks of the zone. Its days are those on which it starts: "fri 22:00-07:00" ends on
Saturday. When the clocks change, it is as much longer or shorter as the night is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from pipeline.core.calendar.local import CalendarError, at_time, local_time, zone_of
from pipeline.core.calendar.words import days_of, minutes_of
from pipeline.core.wording import Text

_WEEK, _DAY = 7 * 1440, 1440
_EXAMPLES = Text('such as "22:00-07:00", "mon-fri 22:00-07:00" or "sat-sun"')


@dataclass(frozen=True, slots=True)
class Span:
    """Quiet from `start` to `end`, in minutes after midnight of each of `days`; over 1440 is the next day."""

    days: frozenset[int]
    start: int
    end: int


@lru_cache(maxsize=1024)
def parse_span(text: str) -> Span:
    """The span that `text` says. Raises CalendarError."""
    words = text.replace("–", "-").replace("—", "-").split()
    if len(words) == 1:
        if ":" not in words[0]:
            return Span(_days(words[0]), 0, _DAY)
        days, times = frozenset(range(7)), words[0]
    elif len(words) == 2:
        days, times = _days(words[0]), words[1]
    else:
        raise CalendarError(Text("{!r} is not a span of time", text) if words else "is empty", _EXAMPLES)
    first, dash, last = times.partition("-")
    if not dash:
        raise CalendarError(Text("{!r} has no end", times), _EXAMPLES)
    start, end = minutes_of(first), minutes_of(last, end=True)
    if start == end:
        raise CalendarError(Text("{!r} ends when it starts", times), 'for a whole day name only the day, such as "sun"')
    return Span(days, start, end if end > start else end + _DAY)


def _days(text: str) -> frozenset[int]:
    if text.replace("-", "").isdigit():
        raise CalendarError(Text("{!r} is neither days nor times", text), "times have minutes, such as 22:00-07:00")
    return days_of(text)


@lru_cache(maxsize=256)
def parse_quiet(texts: tuple[str, ...]) -> tuple[Span, ...]:
    """The spans. Raises CalendarError for the first that cannot be read, and if they leave no time of the week."""
    spans = tuple(map(parse_span, texts))
    quiet = bytearray(_WEEK)
    for span in spans:
        for day in span.days:
            for minute in range(span.start, span.end):
                quiet[(day * _DAY + minute) % _WEEK] = 1
    if all(quiet):
        raise CalendarError("the whole week is quiet", 'for digests only, write send = "digest"')
    return spans


def quiet_until(quiet: tuple[str, ...], moment: datetime, zone: str) -> datetime | None:
    """When the quiet that holds at `moment` ends, in UTC; None if none holds. Spans that touch or overlap are one.

    Raises CalendarError.
    """
    if not quiet:
        return None
    spans, place = parse_quiet(quiet), zone_of(zone)
    until = moment
    while True:
        later = max((end for start, end in _around(spans, until, place) if start <= until < end), default=until)
        if later == until:
            return None if until == moment else until
        until = later


def _around(spans: tuple[Span, ...], moment: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Starts and ends of the spans that may hold at `moment`. Those that the clocks jump over are empty."""
    today = local_time(moment, zone).date()
    for back in (1, 0):
        day = today - timedelta(days=back)
        for span in spans:
            if day.weekday() in span.days:
                yield at_time(day, span.start, zone), at_time(day, span.end, zone)
