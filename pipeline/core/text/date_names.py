"""Looks up names in dates: months in every language (CLDR through babel), time zones, the order of day and month.

Tables are built on demand: for English first, for a hinted language, and for all only if a name is unknown to both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from babel.core import get_global

from pipeline.core.text.languages import locale_of, month_names, vocabulary, weekday_names

#: Locales tried for a name that the hinted language does not know; several for one language where names differ.
_LOCALES = (
    "en", "es", "pt", "fr", "it", "de", "ru", "uk", "pl", "ro", "tr", "id", "nl", "sv", "nb", "da", "fi", "cs", "sk",
    "hu", "el", "bg", "sr", "sr_Latn", "hr", "bs", "sl", "mk", "sq", "lt", "lv", "et", "be", "ca", "gl", "eu", "is",
    "ga", "cy", "ar", "ar_LB", "ar_DZ", "ar_MA", "he", "fa", "ur", "hi", "bn", "ta", "te", "mr", "gu", "pa", "ne", "si",
    "th", "vi", "ms", "fil", "sw", "ha", "so", "am", "hy", "ka", "az", "kk", "uz", "mn", "my", "km", "lo", "af", "ht",
)  # fmt: skip


def fold(word: str) -> str:
    """The word without case, full stops and accents. Vowel signs of Indic scripts stay: without them months collide."""
    decomposed = unicodedata.normalize("NFD", word.casefold())
    return "".join(c for c in decomposed if not (unicodedata.combining(c) and c < "\u0900")).strip(". ")


@cache
def english_months() -> dict[str, int]:
    """Folded English month name -> number."""
    return _names("en")[0]


@cache
def _names(locale: str) -> tuple[dict[str, int], frozenset[str]]:
    """Folded month name -> number, and the folded weekday names."""
    months: dict[str, int] = {}
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for name, number in month_names(locale, width, (context,)):
                if not any(c.isdigit() for c in name):
                    months.setdefault(fold(name), number)
    for name, number in vocabulary("date-strings")["months"].get(locale, {}).items():
        months[fold(name)] = number
    days = (name for width in ("wide", "abbreviated", "short") for name, _ in weekday_names(locale, width))
    return months, frozenset(fold(name) for name in days)


@cache
def _beside() -> frozenset[str]:
    """English words beside a month that do not show another language."""
    return frozenset(vocabulary("date-strings")["beside"]["en"].split())


Names = tuple[dict[str, int], frozenset[str]]  # months by folded name, and folded names of weekdays
_loaded: list[Names] = []


def names_anywhere() -> Names:
    """Months whose name means the same in every language (`listopad` is October and November), and weekdays.

    Built once in a process, from the data of all languages, unless `use_names_anywhere` was called before.
    """
    if not _loaded:
        _loaded.append(_build_names_anywhere())
    return _loaded[0]


def use_names_anywhere(names: Names) -> None:
    """Make `names_anywhere` return these names, which were built in another process."""
    _loaded[:] = [names]


def _build_names_anywhere() -> Names:
    found: dict[str, set[int]] = {}
    weekdays: frozenset[str] = frozenset()
    for locale in _LOCALES:
        months, days = _names(locale)
        weekdays |= days
        for name, number in months.items():
            found.setdefault(name, set()).add(number)
    return {name: min(numbers) for name, numbers in found.items() if len(numbers) == 1 and len(name) > 2}, weekdays


def find_month(words: Sequence[str], language: str | None) -> int | None:
    """The month named among `words`; None if there is none, or more than one.

    The hinted language decides, then English if all words are English, then all languages together.
    """
    folded = [fold(word) for word in words]
    if language and language != "en":
        months, days = _names(language)
        found = _exact(folded, months, days) or _prefixed(folded, months, days)
        if found and not any(word in days and word in months for word in folded):
            return found.pop() if len(found) == 1 else None
    months, days = _names("en")
    if all(word in months or word in days or word in _beside() or len(word) < 2 for word in folded):
        found = _exact(folded, months, days)
    else:
        found = _exact(folded, *names_anywhere())
    return found.pop() if len(found) == 1 else None


def _exact(words: list[str], months: dict[str, int], days: frozenset[str]) -> set[int]:
    """Months by their whole names."""
    pairs = [f"{one} {two}" for one, two in pairwise(words)]  # كانون الثاني
    named = [w for w in (*pairs, *words, *(w[1:] for w in words if w[:1] == "ב")) if w in months]
    certain = [w for w in named if w not in days]  # French `mar.` is a Tuesday next to another month
    return {months[w] for w in certain or named}


def _prefixed(words: list[str], months: dict[str, int], days: frozenset[str]) -> set[int]:
    """Months by unique prefixes of at least three letters: `сен` for сентября."""
    found: set[int] = set()
    for word in words:
        if len(word) > 2 and word not in days:
            numbers = {number for name, number in months.items() if name.startswith(word)}
            if len(numbers) == 1:
                found |= numbers
    return found


@cache
def month_first(language: str | None, country: str | None) -> bool | None:
    """Whether 03/04 is in March, by CLDR's short date pattern; None if unknown."""
    if not country and language in (None, "en"):
        return None
    for tag in filter(None, (f"{language}_{country}" if language and country else None,
                             f"und_{country}" if country else None, language)):  # fmt: skip
        locale = locale_of(tag)
        if locale is None:
            continue
        pattern = str(locale.date_formats["short"].pattern)
        order = re.sub(r"[^dMy]", "", pattern)
        if order.startswith("y"):
            return None
        return order.startswith("M")
    return None


# ---- zones ----

#: Minutes east of Greenwich. Of several meanings of a name, this table has the one most used in news feeds, and
#: _NATIONAL the others, for outlets of those countries.
_ZONES = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "MEZ": 60, "MET": 60, "WAT": 60,
    "CEST": 120, "MESZ": 120, "MEST": 120, "EET": 120, "SAST": 120, "CAT": 120, "EEST": 180, "MSK": 180, "EAT": 180,
    "TRT": 180, "IDT": 180, "MSD": 240, "GST": 240, "IRST": 210, "IRDT": 270, "AFT": 270, "PKT": 300, "UZT": 300,
    "IST": 330, "NPT": 345, "BDT": 360, "WIB": 420, "ICT": 420, "WITA": 480, "HKT": 480, "SGT": 480, "MYT": 480,
    "PHT": 480, "AWST": 480, "WIT": 540, "JST": 540, "KST": 540, "ACST": 570, "ACDT": 630, "AEST": 600, "AEDT": 660,
    "NZST": 720, "NZDT": 780, "ART": -180, "BRT": -180, "BRST": -120, "UYT": -180, "CLST": -180, "CLT": -240,
    "BOT": -240, "VET": -240, "COT": -300, "PET": -300, "NST": -210, "NDT": -150, "AST": -240, "ADT": -180,
    "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
    "AKST": -540, "AKDT": -480, "HST": -600,
}  # fmt: skip
_NATIONAL = {
    ("IST", "IL"): 120, ("IST", "PS"): 120, ("IST", "IE"): 60, ("BST", "BD"): 360, ("CST", "CN"): 480,
    ("CST", "TW"): 480, ("CST", "HK"): 480, ("CST", "MO"): 480, ("CST", "CU"): -300, ("CDT", "CU"): -240,
    ("PST", "PH"): 480, ("PST", "PK"): 300, ("MST", "MY"): 480, ("MST", "MM"): 390, ("WST", "AU"): 480,
    ("EST", "AU"): 600, ("EDT", "AU"): 660, ("AMT", "AM"): 240, ("AMT", "BR"): -240, ("ECT", "EC"): -300,
    **{("AST", country): 180 for country in ("SA", "QA", "KW", "BH", "IQ", "YE")},
    **{("GST", country): 240 for country in ("AE", "OM")},
}  # fmt: skip
_NUMBER = re.compile(r"(?:[A-Za-z]{2,5})?([+-])(\d{1,2}):?(\d{2})?")

#: CLDR's primary zones: where the outlets of a country with several zones are.
_PRIMARY = {
    "CL": "America/Santiago", "CN": "Asia/Shanghai", "CY": "Asia/Nicosia", "DE": "Europe/Berlin",
    "EC": "America/Guayaquil", "ES": "Europe/Madrid", "MY": "Asia/Kuala_Lumpur", "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon", "PS": "Asia/Gaza", "UA": "Europe/Kyiv", "UZ": "Asia/Tashkent",
}  # fmt: skip


def zone_offset(zone: str, country: str | None) -> timedelta | None:
    """Offset east of Greenwich of a zone named in a date; None for an unknown name (RFC 2822 4.3: treat as absent)."""
    number = _NUMBER.fullmatch(zone)
    if number:
        minutes = int(number[2]) * 60 + int(number[3] or 0)
        if minutes > 14 * 60 or int(number[3] or 0) > 59:
            return None
        return timedelta(minutes=-minutes if number[1] == "-" else minutes)
    name = zone.upper()
    found = _NATIONAL.get((name, country or ""), _ZONES.get(name))
    return None if found is None else timedelta(minutes=found)


def local_offset(local: datetime, country: str | None) -> timedelta:
    """Offset of the local time `local` (naive) in `country`; zero if the country is unknown or has several zones."""
    offsets = {zone.utcoffset(local) for zone in _zones(country)}
    only = offsets.pop() if len(offsets) == 1 else None
    return only if only is not None else timedelta()


@cache
def _zones(country: str | None) -> tuple[ZoneInfo, ...]:
    if not country:
        return ()
    names = [_PRIMARY[country]] if country in _PRIMARY else [
        name for name, territory in get_global("zone_territories").items() if territory == country
    ]  # fmt: skip
    zones = []
    for name in names:
        try:
            zones.append(ZoneInfo(name))
        except (KeyError, ValueError, OSError):  # no zone data on this machine, or an obsolete name
            continue
    return tuple(zones)
