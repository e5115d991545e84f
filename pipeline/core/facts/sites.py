"""Finds where in the host country the forces will be: bases, ports, towns, regions.

Every name is scored: by the word for its kind or the preposition beside it, by its list, by the words for forces and
stay around it. The seat of a parliament, the place where somebody speaks and the origin of the forces do not count.
The gazetteer adds coordinates; a place in another country is dropped, and an unknown one is kept as written.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.core.facts.candidates import Candidate, position, scale
from pipeline.core.facts.noun_phrases import Timeline, in_clause
from pipeline.core.facts.parties import Parties
from pipeline.core.facts.place_names import PlaceName, PlaceNames, Row
from pipeline.core.facts.scene import Scene
from pipeline.core.places.mentions import Mention
from pipeline.core.topics.hits import Span
from pipeline.records import Place, StatedPlace

MOST_SITES = 10
_ABOUT = 12  # words from a name to words for a stay
_BESIDE = 3  # words from "using" or "host" to a list without a preposition
_GOVERNS = 6  # words from "stationed" to the name of a capital
_BEFORE = 6  # words from "parliament" to a name
_LIST = 3  # names
_REGION = 2  # words between a town and its region
_DECIDES = 3  # words from the seat of a parliament to "approves"
_SEA = 3  # words in the name of a sea
_LETTERS = 4  # first letters of a word that identify a place in any case form


def find_sites(scene: Scene, parties: Parties) -> tuple[StatedPlace, ...]:
    """The places of the stay, with country and coordinates if the gazetteer has them."""
    return _Sites(scene, parties).found()


class _Sites:
    """Finds the places in one scene."""

    def __init__(self, scene: Scene, parties: Parties) -> None:
        self.scene, self.timeline, self.names = scene, Timeline(scene), PlaceNames(scene)
        self.host = str(parties.host.value) if parties.host else None
        self.senders = {str(sender.value) for sender in parties.senders}
        self.mentions: dict[int, Mention] = {}
        for mention in scene.mentions:
            self.mentions.setdefault(mention.first, mention)
        self.gazetteer = {place.geoname: place for place in scene.places}

    def found(self) -> tuple[StatedPlace, ...]:
        found: list[StatedPlace] = []
        seen: list[frozenset[str]] = []
        for sentence in self.timeline.current():
            for candidate in scale("places").accepted(self._candidates(sentence)):
                key = self._key(candidate.value.name)
                if key and not any(key <= other or other <= key for other in seen):
                    seen.append(key)
                    found.append(self._place(candidate.value))
        return tuple(found)[:MOST_SITES]

    def _candidates(self, sentence: int) -> Iterator[Candidate[PlaceName]]:
        """The names in a sentence that is not a headline with capitals everywhere."""
        if self.scene.reading.is_capitalised_title(sentence, 0.6):
            return
        around, first = position(self.timeline, sentence), True
        if self.scene.spans_in("task", sentence):
            around.add("task")
        ended = 0
        for row in self.names.rows(sentence):
            of_row = around | self._of_row(sentence, row, around)
            if ended and self._adjoins(ended, row):
                of_row.add("around")
            kind = placed = False
            mapped = any(place and not self._foreign(place) for place in map(self._on_map, row.names))
            for name in row.names if row.closed else self._certain(row):
                kind, placed = kind or name.kind, placed or name.placed
                beside = "kind" if kind else "preposition" if placed else "bare-on-map" if mapped else "bare"
                own = self._of_name(sentence, row, name._replace(kind=kind, placed=placed), first=first)
                if self._is_region(row, name, ended):
                    own.add("around")
                candidate = scale("places").weigh(name, sentence, of_row | {beside} | own)
                yield candidate
                first = first and candidate.score < scale("places").enough
                ended = row.span[1] if candidate.score >= scale("places").enough else 0

    def _adjoins(self, ended: int, row: Row) -> bool:
        """Whether a row only says in which region or town the place before it is: "at Setermoen in Troms"."""
        start, small = row.span[0], self.names.small
        between_them = self.scene.reading.words[ended:start]
        return 0 < start - ended <= _REGION and not (row.names[0].kind or self._on_map(row.names[0])) and all(
            word in small.into or word in small.articles for word in between_them
        )  # fmt: skip

    def _is_region(self, row: Row, name: PlaceName, ended: int) -> bool:
        """Whether a comma and a preposition join a name to the place before it, and it is not one of a list: "at Camp
        Elsen, in the province of Lier"."""
        if name is not row.names[0]:
            if row.closed or len(row.names) != 2:
                return False
            ended = row.names[0].whole[1]
        words = self.scene.reading.words[ended : name.whole[0]]
        joined = 0 < len(words) <= _REGION and "," in self.scene.reading.gap(ended)
        return ended > 0 and joined and words[0] in self.names.small.into

    def _certain(self, row: Row) -> tuple[PlaceName, ...]:
        """The names of a list without its "and", which may be "Paphos, Nikos Karas said"."""
        ends = (n for n, one in enumerate(row.names) if n and not (one.kind or one.placed or self._on_map(one)))
        return row.names[: next(ends, len(row.names))]

    def _of_row(self, sentence: int, row: Row, around: set[str]) -> set[str]:
        """The evidence that the names of a list share."""
        found = {name for name in ("led", "summed", "bracketed") if getattr(row, name)}
        if len(row.names) > 1:
            found.add("list" if len(row.names) >= _LIST else "pair")
        if self._near(sentence, row.span, _ABOUT, ("being-there", "force", "task", "leave")):
            found.add("near-stay")
        elif around & {"forces", "stay", "task"}:
            found.add("about")
        if self._near(sentence, row.span, _BESIDE, ("being-there",)):
            found.add("governed")
        if self._near(sentence, row.span, _ABOUT, ("unaffected",)):
            found.add("unaffected")
        if len(row.names) >= _LIST and self._is_predicate(sentence, row):
            found.add("predicate")
        if self._is_elsewhere(sentence, row):
            found.add("elsewhere")
        bodies = self.scene.spans_in("state-body", sentence)
        if not row.names[0].kind and any(
            body < row.span and in_clause(self.scene, body, row.span, 1) for body in bodies
        ):
            found.add("seat")
        return found

    def _is_predicate(self, sentence: int, row: Row) -> bool:
        """Whether a sentence ends in a list that says what the places are: "The others are Basa, Lumbia and Cebu."."""
        return row.span[1] >= self.scene.reading.sentences[sentence].last and any(
            last == row.span[0] for _, last in self.scene.spans_in("being", sentence)
        )

    def _is_elsewhere(self, sentence: int, row: Row) -> bool:
        """Whether somebody speaks, governs or comes from there."""
        start, end = row.names[0].whole
        return any(start - _BEFORE < last <= start or first < start < last or start < first < end
                   for first, last in self.scene.spans_in("elsewhere", sentence))  # fmt: skip

    def _of_name(self, sentence: int, row: Row, name: PlaceName, *, first: bool) -> set[str]:
        """The evidence of one name: its country, whether it is a capital or a person."""
        found, mention = set[str](), self.mentions.get(name.name[0])
        place = self._on_map(name)
        foreign = place is not None and self._foreign(place) and not place.ambiguous
        if foreign and not (name.kind or row.led):
            found.add("foreign")
        if place is not None and not foreign and len(row.names) == 1:
            found |= self._of_headline(sentence, name.whole, mention)
        if self._is_water(sentence, name.whole):
            found.add("waters")
        if not name.kind and any(one.kind for one in row.names):
            found.add("kind-in-list")
        if mention is not None and mention.surname:
            found.add("person")
        if (
            mention is not None
            and any(city.capital for city in mention.cities)
            and (
                not name.kind or name.whole == (mention.first, mention.last)  # "Port Vila" is no port
            )
        ):
            governed = any(0 <= row.span[0] - last <= _GOVERNS or begin == name.name[1]
                           for begin, last in self.scene.spans_in("being-there", sentence))  # fmt: skip
            partners = any(self._foreign(at) for at in map(self._on_map, row.names) if at)  # "between Accra and Paris"
            if partners or (len(row.names) == 1 and not (first and governed and name.placed)):
                found.add("capital")
        return found

    def _of_headline(self, sentence: int, name: Span, mention: Mention | None) -> set[str]:
        """The evidence of a town that a headline names, and not as the seat of those who decide."""
        reading = self.scene.reading
        seat = mention is not None and any(city.capital for city in mention.cities)
        acts = any(0 <= act - name[1] < _DECIDES
                   for role in ("authorise", "refuse", "revoke")
                   for act, _ in self.scene.spans_in(role, sentence))  # fmt: skip
        if reading.sentences[sentence].field != "title" or seat or acts:
            return set()
        heads = name[0] == 0 and reading.gap(name[1])[:1] in (",", ":")
        return {"headline", "headed"} if heads else {"headline"}

    def _is_water(self, sentence: int, name: Span) -> bool:
        """Whether a sea or gulf is named, not a place "am Schwarzen Meer"."""
        end = name[1] if name[1] - name[0] <= _SEA else name[0] + 1
        return any(name[0] <= start < end for start, _ in self.scene.spans_in("waters", sentence))

    def _near(self, sentence: int, span: Span, apart: int, roles: tuple[str, ...]) -> bool:
        return any(
            span[0] - last <= apart and first - span[1] <= apart
            for role in roles
            for first, last in self.scene.spans_in(role, sentence)
        )

    def _on_map(self, name: PlaceName) -> Place | None:
        """The place in the gazetteer with exactly this name."""
        mention = self.mentions.get(name.name[0])
        if mention is None or mention.last != name.name[1]:
            return None
        return next((self.gazetteer[c.geoname] for c in mention.cities if c.geoname in self.gazetteer), None)

    def _foreign(self, place: Place) -> bool:
        return place.country != self.host if self.host else place.country in self.senders

    def _place(self, site: PlaceName) -> StatedPlace:
        name, place = self.scene.as_written(*site.whole), self._on_map(site)
        if place is not None and self._foreign(place):
            place = None
        return StatedPlace(
            value=name.value, sentence=name.sentence, start=name.start, end=name.end, field=name.field,
            **(_gazetteer_fields(place) if place else {}),
        )  # fmt: skip

    def _key(self, name: Span) -> frozenset[str]:
        """What identifies the place when it is mentioned again."""
        every = self.scene.reading.words[name[0] : name[1]]
        longer = [word for word in every if len(word) > 2] or every
        return frozenset(word[: max(3, min(_LETTERS, len(word) - 1))] for word in longer)


def _gazetteer_fields(place: Place) -> dict[str, Any]:
    return {
        "name": place.name, "country": place.country, "lat": place.lat, "lon": place.lon, "geoname": place.geoname,
        "ambiguous": place.ambiguous,
    }  # fmt: skip
