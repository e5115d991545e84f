"""Parses dates as written in feeds and pages to aware UTC datetimes.

A wrong date is worse than none: an ambiguous date is read only with a hint (language or country of the outlet), and
gives None otherwise. Names of months and weekdays are in date_names.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from pipeline.core.text.date_names import english_months, find_month, fold, month_first
from pipeline.core.text.languages import base_code, vocabulary
from pipeline.core.text.time_zones import Assumed, assume_zone, offset_in, zone_offset

EARLIEST = 1990  # year of the first web page; an earlier date is a default value or of another calendar
LONGEST = 100  # characters; the longest real one, a JavaScript Date.toString() with its full zone name, has 70

AHEAD = timedelta(days=366)  # a date further in the future is not one of publication

Precision = Literal["second", "minute", "day"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A parsed date, in UTC. `given`: the string had a zone. If it had a time without one, `assumed` is the zone that
    was taken. `offset`: of local time, east of Greenwich; zero for a day."""

    value: datetime
    precision: Precision
    given: bool
    assumed: Assumed | None = None
    offset: timedelta = timedelta()

    @property
    def day(self) -> date:
        """The day on the outlet's calendar."""
        return (self.value + self.offset).date()


_ZONE = r"(?P<zone>(?![AaPp][Mm]\b)[A-Za-z]{1,5}(?:[+-]\d{1,2}(?::?\d{2})?)?|[+-]\d{1,2}(?::?\d{2})?)"
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,]\d{1,9})?)?"

# RFC 3339, ISO 8601, W3CDTF, and common errors (a space for T, one digit, a space before the zone).
_ISO = re.compile(
    rf"(?P<year>\d{{4}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}})(?:(?:[Tt]|\s+){_CLOCK}\s*(?:{_ZONE})?)?", re.ASCII
)
# RFC 822, 850, 2822: the weekday is not checked (feeds translate it or get it wrong).
_RFC = re.compile(
    rf"(?:[^\W\d_]+\.?,?\s*)?(?P<day>\d{{1,2}})[ -]+(?P<name>[A-Za-z]{{3,9}})\.?,?[ -]+(?P<year>\d{{4}}|\d{{2}}),?"
    rf"(?:\s+{_CLOCK}\s*(?:{_ZONE})?)?(?:\s*\([^()]*\))?",
)
# asctime and Unix `date`, with or without a zone before the year.
_ASCTIME = re.compile(
    rf"[A-Za-z]{{3,9}},?\s+(?P<name>[A-Za-z]{{3,9}})\s+(?P<day>\d{{1,2}})\s+{_CLOCK}\s+(?:{_ZONE}\s+)?(?P<year>\d{{4}})"
)
# JavaScript's Date.toString().
_SCRIPT = re.compile(
    rf"[A-Za-z]{{3}}\s+(?P<name>[A-Za-z]{{3}})\s+(?P<day>\d{{1,2}})\s+(?P<year>\d{{4}})\s+{_CLOCK}\s*(?:{_ZONE})?"
    r"(?:\s*\([^()]*\))?"
)
_COMPACT = re.compile(
    r"(?P<year>\d{4})-?(?P<month>\d{2})-?(?P<day>\d{2})"
    rf"(?:[Tt]?(?P<hour>\d{{2}}):?(?P<minute>\d{{2}}):?(?P<second>\d{{2}})?(?:[.,]\d{{1,9}})?\s*(?:{_ZONE})?)?"
)
_EPOCH = re.compile(r"(\d{9,10})(?:\.\d{1,9})?|(\d{12,13})")
_FAST = (_ISO, _RFC, _ASCTIME, _SCRIPT, _COMPACT)


def parse_date(
    raw: str | None, *, seen: datetime, language: str | None = None, country: str | None = None,
    zone: Assumed | None = None,
) -> datetime | None:  # fmt: skip
    """The time in `raw`, in UTC and never after `seen`; None if it is unreadable, ambiguous or implausible.

    A date after `seen` becomes `seen` (a fast clock, local time marked as UTC, an embargo); more than a year ahead is
    not a publication date and gives None. The caller keeps `raw`.
    """
    moment = read_date(raw, language=language, country=country, zone=zone)
    if moment is None or moment.value - seen > AHEAD:
        return None
    return min(moment.value, seen)


def read_date(
    raw: str | None, *, language: str | None = None, country: str | None = None, zone: Assumed | None = None
) -> Moment | None:
    """Like parse_date, without comparing to a clock. `language`: ISO 639-1 or a tag like pt-BR; `country`: ISO
    3166-1; `zone`: of a time without one, that of `country` if not given."""
    if not raw or len(raw) > 4 * LONGEST:
        return None
    text = raw.strip()
    if not text or len(text) > LONGEST:
        return None
    language = base_code(language)
    country = country.upper() if country else None
    try:
        found = _fast(text, country) or _loose(text, language, country)
        return _in_zone(found, zone or assume_zone(country)) if found else None
    except (ValueError, OverflowError):
        return None


def _in_zone(moment: Moment, zone: Assumed) -> Moment:
    """`moment` in UTC; a time without a zone is one in `zone`. A day is not shifted, or it could become another."""
    if moment.given or moment.precision == "day":
        return moment
    offset = offset_in(zone.name, moment.value.replace(tzinfo=None))
    return replace(moment, value=moment.value - offset, assumed=zone, offset=offset)


def _fast(text: str, country: str | None) -> Moment | None:
    """A date in one of the standard formats."""
    epoch = _EPOCH.fullmatch(text)
    if epoch:
        return _epoch(int(epoch[1]) if epoch[1] else int(epoch[2]) / 1000)
    for pattern in _FAST:
        match = pattern.fullmatch(text)
        if match:
            part = match.groupdict()
            month = int(part["month"]) if "month" in part else english_months().get(fold(part["name"]), 0)
            if not month:
                return None  # the form of RFC 822, but `14 juillet 2026`: left to the loose parser
            return _moment(
                _full_year(part["year"]), month, int(part["day"]), part["hour"], part["minute"], part["second"],
                part["zone"], country,
            )  # fmt: skip
    return None


def _epoch(seconds: float) -> Moment | None:
    value = datetime.fromtimestamp(seconds, UTC)
    return Moment(value, "second", True) if value.year >= EARLIEST else None


def _full_year(digits: str) -> int:
    """RFC 2822 4.3: 00 to 49 is this century."""
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (2000 if year < 50 else 1900)


def _moment(
    year: int, month: int, day: int,
    hour: str | None, minute: str | None, second: str | None, zone: str | None, country: str | None,
) -> Moment | None:  # fmt: skip
    if year < EARLIEST:
        return None
    hours, extra = int(hour or 0), 0
    if hours == 24 and not int(minute or 0) and not int(second or 0):
        hours, extra = 0, 1  # ISO 8601: the end of the day
    local = datetime(year, month, day, hours, int(minute or 0), min(int(second or 0), 59))  # noqa: DTZ001 (60: leap second)
    local += timedelta(days=extra)
    offset = zone_offset(zone, country) if zone else None
    shift = offset or timedelta()
    precision: Precision = "day" if hour is None else "minute" if second is None else "second"
    return Moment((local - shift).replace(tzinfo=UTC), precision, offset is not None, offset=shift)


# ---- everything else: numbers, names and marks in any order ----

_MARKS = dict.fromkeys(map(ord, "\u200e\u200f\u061c\u202a\u202b\u202c\u2066\u2067\u2068\u2069\ufeff\u200b"))
_LOOSE_TIME = re.compile(
    r"(?<!\d)(?P<hour>\d{1,2})\s?(?::|[hH時时시点點])\s?(?P<minute>\d{2})(?!\d)\s?[分분]?"
    r"(?:\s?:?\s?(?P<second>\d{2})(?!\d)\s?[秒초]?(?:[.,]\d{1,9})?)?"
)
_DOTTED_TIME = re.compile(r"(?<![\d.])(?P<hour>[01]?\d|2[0-3])\.(?P<minute>[0-5]\d)(?![\d.])(?P<second>)")
_BARE_HOUR = re.compile(r"(?<!\d)(?P<hour>1[0-2]|0?[1-9])(?=\s?[ap]\.?\s?m\b)(?P<minute>)(?P<second>)", re.IGNORECASE)
_LOOSE_ZONE = re.compile(
    r"\b(?:GMT|UTC|UT)\s?(?P<named>[+\-\u2212]\s?\d{1,2}(?::?\d{2})?)|(?<=[\s\d])(?P<bare>[+\-]\d{2}:?\d{2})(?!\d)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_][^\W\d_\u0300-\u036f]*(?:[\u0300-\u036f\u0900-\u0e7f]+[^\W\d_]*)*")
_ERA = re.compile(r"(令和|平成)\s?(\d{1,2}|元)\s?年")
_YEAR_FIRST = re.compile(
    r"(?<!\d)(?P<year>\d{4})\s?[年년/.\-]\s?(?P<month>\d{1,2})\s?[月월/.\-]\s?(?P<day>\d{1,2})(?!\d)\s?[日일号號.]?"
)
_YEAR_LAST = re.compile(r"(?<!\d)(?P<one>\d{1,2})(?P<sep>[./\-])\s?(?P<two>\d{1,2})(?P=sep)\s?(?P<year>\d{4})(?!\d)")
_VIETNAMESE = re.compile(r"(?P<one>\d{1,2})\s(?:tháng|thang)\s(?P<two>\d{1,2}),?\s(?:năm\s|nam\s)?(?P<year>\d{4})")
_DAY_AND_YEAR = re.compile(r"(?<!\d)(\d{4}|\d{1,2})(?!\d)")
_NOON: Mapping[str, int] = vocabulary("date-strings")["noon"]
_DOTTED_NOON = re.compile(r"\b([apμπ])\.\s?[mμ]\.?(?!\w)", re.IGNORECASE)


def _loose(raw: str, language: str | None, country: str | None) -> Moment | None:
    """A date in any other format, taken apart: zone, time, day."""
    text = _plain(raw)
    zone, text = _take_zone(text)
    clock, text = _take_clock(text)
    day, text = _take_day(text, language, country)
    if day is None:
        return None
    year, month, number = day
    if year > 2400 and (language == "th" or country == "TH"):
        year -= 543  # Buddhist era
    hour, minute, second = clock
    if hour is not None:
        shifted = _noon(int(hour), text)
        if shifted is None:
            return None
        hour = str(shifted)
        zone = zone or _zone_word(text, country)
    return _moment(year, month, number, hour, minute or None, second or None, zone, country)


def _plain(raw: str) -> str:
    """Normalise full-width forms, digits of other scripts and direction marks."""
    text = unicodedata.normalize("NFKC", raw).translate(_MARKS)
    if not text.isascii():
        text = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in text)
        text = _ERA.sub(_western, text)
    return _DOTTED_NOON.sub(lambda m: f"{m[1]}{'μ' if m[1].lower() in 'μπ' else 'm'}", " ".join(text.split()))


def _western(match: re.Match[str]) -> str:
    start = 2018 if match[1] == "令和" else 1988
    return f"{start + (1 if match[2] == '元' else int(match[2]))}年"


def _take_zone(text: str) -> tuple[str | None, str]:
    match = _LOOSE_ZONE.search(text)
    if not match or (match["bare"] and not _LOOSE_TIME.search(text[: match.start() + 1])):
        return None, text
    zone = (match["named"] or match["bare"]).replace("\u2212", "-").replace(" ", "")
    return zone, f"{text[: match.start()]} {text[match.end() :]}"


def _take_clock(text: str) -> tuple[tuple[str | None, str | None, str | None], str]:
    match = _LOOSE_TIME.search(text) or _BARE_HOUR.search(text)
    if not match and re.search(r"\d{4}", text):
        match = _DOTTED_TIME.search(text)
    if not match:
        return (None, None, None), text
    return (match["hour"], match["minute"], match["second"]), f"{text[: match.start()]} {text[match.end() :]}"


def _take_day(text: str, language: str | None, country: str | None) -> tuple[tuple[int, int, int] | None, str]:
    """(year, month, day) and the text without it; no other number may be left over."""
    for pattern in (_YEAR_FIRST, _VIETNAMESE, _YEAR_LAST):
        match = pattern.search(text)
        if match:
            rest = f"{text[: match.start()]} {text[match.end() :]}"
            return (None if re.search(r"\d", rest) else _numeric(match, language, country)), rest
    return _named(text, language), text


def _numeric(match: re.Match[str], language: str | None, country: str | None) -> tuple[int, int, int] | None:
    part = match.groupdict()
    if "month" in part:
        return int(part["year"]), int(part["month"]), int(part["day"])
    year, one, two = int(part["year"]), int(part["one"]), int(part["two"])
    if part.get("sep", ".") == "." or one > 12 or one == two:
        return year, two, one  # with dots it is always day.month.year
    if two > 12:
        return year, one, two
    first = month_first(language, country)
    if first is None:
        return None
    return (year, one, two) if first else (year, two, one)


def _named(text: str, language: str | None) -> tuple[int, int, int] | None:
    month = find_month(_WORD.findall(text), language)
    numbers = _DAY_AND_YEAR.findall(text)
    if month is None or len(numbers) != 2 or len(re.findall(r"\d+", text)) != 2:
        return None
    years = [n for n in numbers if len(n) == 4]
    days = [n for n in numbers if len(n) < 3]
    return (int(years[0]), month, int(days[0])) if len(years) == 1 else None


def _noon(hour: int, text: str) -> int | None:
    """The hour on a 24-hour clock; None for a contradiction such as 15:00 am."""
    marks = {_NOON[word] for word in re.findall(r"[^\W\d_]+", text.lower()) if word in _NOON}
    if len(marks) != 1:
        return hour if not marks else None
    half = marks.pop()
    if hour > 12:
        return hour if half else None
    return hour % 12 + half


def _zone_word(text: str, country: str | None) -> str | None:
    """A zone's name among the words: only in capitals, so that French `est` is not one."""
    return next((w for w in re.findall(r"\b[A-Z]{1,5}\b", text) if zone_offset(w, country) is not None), None)
