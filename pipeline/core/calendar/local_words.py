"""Writes moments as a clock and calendar in a time zone show them, with the zone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def local(moment: datetime, zone: str) -> str:
    """For example "29 Nov 2026, 14:05 CET (UTC+1)"; where a zone has no name of its own, only the offset."""
    there = moment.astimezone(_zone(zone))
    name, offset = zone_name(there), offset_of(there)
    return f"{day_words(there)}, {there:%H:%M} {f'{name} ({offset})' if name != offset else offset}"


def day_words(moment: datetime) -> str:
    """For example "29 Nov 2026"."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def zone_name(there: datetime) -> str:
    """The name of the time that a clock shows there, such as CET; the offset where it has no name of its own."""
    name = there.tzname() or ""
    return name if re.fullmatch("[A-Za-z]+", name) else offset_of(there)


def offset_of(there: datetime) -> str:
    """How far the clock there is from UTC, such as UTC+5:30."""
    minutes = int((there.utcoffset() or timedelta()).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    if minutes == 0:
        return "UTC"
    return f"UTC{'+' if minutes > 0 else '-'}{hours}{f':{rest:02d}' if rest else ''}"


def _zone(name: str) -> ZoneInfo:
    """`check` refuses a zone that does not exist; should one vanish from the data, a message in UTC beats none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
