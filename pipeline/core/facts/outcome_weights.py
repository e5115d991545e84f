"""Says how probable each outcome is: one logistic regression for each, on signs and the vector of the opening.

The opening is the title and the first 300 characters; its vector is there already, for stories and topics. In languages
that the sentence encoder does not know, the signs decide alone. vocabulary/outcomes.toml has the weights, which
scripts/train_outcomes.py makes.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

import numpy as np

from pipeline.core.text.encoder import SCALE, encode
from pipeline.core.text.languages import vocabulary
from pipeline.core.text.reading import Reading
from pipeline.core.topics.features import opening_of
from pipeline.core.topics.verifier import knows

OPENING = "the opening"  # the name of its vector among the contributions


class _Weights(NamedTuple):
    """The weights of one outcome. `scale`, `steps`: of the vector."""

    bias: float
    signs: Mapping[str, float]
    scale: float
    steps: bytes


class Likely(NamedTuple):
    """An outcome with its probability, and what each sign adds to the logarithm of the odds."""

    outcome: str
    probability: float
    contributions: tuple[tuple[str, float], ...]


def weights_apply(names: Iterable[str]) -> bool:
    """Whether there are weights for signs with these names: they belong to the shipped [[outcomes]]."""
    return any(weights.signs.keys() >= set(names) for weights in _table().values())


def enough(*, agreed: bool) -> float:
    """The probability from which an outcome is stated; less is needed if the patterns agree."""
    return float(vocabulary("outcomes")["enough-if-patterns-agree" if agreed else "enough"])


def likely(signs: Mapping[str, float], reading: Reading, language: str | None) -> list[Likely]:
    """The outcomes, most probable first."""
    text = opening_of(reading) if knows(language) else ""
    vector = encode(text).astype(np.float32) if text else None
    found = []
    for outcome, weights in _table().items():
        parts = [("bias", weights.bias)]
        parts += [(name, weights.signs.get(name, 0.0) * value) for name, value in signs.items()]
        if vector is not None:  # whole numbers whose sums stay below 2^24: the same on every processor
            steps = np.frombuffer(weights.steps, np.int8).astype(np.float32)
            parts.append((OPENING, float(steps @ vector) * weights.scale / SCALE))
        odds = math.fsum(weight for _, weight in parts)
        found.append(Likely(outcome, round(1.0 / (1.0 + math.exp(-max(odds, -700.0))), 4), tuple(parts)))
    return sorted(found, key=lambda one: -one.probability)


@cache
def _table() -> Mapping[str, _Weights]:
    return {
        name: _Weights(one["bias"], one["signs"], one["scale"], base64.b64decode("".join(one["opening"].split())))
        for name, one in vocabulary("outcomes").items()
        if isinstance(one, dict)
    }
