"""What a language says around dates: CLDR's names through babel, and vocabulary/dates-*.toml. Reads no text."""

from __future__ import annotations

import pkgutil
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from babel import Locale

from pipeline.core.expressions.phrases import Phrases, pairs, phrases
from pipeline.core.text.words import words

#: Languages with a file. What others say around dates is not known.
LANGUAGES = ("de", "en", "es", "fr", "id", "it", "pl", "pt", "ro", "ru", "tr", "uk")
_KINDS = (
    "of", "year_after", "articles", "from", "until", "on", "whole", "links", "end", "start", "middle", "this_year",
    "next_year", "next_month", "next_week", "end_of_year", "today", "tomorrow", "not_before", "not_after", "from_after",
    "until_after", "from_weak", "next", "next_after", "on_after", "whole_after", "end_after", "start_after",
    "middle_after",
)  # fmt: skip
_BENT = ("pl", "ru", "uk")  # where names have cases
_CAPITAL = ("de", "en", "id")  # month names have a capital: "may" is none


@dataclass(frozen=True, slots=True)
class Calendar:
    months: Mapping[str, int] = field(default_factory=dict)
    short: Mapping[str, int] = field(default_factory=dict)  # names of months that count beside a day only
    phrases: Mapping[str, Phrases] = field(default_factory=lambda: dict.fromkeys(_KINDS, Phrases()))
    between: frozenset[tuple[tuple[str, ...], tuple[str, ...]]] = frozenset()
    around: frozenset[tuple[tuple[str, ...], tuple[str, ...]]] = frozenset()  # "von … an"
    units: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    spans: Mapping[tuple[str, ...], tuple[int, int]] = field(default_factory=dict)  # -> months and days
    first: frozenset[str] = frozenset()
    one: frozenset[str] = frozenset()
    weekdays: Mapping[str, int] = field(default_factory=dict)  # by what their forms begin with; Monday is 0
    month_first: bool = False
    capital: bool = False  # months are written with one

    def weekday(self, word: str) -> int | None:
        """The day of the week called `word`, folded; Monday is 0."""
        return next((day for name, day in self.weekdays.items() if word.startswith(name)), None)

    def month(self, word: str, *, beside: bool) -> int:
        """The month called `word`, folded; 0 when it is none. `beside`: a day stands there too."""
        return self.months.get(word, 0) or (self.short.get(word, 0) if beside else 0)


@cache
def calendar_of(language: str | None) -> Calendar:
    """The words of `language` (None: English); empty where there is no file."""
    code = (language or "en").replace("_", "-").split("-")[0].lower()
    data = pkgutil.get_data("pipeline.core.vocabulary", f"dates-{code}.toml") if code in LANGUAGES else None
    if data is None:
        return Calendar()
    listed = tomllib.loads(data.decode())
    months, short = _months(code)
    for number, names in listed.get("months", {}).items():
        months |= dict.fromkeys(words(names), int(number))
    return Calendar(
        months, short,
        {kind: phrases(listed.get(kind, ())) for kind in _KINDS},
        pairs(listed["between"]), pairs(listed.get("from_around", ())),
        {tuple(words(a or b)): unit for unit, names in listed["units"].items() for a, b in _BRACKETS.findall(names)},
        {tuple(words(name)): _span(span) for span, names in listed["spans"].items() for name in names},
        frozenset(words(" ".join(listed["first"]))), frozenset(words(" ".join(listed["one"]))),
        _weekdays(code), month_first=code == "en", capital=code in _CAPITAL,
    )  # fmt: skip


_BRACKETS = re.compile(r"\[([^]]*)\]|(\S+)")


def _months(code: str) -> tuple[dict[str, int], dict[str, int]]:
    """Names in full and short ones, folded as words are."""
    data = Locale.parse(code).months
    both = []
    for width in ("wide", "abbreviated"):
        named = [(name, number) for context in data.values() for number, name in context[width].items()]
        both.append({words(name)[0]: int(number) for name, number in named if not name[0].isdigit()})
    if code == "es":
        both[0]["setiembre"] = 9
    return both[0], both[1]


def _weekdays(code: str) -> dict[str, int]:
    """What their names begin with: the cases of a name differ in its last letters."""
    names = {words(name)[0]: int(day) for day, name in Locale.parse(code).days["format"]["wide"].items()}
    cut = 2 if code in _BENT else 0
    return {name[: max(4, len(name) - cut)]: day for name, day in names.items()}


def _span(written: str) -> tuple[int, int]:
    count, unit = int(written[:-1]), written[-1]
    return (count, 0) if unit == "m" else (0, count)
