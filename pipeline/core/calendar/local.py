"""Local days and times in an IANA time zone.

Python's rule for a local time that a change of the clocks makes exist twice or not at all depends on `fold`; here both
have one answer: the first of the two, and the moment at which the clocks jump over it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from pipeline.core.wording import Text

_SECOND, _MINUTE, _DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


class CalendarError(ValueError):
    """A zone, time, span or schedule that cannot be read. `hint`: how to write it."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(f"{reason} ({hint})" if hint else reason)
        self.reason, self.hint = reason, hint


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """The zone of this IANA name, such as Europe/Madrid. Raises CalendarError."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder, such as America
        raise CalendarError(Text("there is no time zone {!r}", name), _near(name)) from None


def _near(name: str) -> str:
    """A hint: the zone with this city or in other letters, else the one with the most similar name."""
    known = {zone.casefold(): zone for zone in sorted(available_timezones()) if "/" in zone or zone == "UTC"}
    cities = {folded.rsplit("/", 1)[-1]: zone for folded, zone in known.items()}
    plain = name.strip().casefold().replace(" ", "_")
    similar = get_close_matches(plain, known, 1) or get_close_matches(plain, cities, 1)
    zone = known.get(plain) or cities.get(plain.rsplit("/", 1)[-1]) or {**cities, **known}.get("".join(similar))
    return Text("did you mean {}?", zone) if zone else Text('write region and city, such as "Europe/Madrid", or "UTC"')


def to_utc(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment of a local time without a zone. One that exists twice: the first; one that does not exist: the moment
    at which the clocks jump over it, which is the next that does."""
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if _local(first, zone) == local:
        return first
    # In a gap `second`, which takes the offset after it, comes before the jump, and `first` after it.
    before, after = second, first
    while after - before > _SECOND:
        middle = before + ((after - before) / 2 // _SECOND) * _SECOND
        if _local(middle, zone) >= local:
            after = middle
        else:
            before = middle
    return after


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def local_time(moment: datetime, zone: ZoneInfo) -> datetime:
    """What clocks in the zone show at a moment, without a zone."""
    return _local(moment, zone)


def local_day(moment: datetime, zone: str) -> date:
    """The date in the zone at a moment."""
    return _local(moment, zone_of(zone)).date()


def day_starts(day: date, zone: str) -> datetime:
    """The moment, in UTC, at which a local day starts: not at 0:00 where the clocks jump over midnight."""
    return to_utc(datetime.combine(day, time()), zone_of(zone))


def at_time(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, that is so many minutes after midnight by the clocks of a local day; 1440: its end."""
    return to_utc(datetime.combine(day, time()) + minutes * _MINUTE, zone)


def exists(day: date, zone: ZoneInfo) -> bool:
    """Whether the day has any time: a place that moves over the date line skips one."""
    return at_time(day, 0, zone) < at_time(day + _DAY, 0, zone)
