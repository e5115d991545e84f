"""The names of countries, peoples and cities to search for in one language, by the word that they start with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from pipeline.core.places.gazetteer import (
    Country,
    Gazetteer,
    city_forms,
    country_names,
    country_stems,
    load_gazetteer,
    longest_city_form,
    longest_country,
)
from pipeline.core.places.nations import Nations, nations
from pipeline.core.text.folding import folds
from pipeline.core.text.languages import calendar_words, grammar_of

CACHED = 1 << 15  # written words of a language in the cache; then it is emptied


class Start(NamedTuple):
    """What can start with a word. `longest`: the number of words in the longest name; `alone`: one has no other
    word."""

    longest: int
    alone: bool


@dataclass(frozen=True, slots=True)
class Names:
    """The names to search for in one language. `pairs`: the first two words of longer names, but those of cities."""

    countries: Mapping[str, Country]
    country_widths: Mapping[str, int]
    nations: Nations
    gazetteer: Gazetteer
    forms: Mapping[str, str]
    form_widths: Mapping[str, int]
    calendar: frozenset[str]
    language: str | None
    inflected: bool  # names have endings that are in no data file
    pairs: frozenset[str]
    starts: _Starts = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts", _Starts(self))

    def start(self, written: str) -> Start | None:
        """What can start with a word, given as written; usually nothing."""
        word = folds[written]
        longest, alone = self.nations.longest.get(word, 0), word in self.nations.demonyms
        if not written.islower():
            cities = max(self.gazetteer.longest.get(word, 0), self.form_widths.get(word, 0))
            longest = max(longest, self.country_widths.get(word, 0), cities)
            alone = alone or word in self.countries or bool(self.cities(word))
            if self.inflected and self.language is not None and stem_of(word, self.language) is not None:
                longest, alone = max(longest, 1), True
        return Start(longest, alone) if longest else None

    def continues(self, word: str, following: str) -> bool:
        """Whether a name starts with these two words."""
        pair = f"{word} {following}"
        return pair in self.pairs or pair in _city_pairs()

    def cities(self, key: str) -> tuple[int, ...]:
        """Numbers of the cities with this name."""
        return self.gazetteer.names.get(self.forms.get(key, key), ())


class _Starts(dict[str, Start | None]):
    """A written word -> `Names.start`, computed when the word is first seen."""

    def __init__(self, names: Names) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, written: str) -> Start | None:
        if len(self) >= CACHED:
            self.clear()
        self[written] = found = self._names.start(written)
        return found


@cache
def names_of(language: str | None) -> Names:
    """The names of one language; None: without a language."""
    inflected = bool(language and grammar_of(language).inflected_names)
    known, countries, forms = nations(language), country_names(language), city_forms(language)
    return Names(
        countries, longest_country(language), known, load_gazetteer(), forms, longest_city_form(language),
        calendar_words(language), language, inflected, _pairs((*countries, *forms, *known.demonyms)),
    )  # fmt: skip


@cache
def _city_pairs() -> frozenset[str]:
    return _pairs(load_gazetteer().names)


def _pairs(names: Iterable[str]) -> frozenset[str]:
    """The first two words of those names that have several."""
    return frozenset(" ".join(name.split(" ", 2)[:2]) for name in names if " " in name)


def stem_of(word: str, language: str) -> str | None:
    """The country whose name is this word with another ending, in a language that inflects names but has no data
    file."""
    stems = country_stems(language)
    beginnings = (word[: len(word) - cut] for cut in range(min(4, max(1, len(word) - 3))))
    return next((stems[one] for one in beginnings if one in stems), None)
