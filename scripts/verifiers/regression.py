"""Fits the logistic regressions of a verifier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from pipeline.core.topics.features import BEGINNING, MEANING
from pipeline.core.topics.verifier import DIMENSIONS
from scripts.logistic import Matrix, fit
from scripts.verifiers.texts import EXAMPLES, Sample

#: Penalties on the square of a weight: of signs; of the vector of stories, whose components are small; of the odds by
#: the meaning; of what each probe found.
RIDGE_SIGNS, RIDGE_OPENING, RIDGE_ODDS, RIDGE_FOUND = 3.0, 0.3, 0.05, 1.0
#: How many articles one of a set counts as; of the others, one.
COUNTS = {"wild/open": 5.0, "development": 3.0, "leads": 3.0, EXAMPLES: 10.0}


class Fitted(NamedTuple):
    bias: float
    signs: Matrix
    vector: Matrix

    def probability(self, one: Sample, part: str) -> float:
        """What the regression says about a text."""
        signs = float(one.signs @ self.signs) if len(self.signs) else 0.0
        total = self.bias + signs + float(one.vectors[part] @ self.vector)
        return float(1.0 / (1.0 + np.exp(-total)))


def count_of(group: str) -> float:
    """How many articles one of this set counts as."""
    return COUNTS.get(group, 1.0)


class Regressions(NamedTuple):
    """The regressions of one verifier; docs/topics.md says when each decides."""

    with_meaning: Fitted
    with_opening: Fitted
    meaning: Fitted
    opening: Fitted


def regressions(own: Sequence[Sample]) -> Regressions | None:
    """The regressions on these texts; None if there is nothing to learn from."""
    known = [one for one in own if BEGINNING in one.vectors] or [
        # nothing to learn the other encoder's vectors from: signs decide, wherever it is asked
        replace(one, vectors={BEGINNING: np.zeros(DIMENSIONS[BEGINNING])})
        for one in own
    ]
    with_terms, known_terms = [one for one in own if one.terms], [one for one in known if one.terms]
    if not all(map(two_kinds, (with_terms, known_terms, own, known))):
        return None
    return Regressions(
        fitted(with_terms, MEANING), fitted(known_terms, BEGINNING),
        fitted(own, MEANING, signs=False), fitted(known, BEGINNING, signs=False),
    )  # fmt: skip


def balanced(counts: Matrix, right: Matrix) -> Matrix:
    """The counts, changed so that articles on the topic count as much as the others together."""
    share = float(counts @ right) / float(counts.sum())
    return counts * np.where(right > 0, 0.5 / max(share, 1e-9), 0.5 / max(1.0 - share, 1e-9))


def fitted(own: Sequence[Sample], part: str, *, signs: bool = True) -> Fitted:
    """A regression on one vector of the texts and, with `signs`, on these."""
    rows = np.array([one.vectors[part] for one in own])
    count = len(own[0].signs) if signs else 0
    if signs:
        rows = np.hstack([np.array([one.signs for one in own]), rows])
    right = np.array([float(one.right) for one in own])
    counts = balanced(np.array([count_of(one.text.group) for one in own]), right)
    width = rows.shape[1] - count
    ridge = RIDGE_OPENING if part == BEGINNING else RIDGE_ODDS if width == 1 else RIDGE_FOUND
    price = np.array([RIDGE_SIGNS] * count + [ridge] * width)
    weights, bias = fit(rows, right, counts, price)
    return Fitted(bias, weights[:count], weights[count:])


def two_kinds(own: Sequence[Sample]) -> bool:
    """Whether some of the texts have the topic and some do not."""
    return len({one.right for one in own}) == 2
