"""Refuses candidates that have no chance with their verifier, before their patterns are tried.

The verifier first weighs signs and the vector of the opening. The signs of the patterns are limited by what patterns
could add at most, so that most candidates are refused without them. What remains is judged as if nothing had been
refused: the limit is exact, and only what the verifier would refuse is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from pipeline.core.text.languages import base_code
from pipeline.core.text.reading import Reading
from pipeline.core.topics.features import AGAINST, BEGINNING, FOR, signs_without_patterns
from pipeline.core.topics.hits import Hits
from pipeline.core.topics.rules import TopicRule, Verifier
from pipeline.core.topics.slots import fill_some
from pipeline.core.topics.verifier import knows, odds_of

_ROUNDED = 0.0001  # probabilities are


class FirstLook:
    """The weights of the opening of all topics that have a verifier, as one matrix."""

    def __init__(self, topics: Sequence[TopicRule]) -> None:
        looking = [
            (number, topic, topic.verifier)
            for number, topic in enumerate(topics)
            if topic.verifier and topic.verifier.with_opening.vectors  # they are trained
        ]
        self._topics = topics
        self._rows = {number: row for row, (number, _, _) in enumerate(looking)}
        self._odds = odds_of([one.with_opening for _, _, one in looking], BEGINNING)
        self._least = [_least(one) for _, _, one in looking]

    def likely(
        self, numbers: Sequence[int], most: Mapping[int, float], reading: Reading, language: str | None, hits: Hits
    ) -> list[int]:
        """Those of the topics `numbers` that the verifier may accept. They are candidates by their slots or by the
        opening, and their patterns do not reach the threshold. `most`: what the patterns of a topic with positive
        weights add up to, at most."""
        if not numbers or not knows(language) or not (text := reading.opening):
            return list(numbers)
        code = base_code(language)
        looked = [number for number in numbers if number in self._rows and self._topics[number].has_terms(code)]
        rows = [self._rows[number] for number in looked]
        odds = self._odds(text)[rows].tolist()
        refused = {
            number
            for number, row, known in zip(looked, rows, odds, strict=True)
            if known + self._signs(number, most.get(number, 0.0), reading, hits) < self._least[row]
        }
        return [number for number in numbers if number not in refused]

    def _signs(self, number: int, most: float, reading: Reading, hits: Hits) -> float:
        """What the signs add to the odds, at most."""
        rule = self._topics[number]
        if rule.verifier is None:
            return math.inf
        weights = rule.verifier.with_opening.signs
        found = signs_without_patterns(rule, reading, hits, fill_some(rule.slots, reading, hits))
        total = sum([weights.get(name, 0.0) * value for name, value in found.items()])
        return total + max(0.0, weights.get(FOR, 0.0)) * min(most, 1.0) + max(0.0, weights.get(AGAINST, 0.0))


def _least(verifier: Verifier) -> float:
    """The odds below which the verifier refuses by signs and opening, whatever rounding does."""
    probability = min(verifier.doubt, verifier.threshold) - _ROUNDED
    return math.log(probability / (1.0 - probability)) if probability > 0.0 else -math.inf
