"""Deals labelled texts into folds, so that a verifier is judged on texts about other events than it was trained on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.core.topics.features import MEANING
from scripts.verifiers.texts import Sample

SAME = 0.75  # cosine of the meanings of two openings about the same event, after their mean is taken away


def events(own: Sequence[Sample]) -> list[int]:
    """A number for each text, the same for those of one family and those with nearly the same opening."""
    number = list(range(len(own)))

    def root(one: int) -> int:
        while number[one] != one:
            one = number[one]
        return one

    first: dict[str, int] = {}
    for n, one in enumerate(own):
        number[root(n)] = root(first.setdefault(f"{one.text.group} {one.text.family}", n))
    known = [n for n, one in enumerate(own) if MEANING in one.vectors]
    rows = np.array([own[n].vectors[MEANING] for n in known])
    rows -= rows.mean(axis=0)
    rows = (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)).astype(np.float32)
    for at in range(0, len(known), 500):
        for one, other in np.argwhere(rows[at : at + 500] @ rows[at:].T >= SAME):
            number[root(known[at + one])] = root(known[at + other])
    order = {root: n for n, root in enumerate(dict.fromkeys(root(n) for n in range(len(own))))}
    return [order[root(n)] for n in range(len(own))]
