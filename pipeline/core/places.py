"""Which countries and places a text names; the names are gazetteer.py's.

Precision before recall: a name that may be a common word or a person's counts only with support from the rest of the
text. Knows names of countries and cities; not demonyms ("peruano"), regions, or rivers.

What it cannot tell: a country from a larger city of its name (Granada in Spanish), a city from a common
noun in German (Essen), a person called by a place's name alone (Santiago).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from pipeline.core.gazetteer import (
    INFLECTED,
    UNCASED_KNOWN,
    WELL_KNOWN,
    City,
    Country,
    Gazetteer,
    calendar_words,
    city_names,
    country_names,
    country_stems,
    home_language,
    load_gazetteer,
    longest_country,
)
from pipeline.core.reading import Reading
from pipeline.records import Place

MOST_PLACES = 50
NOUN_KNOWN = 1_000_000  # the same in a language that writes every noun with a capital
ALIKE = 0.4  # similarity from which another name of a city is more than a nickname ("Google" is one of Topeka's)
ALIKE_AT_HOME = 0.6  # the same in the language of its country: Munich is München, but Herne is not "Gerne"
SUPPORT = 20  # a city in a country the text names weighs as if it had so many times the inhabitants
DECIDED = 10  # how many times heavier than the next of the same name a city must be to be no question

_SURNAMES = frozenset(("JO", "TD", "GE"))  # countries whose English names people bear
_OPENING = frozenset(("after", "since", "while", "where", "unlike", "inside", "under", "across", "today", "against"))


# Words that stand before a place. Small towns and doubtful names need one, or another place beside them.
_BEFORE: dict[str, frozenset[str]] = {
    "en": frozenset(("in", "near", "at", "from")),
    "es": frozenset(("en", "desde", "a", "hacia", "de")),
    "pt": frozenset(("em", "no", "na", "desde", "de")),
    "fr": frozenset(("a", "de", "pres", "vers")),
    "de": frozenset(("in", "aus", "nach", "bei", "von", "stadt")),
    "it": frozenset(("a", "ad", "da", "di", "in")),
}
_AND = frozenset(("and", "y", "e", "et", "und", "o", "or", "oder", "ou"))
_CAPITAL_NOUNS = frozenset(("de", "lb"))


class Mention(NamedTuple):
    """Words first to last (not included) that name a country, or one of some cities."""

    first: int
    last: int
    country: str | None
    cities: tuple[City, ...]
    sure: bool  # no common word, no person, as far as its surroundings tell
    located: bool = True  # and its surroundings speak of a place
    within: bool = False  # between other capitalised words: a person's name or another longer one
    surname: bool = False  # behind one of them


def find_places(reading: Reading, language: str | None) -> tuple[tuple[str, ...], tuple[Place, ...]]:
    """Countries (ISO 3166-1 alpha-2, most mentioned first) and places (first mention of each) in an article."""
    mentions = _locate(reading, language, list(_mentions(reading, language)))
    named = Counter(mention.country for mention in mentions if mention.country)
    _settle_georgia(named, mentions)
    groups: dict[str, list[Mention]] = {}
    for mention in mentions:
        if mention.cities:
            groups.setdefault(_name(reading, mention), []).append(mention)
    placed = _place_all(groups, named, language)
    # Once more, with the countries of the cities that are certain: "Madrid … Córdoba".
    sure = Counter(city.country for city, ambiguous in placed.values() if not ambiguous)
    placed = _place_all(groups, named + sure, language)
    counts, places = Counter[str](), dict[int, Place]()
    for mention in mentions:
        city, ambiguous = placed.get(_name(reading, mention), (None, False)) if mention.cities else (None, False)
        if city is not None:
            places.setdefault(city.geoname, _as_place(reading, mention, city, ambiguous))
        country = mention.country if mention.country in named else city.country if city and not ambiguous else None
        counts.update([country] if country else [])
    return tuple(code for code, _ in counts.most_common()), tuple(places.values())[:MOST_PLACES]


def _locate(reading: Reading, language: str | None, mentions: list[Mention]) -> list[Mention]:
    """With `located` told: a country, two words or more, a preposition before it, or such a one beside it ("en Lima,
    Callao y Cusco")."""
    before = _BEFORE.get(language or "")
    if before is None:
        return mentions
    located = []
    for mention in mentions:
        preceding = reading.words[max(0, mention.first - 1) : mention.first]
        alone = mention.last - mention.first == 1 and mention.country is None and before.isdisjoint(preceding)
        located.append(not alone)
    for n in range(1, len(mentions)):
        located[n] = located[n] or (located[n - 1] and _beside(reading, mentions[n - 1], mentions[n]))
    for n in range(len(mentions) - 2, -1, -1):
        located[n] = located[n] or (located[n + 1] and _beside(reading, mentions[n], mentions[n + 1]))
    return [mention._replace(located=known) for mention, known in zip(mentions, located, strict=True)]


def _beside(reading: Reading, one: Mention, other: Mention) -> bool:
    """Nothing but a comma or an "and" between, in one sentence."""
    between = reading.words[one.last : other.first]
    near = not between or (len(between) == 1 and between[0] in _AND)
    return near and reading.sentence_at(one.first) == reading.sentence_at(other.first)


def _name(reading: Reading, mention: Mention) -> str:
    return " ".join(reading.words[mention.first : mention.last])


def _settle_georgia(named: Counter[str], mentions: Iterable[Mention]) -> None:
    """Georgia is the US state where the text names the United States and no large city of the country."""
    if named["GE"] and named["US"]:
        cities = [city for mention in mentions for city in mention.cities]
        if not any(city.country == "GE" and city.population > WELL_KNOWN for city in cities):
            del named["GE"]


def _place_all(
    groups: Mapping[str, list[Mention]], support: Counter[str], language: str | None
) -> dict[str, tuple[City, bool]]:
    return {name: found for name, group in groups.items() if (found := _place(name, group, support, language))}


def _place(name: str, group: list[Mention], support: Counter[str], language: str | None) -> tuple[City, bool] | None:
    """The city that the mentions of one name mean, and whether that is a guess; None when it may be no city at all."""

    def weight(city: City) -> float:
        own_name = 1.0 if city.key == name else 0.3
        return city.population * own_name * (10 if city.capital else 1) * (SUPPORT if support[city.country] else 1)

    ranked = sorted((city for city in group[0].cities if _called(city, name, language)), key=weight, reverse=True)
    if not ranked:
        return None
    best = ranked[0]
    rivals = [city for city in ranked[1:] if city.country != best.country]
    decided = not rivals or weight(best) >= DECIDED * weight(rivals[0])
    usual = best.key == name or name in city_names(language)
    large = best.population >= WELL_KNOWN or best.capital
    sure = any(mention.sure for mention in group)
    doubtful = not usual or not large or (language in _CAPITAL_NOUNS and best.population < NOUN_KNOWN)
    if doubtful and not any(mention.sure and mention.located for mention in group):
        return None
    named = all(mention.within for mention in group) or any(mention.surname for mention in group)
    if named and language not in _CAPITAL_NOUNS and not any(mention.located for mention in group):
        return None  # "Elizabeth Warren" is no town of New Jersey, however American the text is
    if support[best.country]:
        decided = decided or not any(support[city.country] for city in rivals)
        return (best, not decided) if large or support.most_common(1)[0][0] == best.country else None
    if not large or not sure or not (usual or best.capital or home_language(best.country) == language):
        return None
    if not decided and support:
        return None  # the text is about other countries than any of these
    return best, not decided


def _called(city: City, name: str, language: str | None) -> bool:
    """Whether people may call the city so in this language. GeoNames also has nicknames and names of long ago."""
    if city.key == name or name in city_names(language) or not name.isascii():
        return True
    return _alike(name, city.key) >= (ALIKE_AT_HOME if home_language(city.country) == language else ALIKE)


@lru_cache(maxsize=10_000)
def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _as_place(reading: Reading, mention: Mention, city: City, ambiguous: bool) -> Place:
    in_title = mention.first < reading.split
    return Place(
        name=city.name, country=city.country, lat=city.lat, lon=city.lon, geoname=city.geoname,
        field="title" if in_title else "text", start=reading.places[mention.first][0],
        end=reading.places[mention.last - 1][1], ambiguous=ambiguous,
    )  # fmt: skip


# -- mentions


def _mentions(reading: Reading, language: str | None) -> Iterable[Mention]:
    """Longest names first, left to right; a country before a city of the same name."""
    countries, calendar = country_names(language), calendar_words(language)
    gazetteer, country_widths = load_gazetteer(), longest_country(language)
    all_words, position = reading.words, 0
    small = [reading.title[start].islower() for start, _ in reading.places[: reading.split]]
    small += [reading.text[start].islower() for start, _ in reading.places[reading.split :]]
    while position < len(all_words):
        if small[position]:
            position += 1
            continue
        word = all_words[position]
        longest = max(country_widths.get(word, 0), gazetteer.longest.get(word, 0))
        mention = None
        if longest:
            limit = min(position + longest, reading.sentences[reading.sentence_at(position)].last)
            for last in range(limit, position, -1):
                key = " ".join(all_words[position:last])
                mention = _mention(reading, position, last, countries.get(key), gazetteer.names.get(key, ()), gazetteer)
                if mention is not None:
                    break
        if mention is None and language in INFLECTED:
            mention = _bent(reading, position, language)
        if mention is not None and not _other(mention, word, all_words, countries, calendar):
            yield mention
        position = mention.last if mention else position + 1


def _other(
    mention: Mention, word: str, all_words: list[str], countries: Mapping[str, Country], calendar: frozenset[str]
) -> bool:
    """A month, or a water named after a country, small letters before its name too: "golfo de Guinea"."""
    if mention.country is None:
        return mention.last - mention.first == 1 and word in calendar
    longer = (" ".join(all_words[max(0, mention.first - n) : mention.last]) for n in range(4))
    return any(name in countries and not countries[name].code for name in longer)


def _mention(
    reading: Reading, first: int, last: int, country: Country | None, found: tuple[int, ...], gazetteer: Gazetteer
) -> Mention | None:
    written = reading.original(first, last)
    cities = [gazetteer.cities[n] for n in found]
    if country is not None and not any(city.population > country.population for city in cities):
        if country.acronym and not written.isupper():
            return None
        if country.code in _SURNAMES and last - first == 1 and _is_surname(reading, first):
            return None
        return Mention(first, last, country.code, (), True)
    if not written[0].isupper():  # a script without capitals
        cities = [city for city in cities if city.population >= UNCASED_KNOWN or city.capital]
        return Mention(first, last, None, tuple(cities), True) if cities and len(written) > 1 else None
    if not written.isascii():  # "Länder" is not Lander, though "Cordoba" may be Córdoba
        key = " ".join(reading.words[first:last])
        cities = [city for city in cities if city.key != key or city.name.casefold() == written.casefold()]
    short = last - first == 1 and len(written) < 6 and written.isupper() and not _shouted(reading, first)
    if not cities or short or not reading.original(last - 1, last)[0].isupper():
        return None
    within = _person(reading, first, last)
    sure = (last - first > 1 or not _opens(reading, first, last)) and not within
    surname = within and _named_before(reading, first)
    return Mention(first, last, None, tuple(cities), sure, within=within, surname=surname)


def _shouted(reading: Reading, word: int) -> bool:
    """In a dateline or a headline in capitals; elsewhere MERS is no city."""
    sentence = reading.sentences[reading.sentence_at(word)]
    return sentence.first == word or sentence.field == "title"


def _is_surname(reading: Reading, word: int) -> bool:
    """ "Michael Jordan", but not "In Jordan"."""
    first = reading.sentences[reading.sentence_at(word)].first
    if word == first or not _adjoins(reading, word - 1) or not _is_name(reading, word - 1):
        return False
    return word - 1 > first or (len(reading.words[word - 1]) > 4 and reading.words[word - 1] not in _OPENING)


def _opens(reading: Reading, first: int, last: int) -> bool:
    """The capital letter proves nothing: the first word of a sentence without a comma or the like after it, or in
    a headline that capitalises every word."""
    sentence = reading.sentences[reading.sentence_at(first)]
    text = reading.title if sentence.field == "title" else reading.text
    if sentence.first == first:
        after = reading.places[last - 1][1]
        return text[after : after + 2].strip()[:1] not in (",", ":", "(", "-", "–", "—", "/", ".")
    return sentence.field == "title" and _capitalised(reading, sentence.first, sentence.last)


def _capitalised(reading: Reading, first: int, last: int) -> bool:
    long = [w for w in (reading.original(n, n + 1) for n in range(first, last)) if len(w) > 3]
    return sum(w[0].isupper() for w in long) > 0.7 * len(long)


def _person(reading: Reading, first: int, last: int) -> bool:
    """A name between names is likely a person's: "Paris Hilton", "Jack London". Not told in a capitalised headline."""
    sentence = reading.sentences[reading.sentence_at(first)]
    if sentence.field == "title" and _capitalised(reading, sentence.first, sentence.last):
        return False
    before = first - 1 > sentence.first and _named_before(reading, first)
    return before or (last < sentence.last and _adjoins(reading, last - 1) and _is_name(reading, last))


def _named_before(reading: Reading, first: int) -> bool:
    return first > 0 and _adjoins(reading, first - 1) and _is_name(reading, first - 1)


def _adjoins(reading: Reading, word: int) -> bool:
    """Nothing but a space to the next word."""
    return reading.places[word + 1][0] - reading.places[word][1] == 1


def _is_name(reading: Reading, word: int) -> bool:
    written = reading.original(word, word + 1)
    return written[0].isupper() and len(written) > 1


def _bent(reading: Reading, position: int, language: str) -> Mention | None:
    """A country's name with another ending, in a language that bends names."""
    word, stems = reading.words[position], country_stems(language)
    for cut in range(min(4, max(1, len(word) - 3))):
        code = stems.get(word[: len(word) - cut])
        if code is not None:
            return Mention(position, position + 1, code, (), True)
    return None
