"""Keeps what a model makes of texts in a file, so that the next training need not make it again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(".cache")
_TABLE = "create table if not exists kept (model text, text text, made blob, primary key (model, text))"


class Kept:
    """What one model made of texts, as bytes."""

    def __init__(self, file: Path, model: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._database, self._model = sqlite3.connect(file, isolation_level=None), model
        self._database.execute(_TABLE)

    def of(self, text: str, make: Callable[[], bytes]) -> bytes:
        """What was made of the text before, or `make` makes now."""
        key = (self._model, text)
        row = self._database.execute("select made from kept where model = ? and text = ?", key).fetchone()
        if row is not None:
            return bytes(row[0])
        made = make()
        self._database.execute("insert or ignore into kept values (?, ?, ?)", (*key, made))
        return made
