"""Decides whether a candidate has the topic: a logistic regression on what features.py sees of it.

In languages that the sentence encoder knows it weighs vectors and signs, in others only signs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.core.text.encoder import DIMENSIONS, LANGUAGES, SCALE, encode
from pipeline.core.text.languages import base_code
from pipeline.core.topics.features import Inputs
from pipeline.core.topics.rules import Verifier, Weights

#: A candidate with less than this by its signs alone is not encoded, because it is hardly ever accepted: of 95 topics
#: accepted on tests/gate/press none had less. Of 178 pages of general English news and blogs a fifth is encoded; all
#: with a candidate would be two thirds.
HOPELESS = 0.15
#: It is encoded all the same if its opening, whose vector is there already, is on the topic with this probability: the
#: signs of a scene told in other words are few.
UNLIKELY = 0.5

Vector = NDArray[np.float64]


class Contribution(NamedTuple):
    """What one sign, or one text, adds to the logarithm of the odds."""

    name: str
    weight: float


class Verdict(NamedTuple):
    """`probability` that the candidate has the topic, as far as the verifier knows. `knows`: the sentence encoder knows
    the language. `contributions` add up to the logarithm of the odds; the bias is one of them."""

    probability: float
    knows: bool
    contributions: tuple[Contribution, ...]


def knows(language: str | None) -> bool:
    """Whether vectors are used for this language."""
    return base_code(language) in LANGUAGES


def verify(verifier: Verifier, inputs: Inputs, language: str | None, opening: float | None = None) -> Verdict:
    """The verdict on a candidate. Under 60 ms; nearly all of it is encoding. `opening`: the probability by the vector
    of its opening, if that was asked."""
    known = knows(language)
    by_signs = _verdict(_of_signs(verifier.without_vectors, inputs), known)
    if not known or (by_signs.probability < HOPELESS and (opening or 0.0) < UNLIKELY):
        return by_signs
    weights = verifier.with_vectors
    return _verdict([*_of_signs(weights, inputs), *_of_texts(weights, inputs)], known)


def _of_signs(weights: Weights, inputs: Inputs) -> list[Contribution]:
    found = [Contribution(name, weights.signs.get(name, 0.0) * value) for name, value in inputs.signs.items()]
    return [Contribution("bias", weights.bias), *found]


def _of_texts(weights: Weights, inputs: Inputs) -> Iterator[Contribution]:
    for part, texts in inputs.texts.items():
        scale, steps = weights.vectors[part]
        row = np.frombuffer(steps, np.int8).astype(np.float64) * scale
        for text in texts:
            yield Contribution(f"{part}: {text}", float(row @ vector_of((text,))) / len(texts))


def _verdict(found: Sequence[Contribution], known: bool) -> Verdict:
    total = math.fsum(one.weight for one in found)
    probability = 1.0 / (1.0 + math.exp(-max(total, -700.0)))
    return Verdict(round(probability, 4), known, tuple(found))


def vector_of(texts: Sequence[str]) -> Vector:
    """The mean of the vectors of `texts`; zeros if there are none."""
    if not texts:
        return np.zeros(DIMENSIONS)
    mean: Vector = np.mean([encode(text).astype(np.float64) for text in texts], axis=0)
    return mean / SCALE
