"""Finds rows by their keys: an inverted index of fixed size per row, from which old rows need not be removed.

Rows are numbered in the order in which they were added. Rows with keys in the same bucket form a chain from the newest
to the oldest. It ends at the first row older than all in use: the place of that one was given to another row.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Keys = NDArray[np.uint32]

_FEWEST, _MOST = 14, 23  # bits that choose a bucket
_LOW = 0xFFFFFFFF


class Chains:
    """Chains of the rows that have a key; 0 is no key. What is found does not depend on the number of buckets."""

    def __init__(
        self, width: int, capacity: int, keys_of: Callable[[Numbers], Keys], low_bits: int | None = None
    ) -> None:
        """`width`: keys of a row. `keys_of`: the keys of rows, in an array of shape (rows, width). `low_bits`: those
        of a key that choose its bucket; None: a hash of it, in as many buckets as are needed."""
        self._width, self._low_bits, self._keys_of = width, low_bits, keys_of
        self._bits = low_bits or _FEWEST
        self._newest = np.zeros(1 << self._bits, np.uint32)  # by bucket: low bits of the newest row, plus one
        self._older = np.zeros((capacity, width), np.uint32)  # low bits of the next row of the chain, plus one

    def resize(self, capacity: int, rows: Numbers) -> None:
        """Make room for `capacity` rows, of which `rows` are there, in ascending order."""
        older = np.zeros((capacity, self._width), np.uint32)
        older[rows % capacity] = self._older[rows % len(self._older)]
        self._older = older
        if self._low_bits is None and self._bits < _MOST and 4 * capacity > len(self._newest):
            self._bits = min(_MOST, (4 * capacity).bit_length())
            self._newest = np.zeros(1 << self._bits, np.uint32)
            self._link(rows)

    def _link(self, rows: Numbers) -> None:
        """Make the chains of all rows again."""
        keys = self._keys_of(rows)
        buckets, owners = self._buckets(keys.ravel()), np.repeat(rows, self._width)
        used = np.flatnonzero(keys.ravel())
        order = used[np.argsort(buckets[used], kind="stable")]
        buckets, owners = buckets[order], owners[order]
        before = np.where(np.diff(buckets, prepend=-1) == 0, np.roll(owners, 1) + 1, 0)
        while (own := np.flatnonzero(before == owners + 1)).size:  # two keys of a row in one bucket
            before[own] = before[own - 1]
        self._older.reshape(-1)[(owners % len(self._older)) * self._width + order % self._width] = before & _LOW
        self._newest[buckets] = (owners + 1) & _LOW  # the last of each bucket stays

    def add(self, row: int, keys: Keys) -> None:
        """Add the newest row."""
        buckets = self._buckets(keys)
        self._older[row % len(self._older)] = self._newest[buckets]
        self._newest[buckets[keys > 0]] = (row + 1) & _LOW

    def _buckets(self, keys: Keys) -> Numbers:
        if self._low_bits is not None:
            return (keys & np.uint32((1 << self._bits) - 1)).astype(np.int64)
        # Fibonacci hashing (Knuth, The Art of Computer Programming, volume 3, 6.4).
        return ((keys * np.uint32(2654435769)) >> np.uint32(32 - self._bits)).astype(np.int64)

    def find(
        self, keys: Keys, oldest: int, end: int, alive: Callable[[Numbers], NDArray[np.bool_]], most: int
    ) -> tuple[Numbers, Numbers]:
        """The newest `most` living rows with each of the keys, from `oldest` to before `end`, and the places in `keys`
        of what they have. A row that has several of the keys comes several times. `keys`: distinct, without 0."""
        places, buckets = np.arange(len(keys)), self._buckets(keys)
        rows = self._whole(self._newest[buckets], end)
        left = np.full(len(keys), most)
        found: list[tuple[Numbers, Numbers]] = []
        while (going := np.flatnonzero((rows >= oldest) & (left[places] > 0))).size:
            rows, places, buckets = rows[going], places[going], buckets[going]
            theirs = self._keys_of(rows)
            hit = (theirs == keys[places][:, None]).any(axis=1) & alive(rows)
            found.append((rows[hit], places[hit]))
            left[places[hit]] -= 1
            same = (self._buckets(theirs) == buckets[:, None]) & (theirs > 0)
            rows = self._whole(self._older[rows % len(self._older), same.argmax(axis=1)], end)
        if not found:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        return np.concatenate([one for one, _ in found]), np.concatenate([place for _, place in found])

    def _whole(self, low: NDArray[np.uint32], end: int) -> Numbers:
        """Rows from the low bits of their numbers plus one; -1 for 0."""
        numbers = low.astype(np.int64)
        return np.where(numbers > 0, end - ((end - numbers) & _LOW), 0) - 1
