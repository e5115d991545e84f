"""Finds rows with near vectors, without looking at all: space is divided into cells around fixed points.

A look-up visits the nearest cells until it has seen VISITED rows, whatever the number of all, and compares bit sketches
there. The points are data (cells.npy): they depend on nothing that was added. So a row is in the same cell after every
restart, and what is visited depends only on which rows are there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.core.stories.vectors import Floats, Packed, components, signs
from pipeline.core.text.encoder import DIMENSIONS

WORDS = 3  # of 64 bits, of a sketch: the signs of 192 components
#: Bits that may differ. Signs of vectors with cosine 0.5 differ in a third of the components (Charikar 2002: angle /
#: pi); within 66 of 192 lie 99 % of pairs above cosine 0.55, 1 % of those below 0.4.
DIFFERENT = 66
VISITED = 49_152  # rows
FEWEST, MOST = 2, 96  # cells
OF_A_CELL = 8_192  # its newest rows that are visited
_ROOM = 1.125

Numbers = NDArray[np.int64]
Sketches = NDArray[np.uint64]
Alive = Callable[[Numbers], NDArray[np.bool_]]

_ALL = (1 << 32) - 1


@cache
def points() -> NDArray[np.int8]:
    """The points around which cells lie, of nearly the same length (scripts/train_cells.py)."""
    found: NDArray[np.int8] = np.load(Path(__file__).with_name("cells.npy"))
    return found.reshape(-1, DIMENSIONS)


@cache
def _turned() -> Floats:
    found: Floats = np.ascontiguousarray(points().T, np.float32)
    return found


def cells_of(vector: Packed) -> NDArray[np.uint16]:
    """The cells of packed vectors, from 1: those of the nearest points."""
    nearest: Numbers = np.argmax(_closeness(components(vector)), axis=1)
    return (nearest + 1).astype(np.uint16)


def _closeness(vectors: Floats) -> Floats:
    # Sums of products of small integers are exact in float32, in any order and on every processor.
    found: Floats = vectors @ _turned()
    return found


class _Cell:
    """The rows of one cell in the order in which they were added: low bits of their numbers, and sketches."""

    __slots__ = ("rows", "size", "sketches")

    def __init__(self) -> None:
        self.rows, self.sketches, self.size = np.zeros(4, np.uint32), np.zeros((WORDS, 4), np.uint64), 0

    def add(self, rows: Numbers, sketches: Sketches, end: int, alive: Alive) -> None:
        if self.size + len(rows) > len(self.rows):
            self._make_room(len(rows), end, alive)
        added = slice(self.size, self.size + len(rows))
        self.rows[added], self.sketches[:, added] = rows & _ALL, sketches.T
        self.size += len(rows)

    def _make_room(self, more: int, end: int, alive: Alive) -> None:
        kept = np.flatnonzero(alive(whole(self.rows[: self.size], end)))
        room = int(_ROOM * (len(kept) + more)) + 4
        rows, sketches = np.zeros(room, np.uint32), np.zeros((WORDS, room), np.uint64)
        rows[: len(kept)], sketches[:, : len(kept)] = self.rows[kept], self.sketches[:, kept]
        self.rows, self.sketches, self.size = rows, sketches, len(kept)

    def newest(self, count: int, end: int, alive: Alive) -> int:
        """The place from which on `count` rows are alive; 0 if no more are."""
        there = np.flatnonzero(alive(whole(self.rows[: self.size], end)))
        return int(there[-count]) if len(there) > count else 0


def whole(low: NDArray[np.uint32], end: int) -> Numbers:
    """Numbers of rows from their low bits; `end`: the next row."""
    return end - 1 - ((end - 1 - low.astype(np.int64)) & _ALL)


class Cells:
    """The cells. `alive`: which rows are still there."""

    def __init__(self, alive: Alive, visited: int = VISITED, of_a_cell: int = OF_A_CELL) -> None:
        """`visited`: rows that a look-up visits; `of_a_cell`: how many of one cell, the newest."""
        self._visited, self._of_a_cell, self._alive = visited, of_a_cell, alive
        self._cells = [_Cell() for _ in range(len(points()) + 1)]
        self._counts = np.zeros(len(points()) + 1, np.int64)  # living rows of each

    def add(self, rows: Numbers, cells: NDArray[np.uint16], vectors: Packed) -> None:
        """Add the newest rows, ascending. Those in cell 0 have no vector."""
        cells = cells.astype(np.int64)
        order = np.argsort(cells, kind="stable")
        sketches = signs(vectors, WORDS)
        starts = np.flatnonzero(np.diff(cells[order], prepend=-1))
        for start, stop in zip(starts.tolist(), [*starts[1:].tolist(), len(order)], strict=True):
            chosen = order[start:stop]
            if cell := int(cells[chosen[0]]):
                self._cells[cell].add(rows[chosen], sketches[chosen], int(rows[-1]) + 1, self._alive)
        np.add.at(self._counts, cells, 1)

    def gone(self, cells: NDArray[np.uint16]) -> None:
        """Note that rows of these cells are not alive any more."""
        np.subtract.at(self._counts, cells, 1)

    def near(self, vector: Packed, end: int) -> tuple[Numbers, NDArray[np.uint8]]:
        """Living rows near a packed vector in the cells nearest to it, and by how many bits of the sketch they differ.
        `end`: the next row."""
        order = 1 + np.argsort(-_closeness(components(vector[None]))[0], kind="stable")
        order = order[self._counts[order] > 0][:MOST]
        before = np.cumsum(np.minimum(self._counts[order], self._of_a_cell))
        parts = []
        for cell in order[: max(FEWEST, int(np.searchsorted(before, self._visited)) + 1)].tolist():
            one = self._cells[cell]
            many = self._counts[cell] > self._of_a_cell
            first = one.newest(self._of_a_cell, end, self._alive) if many else 0
            parts.append((one.rows[first : one.size], one.sketches[:, first : one.size]))
        if not parts:
            return np.empty(0, np.int64), np.empty(0, np.uint8)
        differing = np.concatenate([sketches for _, sketches in parts], axis=1)
        differing ^= signs(vector[None], WORDS)[0][:, None]
        bits = np.add.reduce(np.bitwise_count(differing), axis=0, dtype=np.uint8)
        near = np.flatnonzero(bits <= DIFFERENT)
        rows, bits = whole(np.concatenate([rows for rows, _ in parts])[near], end), bits[near]
        alive = self._alive(rows)
        return rows[alive], bits[alive]


assert 64 * WORDS <= DIMENSIONS
