"""Vectors of texts by the encoder of stories, kept in a file between trainings: encoding all takes minutes."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.core.text import encoder
from pipeline.core.topics.features import BEGINNING
from pipeline.core.topics.verifier import encoded

FILE = Path(".cache/vectors.sqlite")
_TABLE = "create table if not exists vectors (model text, text text, steps blob, primary key (model, text))"

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
        file.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(file, isolation_level=None)
        self._database.execute(_TABLE)

    def of(self, text: str) -> Steps:
        key = (encoder.NAME, text)
        row = self._database.execute("select steps from vectors where model = ? and text = ?", key).fetchone()
        if row is not None:
            return np.frombuffer(row[0], np.int8)
        steps = encoded(text, BEGINNING)
        self._database.execute("insert or ignore into vectors values (?, ?, ?)", (*key, steps.tobytes()))
        return steps
