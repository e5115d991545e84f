"""Fits the logistic regressions of a verifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipeline.core.text.encoder import DIMENSIONS
from scripts.logistic import fit
from scripts.verifiers.texts import EXAMPLES, Candidate, Matrix, Other

#: Penalties on the square of a weight: of vectors, whose components are small, and of signs.
RIDGE_VECTORS, RIDGE_SIGNS = 0.3, 3.0
#: How many articles one of a set counts as: those written like the press count more.
COUNTS = {"wild/open": 5.0, "leads": 3.0, EXAMPLES: 10.0}


class Fitted(NamedTuple):
    bias: float
    signs: Matrix
    vectors: Matrix


def balanced(counts: Matrix, right: Matrix) -> Matrix:
    """The counts, changed so that articles on the topic count as much as the others together."""
    share = float(counts @ right) / float(counts.sum())
    return counts * np.where(right > 0, 0.5 / max(share, 1e-9), 0.5 / max(1.0 - share, 1e-9))


def fitted(found: Sequence[Candidate], parts: Sequence[str] = ()) -> Fitted:
    """A regression on the candidates: on their signs and the vectors of `parts` of those that have them; without
    `parts` on the signs of all that fill the slots."""
    used = [one for one in found if (len(one.vectors) if parts else not one.proposed)]
    rows = [np.concatenate([one.signs, *map(one.vector, parts)]) for one in used]
    right, counts = weighed(used)
    count = len(used[0].signs)
    price = np.array([RIDGE_SIGNS] * count + [RIDGE_VECTORS] * (len(rows[0]) - count))
    weights, bias = fit(np.array(rows), right, counts, price)
    return Fitted(bias, weights[:count], weights[count:])


def fitted_opening(texts: Sequence[Candidate | Other]) -> Fitted:
    """A regression on the vectors of the openings."""
    used = [one for one in texts if len(one.opening)]
    weights, bias = fit(np.array([one.opening for one in used]), *weighed(used), np.full(DIMENSIONS, RIDGE_VECTORS))
    return Fitted(bias, np.zeros(0), weights)


def weighed(texts: Sequence[Candidate | Other]) -> tuple[Matrix, Matrix]:
    """Whether each text has the topic, and how many articles it counts as."""
    right = np.array([float(one.right) for one in texts])
    return right, balanced(np.array([COUNTS.get(one.text.group, 1.0) for one in texts]), right)


def two_kinds(found: Sequence[Candidate | Other]) -> bool:
    """Whether some of the candidates have the topic and some do not."""
    return len({one.right for one in found}) == 2
