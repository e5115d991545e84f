"""Deals labelled texts into folds, so that a verifier is judged on texts about other events than it was trained on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scripts.logistic import Matrix
from scripts.verifiers.texts import Text

SAME = 0.75  # cosine of the vectors of two openings about the same event, after their mean is taken away


def events(texts: Sequence[Text], vectors: Matrix) -> list[int]:
    """A number for each text, the same for those of one family and those with nearly the same opening. `vectors`: unit
    vectors of the openings, zeros where an article has no vector."""
    return together([f"{text.group} {text.family}" for text in texts], vectors)


def together(families: Sequence[str], vectors: Matrix) -> list[int]:
    """The same for texts whose families are given by name."""
    number = list(range(len(families)))

    def root(one: int) -> int:
        while number[one] != one:
            one = number[one]
        return one

    first: dict[str, int] = {}
    for n, family in enumerate(families):
        number[root(n)] = root(first.setdefault(family, n))
    known = np.flatnonzero(np.abs(vectors).max(axis=1, initial=0.0))
    rows = vectors[known] - vectors[known].sum(axis=0) / max(1, len(known))
    rows = (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)).astype(np.float32)
    for at in range(0, len(known), 500):
        for one, other in np.argwhere(rows[at : at + 500] @ rows[at:].T >= SAME):
            number[root(known[at + one])] = root(known[at + other])
    order = {root: n for n, root in enumerate(dict.fromkeys(root(n) for n in range(len(families))))}
    return [order[root(n)] for n in range(len(families))]
