"""Deals labelled texts into folds, so that a verifier is judged on texts about other events than it was trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.topics.features import MEANING
from scripts.verifiers.texts import Sample

SAME = 0.75  # cosine of the meanings of two openings about the same event, after their mean is taken away


def events(own: Sequence[Sample]) -> list[int]:
    """A number for each text, the same for those of one family and those with nearly the same opening."""
    meanings = {n: one.vectors[MEANING] for n, one in enumerate(own) if MEANING in one.vectors}
    return together([f"{one.text.group} {one.text.family}" for one in own], meanings)


def together(families: Sequence[str], meanings: Mapping[int, NDArray[Any]]) -> list[int]:
    """A number for each text, the same for those of one family and those with nearly the same meaning. `meanings`: of
    the openings, by the number of their text."""
    number = list(range(len(families)))

    def root(one: int) -> int:
        while number[one] != one:
            one = number[one]
        return one

    first: dict[str, int] = {}
    for n, family in enumerate(families):
        number[root(n)] = root(first.setdefault(family, n))
    known = list(meanings)
    rows = np.array([meanings[n] for n in known], dtype=np.float64)
    rows -= rows.mean(axis=0)
    rows = (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)).astype(np.float32)
    for at in range(0, len(known), 500):
        for one, other in np.argwhere(rows[at : at + 500] @ rows[at:].T >= SAME):
            number[root(known[at + one])] = root(known[at + other])
    order = {root: n for n, root in enumerate(dict.fromkeys(root(n) for n in range(len(families))))}
    return [order[root(n)] for n in range(len(families))]
