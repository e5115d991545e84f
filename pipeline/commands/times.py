"""Reads and shows times in the reader's zone, for commands."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from pipeline.commands import CommandError
from pipeline.core.calendar.local import local_time, to_utc, zone_of
from pipeline.core.calendar.local_words import zone_name

_DURATION = re.compile(r"(\d{1,6})\s*([mhdw])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_HINT = "write a duration such as 90m, 24h, 30d or 2w, or a time such as 2026-03-01 or 2026-03-01T08:00"


def before(text: str, now: datetime, zone: str) -> datetime:
    """The moment that "30d" was ago, or of a local time. Raises CommandError."""
    return _moment(text, now, zone, -1)


def after(text: str, now: datetime, zone: str) -> datetime:
    """The moment in "3d", or of a local time. Raises CommandError."""
    return _moment(text, now, zone, 1)


def _moment(text: str, now: datetime, zone: str, sign: int) -> datetime:
    try:
        if found := _DURATION.fullmatch(text.strip()):
            return now + sign * int(found[1]) * _UNITS[found[2]]
        given = datetime.fromisoformat(text.strip())
        moment = given.astimezone(UTC) if given.tzinfo else to_utc(given, zone_of(zone))
    except (ValueError, OverflowError):
        raise CommandError(f"{text!r} is not a time: {_HINT}") from None
    if not 1970 <= moment.year <= 9000:
        raise CommandError(f"{text!r} is not a time that can be used: {_HINT}")
    return moment


def shown(moment: datetime | None, zone: str, *, day: bool = False) -> str:
    """The local time with its zone, "2026-03-02 13:00 CET"; with `day`, after the day of the week. "" for None."""
    if moment is None:
        return ""
    local = moment.astimezone(zone_of(zone))
    return f"{local:{'%a ' if day else ''}%Y-%m-%d %H:%M} {zone_name(local)}"


def shown_short(moment: datetime | None, zone: str) -> str:
    """The local time without its zone, "2026-03-02 13:00"; "" for None."""
    return f"{local_time(moment, zone_of(zone)):%Y-%m-%d %H:%M}" if moment else ""
