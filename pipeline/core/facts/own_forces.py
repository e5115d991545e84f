"""Measures how clearly the forces in an article belong to the deciding country rather than to another one.

If they do, the event is the opposite of an admission: a country's own soldiers at home, or on their way abroad.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipeline.core.facts.country_roles import BODY, DATELINE, FORCE, REQUEST, SUBJECT, CountryRole
from pipeline.core.facts.parties import Parties
from pipeline.core.facts.scene import Scene

# How much a mention of a country in the lead suggests that it decides; early mentions count more.
_DECIDES = {BODY: 3, SUBJECT: 2, DATELINE: 1}

OWN = 1.0  # share if the text names the deciding country's forces, and nobody else's
_UNNAMED = 0.5  # share if no country has forces and nothing is called foreign
_DOUBTFUL = 0.3  # share if the evidence is mixed


def own_forces_share(scene: Scene, mentioned: Sequence[CountryRole], parties: Parties) -> float:
    """How clearly the forces in the lead belong to the deciding country: 0.0 if some are another country's, OWN if only
    its own are named, in between if the text is not clear."""
    lead = [one for one in mentioned if _leads(scene, one.sentence)]
    theirs = {one.country for one in lead if one.kind in (FORCE, REQUEST)}
    if theirs - {_deciding(scene, lead)}:
        return 0.0
    called = any(_leads(scene, scene.reading.sentence_at(first)) for first, _ in scene.spans("foreign"))
    if theirs:
        return OWN
    if parties.senders:
        return 0.0 if called else _DOUBTFUL
    return _DOUBTFUL if called else _UNNAMED


def _deciding(scene: Scene, lead: Sequence[CountryRole]) -> str | None:
    """The country that most probably decides."""
    weights = Counter[str]()
    for one in lead:
        weights[one.country] += _DECIDES.get(one.kind, 0) * _prominence(scene, one)
    return max(weights, key=lambda country: weights[country]) if weights.total() else None


def _prominence(scene: Scene, one: CountryRole) -> int:
    if one.kind == DATELINE:
        return 2  # its position is always the same
    at = scene.reading.sentences[one.sentence]
    return 3 if at.field == "title" else 2 if at.first == scene.reading.split else 1


def _leads(scene: Scene, sentence: int) -> bool:
    return sentence < scene.reading.parts["lead"]
