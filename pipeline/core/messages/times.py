"""Says when something happened, in the reader's time zone and in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pipeline.core.calendar.local_words import day_words, local
from pipeline.core.text.date_strings import read_date
from pipeline.records import Alert, Dated


def when(alert: Alert, zone: str) -> str:
    """When the article was published, as far as it is known; else when it was first seen."""
    if alert.published is None:
        return f"first seen {local(alert.first_seen, zone)}"
    if only_day(alert.published):
        return f"{day_words(alert.published.value.astimezone(UTC))} (no time given)"
    assumed = f" (time zone assumed: {alert.published.zone})" if alert.published.zone else ""
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
