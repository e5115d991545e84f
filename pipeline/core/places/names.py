"""The names of countries, peoples and cities to search for in one language, by the word that they start with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

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


@dataclass(frozen=True, slots=True)
class Names:
    """The names to search for in one language."""

    countries: Mapping[str, Country]
    country_widths: Mapping[str, int]
    nations: Nations
    gazetteer: Gazetteer
    forms: Mapping[str, str]
    form_widths: Mapping[str, int]
    calendar: frozenset[str]
    language: str | None
    inflected: bool  # names have endings that are in no data file
    starts: _Starts = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts", _Starts(self))

    def longest(self, written: str) -> int:
        """The number of words in the longest name that starts with a word, given as written; usually 0."""
        word = folds[written]
        people = self.nations.longest.get(word, 0)
        if written.islower():
            return people
        cities = max(self.gazetteer.longest.get(word, 0), self.form_widths.get(word, 0))
        found = max(people, self.country_widths.get(word, 0), cities)
        return found or int(self.inflected and self.language is not None and stem_of(word, self.language) is not None)

    def cities(self, key: str) -> tuple[int, ...]:
        """Numbers of the cities with this name."""
        return self.gazetteer.names.get(self.forms.get(key, key), ())


class _Starts(dict[str, int]):
    """A written word -> `Names.longest`, computed when the word is first seen."""

    def __init__(self, names: Names) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, written: str) -> int:
        if len(self) >= CACHED:
            self.clear()
        self[written] = found = self._names.longest(written)
        return found


@cache
def names_of(language: str | None) -> Names:
    """The names of one language; None: without a language."""
    inflected = bool(language and grammar_of(language).inflected_names)
    return Names(
        country_names(language), longest_country(language), nations(language), load_gazetteer(),
        city_forms(language), longest_city_form(language), calendar_words(language), language, inflected,
    )  # fmt: skip


def stem_of(word: str, language: str) -> str | None:
    """The country whose name is this word with another ending, in a language that inflects names but has no data
    file."""
    stems = country_stems(language)
    beginnings = (word[: len(word) - cut] for cut in range(min(4, max(1, len(word) - 3))))
    return next((stems[one] for one in beginnings if one in stems), None)
