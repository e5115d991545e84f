"""Says how probable each outcome is: one logistic regression for each, on signs and the meaning of the opening.

The opening is the title and the first 300 characters. Its meaning is the mean vector of the encoder for topics, which
knows a hundred languages. vocabulary/outcomes.toml has the weights, which scripts/train_outcomes.py makes.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.core.text import e5
from pipeline.core.text.languages import vocabulary
from pipeline.core.text.reading import Reading
from pipeline.core.topics.verifier import probability

OPENING = "the meaning of the opening"  # its name among the contributions


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
    given = set(names)
    return any(weights.signs.keys() >= given for weights in _table().values())


def enough(*, agreed: bool) -> float:
    """The probability from which an outcome is stated; less is needed if the patterns agree."""
    return float(vocabulary("outcomes")["enough-if-patterns-agree" if agreed else "enough"])


def enough_of_patterns() -> float:
    """The sum of weights from which patterns state an outcome, if none is probable enough: the plain sentence that says
    so, without much else."""
    return float(vocabulary("outcomes")["enough-of-patterns"])


def likely(signs: Mapping[str, float], reading: Reading) -> list[Likely]:
    """The outcomes, most probable first. 30 to 100 ms for the meaning of the opening."""
    text = reading.opening
    found = []
    for (outcome, weights), product in zip(_table().items(), (_steps() @ meaning(text)).tolist(), strict=True):
        parts = [("bias", weights.bias)]
        parts += [(name, weights.signs.get(name, 0.0) * value) for name, value in signs.items()]
        if text:
            parts.append((OPENING, weights.scale * product))
        found.append(Likely(outcome, probability(math.fsum(weight for _, weight in parts)), tuple(parts)))
    return sorted(found, key=lambda one: -one.probability)


def meaning(text: str) -> NDArray[np.float64]:
    """The meaning of an opening as a vector of length 1; zeros if it is empty."""
    return e5.mean(text).astype(np.float64) / e5.MEAN_SCALE if text else np.zeros(e5.WIDTH)


@cache
def _steps() -> NDArray[np.float64]:
    """The 8-bit steps of each outcome. Their products with a meaning are exact, since its steps per unit are a power of
    two: the same on every processor and in any order."""
    return np.array([np.frombuffer(weights.steps, np.int8) for weights in _table().values()], np.float64)


@cache
def _table() -> Mapping[str, _Weights]:
    return {
        name: _Weights(one["bias"], one["signs"], one["scale"], base64.b64decode("".join(one["opening"].split())))
        for name, one in vocabulary("outcomes").items()
        if isinstance(one, dict)
    }
