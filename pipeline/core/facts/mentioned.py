"""What part each country that a text names plays in its sentence: whose soldiers, whose parliament, where they go.

A name belongs to the noun that it stands beside ("Kenyan soldiers", "soldados de Kenia", "Kenya'nın askerleri"): the
nearer one, with no more than a few words between. Weighs nothing and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pipeline.core.facts.scene import Scene
from pipeline.core.gazetteer import City, city_names
from pipeline.core.mentions import Mention

# What a name belongs to: soldiers, a state body, land, an embassy, a request.
FORCE, BODY, SOIL, ENVOY, REQUEST = "force", "body", "soil", "envoy", "request"
# Or how it stands: where somebody is, at the head of a sentence, before a report, as whom leave is given to or refused.
PLACE, SUBJECT, DATELINE, RECIPIENT = "place", "subject", "dateline", "recipient"
PARTNER = "partner"  # whose soldiers are those that others train
PEOPLE, NAMED = "people", "named"  # and where that tells nothing

EITHER = "either"  # a name that is an adjective too
#: Roles whose words are state bodies.
BODIES = ("chamber", "members", "national-chamber", "ruler", "cabinet", "council", "court")
_HEADS = ((FORCE, ("force", "service")), (SOIL, ("soil",)), (REQUEST, ("plea",)), (BODY, BODIES), (ENVOY, ("envoy",)))
_ADJECTIVES = {FORCE: 2, SOIL: 1, REQUEST: 1, BODY: 1, ENVOY: 2}  # words that may stand between, besides of and the
_BETWEEN = max(_ADJECTIVES.values())
_FARTHEST = 8
# Where adjectives of nationality stand: "American soldiers", "soldats américains". In others on either side.
_BEFORE_NOUN, _BEHIND_NOUN = frozenset(("en", "de", "ru", "uk", "tr")), frozenset(("es", "pt", "fr", "it", "ro", "id"))
JOINING = "'’ʼ"  # "Kenya'nın", "Kenya's"
_NOT = frozenset(("non", "nicht", "no", "nao", "не", "nie"))  # folded
_PARTED = frozenset(',;:()[]«»“”„"')


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
        for kind, roles in _HEADS:
            for role in roles:
                self.heads.update(dict.fromkeys(_covered(scene, role), kind))
        self.small = {role: {first for first, _ in scene.spans(role)} for role in ("of", "at", "to", "the", "and")}
        self.asking, self.gazettes = _covered(scene, "request"), _covered(scene, "gazette")
        starts = frozenset(scene.reading.starts)
        self.verdicts = {last for _, last in scene.spans("verdict")} - starts
        self.partners = {last for _, last in scene.spans("partner")} - starts
        self.sorts = {word: _sort(scene, m) for m in scene.mentions for word in range(m.first, m.last)}

    def listed(self, mention: Mention, word: int) -> bool:
        """Another name of the same sort, or an "and": "Jamaican and Bahamian soldiers"."""
        sort = self.sorts.get(word)
        either = EITHER in (sort, self.sorts[mention.first])
        return word in self.small["and"] or (sort is not None and (either or sort == self.sorts[mention.first]))

    def gives(self, mention: Mention) -> bool:
        """It is whose verdict it is: "feu vert de Berne"."""
        first, of = mention.first, False
        while first - 1 in self.small["of"] or first - 1 in self.small["the"]:
            first -= 1
            of = of or first in self.small["of"]
        return of and first in self.verdicts

    def denied(self, scene: Scene, mention: Mention) -> bool:
        """ "non-US troops", "die nicht aus den USA stammenden Truppen"."""
        first = mention.first
        while first - 1 in self.small["of"] or first - 1 in self.small["the"]:
            first -= 1
        not_so = first > 0 and scene.reading.words[first - 1] in _NOT
        return not_so and (first < mention.first or _parted(scene, first - 1, "-"))

    def given(self, mention: Mention) -> bool:
        """Right behind a verdict: "відмовив Китаю", "abre la puerta a Kenia"."""
        first = mention.first
        while first - 1 in self.small["to"] or first - 1 in self.small["the"]:
            first -= 1
        return first in self.verdicts


def named(scene: Scene) -> list[Named]:
    """Every mention of a country that is sure, with the part it plays."""
    words, cities = _Words(scene), {place.geoname: place.country for place in scene.places if not place.ambiguous}
    return list(_named(scene, words, cities))


def _sort(scene: Scene, mention: Mention) -> str:
    """A people is an adjective, a country is none, and its acronym can be both: "US troops"."""
    if mention.demonym is not None:
        return "people"
    return EITHER if scene.reading.original(mention.first, mention.last).isupper() else "country"


def _covered(scene: Scene, role: str) -> set[int]:
    return {word for first, last in scene.spans(role) for word in range(first, last)}


def _named(scene: Scene, words: _Words, cities: Mapping[int, str]) -> Iterator[Named]:
    for mention in scene.mentions:
        city = next((city for city in mention.cities if city.geoname in cities), None) or _capital(scene, mention)
        country = mention.country or (city.country if city else None)
        if country is not None and not words.denied(scene, mention):
            sentence = scene.reading.sentence_at(mention.first)
            kind = _kind(scene, words, mention, sentence, capital=city is not None and city.capital)
            body = mention.demonym is not None and mention.demonym.body
            yield Named(country, mention.first, mention.last, sentence, kind, mention.country is None, body)


def _capital(scene: Scene, mention: Mention) -> City | None:
    """A capital called by its usual name is meant here, though it may be a common word: "Dakar reconduit …"."""
    if mention.within or mention.country is not None:
        return None
    usual = mention.key in city_names(scene.language)
    return next((city for city in mention.cities if city.capital and (usual or city.key == mention.key)), None)


def _kind(scene: Scene, words: _Words, mention: Mention, sentence: int, *, capital: bool) -> str:
    at = scene.reading.sentences[sentence]
    if mention.first in words.asking:
        return REQUEST
    if mention.first in words.gazettes:
        return BODY
    if mention.demonym is not None and mention.demonym.body:
        if words.given(mention):
            return RECIPIENT
        return FORCE if words.heads.get(mention.first) == FORCE else BODY
    joined = mention.last < at.last and _joined(scene, mention.last)
    left, before = _leftward(scene, words, mention, at.first)
    if left and mention.demonym is not None and scene.language in _BEFORE_NOUN:
        left = None
    placed = (mention.last if joined else before) in words.small["at"]
    if mention.cities and mention.country is None:
        return _city(scene, words, mention, at.first, left, placed, capital=capital)
    name = mention.demonym is None
    if name and placed and not words.given(mention) and words.sorts[mention.first] != EITHER:
        return PLACE
    right = _rightward(scene, words, mention, mention.last + joined, at.last)
    if right and left and mention.demonym is not None and scene.language in _BEHIND_NOUN:
        right = None
    if left and right:
        # Beside both, an adjective goes with the noun behind, a name with the one before.
        head = left[0] if left[1] < right[1] or (left[1] == right[1] and name) else right[0]
    else:
        head = (left or right or ("", 0))[0]
    if head == FORCE and any(word in words.partners for word in range(mention.first - 3, mention.first + 1)):
        return PARTNER
    if head:
        return head
    if words.gives(mention):
        return BODY
    if words.given(mention):
        return RECIPIENT
    if not name:
        return PEOPLE
    return PLACE if placed else _alone(scene, mention, at.first)


def _city(
    scene: Scene, words: _Words, mention: Mention, opening: int, left: tuple[str, int] | None, placed: bool, *,
    capital: bool,
) -> str:  # fmt: skip
    """A capital stands for its state where it is no place."""
    if mention.first == opening and _opens_a_report(scene, mention):
        return DATELINE
    if capital and placed and words.heads.get(mention.first - 2) == BODY:
        return BODY  # "Parlament in Nikosia"
    if capital and left and (left[0] in (BODY, REQUEST) or (left[0] == FORCE and not placed)):
        return left[0]
    if capital and words.gives(mention):
        return BODY
    if capital and words.given(mention):
        return RECIPIENT
    return PLACE if placed or not capital else _alone(scene, mention, opening)


def _alone(scene: Scene, mention: Mention, opening: int) -> str:
    """At the head of a sentence, or of what follows a colon, it is likely who acts."""
    return SUBJECT if mention.first <= opening + 1 or _parted(scene, mention.first - 1, ":") else NAMED


def _opens_a_report(scene: Scene, mention: Mention) -> bool:
    """ "LIMA. The …", "Lima, 4 May (Agency) – The …", before the report or a line that says whose it is."""
    reading = scene.reading
    texts = [at.first for at in reading.sentences[:4] if at.field == "text"][:2]
    end = reading.places[mention.last - 1][1]
    shouted = reading.original(mention.first, mention.last).isupper()
    return mention.first in texts and (shouted or reading.text[end : end + 2].strip()[:1] in tuple(".,–—-("))


def _leftward(
    scene: Scene, words: _Words, mention: Mention, opening: int
) -> tuple[tuple[str, int] | None, int]:  # fmt: skip
    """The noun before that the name belongs to, with the words between; and the first word before that tells how the
    name stands, past articles and other names."""
    between, telling = 0, -1
    allowed = _BETWEEN if mention.demonym is not None else 0
    for word in range(mention.first - 1, max(opening, mention.first - _FARTHEST) - 1, -1):
        listed = words.listed(mention, word)
        if _parted(scene, word) and not (listed and words.listed(mention, word + 1)):
            break
        kind = words.heads.get(word)
        if kind is not None and not listed and between <= min(allowed, _ADJECTIVES[kind]):
            return (kind, between), telling
        if listed or word in words.small["the"]:
            continue
        telling = word if telling < 0 else telling
        if word in words.small["of"]:
            allowed = _BETWEEN  # "soldats d'élite de la France"
            continue
        if word in words.small["at"] or between == allowed:
            break
        between += 1
    return None, telling


def _rightward(scene: Scene, words: _Words, mention: Mention, last: int, closing: int) -> tuple[str, int] | None:
    """The noun behind that the name belongs to, with the words between."""
    between, comma = 0, False
    allowed = _BETWEEN if words.sorts[mention.first] != "country" or last > mention.last else 0
    for word in range(last, min(closing, last + _FARTHEST)):
        listed = words.listed(mention, word)
        comma = comma or _parted(scene, word - 1)
        if comma and not listed:
            break
        comma = comma and word not in words.small["and"]  # "A, B and C soldiers", not "A, B soldiers"
        kind = words.heads.get(word)
        if kind is not None and not listed and between <= min(allowed, _ADJECTIVES[kind]):
            return kind, between
        if listed or _joined(scene, word):
            continue
        if between == allowed or any(word in words.small[role] for role in ("of", "at", "the")):
            break
        between += 1
    return None


def _joined(scene: Scene, word: int) -> bool:
    """By an apostrophe to the word before."""
    places, whole = scene.reading.places, _field(scene, word)
    return 0 < word < len(places) and whole[places[word][0] - 1 : places[word][0]] in tuple(JOINING)


def _parted(scene: Scene, word: int, marks: str | frozenset[str] = _PARTED) -> bool:
    """A comma or the like stands between `word` and the next."""
    places, whole = scene.reading.places, _field(scene, word)
    gap = whole[places[word][1] : places[word + 1][0]] if 0 <= word < len(places) - 1 else ""
    return any(mark in marks for mark in gap)


def _field(scene: Scene, word: int) -> str:
    return scene.reading.title if word < scene.reading.split else scene.reading.text
