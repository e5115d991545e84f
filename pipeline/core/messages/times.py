"""Says when something happened, in the reader's time zone and in words."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.core.text.date_strings import read_date
from pipeline.records import Alert, Dated

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def local(moment: datetime, zone: str) -> str:
    """For example "29 Nov 2026, 14:05 CET (UTC+1)"; where a zone has no name of its own, only the offset."""
    there = moment.astimezone(_zone(zone))
    name, offset = there.tzname() or "", _offset(there.utcoffset() or timedelta())
    named = re.fullmatch("[A-Za-z]+", name) and name != "UTC"
    return f"{_day(there)}, {there:%H:%M} {f'{name} ({offset})' if named else offset}"


def when(alert: Alert, zone: str) -> str:
    """When the article was published, as far as it is known; else when it was first seen."""
    if alert.published is None:
        return f"first seen {local(alert.first_seen, zone)}"
    if only_day(alert.published):
        return f"{_day(alert.published.value.astimezone(UTC))} (no time given)"
    assumed = f", the time zone is assumed: {alert.published.assumed}" if alert.published.assumed else ""
    return local(alert.published.value, zone) + assumed


def only_day(dated: Dated) -> bool:
    """Whether a publisher gave a day without a time."""
    moment = dated.value.astimezone(UTC)
    if (moment.hour, moment.minute, moment.second) != (0, 0, 0):
        return False
    found = read_date(dated.raw)
    return found is not None and found.precision == "day"


def long_ago(before: datetime, after: datetime) -> str:
    """The time between two moments in its largest unit: "3 years", "5 months", "12 days", "2 hours"."""
    days = (after - before) / timedelta(days=1)
    for length, unit in ((365.25, "year"), (30.4, "month"), (1.0, "day"), (1 / 24, "hour")):
        if days >= length:
            number = int(days / length)
            return f"{number} {unit}{'s' if number > 1 else ''}"
    return "less than an hour"


def _zone(name: str) -> ZoneInfo:
    """`check` refuses a zone that does not exist; should one vanish from the data, a message in UTC beats none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _day(moment: datetime) -> str:
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def _offset(offset: timedelta) -> str:
    minutes = int(offset.total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    if minutes == 0:
        return "UTC"
    return f"UTC{'+' if minutes > 0 else '-'}{hours}{f':{rest:02d}' if rest else ''}"
