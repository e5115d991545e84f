"""Finds where in the host country the forces will be: bases, ports, towns, regions.

A place is a name next to a word such as base or port, or after a preposition of place, in a sentence on the arrival or
stay of the forces. The seat of a parliament, the place where somebody speaks and the origin of the forces do not count.
The gazetteer adds coordinates; a place in another country is dropped, and an unknown one is kept as written.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from pipeline.core.facts.noun_phrases import (
    Timeline,
    between,
    bounds,
    capital,
    in_clause,
    longest_spans,
    name_end,
    small_words,
)
from pipeline.core.facts.parties import Parties
from pipeline.core.facts.scene import Scene
from pipeline.core.places.mentions import Mention
from pipeline.core.places.nations import nations
from pipeline.core.text.languages import calendar_words
from pipeline.core.topics.hits import Span
from pipeline.records import Place, StatedPlace

MOST_SITES = 10
_ABOUT = 12  # words from a name to words for a stay
_GOVERNS = 6  # words from "stationed" to the name of a capital
_BEFORE = 6  # words from "parliament" to a name
_QUOTED = ("«", "“", "„", '"', "‘")
_QUOTES = " «“„\"'‘"
_LETTERS = 4  # first letters of a word that identify a place in any case form


class _Site(NamedTuple):
    """A place in the text. `whole`: the name with the word for its kind; `name`: alone. `sure`: has such a word."""

    whole: Span
    name: Span
    sure: bool


def find_sites(scene: Scene, parties: Parties) -> tuple[StatedPlace, ...]:
    """The places of the stay, with country and coordinates if the gazetteer has them."""
    return _Sites(scene, parties).found()


class _Sites:
    """Finds the places in one scene."""

    def __init__(self, scene: Scene, parties: Parties) -> None:
        self.scene, self.timeline = scene, Timeline(scene)
        self.small = small_words(scene.language)
        self.host = str(parties.host.value) if parties.host else None
        self.senders = {str(sender.value) for sender in parties.senders}
        self.mentions: dict[int, Mention] = {}
        self.peoples: set[int] = set()  # words that name a country or a people, not a city
        for mention in scene.mentions:
            self.mentions.setdefault(mention.first, mention)
            if (mention.country or mention.demonym) and not mention.cities:
                self.peoples.update(range(mention.first, mention.last))
        tongues = nations(scene.language).demonyms  # also languages, which are not mentions: "in Spanish"
        towns = {m.first for m in scene.mentions if m.cities}
        words = scene.reading.words
        self.peoples.update(at for at, word in enumerate(words) if word in tongues and at not in towns)
        self.gazetteer = {place.geoname: place for place in scene.places}
        self.calendar = calendar_words(scene.language)

    def found(self) -> tuple[StatedPlace, ...]:
        found: list[StatedPlace] = []
        seen: list[frozenset[str]] = []
        for sentence in self.timeline.current():
            for site in self._in_sentence(sentence) if self._is_about_stay(sentence) else ():
                key = self._key(site.name)
                if not key or any(key <= other or other <= key for other in seen):
                    continue
                place = self._place(site)
                if place is not None:
                    seen.append(key)
                    found.append(place)
        return tuple(found)[:MOST_SITES]

    def _is_about_stay(self, sentence: int) -> bool:
        """Whether the sentence is about the forces or their stay, and not a headline with capitals everywhere."""
        if self.scene.reading.is_capitalised_title(sentence, 0.6):
            return False
        about_event = sentence in self.scene.event
        return about_event or any(self.scene.spans_in(role, sentence) for role in ("being-there", "force", "task"))

    def _in_sentence(self, sentence: int) -> Iterator[_Site]:
        at = self.scene.reading.sentences[sentence]
        word, found_one = at.first, False
        while word < at.last:
            begins = self._may_begin(word)
            site = self._site(sentence, word) if begins else None
            if site is None:
                word += 1  # and skip the rest of a name that does not count
                while begins and word < at.last and capital(self.scene, word) and between(self.scene, word - 1) == " ":
                    word += 1
                continue
            chain = [site, *self._joined(sentence, site)]
            if self._is_there(sentence, site, second=found_one):
                found_one = True
                yield from chain
            word = max(one.whole[1] for one in chain)

    def _may_begin(self, word: int) -> bool:
        written, (first, last) = self.scene.reading.written[word], bounds(self.scene, word)
        if word == first and word + 1 < last and capital(self.scene, word + 1) and word not in self.mentions:
            return False  # the capital letter of a sentence
        return written[:1].isupper() and word not in self.peoples

    def _site(self, sentence: int, word: int) -> _Site | None:
        """The place whose name starts at `word`."""
        scene, end = self.scene, name_end(self.scene, word)
        kinds = self.scene.spans_in("site", sentence)
        inside = [(first, last) for first, last in kinds if word <= first and last <= end]
        named = sum(last - first for first, last in longest_spans(inside)) < end - word
        opens, closes = any(first == word for first, _ in inside), any(last == end for _, last in inside)
        if not named or any(self._no_place(sentence, at, opens or (closes and at > word)) for at in range(word, end)):
            return None
        behind = 0
        if self.small.kinds in ("behind", "both"):
            behind = max((last for first, last in kinds if first == end and between(scene, end - 1) == " "), default=0)
            if word == bounds(scene, word)[0] and word not in self.mentions:
                behind = 0  # "Our islands"
        start = self._kind_before(sentence, word) if self.small.kinds != "behind" else None
        placed = self._placed(word, end)
        alone = not (behind or placed or start is not None)
        if inside and alone and word > bounds(scene, word)[0] and between(scene, word - 1).endswith(_QUOTED):
            return None  # probably an exercise: «Estrecho Firme»
        shouted = scene.reading.written[word].isupper() and end - word > 1 and scene.reading.written[end - 1].isupper()
        if behind or start is not None or ((opens or closes) and not shouted):
            return _Site((word if start is None else start, behind or end), (word, end), True)
        written = scene.reading.written[word]
        if placed and not (written.isupper() and len(written) > 1):
            return _Site((word, end), (word, end), False)
        return None

    def _no_place(self, sentence: int, word: int, site: bool = False) -> bool:
        """Whether the word rules out a place: a month; or an institution or soldiers, unless the name has a word for
        its kind (`site`)."""
        roles = () if site else ("no-place", "state-body", "force", "instrument-kind", "gazette")
        return self.scene.reading.words[word] in self.calendar or any(
            first <= word < last for role in roles for first, last in self.scene.spans_in(role, sentence)
        )

    def _kind_before(self, sentence: int, word: int) -> int | None:
        """Start of the words for a kind before a name: "base naval", "camp d'", "аеропорту «". None without them."""
        scene, first, at = self.scene, bounds(self.scene, word)[0], word
        while at > max(first, word - 3) and scene.reading.words[at - 1] in self.small.links | self.small.articles:
            at -= 1
        if at == first or between(scene, at - 1).strip(_QUOTES) or between(scene, word - 1).strip(_QUOTES + "’"):
            return None
        starts = [start for start, last in self.scene.spans_in("site", sentence) if last == at]
        return min(starts, default=None)

    def _placed(self, word: int, end: int) -> bool:
        """Whether a preposition of place is before the name, or a suffix of place after it."""
        scene, (first, last) = self.scene, bounds(self.scene, word)
        if end < last and between(scene, end - 1) in ("'", "’") and scene.reading.words[end] in self.small.suffixes:
            return True
        at = word
        while at > max(first, word - 2) and scene.reading.words[at - 1] in self.small.articles - self.small.into:
            at -= 1
        if at == first or scene.reading.words[at - 1] not in self.small.into:
            return False
        return not between(scene, at - 1).strip(_QUOTES) and not between(scene, word - 1).strip(_QUOTES + "’")

    def _joined(self, sentence: int, site: _Site) -> list[_Site]:
        """Further names in the same list: "Lima, el Callao y Santa Lucía", "w Budzisku oraz w Sejnach"; also before the
        name, in languages with suffixes of place: "Erdek ve Aksaz'da"."""
        scene, last = self.scene, bounds(self.scene, site.name[0])[1]
        found, ended, at = list[_Site](), False, site.whole[1]
        while not ended and at < last - 1:
            sign = between(scene, at - 1).strip()
            ahead = at + 1 if scene.reading.words[at] in self.small.joining else at
            ended = ahead > at
            if sign not in ("", ",") or (not ended and sign != ","):
                break
            while ahead < last and scene.reading.words[ahead] in self.small.articles | self.small.into:
                ahead += 1
            if ahead >= last or not self._may_begin(ahead) or self._no_place(sentence, ahead):
                break
            end = name_end(scene, ahead)
            found.append(self._site(sentence, ahead) or _Site((ahead, end), (ahead, end), False))
            at = found[-1].whole[1]
        if not ended:  # a list without its "and" may be "Paphos, Nikos Karas said"
            found = found[: next((n for n, one in enumerate(found) if not self._known(one)), len(found))]
        return self._before(sentence, site) + found

    def _before(self, sentence: int, site: _Site) -> list[_Site]:
        """The name joined to the front of `site`: "Erdek" of "Erdek ve Aksaz'da"."""
        scene, at = self.scene, site.name[0]
        first = bounds(scene, at)[0]
        if not self.small.suffixes or at - 2 < first or scene.reading.words[at - 1] not in self.small.joining:
            return []
        start = at - 1
        while start > first and between(scene, start - 1) == " " and self._may_begin(start - 1):
            if self._no_place(sentence, start - 1):
                break
            start -= 1
        return [_Site((start, at - 1), (start, at - 1), False)] if start < at - 1 else []

    def _known(self, site: _Site) -> bool:
        return self._on_map(site) is not None

    def _is_there(self, sentence: int, site: _Site, *, second: bool) -> bool:
        """Whether the forces will be there: not if a body has its seat or somebody speaks there. A capital counts only
        next to words for a stay, and if it is not the `second` place of the sentence."""
        before = site.whole[0] - _BEFORE
        if any(before < last <= site.whole[0] or first < site.whole[0] < last
               for first, last in self.scene.spans_in("elsewhere", sentence)):  # fmt: skip
            return False
        if site.sure:
            return True
        bodies = self.scene.spans_in("state-body", sentence)
        if any(body < site.whole and in_clause(self.scene, body, site.whole, 1) for body in bodies):
            return False
        if sentence not in self.scene.event and not self._near_stay(sentence, site):
            return False
        mention = self.mentions.get(site.name[0])
        if mention is not None and any(city.capital for city in mention.cities):
            return not second and any(0 <= site.whole[0] - last <= _GOVERNS or first == site.name[1]
                       for first, last in self.scene.spans_in("being-there", sentence))  # fmt: skip
        return True

    def _near_stay(self, sentence: int, site: _Site) -> bool:
        return any(
            site.whole[0] - last <= _ABOUT and first - site.whole[1] <= _ABOUT
            for role in ("being-there", "force", "task")
            for first, last in self.scene.spans_in(role, sentence)
        )

    def _on_map(self, site: _Site) -> Place | None:
        """The place in the gazetteer with exactly this name."""
        mention = self.mentions.get(site.name[0])
        if mention is None or mention.last != site.name[1]:
            return None
        return next((self.gazetteer[c.geoname] for c in mention.cities if c.geoname in self.gazetteer), None)

    def _place(self, site: _Site) -> StatedPlace | None:
        name, place = self.scene.as_written(*site.whole), self._on_map(site)
        if place is not None and self._foreign(place):
            if not site.sure and not place.ambiguous:
                return None
            place = None
        return StatedPlace(
            value=name.value, sentence=name.sentence, start=name.start, end=name.end, field=name.field,
            **(_gazetteer_fields(place) if place else {}),
        )  # fmt: skip

    def _foreign(self, place: Place) -> bool:
        return place.country != self.host if self.host else place.country in self.senders

    def _key(self, name: Span) -> frozenset[str]:
        """What identifies the place when it is mentioned again."""
        longer = [word for word in self.scene.reading.words[name[0] : name[1]] if len(word) > 2]
        return frozenset(word[: max(3, min(_LETTERS, len(word) - 1))] for word in longer)


def _gazetteer_fields(place: Place) -> dict[str, Any]:
    return {
        "name": place.name, "country": place.country, "lat": place.lat, "lon": place.lon, "geoname": place.geoname,
        "ambiguous": place.ambiguous,
    }  # fmt: skip
