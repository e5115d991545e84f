"""Finds the role of each country in its sentence: owner of soldiers, owner of a parliament, destination.

A name belongs to the nearest noun, with at most a few words in between: "Kenyan soldiers", "soldados de Kenia",
"Kenya'nın askerleri". parties.py weighs the roles.
"""

from __future__ import annotations

from typing import NamedTuple

from pipeline.core.facts.scene import Scene
from pipeline.core.facts.signs import APOSTROPHES
from pipeline.core.places.gazetteer import City, city_names
from pipeline.core.places.mentions import Mention
from pipeline.core.text.languages import grammar_of, words_of_all

# A name may belong to soldiers, a state body, territory, an embassy, a request, a permission,
FORCE, BODY, SOIL, ENVOY, REQUEST, LEAVE = "force", "body", "soil", "envoy", "request", "leave"
# or have a role by its position: a location, the start of a sentence, before a report, the recipient of a decision.
PLACE, SUBJECT, DATELINE, RECIPIENT = "place", "subject", "dateline", "recipient"
PARTNER = "partner"  # whose soldiers others train
PEOPLE, NAMED = "people", "named"  # without further evidence

EITHER = "either"  # a name that can also be an adjective

#: Roles of [facts] whose words are state bodies.
BODIES = ("chamber", "members", "national-chamber", "ruler", "cabinet", "council", "court")
_HEADS = (
    (LEAVE, ("leave",)), (FORCE, ("force", "service")), (SOIL, ("soil",)), (REQUEST, ("plea",)), (BODY, BODIES),
    (ENVOY, ("envoy",)),
)  # fmt: skip
# Maximum words between a name and its noun, besides "of" and articles.
_ADJECTIVES = {LEAVE: 0, FORCE: 2, SOIL: 1, REQUEST: 1, BODY: 1, ENVOY: 2}
_BETWEEN = max(_ADJECTIVES.values())
_FARTHEST = 8
_PARTED = frozenset(',;:()[]«»“”„"')
_REPORTS = tuple(".,–—-(")  # after the place a report was written


class CountryRole(NamedTuple):
    """A country named by the words first to last (exclusive). `city`: by one of its cities."""

    country: str
    first: int
    last: int
    sentence: int
    kind: str
    city: bool
    body: bool  # by an institution only one state has: "Bundestag"


class _Head(NamedTuple):
    """The noun that a name belongs to, and the words in between."""

    kind: str
    between: int


def country_roles(scene: Scene) -> list[CountryRole]:
    """Every certain mention of a country, with its role."""
    parts, cities = _Parts(scene), {place.geoname for place in scene.places if not place.ambiguous}
    found = []
    for mention in scene.mentions:
        city = next((city for city in mention.cities if city.geoname in cities), None) or _capital(scene, mention)
        country = mention.country or (city.country if city else None)
        if country is not None and not parts.denied(mention) and not parts.is_foreign_institution(mention):
            kind = parts.of_city(mention, city) if city and not mention.country else parts.of_country(mention)
            sentence, people = scene.reading.sentence_at(mention.first), mention.demonym
            body = people is not None and people.body
            found.append(
                CountryRole(country, mention.first, mention.last, sentence, kind, mention.country is None, body)
            )
    return found


def _capital(scene: Scene, mention: Mention) -> City | None:
    """The capital that is meant, though its name may be a common word: "Dakar reconduit …". None if no capital is."""
    if mention.within or mention.country is not None:
        return None
    usual = mention.key in city_names(scene.language)
    return next((city for city in mention.cities if city.capital and (usual or city.key == mention.key)), None)


class _Parts:
    """Decides the role of a name, from the words in its surroundings."""

    def __init__(self, scene: Scene) -> None:
        self.reading, self.adjectives = scene.reading, grammar_of(scene.language).adjectives
        self.heads: dict[int, str] = {}
        for kind, roles in _HEADS:
            for role in roles:
                self.heads.update(dict.fromkeys(scene.covered(role), kind))
        small = {role: {first for first, _ in scene.spans(role)} for role in ("of", "at", "to", "the", "and")}
        self.of, self.at, self.to, self.the, self.and_ = small.values()
        self.asking, self.gazettes = scene.covered("request"), scene.covered("gazette")
        self.starts = frozenset(scene.reading.starts)
        self.verdicts = {last for _, last in scene.spans("verdict")} - self.starts
        self.partners = {last for _, last in scene.spans("partner")} - self.starts
        self.countries = {word: m.country for m in scene.mentions for word in range(m.first, m.last)}
        peoples = [m for m in scene.mentions if not (m.demonym and m.demonym.body)]
        self.sorts = {word: _sort(scene, m) for m in peoples for word in range(m.first, m.last)}

    def of_country(self, mention: Mention) -> str:
        """The role of a country, a people or an institution of one state."""
        if mention.first in self.asking:
            return REQUEST
        if mention.first in self.gazettes:
            return BODY
        if mention.demonym is not None and mention.demonym.body:
            force = self.heads.get(mention.first) == FORCE
            return RECIPIENT if self._given(mention) else FORCE if force else BODY
        if self._placed(mention) and not self._given(mention) and self.sorts[mention.first] == "country":
            return PLACE
        kind = self._belongs(mention)
        if kind == FORCE and not self.partners.isdisjoint(range(mention.first - 3, mention.first + 1)):
            return PARTNER
        if kind == LEAVE:
            kind = BODY if mention.demonym is not None else ""  # "feu vert tchadien", but "permiso de EE. UU."
        if kind or self._gives(mention):
            return kind or BODY
        if self._given(mention):
            return RECIPIENT
        if mention.demonym is not None:
            return PEOPLE
        return PLACE if self._placed(mention) else self._alone(mention)

    def of_city(self, mention: Mention, city: City) -> str:
        """The role of a city; a capital means its state unless it is a location."""
        if self._opens_a_report(mention):
            return DATELINE
        placed = self._placed(mention)
        if not city.capital:
            return PLACE
        head = self._before(mention)[0]
        if placed and self.heads.get(mention.first - 2) == BODY:
            return BODY  # "Parlament in Nikosia"
        if head and (head.kind in (BODY, REQUEST) or (head.kind == FORCE and not placed)):
            return head.kind
        if self._gives(mention) or self._given(mention):
            return BODY if self._gives(mention) else RECIPIENT
        return PLACE if placed else self._alone(mention)

    def denied(self, mention: Mention) -> bool:
        """Whether the name is negated: "non-US troops", "die nicht aus den USA stammenden Truppen"."""
        first = self._past(mention, self.of)
        not_so = first > 0 and self.reading.words[first - 1] in words_of_all("places", "not")
        return not_so and (first < mention.first or self._parted(first - 1, "-"))

    def is_foreign_institution(self, mention: Mention) -> bool:
        """Whether an institution that usually means one state is here another's: "litewski Sejm"."""
        if mention.demonym is None or not mention.demonym.body:
            return False
        near = {self.countries.get(mention.first - 1), self.countries.get(mention.last)}
        return not near <= {None, mention.country}

    def _past(self, mention: Mention, small: set[int]) -> int:
        """The first of the articles and `small` words directly before the name, or the name itself."""
        first = mention.first
        while first - 1 in small or first - 1 in self.the:
            first -= 1
        return first

    def _gives(self, mention: Mention) -> bool:
        """Whether the decision is this country's: "feu vert de Berne"."""
        first = self._past(mention, self.of)
        return first in self.verdicts and not self.of.isdisjoint(range(first, mention.first))

    def _given(self, mention: Mention) -> bool:
        """Whether it directly follows a decision: "відмовив Китаю", "abre la puerta a Kenia"."""
        return self._past(mention, self.to) in self.verdicts

    def _placed(self, mention: Mention) -> bool:
        """Whether it follows a preposition of place, or has such a suffix after an apostrophe: "Kenya'da"."""
        return (mention.last if self._joined(mention.last) else self._before(mention)[1]) in self.at

    def _alone(self, mention: Mention) -> str:
        """SUBJECT if it starts a sentence or follows a colon, and so probably acts; otherwise NAMED."""
        return SUBJECT if mention.first <= self._opening(mention) + 1 or self._parted(mention.first - 1, ":") else NAMED

    def _opens_a_report(self, mention: Mention) -> bool:
        """Whether it is the dateline of the report: "LIMA. The …", "Lima, 4 May (Agency) – The …"."""
        reading = self.reading
        firsts = [at.first for at in reading.sentences[:4] if at.field == "text"][:2]
        end = reading.places[mention.last - 1][1]
        shouted = reading.original(mention.first, mention.last).isupper()
        return mention.first in firsts and (shouted or reading.text[end : end + 2].strip()[:1] in _REPORTS)

    def _belongs(self, mention: Mention) -> str:
        """The kind of the noun that a country or people belongs to, or ""."""
        left, right = self._before(mention)[0], self._behind(mention)
        people = mention.demonym is not None
        if people and self.adjectives == "before":
            left = None
        if people and left and self.adjectives == "after":
            right = None
        if left and right:
            # Between two nouns, an adjective goes with the next one, a name with the one before.
            nearer = left.between < right.between or (left.between == right.between and not people)
            return left.kind if nearer else right.kind
        return left.kind if left else right.kind if right else ""

    def _before(self, mention: Mention) -> tuple[_Head | None, int]:
        """The preceding noun that the name belongs to, and the nearest preceding word that is neither an article nor
        another name, or -1."""
        between, nearest, opening = 0, -1, self._opening(mention)
        allowed = _BETWEEN if mention.demonym is not None else 0
        for word in range(mention.first - 1, max(opening, mention.first - _FARTHEST) - 1, -1):
            listed = self._listed(mention, word)
            if self._parted(word) and not (listed and self._listed(mention, word + 1)):
                break
            kind = self.heads.get(word)
            if kind is not None and not listed and between <= min(allowed, _ADJECTIVES[kind]):
                return _Head(kind, between), nearest
            if listed or word in self.the:
                continue
            nearest = word if nearest < 0 else nearest
            if word in self.of:
                allowed = _BETWEEN  # "soldats d'élite de la France"
                continue
            if word in self.at or between == allowed:
                break
            between += 1
        return None, nearest

    def _behind(self, mention: Mention) -> _Head | None:
        """The following noun that the name belongs to."""
        between, comma, joined = 0, False, self._joined(mention.last)
        closing = self.reading.sentences[self.reading.sentence_at(mention.first)].last
        allowed = _BETWEEN if joined or self.sorts[mention.first] != "country" else 0
        for word in range(mention.last + joined, min(closing, mention.last + _FARTHEST)):
            listed = self._listed(mention, word)
            comma = comma or self._parted(word - 1)
            if comma and not listed:
                break
            comma = comma and word not in self.and_  # "A, B and C soldiers", not "A, B soldiers"
            kind = self.heads.get(word)
            if kind is not None and not listed and between <= min(allowed, _ADJECTIVES[kind]):
                return _Head(kind, between)
            if listed or self._joined(word):
                continue
            if between == allowed or word in self.of or word in self.at or word in self.the:
                break
            between += 1
        return None

    def _listed(self, mention: Mention, word: int) -> bool:
        """Whether the word is another name of the same sort, or an "and": "Jamaican and Bahamian soldiers"."""
        sort, own = self.sorts.get(word), self.sorts[mention.first]
        return word in self.and_ or (sort is not None and (sort == own or EITHER in (sort, own)))

    def _opening(self, mention: Mention) -> int:
        return self.reading.sentences[self.reading.sentence_at(mention.first)].first

    def _joined(self, word: int) -> bool:
        """Whether an apostrophe joins it to the word before."""
        if word >= len(self.reading.places) or word in self.starts:
            return False
        return self.reading.gap(word).endswith(APOSTROPHES)

    def _parted(self, word: int, marks: str | frozenset[str] = _PARTED) -> bool:
        """Whether one of `marks` is between `word` and the next word."""
        inside = 0 <= word < len(self.reading.places) - 1
        return inside and any(mark in marks for mark in self.reading.gap(word + 1))


def _sort(scene: Scene, mention: Mention) -> str:
    """Whether the mention is an adjective ("people"), a name ("country"), or may be both, such as "US"."""
    if mention.demonym is not None:
        return "people"
    return EITHER if scene.reading.original(mention.first, mention.last).isupper() else "country"
