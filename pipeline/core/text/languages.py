"""Looks up what depends on a language: CLDR (codes, months, weekdays; through babel) and the tables of core/vocabulary.

Only the terms of topic rules are elsewhere, in config/topics.
"""

from __future__ import annotations

import pkgutil
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from babel import Locale, UnknownLocaleError

from pipeline.core.text.words import words

_CONTEXTS = ("format", "stand-alone")
_CODE = re.compile("[a-z]{2,3}")
#: The two written forms of Norwegian, which articles, rules and tables call "no".
_WRITTEN_FORMS = {"nb": "no", "nn": "no"}
_NOT_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}


def base_code(tag: str | None) -> str | None:
    """The language of a tag: "pt-BR" and "pt_BR" give "pt", "nb" and "nn" give "no", None gives None."""
    code = tag.replace("_", "-").split("-")[0].lower() if tag else None
    return _WRITTEN_FORMS.get(code, code) if code else None


@cache
def known_codes() -> frozenset[str]:
    """The codes of all languages that CLDR knows, of two or three letters."""
    return frozenset(code for code in map(str, Locale("en").languages) if _CODE.fullmatch(code))


@cache
def known_countries() -> frozenset[str]:
    """ISO 3166-1 alpha-2: CLDR's territories without those it adds; XK, which everybody uses for Kosovo, stays."""
    codes = map(str, Locale("en").territories)
    return frozenset(code for code in codes if len(code) == 2 and code.isalpha()) - _NOT_COUNTRIES


@cache
def locale_of(tag: str | None) -> Locale | None:
    """CLDR's data for a language or a locale ("es", "und_PE"), or None."""
    try:
        return Locale.parse((tag or "").replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return None


def english_name(table: str, code: str | None) -> str:
    """What English calls a language ("languages") or a country ("territories"); "" if it has no name for it."""
    english = locale_of("en")
    names = getattr(english, table) if english else {}
    return str(names.get(code or "", ""))


def month_names(tag: str | None, width: str = "wide", contexts: Iterable[str] = _CONTEXTS) -> list[tuple[str, int]]:
    """Name and number of each month in a language, as written in a date and alone.

    `width`: "wide" or "abbreviated". Some languages have numerals: "1月". Empty for an unknown language.
    """
    locale = locale_of(tag)
    return _names(locale.months, width, contexts) if locale else []


def weekday_names(tag: str | None, width: str = "wide", contexts: Iterable[str] = _CONTEXTS) -> list[tuple[str, int]]:
    """Name and number of each weekday, Monday 0; `width` may be "short" too. Empty for an unknown language."""
    locale = locale_of(tag)
    return _names(locale.days, width, contexts) if locale else []


def _names(table: Mapping[str, Any], width: str, contexts: Iterable[str]) -> list[tuple[str, int]]:
    return [(name, int(number)) for context in contexts for number, name in table[context][width].items()]


@cache
def calendar_words(language: str | None) -> frozenset[str]:
    """Folded months and weekdays in a language and in English: some cities have such names (March, Sábado)."""
    names = (
        name
        for code in ("en", language or "en")
        for names in (month_names(code, contexts=("format",)), weekday_names(code, contexts=("format",)))
        for name, _ in names
    )
    return frozenset(word for name in names for word in words(name))


def vocabulary(name: str, language: str | None = "") -> Mapping[str, Any]:
    """The table `name` of core/vocabulary; with `language` (None: English) that of the language, empty if there is
    none."""
    return _table(f"{name}-{base_code(language) or 'en'}" if language != "" else name)


@cache
def _table(name: str) -> Mapping[str, Any]:
    if not re.fullmatch("[a-z-]+", name):
        return {}
    try:
        data = pkgutil.get_data("pipeline.core.vocabulary", f"{name}.toml")
    except OSError:
        return {}
    return tomllib.loads((data or b"").decode())


@dataclass(frozen=True, slots=True)
class Grammar:
    """What vocabulary/languages.toml says of a language; its comments explain each key."""

    capital_nouns: bool = False
    capital_months: bool = False
    month_before_day: bool = False
    cases: bool = False
    inflected_names: bool = False
    cyrillic: bool = False
    adjectives: str = ""  # "before" or "after" the noun; "" on either side
    country: str | None = None
    pace: int = 1
    caseless: bool = False
    traditional: bool = False


@cache
def grammar_of(language: str | None) -> Grammar:
    """The grammar of a language; the defaults for one that the table lacks."""
    return Grammar(**vocabulary("languages").get(language or "", {}))


@cache
def words_of_all(table: str, key: str) -> frozenset[str]:
    """The words under `key` in a table of all languages, of every language together, folded."""
    return frozenset(word for listed in vocabulary(table)[key].values() for word in words(listed))


@cache
def every_word(table: str, key: str) -> frozenset[str]:
    """The words under `key` in a table of all languages, of every list together, as written there."""
    return frozenset(word for listed in vocabulary(table)[key].values() for word in listed)
