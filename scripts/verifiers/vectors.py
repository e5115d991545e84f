"""Vectors of texts by the encoder of stories, kept in a file between trainings: encoding all takes minutes."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.core.text import encoder
from pipeline.core.topics.features import BEGINNING
from pipeline.core.topics.verifier import encoded
from scripts.verifiers.kept import FOLDER, Kept

FILE = FOLDER / "vectors.sqlite"

Steps = NDArray[np.int8]


class Vectors(Protocol):
    def of(self, text: str) -> Steps:
        """The vector of a text, in 8-bit steps."""
        ...


class MadeVectors:
    """Makes each vector when asked for it."""

    def of(self, text: str) -> Steps:
        return encoded(text, BEGINNING)


class KeptVectors:
    """Makes a vector once, and keeps it in a file."""

    def __init__(self, file: Path = FILE) -> None:
        self._kept = Kept(file, encoder.NAME)

    def of(self, text: str) -> Steps:
        return np.frombuffer(self._kept.of(text, lambda: encoded(text, BEGINNING).tobytes()), np.int8)
