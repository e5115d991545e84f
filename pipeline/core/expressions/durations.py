"""Finds durations in a text: "six months", "90 días"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from pipeline.core.expressions.calendar import Calendar, calendar_of
from pipeline.core.expressions.dates import months_later
from pipeline.core.expressions.numbers import Number, numbers
from pipeline.core.expressions.phrases import beginning, ending
from pipeline.core.text.reading import Reading

_MOST = {"day": 1000, "week": 200, "month": 240, "year": 50}


class Duration(NamedTuple):
    """A duration in months and days."""

    months: int
    days: int
    first: int
    last: int

    def end(self, start: date) -> date:
        """The last day if it starts on `start`: six months from 1 March end on 31 August."""
        return months_later(start, self.months) + timedelta(days=self.days - 1)


def durations(reading: Reading, first: int, last: int, language: str | None) -> list[Duration]:
    """The durations in the words first to last (exclusive) of one sentence, except "six months ago" and "every
    year"."""
    known = calendar_of(language)
    words, found = reading.words, list[Duration]()
    every = {number.first: number for number in numbers(reading, first, last, language) if not number.ordinal}
    at = first
    while at < last:
        one = _duration_at(words, at, last, known, every)
        if one is not None and not (
            ending(words, first, one.first, known.phrases["not_before"])
            or beginning(words, one.last, last, known.phrases["not_after"])
        ):
            found.append(one)
        at = one.last if one else at + 1
    return found


def _duration_at(
    words: Sequence[str], at: int, last: int, known: Calendar, every: Mapping[int, Number]
) -> Duration | None:  # fmt: skip
    for size in range(min(4, last - at), 0, -1):
        span = known.spans.get(tuple(words[at : at + size]))
        if span is not None:
            return Duration(*span, at, at + size)
    number = every.get(at)
    times, end = (number.value, number.last) if number else (1, at + 1)
    if number is None and words[at] not in known.one:
        return None
    for size in (2, 1):
        unit = known.units.get(tuple(words[end : end + size])) if end + size <= last else None
        if unit is not None and times <= _MOST.get(unit, 0):
            return Duration(*_sized(unit, times), at, end + size)
    return None


def _sized(unit: str, times: int) -> tuple[int, int]:
    """Months and days of `times` units."""
    return {"day": (0, times), "week": (0, 7 * times), "month": (times, 0), "year": (12 * times, 0)}[unit]
