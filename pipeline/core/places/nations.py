"""Demonyms and names of countries in all their forms, by language, from vocabulary/nations-*.toml.

No package has demonyms except in English and French; CLDR's names of languages are adjectives of nationality for only
some countries. Forms are generated from the endings in the file, not stemmed: a stemmer merges Niger and Nigeria,
or keeps the six cases of Polish apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import Any, NamedTuple

from pipeline.core.text.languages import vocabulary
from pipeline.core.text.words import first_words, words

MOST_FORMS = 300  # of one name: each word of "Demokratyczna Republika Konga" has several


class Demonym(NamedTuple):
    """An adjective or noun of nationality in one of its forms."""

    countries: tuple[str, ...]  # ISO 3166-1 alpha-2; if several, the text decides; if none, an idiom: "French fries"
    capital: bool = False  # must be capitalised
    weak: bool = False  # counts only if the text also names the country
    strict: frozenset[str] = frozenset()  # accents count: the lower-case spellings
    citation: bool = True  # dictionary form, which may also be a language
    body: bool = False  # not a people, but an institution only this state has: "Bundestag", "the White House"


@dataclass(frozen=True, slots=True)
class Nations:
    """The words of one language. `demonyms`: demonyms and idioms by folded words, joined by a space; `longest`: first
    word -> maximum number of words."""

    demonyms: Mapping[str, Demonym] = field(default_factory=dict)
    longest: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by country, names that CLDR lacks
    cities: tuple[str, ...] = ()  # names of large cities that CLDR lacks
    endings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of names
    beginnings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of names: "لفرنسا", "بالعراق"
    before: frozenset[str] = frozenset()  # words before it that make it a language: "in inglese"
    after: frozenset[str] = frozenset()
    alone_after: frozenset[str] = frozenset()  # as `before`, if no noun follows: "in Russian", not "in Russian hands"
    surnames: frozenset[str] = frozenset()  # demonyms that are common surnames: "Mario Russo"
    names_as_adjectives: str = "none"  # none, acronyms ("US troops"), names ("tentara Rusia")
    titled_acronyms: bool = False  # "militari Usa"

    def forms(self, name: str) -> Iterable[str]:
        """The other case forms of a country's name."""
        if name.isupper() or not (self.endings or self.beginnings):
            return ()
        if self.beginnings:
            return _with_beginnings(name, self.beginnings)
        each = [_inflect(word, self.endings) if len(word) > 3 else (word,) for word in name.split()]
        return (" ".join(form) for form in product(*each)) if _count(each) <= MOST_FORMS else ()


@cache
def nations(language: str | None) -> Nations:
    """The demonyms and names of `language` (None: English); empty if there is no file."""
    data = vocabulary("nations", language)
    return _compiled(data) if data else Nations()


def _compiled(data: Mapping[str, Any]) -> Nations:
    demonyms: dict[str, Demonym] = {}
    endings, beginnings = _endings(data["endings"]), _endings(data.get("beginnings", {}))
    for code, listed in data.get("demonyms", {}).items():
        for entry in listed:
            for form in _with_beginnings(entry, beginnings):
                _add(demonyms, code, form, endings)
    for code, listed in data.get("bodies", {}).items():
        for entry in listed:
            demonyms[_key(entry)] = Demonym((code,), capital=True, citation=False, body=True)
    for saying in data["sayings"]["none"]:
        demonyms[_key(saying)] = Demonym(())
    speech = {name: frozenset(word for one in listed for word in words(one)) for name, listed in data["speech"].items()}
    return Nations(
        demonyms, first_words(demonyms), {code: tuple(listed) for code, listed in data["names"].items()},
        tuple(data.get("cities", {}).get("names", ())), _endings(data.get("name_endings", {})), beginnings, **speech,
        surnames=frozenset(word for name in data["sayings"].get("surnames", ()) for word in words(name)),
        names_as_adjectives=data.get("adjectival", "none"), titled_acronyms=data.get("titled_acronyms", False),
    )  # fmt: skip


def _add(demonyms: dict[str, Demonym], code: str, entry: str, endings: Mapping[str, tuple[str, ...]]) -> None:
    """Add all forms of `entry`. Before it, `=` makes accents count; after it, `?` makes it weak. A capital letter must
    be a capital in the text."""
    strict, weak = entry.startswith("="), entry.endswith("?")
    bare = entry.removeprefix("=").removesuffix("?")
    head, space, word = bare.rpartition(" ")
    for form in _inflect(word, endings):
        whole = head + space + form
        known = demonyms.get(_key(whole), Demonym(()))
        if code not in known.countries:
            demonyms[_key(whole)] = Demonym(
                (*known.countries, code), bare[0].isupper(), weak or known.weak,
                known.strict | {whole.lower()} if strict else known.strict, form == word,
            )  # fmt: skip
        elif strict:
            demonyms[_key(whole)] = known._replace(strict=known.strict | {whole.lower()})
        elif known.capital and bare[0].islower():
            demonyms[_key(whole)] = known._replace(capital=False)


def _endings(table: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Ending -> its replacements; "-" means none."""
    return {end: tuple("" if one == "-" else one for one in others.split()) for end, others in table.items()}


def _inflect(word: str, endings: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The forms of `word`, including itself, by its longest known ending."""
    for start in range(len(word) + 1):
        others = endings.get(word[start:])
        if others is not None:
            return tuple(dict.fromkeys((word, *(word[:start] + other for other in others))))
    return (word,)


def _with_beginnings(name: str, beginnings: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The forms of `name` with other beginnings, including itself, by its longest known one."""
    for end in range(len(name), -1, -1):
        others = beginnings.get(name[:end])
        if others is not None:
            return tuple(dict.fromkeys((name, *(other + name[end:] for other in others))))
    return (name,)


def _count(each: list[tuple[str, ...]]) -> int:
    count = 1
    for forms in each:
        count *= len(forms)
    return count


def _key(name: str) -> str:
    return " ".join(words(name))
