"""Scores what might be a fact: every finder proposes candidates from the whole article, and the best evidence wins.

A finder names the evidence that it sees for a candidate ("preposition", "on-map", "speaker"); vocabulary/evidence.toml
has the weight of each name. The score is the sum, so that a wrong fact can be traced to the evidence for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar

from pipeline.core.facts.noun_phrases import Timeline
from pipeline.core.facts.scene import Scene
from pipeline.core.text.languages import vocabulary

Value = TypeVar("Value")

_BESIDE = 1  # sentences from one that shows the event to one that probably continues it


@dataclass(frozen=True, slots=True)
class Candidate(Generic[Value]):
    """A possible value of a field. `evidence`: names of what speaks for and against it. `sentence`: its number."""

    value: Value
    sentence: int
    evidence: frozenset[str]
    score: float


@dataclass(frozen=True, slots=True)
class Scale:
    """The weights of one field, by name of the evidence, and the score from which a candidate counts."""

    weights: Mapping[str, float]
    enough: float

    def weigh(self, value: Value, sentence: int, evidence: Iterable[str]) -> Candidate[Value]:
        """A candidate with its score. Raises KeyError for evidence that has no weight."""
        names = frozenset(evidence)
        return Candidate(value, sentence, names, math.fsum(self.weights[name] for name in names))  # in any order

    def best(self, candidates: Iterable[Candidate[Value]]) -> Candidate[Value] | None:
        """The candidate with the highest score; of equals, the first. None if none has enough."""
        return max(self.accepted(candidates), key=lambda one: one.score, default=None)

    def accepted(self, candidates: Iterable[Candidate[Value]]) -> list[Candidate[Value]]:
        """The candidates that have enough, in order."""
        return [one for one in candidates if one.score >= self.enough]


@cache
def scale(field: str) -> Scale:
    """The weights of a field of the facts in vocabulary/evidence.toml. Raises KeyError if the field has none.

    `body = { title = 1, lead = 2 }` in the file gives the names "body-title" and "body-lead".
    """
    table, weights = vocabulary("evidence")[field], dict[str, float]()
    for name, weight in table.items():
        parts = {f"-{part}": value for part, value in weight.items()} if isinstance(weight, dict) else {"": weight}
        weights.update({f"{name}{part}": value for part, value in parts.items()})
    return Scale(enough=weights.pop("enough"), weights=weights)


def position(timeline: Timeline, sentence: int) -> set[str]:
    """Evidence from where a sentence is and what it is about: one of the title, one that shows the event or is beside
    one that does, one on earlier events; one with words for the forces or for their stay."""
    scene, found = timeline.scene, set[str]()
    if scene.reading.sentences[sentence].field == "title":
        found.add("title")
    if sentence in scene.event:
        found.add("event")
    elif any(abs(sentence - event) <= _BESIDE for event in scene.event):
        found.add("beside-event")
    if timeline.background(sentence):
        found.add("background")
    if scene.spans_in("force", sentence):
        found.add("forces")
    if scene.spans_in("being-there", sentence):
        found.add("stay")
    return found


def told(scene: Scene, sentence: int, roles: Iterable[str]) -> set[str]:
    """The evidence from words in these roles anywhere in a sentence: "stay-told"."""
    return {f"{role}-told" for role in roles if scene.spans_in(role, sentence)}


def setting(timeline: Timeline, sentence: int) -> set[str]:
    """The evidence of `position`, and whether the sentence is in the lead and has words for an act."""
    found = position(timeline, sentence)
    if sentence < timeline.scene.reading.parts["lead"]:
        found.add("lead")
    if sentence in timeline.scene.acting:
        found.add("act")
    return found
