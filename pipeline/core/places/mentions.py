"""Finds the words of a text that may name a country, a people or a city, and how certain that is.

Capital letters and the surrounding words distinguish a name from a common word or a person's name. resolve.py decides
which city is meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pipeline.core.places.gazetteer import UNCASED_KNOWN, City, Country, city_names
from pipeline.core.places.names import Names, Start, names_of, stem_of
from pipeline.core.places.nations import Demonym, Nations
from pipeline.core.text.languages import words_of_all
from pipeline.core.text.reading import Reading

_CEDILLAS = str.maketrans("şţ", "șț")


class Mention(NamedTuple):
    """The words first to last (exclusive), which name a country, or one of several cities."""

    first: int
    last: int
    country: str | None
    cities: tuple[City, ...]
    sure: bool  # by its surroundings, not a common word or a person
    located: bool = True  # by its surroundings, a place
    within: bool = False  # beside other capitalised words: part of a person's or another longer name
    surname: bool = False  # after such a word
    demonym: Demonym | None = None  # names a people instead: the whole text decides on `country`
    key: str = ""  # name of a city in the nominative, as in `Gazetteer.names`
    region: bool = False  # "the region of Cusco": the city, if there is one, is not meant
    also: str | None = None  # the country with the same name as the larger of the cities: Granada
    foremost: bool = False  # `also` is more likely than the cities, which have other official names: Grenade


def mentions(reading: Reading, language: str | None) -> Iterator[Mention]:
    """Mentions from left to right, longest first; a country before a people, a people before a city of the same
    name."""
    names, done = names_of(language), 0
    for position, start in enumerate(map(names.starts.__getitem__, reading.written)):
        if start is not None and position >= done:
            done, mention = _longest(reading, position, start, names)
            if mention is not None and not _means_other(mention, reading, names):
                yield mention


def _longest(reading: Reading, position: int, start: Start, names: Names) -> tuple[int, Mention | None]:
    """Where to continue, and the longest name that starts at `position`."""
    limit = min(position + start.longest, reading.sentences[reading.sentence_at(position)].last)
    words = reading.folded(position, limit)
    if len(words) > 1 and not names.continues(words[0], words[1]):
        limit, words = position + 1, words[:1]
    if limit == position + 1 and not start.alone:
        return limit, None
    small = reading.written[position].islower()
    for last in range(limit, position, -1):
        key = " ".join(words)
        words.pop()
        people = names.nations.demonyms.get(key)
        if people is not None and not people.countries:
            return last, None  # an idiom
        country = None if small else names.countries.get(key)
        mention = None
        if people is not None and country is None:
            mention = _people(reading, position, last, people, names.nations)
        if mention is None and not small and (country is not None or names.cities(key)):
            mention = _mention(reading, position, last, key, country, names)
        if mention is not None:
            return last, mention
    if not small and names.language and names.inflected:
        code = stem_of(reading.word(position), names.language)
        return position + 1, Mention(position, position + 1, code, (), True) if code is not None else None
    return position + 1, None


def _people(reading: Reading, first: int, last: int, people: Demonym, known: Nations) -> Mention | None:
    """An adjective or noun of nationality, if it is spelt correctly and is not a language."""
    written = reading.written[first]
    if people.capital and not written[:1].isupper():
        return None
    if people.strict and reading.original(first, last).lower() not in people.strict:
        return None
    if _is_language(reading, first, last, people.citation, known):
        return None
    if reading.word(first) in known.surnames and written[:1].isupper() and _named_before(reading, first):
        people = people._replace(weak=True)
    return Mention(first, last, None, (), True, demonym=people)


def _is_language(reading: Reading, first: int, last: int, citation: bool, known: Nations) -> bool:
    """Whether it is a language: "на русском языке", "en inglés". The words before count only for the dictionary
    form."""
    sentence = reading.sentences[reading.sentence_at(first)]
    before = reading.word(first - 1) if first > sentence.first else ""
    after = reading.word(last) if last < sentence.last else ""
    if after in known.after or (citation and before in known.before):
        return True
    if not citation or before not in known.alone_after:
        return False
    alone = words_of_all("places", "after_language_name")
    return not after or after in alone or not _adjoins(reading, last - 1)


def _means_other(mention: Mention, reading: Reading, names: Names) -> bool:
    """Whether it is a month, or a sea or gulf named after a country: "golfo de Guinea"."""
    if mention.demonym is not None:
        return False
    if mention.country is None:
        return mention.last - mention.first == 1 and reading.word(mention.first) in names.calendar
    longer = (" ".join(reading.folded(max(0, mention.first - n), mention.last)) for n in range(4))
    return any(name in names.countries and not names.countries[name].code for name in longer)


def _mention(
    reading: Reading, first: int, last: int, words: str, country: Country | None, names: Names
) -> Mention | None:
    """What the name `words` may mean: a country or cities."""
    key = names.forms.get(words, words)
    cities = [names.gazetteer.cities[n] for n in names.cities(words)]
    written = reading.original(first, last)
    if country is not None and not any(city.population > country.population for city in cities):
        return _country(reading, first, last, country, names)
    also = country.code if country is not None and not country.acronym else None
    foremost = country is not None and not (
        _is_saint(words) or any(c.population > country.population for c in cities if c.key == words)
    )
    if not written[0].isupper():  # a script without capitals
        cities = [city for city in cities if city.population >= UNCASED_KNOWN or city.capital]
        return Mention(first, last, None, tuple(cities), True, key=key) if cities and len(written) > 1 else None
    if not written.isascii():  # "Länder" is not Lander, though "Cordoba" may be Córdoba
        usual = words in city_names(names.language)  # Chișinău, which GeoNames has without accents
        cities = [city for city in cities if city.key != words or _spelt(city.name) == _spelt(written) or usual]
    short = last - first == 1 and len(written) < 6 and written.isupper() and not _shouted(reading, first)
    if not cities or short or not reading.original(last - 1, last)[0].isupper():
        return None
    region = _is_region(reading, first, last)
    within = not region and _person(reading, first, last)
    sure = (last - first > 1 or not _opens(reading, first, last)) and not within
    return Mention(
        first, last, None, tuple(cities), sure, within=within, surname=within and _named_before(reading, first),
        key=key, region=region, also=also, foremost=foremost,
    )  # fmt: skip


def _is_saint(words: str) -> bool:
    """Whether the name is that of a saint, which many places have, so that it does not primarily mean the island."""
    first, space, _ = words.partition(" ")
    return bool(space) and first in words_of_all("places", "saints")


def _spelt(name: str) -> str:
    """The name with a comma below instead of a cedilla, which many write in Romanian: "Chişinău"."""
    return name.casefold().translate(_CEDILLAS)


def _is_region(reading: Reading, first: int, last: int) -> bool:
    """Whether the name is that of a region: "la región de Cusco", "Kherson Oblast"."""
    sentence = reading.sentences[reading.sentence_at(first)]
    before = reading.folded(max(sentence.first, first - 2), first)
    if not words_of_all("places", "regions").isdisjoint(before):
        return True
    return last < sentence.last and reading.word(last) in words_of_all("places", "regions_behind")


def _country(reading: Reading, first: int, last: int, country: Country, names: Names) -> Mention | None:
    if country.acronym and not _is_acronym(reading, first, last, names.nations):
        return None
    if last - first == 1 and reading.word(first) in words_of_all("places", "personal") and _is_person(reading, first):
        return None
    if names.nations.names_as_adjectives == "names" and first and reading.word(first - 1) in names.nations.before:
        return None  # "bahasa Inggris"
    return Mention(first, last, country.code, (), True)


def _is_acronym(reading: Reading, first: int, last: int, known: Nations) -> bool:
    """Whether an acronym is written as one: in capitals, or with one capital in Italian: "gli Usa"."""
    written = reading.original(first, last)
    if written.isupper():
        return True
    opens = reading.sentences[reading.sentence_at(first)].first == first
    return known.titled_acronyms and len(written) > 2 and written.istitle() and not opens


def _shouted(reading: Reading, word: int) -> bool:
    """Whether the word may be a name in capitals: in a dateline or a headline; elsewhere MERS is not a city."""
    sentence = reading.sentences[reading.sentence_at(word)]
    return sentence.first == word or sentence.field == "title"


def _is_person(reading: Reading, word: int) -> bool:
    """Whether it is a person: "Michael Jordan" and "Jordan Peterson", but not "In Jordan"."""
    sentence = reading.sentences[reading.sentence_at(word)]
    first = sentence.first
    if word == first or not _adjoins(reading, word - 1) or not _is_name(reading, word - 1):
        before = reading.word(word - 1) if word > first else ""
        follows = word + 1 < sentence.last and _adjoins(reading, word) and _is_name(reading, word + 1)
        surname = follows and reading.word(word + 1) not in words_of_all("places", "behind_country")
        placed = before in words_of_all("places", "before_country")
        return surname and not placed and not _in_capitalised_title(reading, word)
    opening = reading.word(word - 1)
    return word - 1 > first or (len(opening) > 4 and opening not in words_of_all("places", "opening"))


def _opens(reading: Reading, first: int, last: int) -> bool:
    """Whether the capital letter is no evidence of a name: at the start of a sentence without a comma after it, or in a
    headline that capitalises every word."""
    sentence = reading.sentences[reading.sentence_at(first)]
    text = reading.field_of(first)
    if sentence.first == first:
        after = reading.place(last - 1, last)[1]
        return text[after : after + 2].strip()[:1] not in (",", ":", "(", "-", "–", "—", "/", ".")
    return _in_capitalised_title(reading, first)


def _in_capitalised_title(reading: Reading, word: int) -> bool:
    return reading.is_capitalised_title(reading.sentence_at(word), 0.7)


def _person(reading: Reading, first: int, last: int) -> bool:
    """Whether another name is next to it, which makes it probably a person: "Paris Hilton". False in a capitalised
    headline."""
    sentence = reading.sentences[reading.sentence_at(first)]
    if _in_capitalised_title(reading, first):
        return False
    before = first - 1 > sentence.first and _named_before(reading, first)
    return before or (last < sentence.last and _adjoins(reading, last - 1) and _is_name(reading, last))


def _named_before(reading: Reading, first: int) -> bool:
    return first > 0 and _adjoins(reading, first - 1) and _is_name(reading, first - 1)


def _adjoins(reading: Reading, word: int) -> bool:
    """Whether only a space separates it from the next word."""
    return len(reading.gap(word + 1)) == 1


def _is_name(reading: Reading, word: int) -> bool:
    written = reading.original(word, word + 1)
    return written[0].isupper() and len(written) > 1
