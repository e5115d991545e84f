"""Converts the ends of ranges as written (2026, 2026-03, 2026-03-01T10:00Z, now-7d, 300) to those of the query tree.

A day, month or year means all of it, in UTC. Numbers are whole.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from pipeline.core.wording import Text

_DATE = re.compile(
    r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?)?)?"
)
_NOW = re.compile(r"now(?:([+-])(\d{1,4})([mhdw]))?")  # four digits stay within the calendar
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_FAR = datetime(5000, 1, 1, tzinfo=UTC)  # stands in for now while it is not known

Bounds = tuple[str | None, str | None, bool, bool]


def resolve(value: str, now: datetime) -> datetime:
    """The moment that an end of a Range in the tree means, at the time `now`."""
    found = _NOW.fullmatch(value)
    if found is None:
        return datetime.fromisoformat(value)
    sign, amount, unit = found.groups()
    shift = int(amount) * _UNITS[unit] if amount else timedelta()
    return now + shift if sign == "+" else now - shift


def date_bounds(
    low: str | None, high: str | None, include_low: bool, include_high: bool, now: datetime | None
) -> Bounds:
    """low, high, include_low, include_high of a Range on a date field. Raises ValueError with a message for people."""
    low_end, high_end = low and _end(low, now), high and _end(high, now)
    if isinstance(low_end, tuple):
        start, after = low_end
        low, include_low = (start, include_low) if after is None else (start if include_low else after, True)
    if isinstance(high_end, tuple):
        start, after = high_end
        high, include_high = (start, include_high) if after is None else (after if include_high else start, False)
    include_low, include_high = include_low or low is None, include_high or high is None
    if low and low == high and low.startswith("now"):
        raise ValueError(Text("no article has exactly the moment now; write >=now-7d"))
    if low and high and low.startswith("now") == high.startswith("now"):
        first, last = resolve(low, _FAR), resolve(high, _FAR)
        if first > last or (first == last and not (include_low and include_high)):
            raise ValueError(Text("the range ends before it starts"))
    return low, high, include_low, include_high


def number_bounds(low: str | None, high: str | None, include_low: bool, include_high: bool) -> Bounds:
    """The same for a Range on a number field."""
    for value in (low, high):
        if value is not None and not re.fullmatch(r"\d{1,18}", value):
            digits = re.sub(r"[.,'\s]", "", value)
            instead = Text("; write {}", digits) if re.fullmatch(r"\d{1,18}", digits) and "." not in value else ""
            raise ValueError(Text("{!r} is not a whole number{}", value, instead))
    if low is not None and high is not None and int(low) > int(high):
        raise ValueError(Text("the range ends before it starts"))
    return low and str(int(low)), high and str(int(high)), include_low or low is None, include_high or high is None


def _end(value: str, now: datetime | None) -> tuple[str, str | None]:
    """The moment at which `value` starts; if it is a day, month or year, also the start of the next one."""
    if _NOW.fullmatch(value):
        moment = resolve(value, now or _FAR)
        return (_iso(moment) if now else value), None
    found = _DATE.fullmatch(value)
    if found is None:
        raise ValueError(
            Text("{!r} is not a date: write 2026, 2026-03, 2026-03-01, 2026-03-01T10:00Z or now-7d", value)
        )
    year, month, day, hour = found[1], found[2], found[3], found[4]
    try:
        if hour is not None:
            moment = datetime.fromisoformat(value)
            return _iso(moment if moment.tzinfo else moment.replace(tzinfo=UTC)), None
        start = datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
        return _iso(start), _iso(_following(start, month is not None, day is not None))
    except (ValueError, OverflowError):
        raise ValueError(Text("{!r} is not in the calendar", value)) from None


def _following(start: datetime, month: bool, day: bool) -> datetime:
    if day:
        return start + timedelta(days=1)
    if not month:
        return start.replace(year=start.year + 1)
    return (start + timedelta(days=31)).replace(day=1)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
