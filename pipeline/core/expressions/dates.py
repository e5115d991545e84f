"""Finds days, months and years in running text. date_phrases.py adds years that are not stated.

The grammar is our own, with CLDR's names of months and the phrases of vocabulary/dates-*.toml, because date libraries
need a string that holds one date and nothing else.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from pipeline.core.expressions.calendar import Calendar
from pipeline.core.expressions.phrases import Phrases, beginning, ending
from pipeline.core.text.languages import words_of_all
from pipeline.core.text.reading import Reading

_SPACES = (" ", "\u00a0", ". ", ", ", "'", "\u2019", "-", ".", "\u00b0 ")
_DAY = re.compile(rf"(\d{{1,2}})(?:{'|'.join(sorted(words_of_all('numbers', 'day_endings')))})?")


class Day(NamedTuple):
    """A date in the words first to last (exclusive); what is not stated is None. `edge`: "start" or "end" if only its
    beginning or end is meant. `grain`: day, month, part (the `months` from `month`: a half, a quarter), year; weekday
    (which week is not stated), week, next month, next year, this year."""

    first: int
    last: int
    year: int | None
    month: int | None = None
    day: int | None = None
    edge: str = ""
    grain: str = "day"
    months: int = 1


def days_in(reading: Reading, first: int, last: int, known: Calendar, published: date | None) -> list[Day]:
    """The dates in the words first to last (exclusive), in order."""
    found, at = list[Day](), first
    while at < last:
        day, at = _day_at(reading, at, last, known, published)
        if day is not None:
            found.append(day)
    return found


def _day_at(
    reading: Reading, at: int, last: int, known: Calendar, published: date | None
) -> tuple[Day | None, int]:  # fmt: skip
    """The date that starts at word `at`, if any, and the word to continue with."""
    words = reading.words
    for edge in ("end", "start", "middle"):
        size = beginning(words, at, last, known.phrases[edge])
        if size:
            start = _past(words, at + size, last, known.phrases["articles"])
            day = _month(reading, start, last, known, published)
            day = day or _named(words, start, last, known, published)
            if day is None and start > at + size:
                day = _named(words, at + size, last, known, published)
            if day is not None:
                return (None if edge == "middle" else day._replace(first=at, edge=edge)), day.last
    day = (
        _part(reading, at, last, known, published)
        or _marked(reading, at, last, known, published)
        or _numeric(reading, at, last)
        or _year_first(reading, at, last, known)
        or _full(reading, at, last, known, published)
        or _month(reading, at, last, known, published)
    )
    day = day or _named(words, at, last, known, published) or _weekday(reading, at, last, known, published)
    if day is None:
        return None, at + 1
    for edge in ("end", "start", "middle"):
        size = beginning(words, day.last, last, known.phrases[f"{edge}_after"])
        if size:
            return (None if edge == "middle" else day._replace(last=day.last + size, edge=edge)), day.last + size
    return (None if day.grain == "this year" else day), day.last


def _past(words: Sequence[str], at: int, last: int, known: Phrases) -> int:
    return at + beginning(words, at, last, known)


def _full(reading: Reading, at: int, last: int, known: Calendar, published: date | None) -> Day | None:
    """A day with its month: "1 de marzo de 2027", "March 1, 2027", "1. März", "1er mars"."""
    words = reading.words
    day = day_number(words[at], known)
    if day:
        middle = _past(words, at + 1, last, known.phrases["of"])
        if middle < last and reading.gap(at + 1) in _SPACES:
            month, end = known.month_at(words, middle, last, beside=True)
            if month and reading.gap(middle) in _SPACES:
                return _with_year(reading, at, end, last, known, published, month, day)
        return None
    month = known.month(words[at], beside=True)
    if known.month_first and month and at + 1 < last and reading.gap(at + 1) in _SPACES:
        start = _past(words, at + 1, last, known.phrases["articles"])
        day = day_number(words[start], known) if start < last else None
        if day:
            return _with_year(reading, at, start + 1, last, known, published, month, day)
    return None


def _year_first(reading: Reading, at: int, last: int, known: Calendar) -> Day | None:
    """A day or month after its year: "2028. május 31"."""
    year = year_at(reading, at, last) if known.month_first else None
    if year is None or at + 1 == last or reading.gap(at + 1) not in _SPACES:
        return None
    day = _full(reading, at + 1, last, known, None) or _month(reading, at + 1, last, known, None)
    return day._replace(first=at, year=year) if day and day.month and day.year is None else None


def day_number(word: str, known: Calendar) -> int | None:
    """The day of a month that the word names: "1", "1er", "first"."""
    matched = _DAY.fullmatch(word)
    day = int(matched[1]) if matched else 1 if word in known.first else 0
    return day if 0 < day < 32 else None


def _month(reading: Reading, at: int, last: int, known: Calendar, published: date | None) -> Day | None:
    """A month or a year: "septiembre de 2027", "2027"."""
    if at >= last:
        return None
    month, end = known.month_at(reading.words, at, last, beside=False)
    if month and not (known.capital and reading.written[at][:1].islower()):
        return _with_year(reading, at, end, last, known, published, month, None)
    year = year_at(reading, at, last)
    return Day(at, at + 1, year, grain="year") if year else None


def _part(reading: Reading, at: int, last: int, known: Calendar, published: date | None) -> Day | None:
    """A half or a quarter of a year: "first half of 2027", "primer semestre". Without a year it is one to come."""
    for size in range(min(known.longest_part, last - at), 0, -1):
        span = known.parts.get(tuple(reading.words[at : at + size]))
        if span is not None:
            one = _with_year(reading, at, at + size, last, known, published, span[0], None)
            return one and one._replace(grain="part", months=span[1])
    return None


def year_at(reading: Reading, at: int, last: int) -> int | None:
    """The year in digits at word `at`; None if it is part of a longer number."""
    word = reading.words[at]
    if not (len(word) == 4 and word.isdecimal() and word[:2] in ("19", "20")):
        return None
    after = reading.gap(at + 1) if at + 1 < last else ""
    season = after in ("-", "\u2013") and reading.words[at + 1].isdecimal()  # "2016-17"
    glued = season or reading.gap(at) in ("/", "-", ".") or after in ("/", ".")
    return None if glued else int(word)


def _with_year(
    reading: Reading, first: int, end: int, last: int, known: Calendar, published: date | None,
    month: int, day: int | None,
) -> Day | None:  # fmt: skip
    """A month, or a day of it, with the following year: "2027", "of next year"."""
    words, year = reading.words, None
    if end < last and reading.gap(end) in ("/", " (") and known.month(words[end], beside=True) == month:
        end += 1  # both of its names: "كانون الأول/ديسمبر"
    start = _past(words, end, last, known.phrases["of"])
    if start < last and reading.gap(start) in (" ", ", ", "\u00a0", ". "):
        year = year_at(reading, start, last)
    if year:
        end = _past(words, start + 1, last, known.phrases["year_after"])
    elif published is not None:
        for place in (end, start):
            size = beginning(words, place, last, known.phrases["next_year"])
            if size:
                year, end = published.year + 1, place + size
                break
    if day and day > calendar.monthrange(year or 2024, month)[1]:
        return None
    return Day(first, end, year, month, day, grain="day" if day else "month")


def _numeric(reading: Reading, at: int, last: int) -> Day | None:
    """A date in digits: 31.12.2027, 31/12/2027, 2027-12-31. Day before month, unless that is impossible."""
    words = reading.words
    if at + 3 > last or not all(word.isdecimal() for word in words[at : at + 3]):
        return None
    mark = reading.gap(at + 1)
    if mark not in (".", "/", "-") or reading.gap(at + 2) != mark:
        return None
    one, two, three = (int(word) for word in words[at : at + 3])
    year, month, day = (one, two, three) if len(words[at]) == 4 else (three, two, one)
    if month > 12 >= day:
        month, day = day, month
    if not (1990 <= year <= 2100 and 0 < month < 13 and 0 < day <= calendar.monthrange(year, month)[1]):
        return None
    return Day(at, at + 3, year, month, day)


def _marked(reading: Reading, at: int, last: int, known: Calendar, published: date | None) -> Day | None:
    """A date whose numbers have marks behind them: "2027年3月1日", "明年3月", "12月4日", "4日" of a recent month."""
    if not known.marks:
        return None
    found: dict[str, int] = {}
    end = at
    size = beginning(reading.words, at, last, known.phrases["next_year"])
    if size and published is not None:
        found["year"], end = published.year + 1, at + size
    for part in ("year", "month", "day"):
        value, after = _number_before(reading, end, last, known, part)
        if value:
            found[part], end = value, after
    year, month, day = (found.get(part) for part in ("year", "month", "day"))
    if end == at or (size and not month):
        return None
    if day and not month:
        if published is None or year:
            return None
        back = published if day <= published.day else published.replace(day=1) - timedelta(days=1)
        year, month = back.year, back.month
    if month and (month > 12 or (day and day > calendar.monthrange(year or 2024, month)[1])):
        return None
    return Day(at, end, year, month, day, grain="day" if day else "month" if month else "year")


def _number_before(reading: Reading, at: int, last: int, known: Calendar, part: str) -> tuple[int, int]:
    """The number at word `at` with the mark of a year, month or day behind it, and the word after that; else 0."""
    words = reading.words
    end = next((n for n in range(at, min(at + 4, last)) if words[n] in known.marks), at)
    if end == at or known.marks[words[end]] != part:
        return 0, at
    if end == at + 1 and words[at].isdecimal():
        value = int(words[at]) if len(words[at]) < 5 else 0
    else:
        value = known.numerals.get("".join(words[at:end]), 0)
    fits = 1990 <= value <= 2100 if part == "year" else 0 < value <= (12 if part == "month" else 31)
    return (value, end + 1) if fits else (0, at)


def _named(words: Sequence[str], at: int, last: int, known: Calendar, published: date | None) -> Day | None:
    """A date relative to publication: "today", "next month"; "the year" counts only after "the end of"."""
    if published is None:
        return None
    for name in ("today", "tomorrow", "next_month", "next_week", "next_year", "this_year", "end_of_year"):
        size = beginning(words, at, last, known.phrases[name])
        if size:
            return _relative(name, published)._replace(first=at, last=at + size)
    return None


def _weekday(reading: Reading, at: int, last: int, known: Calendar, published: date | None) -> Day | None:
    """A weekday after publication: "next Monday", or "Monday" (grain weekday); not the one in "Monday 5 April"."""
    words = reading.words
    number = known.weekday(words[at])
    if number is None or published is None:
        return None
    end = at + 1
    after = _past(words, end, last, known.phrases["articles"])
    if after < last and (_full(reading, after, last, known, published) or _numeric(reading, after, last)):
        return None
    before = ending(words, max(0, at - 3), at, known.phrases["next"])
    coming = beginning(words, after, last, known.phrases["next_after"])
    day = published + timedelta(days=(number - published.weekday() - 1) % 7 + 1)
    grain = "day" if before or coming else "weekday"
    return Day(at - before, after + coming if coming else end, day.year, day.month, day.day, grain=grain)


def _relative(name: str, published: date) -> Day:
    """The date that a phrase of the calendar means."""
    if name in ("today", "tomorrow"):
        one = published + timedelta(days=name == "tomorrow")
        return Day(0, 0, one.year, one.month, one.day)
    if name == "next_week":
        one = published + timedelta(days=7 - published.weekday())
        return Day(0, 0, one.year, one.month, one.day, grain="week")
    if name == "next_month":
        one = months_later(published.replace(day=1), 1)
        return Day(0, 0, one.year, one.month, grain="next month")
    if name == "end_of_year":
        return Day(0, 0, published.year, 12, 31)
    return Day(0, 0, published.year + (name == "next_year"), grain="next year" if name == "next_year" else "this year")


def months_later(start: date, months: int) -> date:
    """The same day of a later month; the last day of a month that is too short."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))
