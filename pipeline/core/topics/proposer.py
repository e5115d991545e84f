"""Proposes topics by the opening of an article: those about which its vector says that they are likely.

Slots need words that somebody listed; a scene told in others fills none. The vector of the opening, which stories need
in any case, is compared with one row of weights for each topic: a logistic regression. What it proposes, the verifier
decides.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.core.text.encoder import DIMENSIONS, SCALE, encode
from pipeline.core.text.reading import Reading
from pipeline.core.topics.features import BEGINNING, opening_of
from pipeline.core.topics.rules import TopicRule
from pipeline.core.topics.verifier import knows


class Proposer:
    """The weights of all topics that propose by the opening, as one matrix."""

    def __init__(self, topics: Sequence[TopicRule]) -> None:
        self._topics = [
            (topic.id, topic.verifier)
            for topic in topics
            if topic.verifier and topic.verifier.propose and topic.verifier.opening.vectors  # they are trained
        ]
        rows = [verifier.opening.vectors[BEGINNING] for _, verifier in self._topics]
        steps = [np.frombuffer(steps, np.int8) for _, steps in rows]
        # Products of integers are the same on every processor and for any number of topics.
        self._steps = np.array(steps, np.int32).reshape(len(rows), DIMENSIONS)
        self._scales = [scale / SCALE for scale, _ in rows]

    def likely(self, reading: Reading, language: str | None) -> dict[str, float]:
        """The probability of each topic, by its id; empty if the sentence encoder does not know the language. About
        10 ms, for the vector."""
        if not self._topics or not knows(language) or not (text := opening_of(reading)):
            return {}
        found, totals = {}, self._steps @ encode(text).astype(np.int32)
        for (topic, verifier), scale, total in zip(self._topics, self._scales, totals, strict=True):
            odds = max(verifier.opening.bias + scale * int(total), -700.0)
            found[topic] = round(1.0 / (1.0 + math.exp(-odds)), 4)
        return found

    def proposed(self, likely: Mapping[str, float]) -> list[str]:
        """Ids of the topics that are likely enough to be proposed."""
        return [topic for topic, verifier in self._topics if likely and likely[topic] >= verifier.propose]
