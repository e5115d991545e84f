"""Keeps the articles of the window in columns: about 1 kB each, and no object per article.

Rows are numbered in the order in which they were added, and take the places of the oldest ones that are gone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.stories.copies import TEXT
from pipeline.core.stories.features import ROW

Numbers = NDArray[np.int64]
Texts = NDArray[np.void]

_FIRST = 1 << 10  # rows at the start
_GROWTH = 1.25

_LAYOUT: dict[str, Any] = {
    "features": ROW,
    "text": TEXT,
    "article": "S32",
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

    def __getitem__(self, name: str) -> NDArray[Any]:
        """A whole column, by place: that of a row is `row % capacity`."""
        return self._columns[name]

    def of(self, name: str, rows: Numbers, field: str = "") -> NDArray[Any]:
        """The values of rows in a column; only one of its fields, if one is given."""
        column = self._columns[name]
        return (column[field] if field else column)[rows % self.capacity]

    def alive(self, rows: Numbers) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = (rows >= self.first) & self._columns["alive"][rows % self.capacity]
        return found

    @property
    def full(self) -> bool:
        """Whether there is no room for another row, after those at the beginning that are gone were dropped."""
        alive, capacity = self._columns["alive"], self.capacity
        while self.first < self.end and not alive[self.first % capacity]:
            self.first += 1
        return self.end - self.first >= capacity

    def grow(self) -> Numbers:
        """Make room for more rows. Returns those that are there."""
        rows, before = np.arange(self.first, self.end), self.capacity
        self.capacity = int(before * _GROWTH)
        for name, column in self._columns.items():  # one after the other, so that little is held twice
            larger = np.zeros((self.capacity, *column.shape[1:]), column.dtype)
            larger[rows % self.capacity] = column[rows % before]
            self._columns[name] = larger
        return rows


def together(*parts: NDArray[np.void]) -> NDArray[np.void]:
    """Rows of one layout as one array; numpy's own function compares the layouts field by field, for 0.06 ms."""
    return np.frombuffer(b"".join(part.tobytes() for part in parts), parts[0].dtype)
