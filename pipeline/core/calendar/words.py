"""Reads days of the week and times of the day, as quiet hours and digests are written."""

from __future__ import annotations

import re

from pipeline.core.calendar.local import CalendarError
from pipeline.core.faults import did_you_mean
from pipeline.core.wording import Text

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONG = {
    long: long[:3]
    for long in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "tues", "thur", "thurs")
}
_TIME = re.compile(r"(\d{1,2}):(\d{2})")


def days_of(text: str) -> frozenset[int]:
    """The days in "mon", "mon-fri", "fri-mon" or "mon,wed", as numbers from Monday, 0. Raises CalendarError."""
    found: set[int] = set()
    for part in text.lower().split(","):
        first, dash, last = part.partition("-")
        start = _day(first)
        end = _day(last) if dash else start
        found.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    return frozenset(found)


def _day(text: str) -> int:
    name = text.strip()
    if name in DAYS:
        return DAYS.index(name)
    hint = (
        Text("did you mean {}?", _LONG[name])
        if name in _LONG
        else did_you_mean(name, DAYS, Text("days are {}", ", ".join(DAYS)))
    )
    raise CalendarError(Text("{!r} is not a day", name) if name else "a day is missing", hint)


def minutes_of(text: str, *, end: bool = False) -> int:
    """Minutes after midnight of "07:30"; with `end`, "24:00" is allowed. Raises CalendarError."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise CalendarError(Text("{!r} is not a time", text.strip()), "hours and minutes, such as 07:30 or 22:00")
    hours, minutes = int(found[1]), int(found[2])
    if minutes > 59 or hours > 24 or (hours == 24 and (minutes or not end)):
        last = "24:00" if end else "23:59"
        raise CalendarError(Text("{!r} is not a time", text.strip()), Text("from 00:00 to {}", last))
    return 60 * hours + minutes
