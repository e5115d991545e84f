"""Looks up names in dates: months in every language (CLDR through babel), and the order of day and month.

Tables are built on demand: for English first, for a hinted language, and for all only if a name is unknown to both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from pipeline.core.text.languages import locale_of, month_names, vocabulary, weekday_names

#: Locales tried for a name that the hinted language does not know; several for one language where names differ.
_LOCALES = (
    "en", "es", "pt", "fr", "it", "de", "ru", "uk", "pl", "ro", "tr", "id", "nl", "sv", "no", "da", "fi", "cs", "sk",
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
    """The month named among `words`; None unless exactly one is.

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
