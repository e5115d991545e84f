"""What part each country that a text names plays in its sentence: whose soldiers, whose parliament, where they go.

A name belongs to the noun that it stands beside ("Kenyan soldiers", "soldados de Kenia", "Kenya'nın askerleri"): the
nearer one, with no more than a few words between. Weighs nothing and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pipeline.core.facts.scene import Scene
from pipeline.core.mentions import Mention

FORCE, BODY, SOIL, ENVOY = "force", "body", "soil", "envoy"  # what a name belongs to
PLACE, SUBJECT, DATELINE, PEOPLE, NAMED = "place", "subject", "dateline", "people", "named"  # or how it stands alone
_ADJECTIVES = {FORCE: 2, SOIL: 1, BODY: 1, ENVOY: 2}  # words that may stand between, besides of and the
_FARTHEST = 8
_JOINED = "'’ʼ"  # "Kenya'nın", "Kenya's"
_PARTED = frozenset(",;:()[]«»“”„\"")


class Named(NamedTuple):
    """A country named by words first to last (not included). `city`: by one of its cities."""

    country: str
    first: int
    last: int
    sentence: int
    kind: str
    city: bool
    body: bool  # by what one state only has: "Bundestag"


class _Words:
    """What the scene's roles say of single words."""

    def __init__(self, scene: Scene) -> None:
        self.heads: dict[int, str] = {}
        for kind, roles in (
            (FORCE, ("force", "service")), (SOIL, ("soil",)), (BODY, ("chamber", "cabinet", "ruler")), (ENVOY, ("envoy",)),
        ):  # fmt: skip
            for role in roles:
                for first, last in scene.spans(role):
                    self.heads.update(dict.fromkeys(range(first, last), kind))
        self.small = {role: {first for first, _ in scene.spans(role)} for role in ("of", "at", "the", "and")}
        self.named = {word for mention in scene.mentions for word in range(mention.first, mention.last)}


def named(scene: Scene) -> list[Named]:
    """Every mention of a country that is sure, with the part it plays."""
    words, cities = _Words(scene), {place.geoname: place.country for place in scene.places if not place.ambiguous}
    return list(_named(scene, words, cities))


def _named(scene: Scene, words: _Words, cities: Mapping[int, str]) -> Iterator[Named]:
    for mention in scene.mentions:
        city = next((city for city in mention.cities if city.geoname in cities), None)
        country = mention.country or (city.country if city else None)
        if country is None:
            continue
        sentence = scene.reading.sentence_at(mention.first)
        kind = _kind(scene, words, mention, sentence, capital=city is not None and city.capital)
        body = mention.demonym is not None and mention.demonym.body
        yield Named(country, mention.first, mention.last, sentence, kind, city is not None, body)


def _kind(scene: Scene, words: _Words, mention: Mention, sentence: int, *, capital: bool) -> str:
    at = scene.reading.sentences[sentence]
    if mention.demonym is not None and mention.demonym.body:
        return FORCE if words.heads.get(mention.first) == FORCE else BODY
    joined = _joined(scene, mention.last) and mention.last < at.last
    if joined and mention.last in words.small["at"]:
        return PLACE
    left, before = _leftward(scene, words, mention.first, at.first)
    right = _rightward(scene, words, mention.last + joined, at.last)
    if mention.cities and mention.country is None:
        if mention.first == scene.reading.split and _opens_a_report(scene, mention):
            return DATELINE
        return _city(words, mention, at.first, left, before, capital=capital)
    if left and right:
        # Side by side with both: an adjective goes before its noun, a name behind it.
        nearer = left if left[1] < right[1] or (left[1] == right[1] and mention.demonym is None) else right
        return nearer[0]
    if left or right:
        return (left or right or (NAMED, 0))[0]
    if mention.demonym is not None:
        return PEOPLE
    return PLACE if before in words.small["at"] else SUBJECT if mention.first <= at.first + 1 else NAMED


def _city(
    words: _Words, mention: Mention, opening: int, left: tuple[str, int] | None, before: int, *, capital: bool
) -> str:
    """A capital stands for its state where it is no place."""
    if capital and left and left[0] in (BODY, FORCE):
        return left[0]
    if before in words.small["at"] or not capital:
        return PLACE
    return SUBJECT if mention.first <= opening + 1 else NAMED


def _opens_a_report(scene: Scene, mention: Mention) -> bool:
    """ "LIMA. The …", "Lima, 4 May (Agency) – The …"."""
    reading = scene.reading
    end = reading.places[mention.last - 1][1]
    return reading.text[:end].strip().isupper() or reading.text[end : end + 2].strip()[:1] in tuple(".,–—-(:")


def _leftward(scene: Scene, words: _Words, first: int, opening: int) -> tuple[tuple[str, int] | None, int]:
    """The noun before that the name belongs to, with the words between; and the first word before that tells how the
    name stands, past articles and other names."""
    between, telling = 0, -1
    for word in range(first - 1, max(opening, first - _FARTHEST) - 1, -1):
        listed = word in words.named or word in words.small["and"]
        if _parted(scene, word) and word + 1 in words.named and not listed:
            break
        kind = words.heads.get(word)
        if kind is not None and between <= _ADJECTIVES[kind]:
            return (kind, between), telling
        if listed or word in words.small["the"]:
            continue
        telling = word if telling < 0 else telling
        if word in words.small["of"]:
            continue
        if word in words.small["at"] or between == 2:
            break
        between += 1
    return None, telling


def _rightward(scene: Scene, words: _Words, last: int, closing: int) -> tuple[str, int] | None:
    """The noun behind that the name belongs to, with the words between."""
    between = 0
    for word in range(last, min(closing, last + _FARTHEST)):
        listed = word in words.named or word in words.small["and"] or _joined(scene, word)
        if _parted(scene, word - 1) and not listed:
            break
        kind = words.heads.get(word)
        if kind is not None and between <= _ADJECTIVES[kind]:
            return kind, between
        if listed:
            continue
        if between == 2 or any(word in words.small[role] for role in ("of", "at", "the")):
            break
        between += 1
    return None


def _joined(scene: Scene, word: int) -> bool:
    """By an apostrophe to the word before."""
    places, whole = scene.reading.places, _field(scene, word)
    return 0 < word < len(places) and whole[places[word][0] - 1 : places[word][0]] in tuple(_JOINED)


def _parted(scene: Scene, word: int) -> bool:
    """A comma or the like stands between `word` and the next."""
    places, whole = scene.reading.places, _field(scene, word)
    gap = whole[places[word][1] : places[word + 1][0]] if word + 1 < len(places) else ""
    return not _PARTED.isdisjoint(gap)


def _field(scene: Scene, word: int) -> str:
    return scene.reading.title if word < scene.reading.split else scene.reading.text
