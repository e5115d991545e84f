"""Decides which countries and places a text names.

Precision comes before recall: a name that may be a common word or a person's counts only with support from the rest of
the text.

Limits: regions and rivers are unknown; a city cannot be distinguished from a common noun in German (Essen), nor from a
person mentioned by one name (Santiago).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from pipeline.core.places.gazetteer import WELL_KNOWN, City, city_names, home_language, near
from pipeline.core.places.mentions import Mention, mentions
from pipeline.core.text.languages import grammar_of, vocabulary, words_of_all
from pipeline.core.text.reading import Reading
from pipeline.records import Place

MOST_PLACES = 50
NOUN_KNOWN = 1_000_000  # inhabitants from which a city counts in a language that capitalises every noun
ALIKE = 0.4  # similarity from which a city's other name is not a nickname ("Google" is one of Topeka's)
ALIKE_AT_HOME = 0.6  # the same in the language of its country: "Gerne" is not Herne
SUPPORT = 20  # factor for the inhabitants of a city whose country the text names
NAME, DEMONYM = 2, 1  # weight of naming a country, and of naming its people
DECIDED = 10  # a city is certain if it weighs this many times the next one of the same name

_AROUND_GEORGIA = frozenset(("AM", "AZ"))


def find_places(reading: Reading, language: str | None) -> tuple[tuple[str, ...], tuple[Place, ...]]:
    """Countries (ISO 3166-1 alpha-2, most mentioned first) and places (first mention of each) in an article."""
    return settle_places(reading, language, find_mentions(reading, language))


def settle_places(
    reading: Reading, language: str | None, found: Sequence[Mention]
) -> tuple[tuple[str, ...], tuple[Place, ...]]:
    """The same as `find_places`, from mentions already found."""
    named = _named(found)
    _settle_georgia(named, found, reading)
    found = _settle_islands(named, found)
    groups: dict[str, list[Mention]] = {}
    for mention in found:
        if mention.cities:
            groups.setdefault(mention.key, []).append(mention)
    placed = _place_all(groups, named, language)
    # Again, with the countries of certain cities: "Madrid … Córdoba".
    sure = Counter(city.country for city, ambiguous in placed.values() if not ambiguous)
    placed = _place_all(groups, named + sure, language)
    counts, places = Counter[str](), dict[int, Place]()
    for mention in found:
        city, ambiguous = placed.get(mention.key, (None, False)) if mention.cities else (None, False)
        if city is not None:
            region = all(other.region for other in groups[mention.key])
            places.setdefault(city.geoname, _as_place(reading, mention, city, ambiguous or region))
        country = mention.country if mention.country in named else city.country if city and not ambiguous else None
        if country:
            counts[country] += DEMONYM if mention.demonym else NAME
    return tuple(code for code, _ in counts.most_common()), tuple(places.values())[:MOST_PLACES]


def find_mentions(reading: Reading, language: str | None) -> list[Mention]:
    """Every mention of a country, a people or a city, in order; demonyms with their country."""
    return _attribute(_locate(reading, language, list(mentions(reading, language))))


def _attribute(found: Sequence[Mention]) -> list[Mention]:
    """Give demonyms their country: if several, one that the text names; a weak one only then."""
    named = {mention.country for mention in found if mention.country}
    named |= {city.country for m in found for city in m.cities if city.capital and city.key == m.key}
    named |= {
        m.demonym.countries[0] for m in found if m.demonym and len(m.demonym.countries) == 1 and not m.demonym.weak
    }
    attributed = []
    for mention in found:
        if mention.demonym is None:
            attributed.append(mention)
            continue
        known = [code for code in mention.demonym.countries if code in named]
        if known or not mention.demonym.weak:
            attributed.append(mention._replace(country=(known or mention.demonym.countries)[0]))
    return attributed


def _named(found: Sequence[Mention]) -> Counter[str]:
    """How often the text names each country; its people count less."""
    named = Counter[str]()
    for mention in found:
        if mention.country:
            named[mention.country] += DEMONYM if mention.demonym else NAME
    return named


def _locate(reading: Reading, language: str | None, found: list[Mention]) -> list[Mention]:
    """Set `located`: for a country, two words or more, a preposition before it, or such a mention next to it ("en Lima,
    Callao y Cusco"). A people has no location."""
    listed = vocabulary("places")["before"].get(language or "")
    if listed is None:
        return found
    before = frozenset(listed.split())
    located = []
    for mention in found:
        preceding = reading.folded(max(0, mention.first - 1), mention.first)
        alone = mention.last - mention.first == 1 and mention.country is None and before.isdisjoint(preceding)
        located.append(not alone and mention.demonym is None)
    for n in range(1, len(found)):
        located[n] = located[n] or (located[n - 1] and _beside(reading, found[n - 1], found[n]))
    for n in range(len(found) - 2, -1, -1):
        located[n] = located[n] or (located[n + 1] and _beside(reading, found[n], found[n + 1]))
    return [mention._replace(located=known) for mention, known in zip(found, located, strict=True)]


def _beside(reading: Reading, one: Mention, other: Mention) -> bool:
    """Whether only a comma or an "and" is between them, in one sentence."""
    between = reading.folded(one.last, other.first)
    near = not between or (len(between) == 1 and between[0] in words_of_all("places", "and"))
    return near and reading.sentence_at(one.first) == reading.sentence_at(other.first)


def _settle_georgia(named: Counter[str], found: Sequence[Mention], reading: Reading) -> None:
    """Decide on Georgia: the US state if the text names the United States or a large city there, and nothing that
    points to the country: its people, a large city, a neighbour, or what no US state has ("Georgia's parliament")."""
    if not named["GE"]:
        return
    cities = [mention.cities[0] for mention in found if mention.cities]
    large = {city.country for city in cities if city.population > WELL_KNOWN}
    if not named["US"] and "US" not in large:
        return
    georgian = any(mention.demonym and mention.country == "GE" for mention in found)
    around = bool(_AROUND_GEORGIA & named.keys()) or "GE" in large
    of_states = words_of_all("places", "state_words")
    ruled = any(m.country == "GE" and of_states & set(reading.folded(m.last, m.last + 3)) for m in found)
    if not (georgian or around or ruled):
        del named["GE"]


def _settle_islands(named: Counter[str], found: Sequence[Mention]) -> list[Mention]:
    """Decide on names such as Granada: the island if the text names other islands near it, and no country with a city
    of that name. Grenade is the island by default: no larger city has that official name."""
    settled = []
    for mention in found:
        elsewhere = any(named[city.country] for city in mention.cities)
        if mention.also and not elsewhere and (mention.foremost or near(mention.also) & named.keys()):
            named[mention.also] += NAME
            mention = mention._replace(country=mention.also, cities=())
        settled.append(mention)
    return settled


def _place_all(
    groups: Mapping[str, list[Mention]], support: Counter[str], language: str | None
) -> dict[str, tuple[City, bool]]:
    return {name: found for name, group in groups.items() if (found := _place(name, group, support, language))}


def _place(name: str, group: list[Mention], support: Counter[str], language: str | None) -> tuple[City, bool] | None:
    """The city that mentions of one name mean, and whether that is a guess; None if it may not be a city."""

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
    doubtful = not usual or not large or (grammar_of(language).capital_nouns and best.population < NOUN_KNOWN)
    if doubtful and not any(mention.sure and mention.located for mention in group):
        return None
    named = all(mention.within for mention in group) or any(mention.surname for mention in group)
    if named and not grammar_of(language).capital_nouns and not any(mention.located for mention in group):
        return None  # "Elizabeth Warren" is not a town in New Jersey, however American the text is
    if support[best.country]:
        decided = decided or not any(support[city.country] for city in rivals)
        return (best, not decided) if large or support.most_common(1)[0][0] == best.country else None
    if not large or not sure or not (usual or best.capital or home_language(best.country) == language):
        return None
    if not decided and support:
        return None  # the text is about other countries than any of these
    return best, not decided


def _called(city: City, name: str, language: str | None) -> bool:
    """Whether the city may be called that in this language. GeoNames also has nicknames and historical names."""
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
        field="title" if in_title else "text", start=reading.place(mention.first, mention.first + 1)[0],
        end=reading.place(mention.last - 1, mention.last)[1], ambiguous=ambiguous,
    )  # fmt: skip
