"""Finds numbers by id in 13 to 27 bytes an entry, where a dictionary takes 170."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

_FIRST = 1 << 10  # places at the start
_FULL = 0.6  # share of the places in use from which there are twice as many
_BEYOND = 1 << 12  # places after the last home: runs of entries do not wrap around

_HASH = re.compile(r"[0-9a-f]{32}")  # an id of an article or a story
_ODD, _ALL = 0x9E3779B97F4A7C15, (1 << 64) - 1  # 2^64 / golden ratio: spreads also ids that are no hashes

_BITS = 40  # of an entry that hold its number; the others hold those of its key that are lowest, as a mark
_NUMBER, _MARK = (1 << _BITS) - 1, (1 << 63 - _BITS) - 1

Numbers = NDArray[np.int64]


def id_bytes(id: str) -> bytes:
    """An id as 16 bytes. Raises ValueError if it is not one."""
    if not _HASH.fullmatch(id):
        raise ValueError(f"an id has 32 hexadecimal digits: {id[:40]!r}")
    return bytes.fromhex(id)


def id_key(id: str) -> int:
    """A hash of an id, 64 bits, never 0."""
    if _HASH.fullmatch(id):
        return int(id[16:], 16) * _ODD & _ALL or 1
    return int.from_bytes(blake2b(id.encode(), digest_size=8).digest(), "big") or 1


def bytes_key(id: bytes) -> int:
    """`id_key` of an id as bytes."""
    return int.from_bytes(id[8:], "big") * _ODD & _ALL or 1


def bytes_keys(ids: NDArray[np.void]) -> NDArray[np.uint64]:
    """`id_key` of ids as bytes."""
    lower = np.ascontiguousarray(ids).view(">u8").reshape(-1, 2)[:, 1].astype(np.uint64)
    found: NDArray[np.uint64] = np.maximum(lower * np.uint64(_ODD), np.uint64(1))
    return found


class IdTable:
    """A hash table with linear probing; entries move up when one is removed (Knuth, The Art of Computer Programming,
    volume 3, 6.4, algorithm R). It holds numbers, whose keys are asked for. Ids are known by 64 bits of their hash: of
    3 million, two agree once in 4 million tables."""

    def __init__(self, key: Callable[[int], int], keys: Callable[[Numbers], NDArray[np.uint64]]) -> None:
        """`key`, `keys`: the key of a number in the table, of several."""
        self._key, self._keys = key, keys
        self._used = 0
        self._make(_FIRST)

    def _make(self, places: int) -> None:
        self._places = places  # a power of two
        self._shift = 64 - places.bit_length() + 1
        self._entries = array("q", bytes(8 * (places + _BEYOND)))  # a mark, and a number plus one; 0: the place is free

    def __len__(self) -> int:
        return self._used

    def get(self, key: int) -> int:
        """The number under `key`; -1 if the key is not in the table."""
        return (self._entries[self._find(key)] & _NUMBER) - 1

    def set(self, key: int, number: int) -> None:
        """Add a number, which has this key, unless it is there, or put it in the place of another with its key."""
        place = self._find(key)
        if not self._entries[place]:
            if self._used >= _FULL * self._places or place >= len(self._entries) - 2:
                self._grow()
                return self.set(key, number)
            self._used += 1
        self._entries[place] = (key & _MARK) << _BITS | number + 1

    def remove(self, key: int) -> None:
        """Take out the number under `key`. Keys of all others are asked for, so they must be there."""
        hole = self._find(key)
        if not self._entries[hole]:
            return
        self._used -= 1
        place = hole + 1
        while entry := self._entries[place]:
            if self._key((entry & _NUMBER) - 1) >> self._shift <= hole:
                self._entries[hole] = entry
                hole = place
            place += 1
        self._entries[hole] = 0

    def _find(self, key: int) -> int:
        """The place of `key`, or the free one where it would be."""
        place, mark = key >> self._shift, key & _MARK
        while entry := self._entries[place]:
            if entry >> _BITS == mark and self._key((entry & _NUMBER) - 1) == key:
                break
            place += 1
        return place

    def _grow(self) -> None:
        """Twice as many places. All entries at once: sorted by home, each goes there or behind the one before."""
        entries = np.frombuffer(self._entries, np.int64)
        entries = entries[entries > 0]
        self._make(2 * self._places)
        homes = (self._keys((entries & _NUMBER) - 1) >> np.uint64(self._shift)).astype(np.int64)
        order = np.argsort(homes, kind="stable")
        count = np.arange(len(order))
        places = np.maximum.accumulate(homes[order] - count) + count
        np.frombuffer(self._entries, np.int64)[places] = entries[order]
