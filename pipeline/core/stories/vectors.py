"""Packs vectors into four bits for each component. Cosines change by 0.005; sums of products are small integers, the
same on every processor.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

STEP = 6  # of the encoder's steps, in one of ours: a quarter of a component's deviation
LEVELS = 8  # on each side of 0

Packed = NDArray[np.uint8]
Floats = NDArray[np.float32]

_LOW = 0xF
#: The two components in each byte: odd numbers from -15 to 15.
_PAIRS: Floats = np.array(
    [[2 * ((byte >> shift & _LOW) - LEVELS) + 1 for shift in (0, 4)] for byte in range(256)], np.float32
)


def packed(vector: NDArray[np.int8]) -> Packed:
    """A vector in steps of text/encoder.py, or several, as half as many bytes."""
    levels = np.clip(vector.astype(np.int16) // STEP, -LEVELS, LEVELS - 1) + LEVELS
    pairs = levels.astype(np.uint8).reshape(*vector.shape[:-1], -1, 2)
    found: Packed = pairs[..., 0] | pairs[..., 1] << np.uint8(4)
    return found


def components(vectors: Packed) -> Floats:
    """The components of packed vectors, one a line."""
    found: Floats = _PAIRS[vectors].reshape(len(vectors), 2 * vectors.shape[1])
    return found


def cosines(one: Floats, others: Floats) -> Floats:
    """The cosine of the components `one` with each of `others`."""
    norms = np.sqrt(np.einsum("ij,ij->i", others, others) * (one @ one))
    found: Floats = (others @ one) / np.maximum(norms, 1)
    return found


def signs(vectors: Packed, words: int) -> Any:
    """The signs of the first 64 x `words` components of packed vectors, as 64-bit words: an array of K x `words`."""
    firsts = vectors[:, : 32 * words]
    bits = np.empty((len(vectors), 64 * words), np.uint8)
    bits[:, 0::2], bits[:, 1::2] = firsts & LEVELS, firsts & (LEVELS << 4)
    return np.packbits(bits, axis=1).view(np.uint64)
