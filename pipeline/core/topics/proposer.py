"""Proposes topics by the opening of an article: those about which its vector says that they are likely.

Slots need words that somebody listed; a scene told in others fills none. The vector of the opening, which stories need
in any case, is compared with one row of weights for each topic: a logistic regression. What it proposes, the verifier
decides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from pipeline.core.text.encoder import DIMENSIONS, SCALE, encode
from pipeline.core.text.reading import Reading
from pipeline.core.topics.features import BEGINNING, opening_of
from pipeline.core.topics.rules import TopicRule
from pipeline.core.topics.verifier import knows


class Proposer:
    """The weights of all topics that propose by the opening, as one matrix."""

    def __init__(self, topics: Sequence[TopicRule]) -> None:
        proposing = [
            (topic.id, topic.verifier)
            for topic in topics
            if topic.verifier and topic.verifier.propose and topic.verifier.opening.vectors  # they are trained
        ]
        self._topics = [topic for topic, _ in proposing]
        weights = [verifier.opening for _, verifier in proposing]
        steps = [np.frombuffer(one.vectors[BEGINNING][1], np.int8) for one in weights]
        # Products of whole numbers, whose sums stay below 2^24: the same on every processor and in any order.
        self._steps = np.array(steps, np.float32).reshape(len(steps), DIMENSIONS)
        self._scales = np.array([one.vectors[BEGINNING][0] / SCALE for one in weights])
        self._biases = np.array([one.bias for one in weights])
        self._least = np.array([_odds(verifier.propose) for _, verifier in proposing])

    def proposed(self, reading: Reading, language: str | None) -> dict[str, float]:
        """Ids of the topics that are proposed, with their probability; empty if the sentence encoder does not know the
        language. About 10 ms, for the vector."""
        if not self._topics or not knows(language) or not (text := opening_of(reading)):
            return {}
        odds = self._biases + self._scales * (self._steps @ encode(text).astype(np.float32)).astype(np.float64)
        return {
            self._topics[n]: round(1.0 / (1.0 + math.exp(-odds[n])), 4) for n in np.flatnonzero(odds >= self._least)
        }


def _odds(probability: float) -> float:
    """The logarithm of the odds."""
    return math.log(probability / (1.0 - probability)) if probability < 1.0 else math.inf
