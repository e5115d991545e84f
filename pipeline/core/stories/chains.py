"""Finds rows by their keys: an inverted index of fixed size per row, from which old rows need not be removed.

Rows are numbered in the order in which they were added. Those with one key form a chain from the newest to the oldest.
It ends at the first row older than all in use: the place of that one was given to another row.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pipeline.core.stories.keys import BITS
from pipeline.core.stories.ring import larger

Numbers = NDArray[np.int64]
Keys = NDArray[np.uint32]

_ALL = (1 << 32) - 1


class Chains:
    """Chains of the rows that have a key of BITS bits; 0 is no key.

    A link is the number of a row and the place of the key in it, as 32 bits: the lowest of `row << shift | place`, plus
    one; 0 ends a chain.
    """

    def __init__(self, width: int, capacity: int) -> None:
        """`width`: keys of a row."""
        self._width = width
        self._shift = width.bit_length()  # so that no link is 0
        self._newest = np.zeros(1 << BITS, np.uint32)  # by key
        self._older = np.zeros((capacity, width), np.uint32)  # the next link of the chain
        self._used = False  # what is never written to takes no memory

    def resize(self, capacity: int, first: int, end: int) -> None:
        """Make room for `capacity` rows; those from `first` to before `end` are there."""
        self._older = larger(self._older, capacity, first, end if self._used else first)

    def add(self, first: int, keys: Keys) -> None:
        """Add the newest rows, which begin with `first`. `keys`: an array of shape (rows, width)."""
        flat = keys.ravel()
        order = np.flatnonzero(flat)
        self._used |= order.size > 0
        order = order[np.argsort(flat[order], kind="stable")]
        chosen, rows, places = flat[order], first + order // self._width, order % self._width
        links = (((rows << self._shift) | places) + 1).astype(np.uint64).astype(np.uint32)
        opens = np.ones(len(chosen), bool)
        opens[1:] = chosen[1:] != chosen[:-1]
        older = np.zeros(len(chosen), np.uint32)
        older[1:] = links[:-1]
        older[opens] = self._newest[chosen[opens]]
        self._older[rows % len(self._older), places] = older
        self._newest[chosen] = links  # the last of each key stays

    def find(
        self, keys: Keys, oldest: int, end: int, alive: Callable[[Numbers], NDArray[np.bool_]], most: int
    ) -> tuple[Numbers, Numbers]:
        """The newest `most` living rows with each of the keys, from `oldest` to before `end`, and the places in `keys`
        of what they have. A row that has several of the keys comes several times. `keys`: distinct, without 0."""
        places = np.arange(len(keys))
        links = self._whole(self._newest[keys], end)
        left = np.full(len(keys), most)
        found: list[tuple[Numbers, Numbers]] = []
        while (going := np.flatnonzero(links >= oldest << self._shift)).size:
            links, places = links[going], places[going]
            rows = links >> self._shift
            there = alive(rows)
            found.append((rows[there], places[there]))
            left[places[there]] -= 1
            links = self._whole(self._older[rows % len(self._older), links & ((1 << self._shift) - 1)], end)
            links[left[places] == 0] = -1
        if not found:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        return np.concatenate([one for one, _ in found]), np.concatenate([place for _, place in found])

    def _whole(self, low: NDArray[np.uint32], end: int) -> Numbers:
        """Links as `row << shift | place`; -1 for 0."""
        numbers, last = low.astype(np.int64), end << self._shift
        return np.where(numbers > 0, last - ((last - numbers) & _ALL), 0) - 1
