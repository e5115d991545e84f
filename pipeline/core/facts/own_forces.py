"""Measures how clearly the forces in an article belong to the deciding country rather than to another one.

If they do, the event is the opposite of an admission: a country's own soldiers at home, or on their way abroad.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipeline.core.facts.country_roles import BODIES, BODY, DATELINE, FORCE, PEOPLE, REQUEST, SUBJECT, CountryRole
from pipeline.core.facts.parties import Parties
from pipeline.core.facts.scene import Scene
from pipeline.core.text.languages import grammar_of

# How much a mention of a country in the lead suggests that it decides; early mentions count more.
_DECIDES = {BODY: 3, SUBJECT: 2, DATELINE: 1}
_INSTITUTION = 3  # factor for an institution that only one state has: "Bundestag"

OWN = 1.0  # share if the text names the deciding country's forces, and nobody else's
_UNNAMED = 0.5  # share if no country has forces and nothing is called foreign
_DOUBTFUL = 0.3  # share if the evidence is mixed


def own_forces_share(scene: Scene, mentioned: Sequence[CountryRole], parties: Parties) -> float:
    """How clearly the forces in the lead belong to the deciding country: 0.0 if some are another country's, OWN if only
    its own are named, none are called foreign and nobody else sends any, in between if the text is not clear."""
    lead = [one for one in mentioned if _leads(scene, one.sentence)]
    theirs = {one.country for one in lead if one.kind in (FORCE, REQUEST)}
    deciding = _deciding(scene, lead)
    if theirs - {deciding}:
        return 0.0
    called = _called_foreign(scene)
    if theirs or _beside_forces(scene, lead, deciding):
        sent = any(str(sender.value) != deciding for sender in parties.senders)  # further down, or in a word for it
        return _DOUBTFUL if called or sent else OWN
    if parties.senders:
        return 0.0 if called else _DOUBTFUL
    return _DOUBTFUL if called or _mandated(scene) else _UNNAMED


def _beside_forces(scene: Scene, lead: Sequence[CountryRole], country: str | None) -> bool:
    """Whether the country's people stand directly beside forces, on whichever side: "żołnierzy polskich"."""
    beside = {word for first, last in scene.spans("force") for word in (first - 1, last)}
    return any(one.kind in (PEOPLE, BODY) and one.country == country and one.first in beside for one in lead)


def _called_foreign(scene: Scene) -> bool:
    """Whether forces in the lead are called foreign: "foreign peacekeeping troops", not "troops to foreign lands"."""
    directions = {first for role in ("to", "at") for first, _ in scene.spans(role)}
    for first, last in scene.spans("foreign"):
        number = scene.reading.sentence_at(first)
        for start, end in scene.spans_in("force", number) if _leads(scene, number) else ():
            between = range(min(last, end), max(first, start))
            if len(between) <= 1 and directions.isdisjoint(between):
                return True
    return False


def _mandated(scene: Scene) -> bool:
    return any(_leads(scene, scene.reading.sentence_at(first)) for first, _ in scene.spans("mandate-force"))


def _deciding(scene: Scene, lead: Sequence[CountryRole]) -> str | None:
    """The country that most probably decides. Where a state body has no country, it is the outlet's or the one whose
    language the article is in."""
    weights = Counter[str]()
    for one in lead:
        share = _INSTITUTION if one.kind == BODY and one.body else 1
        weights[one.country] += _DECIDES.get(one.kind, 0) * _prominence(scene, one) * share
    if weights.total():
        return max(weights, key=lambda country: weights[country])
    bodies = (first for role in BODIES for first, _ in scene.spans(role))
    if any(_leads(scene, scene.reading.sentence_at(first)) for first in bodies):
        return scene.home or grammar_of(scene.language).country
    return None


def _prominence(scene: Scene, one: CountryRole) -> int:
    if one.kind == DATELINE:
        return 2  # its position is always the same
    at = scene.reading.sentences[one.sentence]
    return 3 if at.field == "title" else 2 if at.first == scene.reading.split else 1


def _leads(scene: Scene, sentence: int) -> bool:
    return sentence < scene.reading.parts["lead"]
