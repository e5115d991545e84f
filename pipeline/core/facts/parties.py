"""Finds the host, which admits the forces, and the senders, whose forces they are, by weighing mentions of countries.

If no host is named, it is implied by the places in the text, then by the outlet's country.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from pipeline.core.facts.country_roles import (
    BODIES,
    BODY,
    DATELINE,
    ENVOY,
    FORCE,
    NAMED,
    PARTNER,
    PEOPLE,
    PLACE,
    RECIPIENT,
    REQUEST,
    SOIL,
    SUBJECT,
    CountryRole,
)  # fmt: skip
from pipeline.core.facts.decision import long_ago
from pipeline.core.facts.mandate import find_mandate
from pipeline.core.facts.scene import Scene
from pipeline.core.text.languages import grammar_of
from pipeline.records import Stated

# The weight of a mention for a host, and for a sender, by its role.
_HOST = {BODY: 3.0, SOIL: 3.0, DATELINE: 3.0, PLACE: 2.0, SUBJECT: 2.0, PARTNER: 1.5, NAMED: 0.7, PEOPLE: 0.3}
_SENDER = {FORCE: 3.0, REQUEST: 1.5, RECIPIENT: 1.5, PEOPLE: 0.8, NAMED: 0.3, ENVOY: 0.3, SUBJECT: 0.1}
_CITY = 0.5  # a city counts half as much as its country
_REACTION = 0.4  # share of the subject of a later sentence, which often only reacts
_MENTIONS = 4  # mentions of a country that count: the heaviest
_HEADLINE, _OPENING, _EARLY, _LATE, _LONG_AGO = 2.0, 2.0, 1.3, 0.6, 0.25  # factors by the kind of sentence
_HOME = 0.5  # weight of the outlet's own country as a host: breaks ties
_AGAINST = 0.6  # share of the weight as a sender that counts against the host
_ANOTHER = 0.7  # share of the first sender's weight needed for a second one
_OF_SENDERS = (FORCE, RECIPIENT, REQUEST)  # roles that only a sender has
_APART = 4  # words between the names in a list
_LEAST = 1.25  # minimum weight of a host


class Parties(NamedTuple):
    """Host and senders."""

    host: Stated | None
    senders: tuple[Stated, ...]


class _Weighed(NamedTuple):
    """A mention with its weights as a host and as a sender."""

    mention: CountryRole
    host: float
    sender: float


def find_parties(scene: Scene, mentioned: Sequence[CountryRole]) -> Parties:
    """Host and senders as ISO 3166-1 alpha-2 codes; never the same country."""
    found = _weigh(scene, mentioned)
    host = _host(scene, found)
    if find_mandate(scene) is not None:
        found = [w for w in found if w.mention.kind in _OF_SENDERS and w.mention.sentence in scene.acting]
    senders = tuple(
        _stated(scene, max((w for w in found if w.mention.country == country), key=lambda w: w.sender).mention)
        for country in _senders(found, str(host.value) if host else None)
    )
    return Parties(host, senders)


def acting_elsewhere(scene: Scene, mentioned: Sequence[CountryRole], parties: Parties) -> frozenset[int]:
    """The sentences in which a body or a subject is of another country, and the host is not named."""
    if parties.host is None:
        return frozenset()
    senders = {str(sender.value) for sender in parties.senders}
    acting = {
        one.sentence for one in mentioned if one.kind == BODY or (one.kind == SUBJECT and one.country not in senders)
    }
    return frozenset(acting - {one.sentence for one in mentioned if one.country == parties.host.value})


def _weigh(scene: Scene, mentioned: Sequence[CountryRole]) -> list[_Weighed]:
    earlier_spans = (span for span in scene.spans("earlier") if long_ago(scene.reading, scene.published, span))
    earlier = {scene.reading.sentence_at(first) for first, _ in earlier_spans}
    with_forces = {scene.reading.sentence_at(first) for first, _ in scene.spans("force")}
    weighed = []
    for one in mentioned:
        times = _LONG_AGO if one.sentence in earlier else _prominence(scene, one.sentence)
        share = _CITY if one.city and one.kind in (PLACE, NAMED) else 1.0
        if one.kind == SUBJECT and times < _OPENING:
            share *= _REACTION
        there = _EARLY if times == _LATE and one.sentence in with_forces else times  # the location often comes late
        weighed.append(
            _Weighed(one, there * share * _HOST.get(one.kind, 0.0), times * share * _SENDER.get(one.kind, 0.0))
        )
    return weighed


def _prominence(scene: Scene, sentence: int) -> float:
    at = scene.reading.sentences[sentence]
    if at.field == "title":
        return _HEADLINE
    if at.first == scene.reading.split:
        return _OPENING
    return _EARLY if sentence < scene.reading.parts["lead"] or sentence in scene.event else _LATE


def _host(scene: Scene, found: Sequence[_Weighed]) -> Stated | None:
    sums = _sums(found)
    if scene.home:
        sums[scene.home] = sums.get(scene.home, 0.0) + _HOME
    best = max(sums, key=lambda country: sums[country], default=None)
    if best is None or sums[best] < _LEAST:
        best = scene.home or grammar_of(scene.language).country
        return _at_home(scene, best) if best and sums.get(best, 0.0) >= 0 else None
    own = [w for w in found if w.mention.country == best]
    if own and max(w.host for w in own) > 0:
        return _stated(scene, max(own, key=lambda w: w.host).mention)
    return _at_home(scene, best)


def _at_home(scene: Scene, home: str) -> Stated | None:
    """A country that is not named, implied by the first words for its parliament or government."""
    spans = sorted(span for role in BODIES for span in scene.spans(role))
    return scene.stated(home, *spans[0], implied=True) if spans else None


def _sums(found: Sequence[_Weighed]) -> dict[str, float]:
    """The weight of each country as the host."""
    by_country = defaultdict[str, list[float]](list)
    for one, host, sender in found:
        by_country[one.country].append(host - _AGAINST * sender)
    return {
        country: sum(sorted((w for w in weights if w > 0), reverse=True)[:_MENTIONS]) + sum(w for w in weights if w < 0)
        for country, weights in by_country.items()
    }


def _senders(found: Sequence[_Weighed], host: str | None) -> list[str]:
    """Countries whose forces they are, in the order of the text; without direct evidence, other countries mentioned."""
    others = [w for w in found if w.mention.country != host and w.sender > 0]
    likely = [w for w in others if w.mention.kind in _OF_SENDERS] or others
    heaviest = dict[str, float]()
    for one, _, weight in likely:
        heaviest[one.country] = max(heaviest.get(one.country, 0.0), weight)
    least = max(heaviest.values(), default=0.0) * _ANOTHER
    sure = {country for country, weight in heaviest.items() if weight >= least}
    for before, behind in pairwise(likely):
        if _listed(before.mention, behind.mention) and not sure.isdisjoint(
            (before.mention.country, behind.mention.country)
        ):
            sure |= {before.mention.country, behind.mention.country}
    return [country for country in heaviest if country in sure]


def _listed(one: CountryRole, other: CountryRole) -> bool:
    """Whether two mentions are in one list: "soldiers of Russia, Cuba and Mexico"."""
    return one.kind == other.kind and one.sentence == other.sentence and 0 <= other.first - one.last <= _APART


def _stated(scene: Scene, one: CountryRole) -> Stated:
    return scene.stated(one.country, one.first, one.last, implied=one.city or one.body)
