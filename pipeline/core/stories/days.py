"""Finds the days and years that the opening of an article mentions: "on Tuesday", "14 December", "2026-01-31"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

EPOCH = date(1970, 1, 1)
HALF = 183  # days; a date without a year is the one nearest to the day of the report

_WORDS = re.compile(r"(?:(\d{4})-)?(\d{1,2})-(\d{1,2})")  # of a date in words: [year-]month-day
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")  # with slashes it may be either way round
_WEEKDAY = re.compile(r"w([0-6])")
#: Weekdays and dates in scripts whose words are single characters, where traits finds none.
_EASTERN = re.compile(
    r"(?:星期|禮拜|礼拜|周|週)([一二三四五六日天])|([月火水木金土日])曜|([월화수목금토일])요일"
    r"|(\d{1,2})[月월] ?(\d{1,2})[日號号일]"
)
_EASTERN_DAYS = {
    char: n for names in ("一二三四五六日", "月火水木金土日", "월화수목금토일") for n, char in enumerate(names)
}
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_BESIDE = {"yesterday": -1, "today": 0, "tomorrow": 1}


def eastern_dates(text: str) -> Iterator[str]:
    """Weekdays and dates of a Chinese, Japanese or Korean text, in the form of the dates of `Traits`."""
    for match in _EASTERN.finditer(text):
        if match[4]:
            yield f"{int(match[4])}-{int(match[5])}"
        else:
            yield f"w{_EASTERN_DAYS.get(match[1] or match[2] or match[3], 6)}"


def days_of(dates: Iterable[str], reported: date) -> list[int]:
    """Days since 1970 for the dates of `Traits`, in their order, without repeats.

    A weekday is the last one up to the day of the report, `reported`.
    """
    found = (_day(one, reported) for one in dates)
    return list(dict.fromkeys((day - EPOCH).days for day in found if day and day >= EPOCH))


def _day(one: str, reported: date) -> date | None:
    if match := _WEEKDAY.fullmatch(one):
        return reported - timedelta((reported.weekday() - int(match[1])) % 7)
    if one in _BESIDE:
        return reported + timedelta(_BESIDE[one])
    if match := _DOTTED.fullmatch(one):
        return _date(int(match[3]), int(match[2]), int(match[1]))
    if match := _ISO.fullmatch(one) or _WORDS.fullmatch(one):
        year, month, day = (int(part) if part else 0 for part in match.groups())
        return _date(year, month, day) if year else _nearest(month, day, reported)
    return None


def _nearest(month: int, day: int, reported: date) -> date | None:
    around = (_date(reported.year + offset, month, day) for offset in (0, -1, 1))
    return next((found for found in around if found and abs((found - reported).days) <= HALF), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def years_of(text: str) -> Iterator[int]:
    """The years from 1900 to 2099 that a text names in digits, in order, without repeats."""
    return (int(year) for year in dict.fromkeys(_YEAR.findall(text)))
