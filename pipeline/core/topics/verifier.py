"""Decides whether a candidate has the topic: a logistic regression on what features.py sees of it.

It weighs signs and the meaning of the opening, in any language. In languages that the encoder of stories knows it first
weighs signs and that encoder's vector of the opening, which tagging makes in any case; only if that leaves doubt, the
opening is encoded again for its meaning, which takes forty times as long as all else on ordinary news. In a language in
which the topic has no terms there are no signs to weigh.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.core.text import e5, encoder
from pipeline.core.text.languages import base_code
from pipeline.core.topics.features import BEGINNING, MEANING, Inputs
from pipeline.core.topics.rules import Verifier, Weights

#: The opening is encoded again only if the first step leaves a probability from the topic's `doubt` to below this.
CLEAR = 0.95

#: What decided: signs and the vector of the opening that stories use; signs and the meaning of the opening; or its
#: meaning alone.
Seen = Literal["opening", "meaning", "alone"]

Steps = NDArray[np.int8]

#: Of the vectors of the opening, by part: what makes them, their steps per unit, their length.
_ENCODE: Mapping[str, Callable[[str], Steps]] = {BEGINNING: encoder.encode, MEANING: e5.encode}
SCALES = {BEGINNING: encoder.SCALE, MEANING: e5.SCALE}
DIMENSIONS = {BEGINNING: encoder.DIMENSIONS, MEANING: e5.PROBES}


class Contribution(NamedTuple):
    """What one sign, or the opening, adds to the logarithm of the odds."""

    name: str
    weight: float


class Verdict(NamedTuple):
    """`probability` that the candidate has the topic, as far as the verifier knows. `contributions` add up to the
    logarithm of the odds; the bias is one of them."""

    probability: float
    seen: Seen
    contributions: tuple[Contribution, ...]


def knows(language: str | None) -> bool:
    """Whether the encoder of stories knows this language."""
    return base_code(language) in encoder.LANGUAGES


def verify(verifier: Verifier, inputs: Inputs, language: str | None, *, terms: bool) -> Verdict:
    """The verdict on a candidate. `terms`: the topic has terms in its language. 10 ms, or 100 where there is doubt,
    nearly all of it for encoding."""
    if not terms:
        return _verdict(verifier.meaning, Inputs({}, inputs.reading), MEANING, "alone")
    if knows(language):
        first = _verdict(verifier.with_opening, inputs, BEGINNING, "opening")
        if not verifier.doubt <= first.probability < CLEAR:
            return first
    return _verdict(verifier.with_meaning, inputs, MEANING, "meaning")


def probability(odds: float) -> float:
    """The probability with this logarithm of the odds, to four digits."""
    return round(1.0 / (1.0 + math.exp(-max(odds, -700.0))), 4)


def _verdict(weights: Weights, inputs: Inputs, part: str, seen: Seen) -> Verdict:
    found = [Contribution("bias", weights.bias), *_contributions(weights, inputs, part)]
    total = math.fsum(one.weight for one in found)
    return Verdict(probability(total), seen, tuple(found))


def _contributions(weights: Weights, inputs: Inputs, part: str) -> Iterator[Contribution]:
    for name, value in inputs.signs.items():
        yield Contribution(name, weights.signs.get(name, 0.0) * value)
    if inputs.opening:
        scale, steps = weights.vectors[part]
        [product] = products([steps], part)(inputs.opening)
        yield Contribution(f"{part}: {inputs.opening}", scale * float(product))


def encoded(text: str, part: str) -> Steps:
    """One of the vectors of a text, in steps; zeros if it is empty."""
    return _ENCODE[part](text) if text else np.zeros(DIMENSIONS[part], np.int8)


def products(rows: Sequence[bytes], part: str) -> Callable[[str], NDArray[np.float64]]:
    """A function from a text to the products of one of its vectors with each of the 8-bit rows. In steps they are whole
    numbers below 2^24, summed in 32-bit floats: the same on every processor and in any order."""
    steps = np.array([np.frombuffer(row, np.int8) for row in rows], np.float32).reshape(len(rows), DIMENSIONS[part])
    return lambda text: (steps @ encoded(text, part).astype(np.float32)).astype(np.float64) / SCALES[part]


def odds_of(regressions: Sequence[Weights], part: str) -> Callable[[str], NDArray[np.float64]]:
    """A function from a text to the logarithm of the odds that each regression gives it by a vector, without signs."""
    biases = np.array([one.bias for one in regressions])
    scales = np.array([one.vectors[part][0] for one in regressions])
    along = products([one.vectors[part][1] for one in regressions], part)
    return lambda text: biases + scales * along(text)
