"""Decides whether a candidate has the topic: a logistic regression on what features.py sees of it.

In languages that the sentence encoder knows it weighs vectors and signs, in others only signs. First it weighs only the
vector of the opening, which tagging makes in any case, for stories; if that leaves doubt, title and sentences too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.core.text.encoder import DIMENSIONS, LANGUAGES, SCALE, encode
from pipeline.core.text.languages import base_code
from pipeline.core.topics.features import BEGINNING, Inputs
from pipeline.core.topics.rules import Verifier, Weights

#: Title and pairs of sentences are encoded only if signs and opening leave a probability between these. In
#: cross-validation on all labelled texts that decides 99.9 % of the candidates as encoding all of them would; of 462
#: ordinary pages, mostly in eight languages, 44 are encoded, half of which have a topic.
DOUBT = (0.22, 0.9)

Seen = Literal["signs", "opening", "all"]  # what decided: signs alone, signs and the opening, or the other texts too

Vector = NDArray[np.float64]


class Contribution(NamedTuple):
    """What one sign, or one text, adds to the logarithm of the odds."""

    name: str
    weight: float


class Verdict(NamedTuple):
    """`probability` that the candidate has the topic, as far as the verifier knows. `contributions` add up to the
    logarithm of the odds; the bias is one of them."""

    probability: float
    seen: Seen
    contributions: tuple[Contribution, ...]

    @property
    def knows(self) -> bool:
        """Whether the sentence encoder knows the language."""
        return self.seen != "signs"


def knows(language: str | None) -> bool:
    """Whether vectors are used for this language."""
    return base_code(language) in LANGUAGES


def verify(verifier: Verifier, inputs: Inputs, language: str | None) -> Verdict:
    """The verdict on a candidate. Under 60 ms; nearly all of it is encoding."""
    if not knows(language):
        return _verdict(_of_signs(verifier.without_vectors, inputs), "signs")
    weights = verifier.with_opening
    first = _verdict([*_of_signs(weights, inputs), *_of_texts(weights, {BEGINNING: inputs.opening})], "opening")
    if not DOUBT[0] <= first.probability < DOUBT[1]:
        return first
    weights = verifier.with_vectors
    return _verdict([*_of_signs(weights, inputs), *_of_texts(weights, inputs.texts)], "all")


def _of_signs(weights: Weights, inputs: Inputs) -> list[Contribution]:
    found = [Contribution(name, weights.signs.get(name, 0.0) * value) for name, value in inputs.signs.items()]
    return [Contribution("bias", weights.bias), *found]


def _of_texts(weights: Weights, encoded: Mapping[str, Sequence[str]]) -> Iterator[Contribution]:
    for part, texts in encoded.items():
        scale, steps = weights.vectors[part]
        row = np.frombuffer(steps, np.int8).astype(np.float32)  # whole numbers, whose sums stay below 2^24
        for text in texts:
            product = float(row @ encode(text).astype(np.float32))
            yield Contribution(f"{part}: {text}", product * scale / SCALE / len(texts))


def _verdict(found: Sequence[Contribution], seen: Seen) -> Verdict:
    total = math.fsum(one.weight for one in found)
    probability = 1.0 / (1.0 + math.exp(-max(total, -700.0)))
    return Verdict(round(probability, 4), seen, tuple(found))


def vector_of(texts: Sequence[str]) -> Vector:
    """The mean of the vectors of `texts`; zeros if there are none."""
    if not texts:
        return np.zeros(DIMENSIONS)
    mean: Vector = np.mean([encode(text).astype(np.float64) for text in texts], axis=0)
    return mean / SCALE
