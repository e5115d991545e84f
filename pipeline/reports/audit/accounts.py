"""Notes how records ended, by offset, and compares ids as arrays of digests.

Memory stays small: a byte for each record that ended, 24 bytes for each id.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from pipeline.stage import Position

#: How a record ended, as bits: one that was handled again after a crash may have ended in two ways.
OK, DROP, LATER, DEAD = 1, 2, 4, 8
_BITS = {"ok": OK, "later": LATER, "dead": DEAD}  # all others are drops
_OFFSET_BITS = 40  # bits of an offset; the partition is above


def digest(*parts: object) -> int:
    """A 64-bit digest of an identifier."""
    return int.from_bytes(blake2b("\0".join(map(str, parts)).encode(), digest_size=8).digest(), "big")


def place(partition: int, offset: int) -> int:
    """Partition and offset as one number."""
    return partition << _OFFSET_BITS | offset


def where(stream: str, packed: int) -> str:
    """The result of `place` as stream/partition/offset."""
    return str(Position(stream, packed >> _OFFSET_BITS, packed & (1 << _OFFSET_BITS) - 1))


class PartitionAccount:
    """How the records of one partition ended in one group, for offsets from `start` up to `committed` (exclusive)."""

    def __init__(self, start: int, committed: int) -> None:
        self.start, self.committed = start, max(start, committed)
        self.counts: Counter[str] = Counter()
        self.repeated = 0  # records that ended again, after a crash
        self._bits = bytearray(self.committed - start)

    def note(self, offset: int, ending: str) -> None:
        """Count an ending found on the log; ignored if the offset is not committed yet."""
        if not self.covers(offset):
            return
        self.counts[ending] += 1
        self.repeated += bool(self._bits[offset - self.start])
        self._bits[offset - self.start] |= _BITS.get(ending, DROP)

    def covers(self, offset: int) -> bool:
        """Whether the group has committed the record, so that it must have ended."""
        return self.start <= offset < self.committed

    def of(self, offset: int) -> int:
        """OK, DROP, LATER, DEAD or several of these bits; 0 if no ending was noted."""
        return self._bits[offset - self.start] if self.covers(offset) else 0

    def ended(self) -> int:
        """How many records ended."""
        return len(self._bits) - self._bits.count(0)


@dataclass
class Rows:
    """Records by `key`, with their `place` and one `value` to compare."""

    keys: array[int] = field(default_factory=lambda: array("Q"))
    places: array[int] = field(default_factory=lambda: array("Q"))
    values: array[int] = field(default_factory=lambda: array("Q"))

    def add(self, key: int, place: int, value: int = 0) -> None:
        self.keys.append(key)
        self.places.append(place)
        self.values.append(value)

    def __len__(self) -> int:
        return len(self.keys)

    def table(self) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint64]]:
        """Keys, places, values."""
        keys, places, values = (np.array(column, dtype=np.uint64) for column in (self.keys, self.places, self.values))
        return keys, places, values


def absent(wanted: Rows, there: Iterable[Rows]) -> list[int]:
    """Places of the rows whose key is in none of `there`."""
    keys, places, _ = wanted.table()
    found = np.zeros(len(keys), dtype=bool)
    for rows in there:
        found |= np.isin(keys, rows.table()[0])
    return _ints(places[~found])


def unequal(rows: Rows) -> list[int]:
    """Places of the rows whose value differs from that of another row with the same key."""
    keys, places, values = rows.table()
    order = np.lexsort((values, keys))
    keys, places, values = keys[order], places[order], values[order]
    other = (keys[1:] == keys[:-1]) & (values[1:] != values[:-1])
    return _ints(places[1:][other])


def repeats(rows: Rows) -> int:
    """How many rows repeat the key and value of another."""
    keys, _, values = rows.table()
    return len(keys) - len(np.unique(np.stack((keys, values)), axis=1).T) if len(keys) else 0


def newest(rows: Rows) -> Rows:
    """For each key the row with the highest value."""
    keys, places, values = rows.table()
    order = np.lexsort((values, keys))
    keys, places, values = keys[order], places[order], values[order]
    last = np.append(keys[1:] != keys[:-1], True) if len(keys) else np.zeros(0, dtype=bool)
    return _rows(keys[last], places[last], values[last])


def behind(wanted: Rows, there: Rows) -> list[int]:
    """Places of the rows whose key has a lower value in `there`, or is missing there."""
    have = newest(there)
    keys, _, values = have.table()
    wanted_keys, places, wanted_values = wanted.table()
    if not len(keys):
        return _ints(places)
    at = np.minimum(np.searchsorted(keys, wanted_keys), len(keys) - 1)
    good = (keys[at] == wanted_keys) & (values[at] >= wanted_values)
    return _ints(places[~good])


def unknown(rows: Rows, known: Rows, since: int) -> Iterator[int]:
    """Places of the rows whose key and value are not in `known`, among those with a value of `since` or more."""
    keys, places, values = rows.table()
    is_known = np.isin(_combined(keys, values), _combined(*(known.table()[n] for n in (0, 2))))
    yield from _ints(places[~is_known & (values >= np.uint64(since))])


def _combined(keys: NDArray[np.uint64], values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    with np.errstate(over="ignore"):
        return keys ^ (values * np.uint64(0x9E3779B97F4A7C15))


def _rows(keys: NDArray[np.uint64], places: NDArray[np.uint64], values: NDArray[np.uint64]) -> Rows:
    return Rows(*(array("Q", column.tobytes()) for column in (keys, places, values)))


def _ints(column: NDArray[np.uint64]) -> list[int]:
    return [int(number) for number in column]
