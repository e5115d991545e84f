"""Keeps the articles of the window in columns: no object per article.

Rows are numbered in the order in which they were added, and take the places of the oldest ones that are gone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.stories.features import Rows
from pipeline.core.stories.packed import FIXED, Packed
from pipeline.core.stories.ring import larger
from pipeline.core.stories.vectors import Floats, components

Numbers = NDArray[np.int64]
Texts = NDArray[np.void]
Keys = NDArray[np.uint32]

_FIRST = 1 << 10  # rows at the start
_GROWTH = 1.125

_LAYOUT: dict[str, Any] = {
    "fixed": FIXED,
    "article": "V16",
    "original": "u8",  # key of the article that it copies, or 0
    "story": "i4",  # number of its story, see membership.py
    "older": "i8",  # the row before it in its story, -1 for the first
    "newer": "i8",  # the row after it, -1 for the newest
    "seq": "i8",
    "seen": "f8",
    "alive": "?",
}


class Columns:
    """The columns by name. `first`: the oldest row that may be alive; `end`: the next row."""

    def __init__(self) -> None:
        self.first = self.end = 0
        self.capacity = _FIRST
        self._columns: dict[str, NDArray[Any]] = {name: np.zeros(_FIRST, kind) for name, kind in _LAYOUT.items()}
        self._packed = Packed()

    def __getitem__(self, name: str) -> NDArray[Any]:
        """A whole column, by place: that of a row is `row % capacity`."""
        return self._columns[name]

    def of(self, name: str, rows: Numbers) -> NDArray[Any]:
        """The values of rows in a column."""
        found: NDArray[Any] = self._columns[name][rows % self.capacity]
        return found

    def alive(self, rows: Numbers) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = (rows >= self.first) & self._columns["alive"][rows % self.capacity]
        return found

    # -- what is kept of the content ------------------------------------------------------------------------------

    def put(self, rows: Numbers, features: Rows, texts: Texts) -> None:
        """Keep the content of new rows, the newest of all."""
        oldest = int(self._columns["fixed"]["start"][self.first % self.capacity]) if rows[0] > self.first else None
        self._columns["fixed"][rows % self.capacity] = self._packed.pack(features, texts, oldest)

    def features(self, rows: Numbers) -> Rows:
        """The features of rows, as they were given."""
        return self._packed.features(self.of("fixed", rows))

    def texts(self, rows: Numbers) -> Texts:
        """The texts of rows, as they were given."""
        return self._packed.texts(self.of("fixed", rows))

    def keys(self, rows: Numbers) -> Keys:
        """The keys of rows that are counted (features.py, `keys_of`)."""
        return self._packed.keys(self.of("fixed", rows))

    def vectors(self, rows: Numbers) -> Floats:
        """The components of the vectors of rows."""
        return components(self._columns["fixed"]["features"]["vector"][rows % self.capacity])

    def cells(self, rows: Numbers) -> NDArray[np.uint16]:
        """The cells of rows, 0 for those without a vector."""
        found: NDArray[np.uint16] = self._columns["fixed"]["features"]["cell"][rows % self.capacity]
        return found

    # -- room ------------------------------------------------------------------------------

    def room(self, count: int) -> bool:
        """Whether there is room for more rows, after those at the beginning that are gone were dropped."""
        while self.first < self.end:
            place = self.first % self.capacity
            alive = self._columns["alive"][place : min(place + self.end - self.first, self.capacity)]
            gone = int(alive.argmax()) if alive.any() else len(alive)
            self.first += gone
            if gone < len(alive):
                break
        return self.end + count - self.first <= self.capacity

    def grow(self, count: int) -> None:
        """Make room for so many more rows."""
        self.capacity = max(int(self.capacity * _GROWTH), self.end - self.first + count)
        for name, column in self._columns.items():  # one after the other, so that little is held twice
            self._columns[name] = larger(column, self.capacity, self.first, self.end)


def together(*parts: NDArray[np.void]) -> NDArray[np.void]:
    """Rows of one layout as one array; numpy's own function compares the layouts field by field, for 0.06 ms."""
    return np.frombuffer(b"".join(part.tobytes() for part in parts), parts[0].dtype)
