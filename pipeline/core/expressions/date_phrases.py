"""Finds phrases on dates in a text: "from 3 May", "until June". Durations are in durations.py.

A missing year is chosen so that the date is nearest to the months after publication. What has no day in the calendar
("until spring", "mid-May") is left out.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from pipeline.core.expressions.calendar import Calendar, calendar_of
from pipeline.core.expressions.dates import Day, day_number, days_in, year_at
from pipeline.core.expressions.phrases import beginning, ending, ends_with
from pipeline.core.text.reading import Reading

_SOON = timedelta(days=120)
_AHEAD = timedelta(days=150)  # a date without a year is expected about this long after publication
_BACK, _LEFT = timedelta(days=180), timedelta(days=90)  # of a range that is rather meant for the next year
_WITHIN = ("whole", "on")  # kinds of a year that the other dates of its sentence belong to
_DASHES = ("-", "\u2013", "\u2014", "\u2011", " - ", " \u2013 ", " \u2014 ")


class DatePhrase(NamedTuple):
    """A phrase on dates. `kind`: range (start and end), from (start), weak (perhaps a start), until (end), on (start
    and end of the day, month or year), whole (all of a month or year), date (a date without a word for its kind).
    `start_at`, `end_at`: the words of each; `first` to `last`: all words of the phrase."""

    kind: str
    start: date | None
    end: date | None
    start_at: tuple[int, int] | None
    end_at: tuple[int, int] | None
    first: int
    last: int
    grain: str = "day"


def date_phrases(
    reading: Reading, first: int, last: int, language: str | None, published: date | None
) -> list[DatePhrase]:
    """The phrases on dates in the words first to last (exclusive) of one sentence, in order."""
    known = calendar_of(language)
    days, found, n = days_in(reading, first, last, known, published), list[DatePhrase](), 0
    days = _of_stated_year(reading, first, last, days, known, published)
    while n < len(days):
        one = days[n]
        other = days[n + 1] if n + 1 < len(days) else None
        pair = _short_range(reading, first, last, one, known)
        if pair is None and other is not None and _linked(reading, first, last, one, other, known):
            pair, n = (one, other), n + 1
        phrase = _range(*pair, published) if pair else _single(reading, first, last, one, known, published)
        if phrase is not None:
            found.append(phrase)
        n += 1
    return found


def _of_stated_year(
    reading: Reading, first: int, last: int, days: list[Day], known: Calendar, published: date | None
) -> list[Day]:
    """The dates with the year that the sentence states for them: "during 2028, from 1 January to 31 December"."""
    years = {
        one.year for one in days if one.grain == "year" and _kind(reading.words, first, last, one, known)[0] in _WITHIN
    }
    year = years.pop() if len(years) == 1 else None
    if year is None or published is None or year < published.year:
        return days
    return [one._replace(year=year) if one.year is None and _exists(one, year) else one for one in days]


def _short_range(reading: Reading, first: int, last: int, one: Day, known: Calendar) -> tuple[Day, Day] | None:
    """A range whose month is stated once: "15–17 lutego", "del 1 al 28 de agosto", "June 21 to 23"."""
    words = reading.words
    if one.day is None or one.edge:
        return None
    if day_number(words[one.first], known) and one.first > first:
        size = _link_before(reading, first, one.first, known)
        at = one.first - 1 - (size or 0)
        day = day_number(words[at], known) if size is not None and at >= first else None
        if day and day <= one.day:
            return one._replace(first=at, last=at + 1, day=day), one
    return _days_after(reading, last, one, known)


def _link_before(reading: Reading, first: int, at: int, known: Calendar) -> int | None:
    """The number of words that join two days to a range, 0 for a dash; None if it is no range."""
    if reading.gap(at) in _DASHES and reading.words[at - 1].isdecimal():
        return 0
    words = reading.words
    size = ending(words, first, at, known.phrases["links"])
    if size:
        return size
    for lead, middle in known.between:
        start = at - len(middle) - 1
        if ends_with(words, first, at, middle) and ends_with(words, first, start, lead):
            return len(middle)
    return None


def _days_after(reading: Reading, last: int, one: Day, known: Calendar) -> tuple[Day, Day] | None:
    """A range whose second day follows its month and first day: "June 21 to 23"."""
    words = reading.words
    if not known.month_first or words[one.last - 1] == str(one.year) or one.last >= last or not one.day:
        return None
    size = 0 if reading.gap(one.last) in _DASHES else beginning(words, one.last, last, known.phrases["links"])
    if not size and reading.gap(one.last) not in _DASHES:
        size = _and_after(words, one, last, known)
        if not size:
            return None
    at = one.last + size
    day = day_number(words[at], known) if at < last else None
    if not day or day < one.day or (at + 1 < last and known.month(words[at + 1], beside=True)):
        return None
    year = year_at(reading, at + 1, last) if at + 1 < last else None
    return one._replace(year=year), one._replace(first=at, last=at + 2 if year else at + 1, day=day, year=year)


def _and_after(words: Sequence[str], one: Day, last: int, known: Calendar) -> int:
    """Length of the "and" of "between May 3 and", or 0."""
    for lead, middle in known.between:
        end = one.last + len(middle)
        if end <= last and tuple(words[one.last : end]) == middle and ends_with(words, 0, one.first, lead):
            return len(middle)
    return 0


def _linked(reading: Reading, first: int, last: int, one: Day, other: Day, known: Calendar) -> bool:
    """Whether two dates are the ends of a range."""
    words, link = reading.words, tuple(reading.words[one.last : other.first])
    if one.grain == "weekday" and other.grain != "weekday":
        return False  # "prolonged on Thursday until 15 November"
    if not link:
        after = beginning(words, other.last, last, known.phrases["until_after"])  # "temmuzdan kasıma kadar"
        return reading.gap(other.first) in _DASHES or bool(after)
    if len(link) > 5 or any(mark in reading.gap(at)[0:1] for at in range(one.last, other.first) for mark in ",;:("):
        return False
    if link in known.phrases["links"] or link in known.phrases["until"]:
        return True
    size = beginning(words, one.last, other.first, known.phrases["links"]) or beginning(
        words, one.last, other.first, known.phrases["until"]
    )
    if size and tuple(words[one.last + size : other.first]) in known.phrases["articles"]:
        return True
    return any(
        link[: len(middle)] == middle
        and (len(link) == len(middle) or link[len(middle) :] in known.phrases["articles"])
        and ends_with(words, first, _before_articles(words, first, one.first, lead, known), lead)
        for lead, middle in known.between
    )


def _before_articles(words: Sequence[str], first: int, at: int, lead: tuple[str, ...], known: Calendar) -> int:
    if ends_with(words, first, at, lead):
        return at
    return at - ending(words, first, at, known.phrases["articles"])


def _range(one: Day, other: Day, published: date | None) -> DatePhrase | None:
    """A range with its years. The end is resolved first, because that of a future event is after publication."""
    if one.year is not None and other.year is None:
        end = _resolved(other, published, after=_begin(one))
        start: Day | None = one
    else:
        end = _resolved(other, published, after=published)
        start = _resolved(one, published, before=_finish(end)) if end else None
        if start and end and one.year is None and other.year is None and _of_next_year(start, end, published):
            start, end = start._replace(year=_begin(start).year + 1), end._replace(year=_begin(end).year + 1)
    if start is None or end is None or _begin(start) > _finish(end):
        return None
    grain = "day" if one.grain == other.grain == "day" else "month"
    places = (one.first, one.last), (other.first, other.last)
    return DatePhrase("range", _begin(start), _finish(end), *places, one.first, other.last, grain)


def _of_next_year(start: Day, end: Day, published: date | None) -> bool:
    """Whether a range without a year is mostly over and so means the next: "1 January to 31 December" in November."""
    if published is None or any(one.day == 29 and one.month == 2 for one in (start, end)):
        return False
    return _begin(start) < published - _BACK and _finish(end) < published + _LEFT


def _single(
    reading: Reading, first: int, last: int, one: Day, known: Calendar, published: date | None
) -> DatePhrase | None:  # fmt: skip
    kind, start, end = _kind(reading.words, first, last, one, known)
    if kind == "until" and one.edge == "start":
        return None  # "until early June"
    day, at = _resolved(one, published), (one.first, one.last)
    if day is None:
        return None
    begin, finish = (_begin(day), at), (_finish(day), at)
    if one.grain == "part" and kind in ("on", "date"):
        kind = "whole"
    if kind == "whole" and one.grain not in ("month", "year", "part"):
        kind = "on"
    soon = published is not None and published < begin[0] < published + _SOON
    if kind == "date" and soon and _weak(reading.words, first, one, known):
        kind = "weak"
    since, since_at = begin if kind != "until" else _OPEN
    till, till_at = finish if kind not in ("from", "weak") else _OPEN
    return DatePhrase(kind, since, till, since_at, till_at, start, end, one.grain)


_OPEN = (None, None)  # a start or end that the phrase does not give


def _weak(words: Sequence[str], first: int, one: Day, known: Calendar) -> bool:
    """Whether the date may be a start: "of 1 March"."""
    at = one.first - ending(words, first, one.first, known.phrases["articles"])
    return any(ending(words, first, place, known.phrases["from_weak"]) for place in (one.first, at))


def _kind(words: Sequence[str], first: int, last: int, one: Day, known: Calendar) -> tuple[str, int, int]:
    """The kind of a date, by the words next to it, and the first and last (exclusive) word of the phrase."""
    for kind in ("until", "from", "whole", "on"):  # the words after it count more if the language puts them there
        behind = known.phrases[f"{kind}_after"]
        size = beginning(words, one.last, last, behind)
        if size or (one.edge and ending(words, one.first, one.last, behind)):  # "végéig" is "until the end of"
            return kind, one.first, one.last + size
    for lead, after in known.around:
        if tuple(words[one.last : one.last + len(after)]) == after and ends_with(words, first, one.first, lead):
            return "from", one.first - len(lead), one.last + len(after)
    at = one.first
    for _ in range(4):
        sizes = {kind: ending(words, first, at, known.phrases[kind]) for kind in ("until", "from", "whole", "on")}
        kind = max(sizes, key=lambda kind: sizes[kind])
        if sizes[kind]:
            return kind, at - sizes[kind], one.last
        size = ending(words, first, at, known.phrases["articles"])
        if not size and at > first and known.weekday(words[at - 1]) is not None:
            size = 1
        if not size:
            break
        at -= size
    return "date", one.first, one.last


# ---- resolving ----


def _resolved(
    one: Day, published: date | None, *, before: date | None = None, after: date | None = None
) -> Day | None:  # fmt: skip
    """`one` with a year: its own, or the last one before `before`, or the first one after `after`; otherwise the one
    that is nearest to the months after publication."""
    if one.year is not None:
        return one
    near = before or after or published
    if near is None:
        return None
    every = [one._replace(year=near.year + n) for n in (-1, 0, 1) if _exists(one, near.year + n)]
    if before is not None:
        return max((each for each in every if _begin(each) <= before), key=_begin, default=None)
    if after is not None:
        return min((each for each in every if _finish(each) >= after), key=_begin, default=None)
    return min(every, key=lambda each: abs(_begin(each) - near - _AHEAD), default=None)


def _exists(one: Day, year: int) -> bool:
    return one.day is None or one.day <= calendar.monthrange(year, one.month or 1)[1]


def _begin(one: Day) -> date:
    """The first day of a date with a known year; of "the end of May", the last day."""
    assert one.year is not None
    return _last_day(one) if one.edge == "end" else date(one.year, one.month or 1, one.day or 1)


def _finish(one: Day) -> date:
    return _begin(one) if one.edge == "start" else _last_day(one)


def _last_day(one: Day) -> date:
    assert one.year is not None
    month = one.month + one.months - 1 if one.month else 12
    day = date(one.year, month, one.day or calendar.monthrange(one.year, month)[1])
    return day + timedelta(days=6) if one.grain == "week" else day
