"""Counts in how many articles of the window each key occurs: what few of them share says more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.core.stories.keys import BITS

STEP = 256  # steps per unit of a weight
ASSUMED = 1000.0  # articles before the first, in none of which a key occurs: a young window knows little

Keys = NDArray[np.uint32]
Weights = NDArray[np.float32]


class Rarity:
    """Document frequencies of keys. A function of what is in the window, whatever the order it came in."""

    def __init__(self) -> None:
        self._counts = np.zeros(1 << BITS, np.uint32)
        self._articles = 0

    def add(self, keys: Keys) -> None:
        """Count the keys of articles, a line for each, without repeats; 0 is no key."""
        self._articles += len(keys)
        np.add.at(self._counts, keys[keys > 0], 1)

    def remove(self, keys: Keys) -> None:
        """Take back the keys of articles that were added."""
        self._articles -= len(keys)
        np.subtract.at(self._counts, keys[keys > 0], 1)

    def counts(self, keys: Keys) -> Keys:
        """In how many articles each key is, in an array of the same shape."""
        counts: Keys = self._counts[keys]
        return counts

    def __call__(self, keys: Keys) -> Weights:
        """The weight of each key, in an array of the same shape: 1 if no article has it, near 0 if all do; 0 for no
        key. It is the logarithm of how few articles have it, relative to that of how many there are, in whole steps:
        sums of weights are exact, the same on every processor."""
        seen = self.counts(keys).astype(np.float32)
        total = np.float32(self._articles + ASSUMED)
        weights: Weights = np.log(total / (seen + np.float32(1))) / np.log(total)
        steps = np.rint(np.maximum(weights, 0) * np.float32(STEP)) / np.float32(STEP)
        return np.where(keys > 0, steps, 0).astype(np.float32)
