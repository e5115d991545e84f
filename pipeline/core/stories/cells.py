"""Finds rows with near vectors, without looking at all: space is divided into cells around fixed points.

A look-up visits the nearest cells only, and compares bit sketches there. The points are data (cells.npy): they depend
on nothing that was added, so a row is in the same cell after every restart.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pipeline.core.text.encoder import DIMENSIONS

WORDS = 3  # of 64 bits, of a sketch: the signs of 192 components
#: Bits that may differ. Signs of vectors with cosine 0.5 differ in a third of the components (Charikar 2002: angle /
#: pi); within 66 of 192 lie 99 % of pairs above cosine 0.55, 1 % of those below 0.4.
DIFFERENT = 66

Vector = NDArray[np.int8]
Numbers = NDArray[np.int64]
Alive = Callable[[Numbers], NDArray[np.bool_]]


class _Cell:
    """The rows of one cell with their sketches, in the order in which they were added."""

    __slots__ = ("rows", "size", "sketches")

    def __init__(self) -> None:
        self.rows, self.sketches, self.size = np.zeros(4, np.int64), np.zeros((WORDS, 4), np.uint64), 0

    def add(self, row: int, sketch: NDArray[np.uint64], alive: Alive) -> None:
        if self.size == len(self.rows):
            self._make_room(alive)
        self.rows[self.size], self.sketches[:, self.size] = row, sketch
        self.size += 1

    def _make_room(self, alive: Alive) -> None:
        kept = np.flatnonzero(alive(self.rows))
        room = max(4, len(kept) + len(kept) // 4 + 4)
        rows, sketches = np.zeros(room, np.int64), np.zeros((WORDS, room), np.uint64)
        rows[: len(kept)], sketches[:, : len(kept)] = self.rows[kept], self.sketches[:, kept]
        self.rows, self.sketches, self.size = rows, sketches, len(kept)

    def near(self, sketch: NDArray[np.uint64]) -> tuple[Numbers, NDArray[np.uint8]]:
        """Rows with a near sketch, and by how many bits it differs; also dead rows."""
        differing = np.bitwise_count(self.sketches[:, : self.size] ^ sketch[:, None])
        bits = np.add.reduce(differing, axis=0, dtype=np.uint8)
        near = np.flatnonzero(bits <= DIFFERENT)
        return self.rows[near], bits[near]


class Cells:
    """The cells. `points`: int8, of shape (cells, DIMENSIONS), of nearly the same length. `alive`: which rows are still
    there."""

    def __init__(self, points: NDArray[np.int8], visited: int, alive: Alive) -> None:
        """`visited`: cells that a look-up visits."""
        self._points = points.astype(np.float32).T
        self._visited, self._alive = visited, alive
        self._cells = [_Cell() for _ in points]

    def add(self, row: int, vector: Vector, cell: int | None = None) -> None:
        """Add a row. `cell`: that of its vector, if it is known (`nearest`)."""
        chosen = int(self.nearest(vector[None])[0]) if cell is None else cell
        self._cells[chosen].add(row, sketch(vector), self._alive)

    def nearest(self, vectors: NDArray[np.int8]) -> Numbers:
        """The cell of each of the vectors."""
        cells: Numbers = np.argmax(self._closeness(vectors), axis=1)
        return cells

    def _closeness(self, vectors: NDArray[np.int8]) -> NDArray[np.float32]:
        # Sums of products of small integers are exact in float32, in any order and on every processor.
        closeness: NDArray[np.float32] = vectors.astype(np.float32) @ self._points
        return closeness

    def near(self, vector: Vector) -> tuple[Numbers, NDArray[np.uint8]]:
        """Living rows near `vector` in the cells nearest to it, and by how many bits of the sketch they differ."""
        own = sketch(vector)
        order = np.argsort(-self._closeness(vector[None])[0], kind="stable")
        found = [self._cells[cell].near(own) for cell in order[: self._visited].tolist() if self._cells[cell].size]
        if not found:
            return np.empty(0, np.int64), np.empty(0, np.uint8)
        rows, bits = np.concatenate([rows for rows, _ in found]), np.concatenate([bits for _, bits in found])
        alive = self._alive(rows)
        return rows[alive], bits[alive]


def sketch(vector: Vector) -> NDArray[np.uint64]:
    """The signs of a part of the components."""
    return np.packbits(vector[: 64 * WORDS] > 0).view(np.uint64)


assert 64 * WORDS <= DIMENSIONS
