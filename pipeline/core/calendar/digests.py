"""When digests are due: "hourly", "daily 08:00", "daily 08:00,18:00", "weekly mon 08:00", "weekly mon-fri 08:00".

By the clocks of a zone: once for each local day, on the days when the clocks change, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from pipeline.core.calendar.local import CalendarError, at_time, exists, local_time, zone_of
from pipeline.core.calendar.words import days_of, minutes_of
from pipeline.core.faults import did_you_mean
from pipeline.core.wording import Text

_EXAMPLES = Text('write "hourly", "daily 08:00" or "weekly mon 08:00"')
_HOUR = timedelta(hours=1)
_DAYS_AHEAD = 9  # a week, one day that a place skips, and today


@dataclass(frozen=True, slots=True)
class Schedule:
    """At these minutes after midnight on these days; without `times` every full hour."""

    days: frozenset[int]
    times: tuple[int, ...]


@lru_cache(maxsize=256)
def parse_schedule(text: str) -> Schedule:
    """The schedule that `text` says. Raises CalendarError."""
    kind, *rest = text.lower().replace(", ", ",").split() or [""]
    every = frozenset(range(7))
    if kind == "hourly":
        if rest:
            raise CalendarError(Text("{!r}: an hourly digest has no time of its own", text), _EXAMPLES)
        return Schedule(every, ())
    if kind == "daily":
        if len(rest) != 1:
            raise CalendarError(
                Text("{!r} needs a time", text) if not rest else Text("{!r} is not a schedule", text), _EXAMPLES
            )
        return Schedule(every, _times(rest[0]))
    if kind == "weekly":
        if len(rest) < 2:
            raise CalendarError(Text("{!r} needs a day and a time", text), _EXAMPLES)
        if len(rest) > 2:
            raise CalendarError(Text("{!r} is not a schedule", text), _EXAMPLES)
        return Schedule(days_of(rest[0]), _times(rest[1]))
    raise CalendarError(
        Text("{!r} is not a schedule", text), did_you_mean(kind, ("hourly", "daily", "weekly")) or _EXAMPLES
    )


def _times(text: str) -> tuple[int, ...]:
    return tuple(sorted({minutes_of(part) for part in text.split(",")}))


def next_digest(schedule: str, after: datetime, zone: str) -> datetime:
    """The first moment, in UTC, after `after` at which a digest is due. Raises CalendarError."""
    parsed, place = parse_schedule(schedule), zone_of(zone)
    if not parsed.times:
        return _full_hour(after, place)
    today = local_time(after, place).date()
    days = (today + timedelta(days=ahead) for ahead in range(-1, _DAYS_AHEAD))
    due = (
        at_time(day, minutes, place)
        for day in days
        if day.weekday() in parsed.days and exists(day, place)
        for minutes in parsed.times
    )
    return next(moment for moment in due if moment > after)


def _full_hour(after: datetime, zone: ZoneInfo) -> datetime:
    """The first moment after `after` at which clocks show a full hour: in Kathmandu not a full hour of UTC.

    Where they jump by half an hour, the hour before or after it has another length.
    """
    found = []
    for near in (after, after + 2 * _HOUR):
        shown = local_time(near, zone)
        offset = shown.replace(tzinfo=UTC) - near.astimezone(UTC)
        hour = (after.astimezone(UTC) + offset).replace(minute=0, second=0, microsecond=0)
        found += [hour + step * _HOUR - offset for step in (0, 1, 2, 3)]
    full = [moment for moment in found if moment > after and _is_full(moment, zone)]
    return min(full)


def _is_full(moment: datetime, zone: ZoneInfo) -> bool:
    shown = local_time(moment, zone)
    return not (shown.minute or shown.second or shown.microsecond)
