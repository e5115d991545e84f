"""Words for dates by language: CLDR's names through babel, and vocabulary/dates-*.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from pipeline.core.expressions.phrases import Phrases, pairs, phrases
from pipeline.core.text.languages import base_code, grammar_of, month_names, vocabulary, weekday_names
from pipeline.core.text.words import words

_KINDS = (
    "of", "year_after", "articles", "from", "until", "on", "whole", "links", "end", "start", "middle", "this_year",
    "next_year", "next_month", "next_week", "end_of_year", "today", "tomorrow", "not_before", "not_after", "from_after",
    "until_after", "from_weak", "next", "next_after", "on_after", "whole_after", "end_after", "start_after",
    "middle_after",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Calendar:
    """The date words of one language."""

    months: Mapping[str, int] = field(default_factory=dict)
    short: Mapping[str, int] = field(default_factory=dict)  # names of months that count only next to a day
    phrases: Mapping[str, Phrases] = field(default_factory=lambda: dict.fromkeys(_KINDS, Phrases()))
    between: frozenset[tuple[tuple[str, ...], tuple[str, ...]]] = frozenset()
    around: frozenset[tuple[tuple[str, ...], tuple[str, ...]]] = frozenset()  # "von … an"
    units: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    spans: Mapping[tuple[str, ...], tuple[int, int]] = field(default_factory=dict)  # -> months and days
    parts: Mapping[tuple[str, ...], tuple[int, int]] = field(default_factory=dict)  # -> first month and months
    first: frozenset[str] = frozenset()
    one: frozenset[str] = frozenset()
    weekdays: Mapping[str, int] = field(default_factory=dict)  # by the start of their forms; Monday is 0
    marks: Mapping[str, str] = field(default_factory=dict)  # behind a number: 年 -> year
    numerals: Mapping[str, int] = field(default_factory=dict)  # of months and days, as in 十二月三十一日
    month_first: bool = False
    capital: bool = False  # months are capitalised

    @property
    def longest_part(self) -> int:
        """Words in the longest name of a part of the year."""
        return max(map(len, self.parts), default=0)

    def weekday(self, word: str) -> int | None:
        """The day of the week named by `word`, folded; Monday is 0."""
        return next((day for name, day in self.weekdays.items() if word.startswith(name)), None)

    def month_at(self, words: Sequence[str], at: int, last: int, *, beside: bool) -> tuple[int, int]:
        """The month named at word `at`, and the word after it; the month is 0 if that word names none."""
        if at + 1 < last and (month := self.months.get(f"{words[at]} {words[at + 1]}")):
            return month, at + 2
        return self.month(words[at], beside=beside), at + 1

    def month(self, word: str, *, beside: bool) -> int:
        """The month named by `word`, folded; 0 if none. `beside`: a day is next to it."""
        return self.months.get(word, 0) or (self.short.get(word, 0) if beside else 0)


@cache
def calendar_of(language: str | None) -> Calendar:
    """The date words of `language` (None: English); empty if there is no file."""
    listed, code = vocabulary("dates", language), base_code(language) or "en"
    if not listed:
        return Calendar()
    grammar, months, short = grammar_of(code), _months(code, "wide"), _months(code, "abbreviated")
    for number, names in listed.get("months", {}).items():
        months |= {" ".join(words(a or b)): int(number) for a, b in _BRACKETS.findall(names)}
    return Calendar(
        months, short,
        {kind: phrases(listed.get(kind, ())) for kind in _KINDS},
        pairs(listed["between"]), pairs(listed.get("from_around", ())),
        {tuple(words(a or b)): unit for unit, names in listed["units"].items() for a, b in _BRACKETS.findall(names)},
        {tuple(words(name)): _span(span) for span, names in listed["spans"].items() for name in names},
        {tuple(words(name)): _part(part) for part, names in listed.get("parts", {}).items() for name in names},
        frozenset(words(" ".join(listed["first"]))), frozenset(words(" ".join(listed["one"]))),
        _weekdays(code), {word: part for part, behind in listed.get("marks", {}).items() for word in words(behind)},
        {name: n for n, name in enumerate(listed.get("numerals", "").split(), 1)},
        month_first=grammar.month_before_day, capital=grammar.capital_months,
    )  # fmt: skip


_BRACKETS = re.compile(r"\[([^]]*)\]|(\S+)")


def _months(code: str, width: str) -> dict[str, int]:
    """The names of months, folded like words."""
    names = ((words(name), number) for name, number in month_names(code, width) if not name[0].isdigit())
    return {name[0]: number for name, number in names if len(name) == 1}


def _weekdays(code: str) -> dict[str, int]:
    """The starts of weekday names: case forms differ in their last letters."""
    names = {words(name)[0]: day for name, day in weekday_names(code, contexts=("format",))}
    if len(set(names)) < 7:
        return {}  # Chinese numbers them: 星期一
    cut = 2 if grammar_of(code).cases else 0
    return {name[: max(4, len(name) - cut)]: day for name, day in names.items()}


def _span(written: str) -> tuple[int, int]:
    """Months and days of a duration such as "6m" or "14d"."""
    count, unit = int(written[:-1]), written[-1]
    return (count, 0) if unit == "m" else (0, count)


def _part(written: str) -> tuple[int, int]:
    """First month and number of months of "H2", the second half of the year, or "Q3", the third quarter."""
    months = 6 if written[0] == "H" else 3
    return (int(written[1:]) - 1) * months + 1, months
