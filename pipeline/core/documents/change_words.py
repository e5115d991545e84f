"""Says in a few words what changed in a version: for lists of documents, for alerts and for messages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from pipeline.core.text.languages import month_names, weekday_names
from pipeline.records import Change

SHOWN = 4  # changes that are named
_NAMES = {"title": "headline", "text": "wording", "whole": "the whole text instead of a part"}
_SIGNS = frozenset("$€£¥₽₴₺₹")  # stand before the amount
#: Units as core/stories/figures.py calls them, where that is no word.
_UNITS = {"d": "days", "wk": "weeks", "mo": "months", "y": "years", "h": "hours", "bbl": "barrels", "mi": "miles",
          "t": "tonnes", "ft": "feet"}  # fmt: skip
_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"))
_DATE = re.compile(r"(?:(\d{4})-)?(\d{1,2})(?:-(\d{1,2}))?")
_WEEKDAY = re.compile("w([0-6])")


def in_words(changes: Sequence[Change]) -> str:
    """For example "73 → 75 for, 12 → 14 people, + 12 May, headline and 2 more"; empty without changes."""
    said = list(dict.fromkeys(map(_said, changes)))
    more = f" and {len(said) - SHOWN} more" if len(said) > SHOWN else ""
    return ", ".join(said[:SHOWN]) + more


def _said(change: Change) -> str:
    if change.kind in _NAMES:
        return _NAMES[change.kind]
    before, after = values(change)
    if before and after:
        return f"{before} → {after}"
    return f"+ {after}" if after else f"- {before}"


def values(change: Change) -> tuple[str, str]:
    """What was and what is, as people write it, with what both have in common said once: ("73", "75 for")."""
    before, after = (_shown(change.kind, value) for value in (change.before, change.after))
    if change.kind == "number" and change.what and (after or before):
        return (before, f"{after} {change.what}") if after else (f"{before} {change.what}", "")
    if not before or not after:
        return before, after
    if change.kind in ("vote", "number"):
        return _once(before, after)
    topic, _, was = before.rpartition(" ")
    if change.kind == "outcome" and topic and topic == after.rpartition(" ")[0]:  # of a fact: "TOPIC authorised"
        return was, after.rpartition(" ")[2]
    return before, after


def _once(before: str, after: str) -> tuple[str, str]:
    """ "73 for" and "75 for" as "73" and "75 for"; amounts that differ in more stay whole."""
    number, _, unit = before.partition(" ")
    return (number, after) if unit and unit == after.partition(" ")[2] and unit not in _scales() else (before, after)


@cache
def _scales() -> frozenset[str]:
    return frozenset(name for _, name in _SCALES)


def _shown(kind: str, value: str) -> str:
    if kind == "number":
        return _amount(value)
    if kind == "date":
        return _day(value)
    return f"“{value}”" if kind == "negation" and value else value


def _amount(value: str) -> str:
    """ "500000000 $" as "$500 million", "30 d" as "30 days"."""
    number, _, unit = value.partition(" ")
    shown = _number(number)
    if unit in _SIGNS:
        return f"-{unit}{shown[1:]}" if shown.startswith("-") else f"{unit}{shown}"
    return f"{shown} {_UNITS.get(unit, unit)}".rstrip()


def _number(number: str) -> str:
    if not re.fullmatch(r"-?\d+", number) or (number.startswith("0") and number != "0"):
        return number
    value = int(number)
    for size, name in _SCALES:
        if abs(value) >= size and value * 100 % size == 0:
            return f"{value / size:.2f}".rstrip("0").rstrip(".") + f" {name}"
    return f"{value:,}" if abs(value) >= 10_000 else number


def _day(value: str) -> str:
    """ "2026-5-4" as "4 May 2026", "w0" as "Monday"."""
    months, weekdays = _english()
    if weekday := _WEEKDAY.fullmatch(value):
        return weekdays[weekday[1]]
    match = _DATE.fullmatch(value)
    if not match or match[2] not in months:
        return value
    return " ".join(part for part in (match[3], months[match[2]], match[1]) if part)


@cache
def _english() -> tuple[dict[str, str], dict[str, str]]:
    months, weekdays = (
        {str(number): name for name, number in names}
        for names in (month_names("en", contexts=("format",)), weekday_names("en", contexts=("format",)))
    )
    return months, weekdays
