"""What became of the request. The patterns are the topic's [[outcomes]]; here they are only weighed."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from pipeline.core.facts.scene import Scene
from pipeline.core.topics.hits import Span
from pipeline.core.topics.rules import OUTCOMES
from pipeline.records import Stated


class Decided(NamedTuple):
    """`acts`: the words that say so, those of the heaviest pattern first."""

    outcome: str
    acts: tuple[Span, ...]


def find_outcome(scene: Scene, decided: Decided | None) -> Stated | None:
    """One of rules.OUTCOMES, on the words of the act."""
    return scene.stated(decided.outcome, *decided.acts[0]) if decided else None


def weigh(scene: Scene) -> Decided | None:
    """The outcome whose patterns weigh most, if they weigh anything. The first concept of a pattern is its act."""
    weights, acts = defaultdict[str, float](float), defaultdict[str, list[tuple[float, Span]]](list)
    for outcome, pattern, met in scene.outcomes:
        if outcome == "past" and not any(long_ago(scene, spans[-1]) for _, spans in met):
            continue
        weights[outcome] += pattern.weight
        if pattern.weight > 0:
            acts[outcome] += [(pattern.weight, spans[0]) for _, spans in met]
    best = max(OUTCOMES, key=lambda outcome: weights[outcome])
    if weights[best] <= 0 or not acts[best]:
        return None
    ranked = sorted(acts[best], key=lambda act: (-act[0], act[1]))
    return Decided(best, tuple(dict.fromkeys(span for _, span in ranked)))


def long_ago(scene: Scene, span: Span) -> bool:
    """Words for an earlier time are so unless they name the year of the article, or a later one."""
    years = [int(word) for word in scene.reading.words[span[0] : span[1]] if len(word) == 4 and word.isdecimal()]
    return not (years and scene.published and max(years) >= scene.published.year)
