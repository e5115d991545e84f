"""Reads the hours and days in which an RSS feed asks not to be polled (`skipHours`, `skipDays` of RSS 2.0)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEAD = 200_000  # characters in which they may be; RSS has them in the channel, in any place
_LISTS = re.compile(r"<(skiphours|skipdays)\b[^>]*>(.{0,2000}?)</\1\s*>", re.I | re.S)
_VALUES = re.compile(r"<(?:hour|day)\b[^>]*>\s*(?:<!\[CDATA\[)?\s*([A-Za-z]{3,9}|\d{1,2})\s*(?:\]\]>)?\s*</", re.I)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Skips:
    """Hours (0 to 23, UTC) and weekdays (0 is Monday) in which nothing new appears."""

    hours: tuple[int, ...] = ()
    days: tuple[int, ...] = ()


NO_SKIPS = Skips()


def read_skips(text: str) -> Skips:
    """What the feed in `text` skips. All hours, or all days, would mean never: then it skips none of them.

    Hour 24 is midnight: RSS 0.91 counted from 1.
    """
    if "skip" not in (head := text[:_HEAD]) and "SKIP" not in head:
        return NO_SKIPS
    hours, days = set[int](), set[int]()
    for kind, values in _LISTS.findall(head):
        for value in _VALUES.findall(values):
            if kind.lower() == "skiphours" and value.isdecimal() and int(value) <= 24:
                hours.add(int(value) % 24)
            elif kind.lower() == "skipdays" and value[:3].lower() in _DAYS:
                days.add(_DAYS.index(value[:3].lower()))
    return Skips(tuple(sorted(hours)) if len(hours) < 24 else (), tuple(sorted(days)) if len(days) < 7 else ())
