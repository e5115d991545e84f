"""Proposes topics by the opening of an article: those about which a vector of it says that they are likely.

Slots need words that somebody listed; an article in other words fills no slot. The vector of the opening is compared
with one row of weights for each topic: a logistic regression. In languages that the encoder of stories knows it is that
encoder's vector, which they need in any case; in others the one of its meaning, for the topics that have no terms
there: in cross-validation it proposed hardly any article that words did not. What it proposes, the verifier decides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from pipeline.core.text.languages import base_code
from pipeline.core.text.reading import Reading
from pipeline.core.topics.features import BEGINNING, MEANING
from pipeline.core.topics.rules import TopicRule, Verifier
from pipeline.core.topics.verifier import knows, odds_of, probability


class Proposer:
    """The weights of all topics that propose by the opening, for both encoders."""

    def __init__(self, topics: Sequence[TopicRule]) -> None:
        verified = [
            (topic, topic.verifier)
            for topic in topics
            if topic.verifier and topic.verifier.opening.vectors  # they are trained
        ]
        self._known = _Rows(verified, BEGINNING)
        self._other = _Rows(verified, MEANING)

    def proposed(self, reading: Reading, language: str | None) -> dict[str, float]:
        """Ids of the topics that are proposed, with their probability. The time is that of making the vector."""
        rows = self._known if knows(language) else self._other
        return rows.proposed(reading.opening, base_code(language))


class _Rows:
    """One row of weights for each topic, for one of the vectors."""

    def __init__(self, topics: Sequence[tuple[TopicRule, Verifier]], part: str) -> None:
        asked = [(topic, verifier) for topic, verifier in topics if verifier.propose or verifier.alone]
        self._topics = [topic for topic, _ in asked]
        self._odds = odds_of([one.opening if part == BEGINNING else one.meaning for _, one in asked], part)
        self._verifiers, self._part = [verifier for _, verifier in asked], part
        self._least: dict[str | None, np.ndarray] = {}

    def proposed(self, opening: str, code: str | None) -> dict[str, float]:
        if code not in self._least:
            self._least[code] = np.array([_odds(one) for one in self._probabilities(code)])
        least = self._least[code]
        if not opening or not np.isfinite(least).any():
            return {}
        odds = self._odds(opening)
        likely = np.flatnonzero(odds >= least)
        return {self._topics[n].id: probability(odds[n]) for n in likely}

    def _probabilities(self, code: str | None) -> list[float]:
        """From which probability each topic is proposed in a language; 0 is never."""
        return [
            self._probability(verifier, topic.has_terms(code))
            for topic, verifier in zip(self._topics, self._verifiers, strict=True)
        ]

    def _probability(self, verifier: Verifier, terms: bool) -> float:
        """Where a topic has no terms, only its meaning decides, from `alone`: what misses that need not be proposed by
        it; and the other vector proposes what would be in doubt elsewhere."""
        if self._part == MEANING:
            return 0.0 if terms else verifier.alone
        return verifier.propose if terms or not verifier.propose else max(verifier.propose, verifier.doubt)


def _odds(probability: float) -> float:
    """The logarithm of the odds; 0 stands for never."""
    return math.log(probability / (1.0 - probability)) if 0.0 < probability < 1.0 else math.inf
