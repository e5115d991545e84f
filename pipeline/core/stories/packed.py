"""Keeps what the window holds of the content of each article: about 750 bytes, where its rows have 1,000.

Lists are kept one after the other without the empty places at their ends, in a store that goes on at its beginning when
its end is reached: the oldest are gone by then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.stories.copies import TEXT
from pipeline.core.stories.features import ROW, Rows, keys_of, lists_of
from pipeline.core.stories.ring import larger

Numbers = NDArray[np.int64]
Texts = NDArray[np.void]
Values = NDArray[np.uint32]

_KEYS = keys_of(np.zeros(1, ROW)).shape[1]
_LISTED = _KEYS + lists_of(np.zeros(1, ROW)).shape[1]  # values of the lists of a row of features
_BEGIN = -(-_LISTED // 8) * 8  # of those of a text, in whole bytes
_SAMPLE = TEXT["sample"].shape[0]
_SHORT = ("numbers", "names", "heading", "agency")  # lists of a text, of 16 bits each
_PLACES = _BEGIN + _SAMPLE + sum(TEXT[name].shape[0] for name in _SHORT)
_LOWER = np.uint32((1 << 24) - 1)
_FIRST = 1 << 14  # values in the store at the start
_GROWTH = 1.125


def _of(row: np.dtype[Any], names: Sequence[str]) -> np.dtype[Any]:
    return np.dtype([(name, row[name]) for name in names])


#: What is kept in lines of fixed size. `high`: the highest bits of the sample of a text; `there`: which places of the
#: lists have a value; `start`: where these begin.
FIXED = np.dtype([
    ("features", _of(ROW, ("vector", "source", "hour", "language", "cell", "titled", "encoded"))),
    ("text", _of(TEXT, ("open", "telling", "titled", "words", "runs", "site", "source", "about"))),
    ("high", "u1", (_SAMPLE,)),
    ("there", "u1", (_PLACES // 8 + (_PLACES % 8 > 0),)),
    ("start", "i8"),
])  # fmt: skip


class Packed:
    """The store of lists. Values have 24 bits: the lowest 16, and the others."""

    def __init__(self) -> None:
        self._low, self._high = np.zeros(_FIRST, np.uint16), np.zeros(_FIRST, np.uint8)
        self._begin = self._end = 0  # of what is in use

    def pack(self, features: Rows, texts: Texts, oldest: int | None) -> NDArray[np.void]:
        """Keep the lists of articles. Returns their FIXED lines. `oldest`: `start` of the oldest still needed."""
        values = np.zeros((len(features), _PLACES), np.uint32)
        values[:, :_KEYS], values[:, _KEYS:_LISTED] = keys_of(features), lists_of(features)
        sample = texts["sample"] + np.uint32(1)  # 0 for EMPTY
        values[:, _BEGIN : _BEGIN + _SAMPLE] = sample & _LOWER
        values[:, _BEGIN + _SAMPLE :] = _bytes(texts, "numbers", "site").view("<u2")
        there = values > 0
        counts = np.count_nonzero(there, axis=1)
        fixed = np.empty(len(features), FIXED)
        for kind, rows in (("features", features), ("text", texts)):
            for name in FIXED[kind].names or ():
                fixed[kind][name] = rows[name]
        fixed["high"] = sample >> np.uint32(24)
        fixed["there"] = np.packbits(there, axis=1)
        fixed["start"] = self._end + np.cumsum(counts) - counts
        self._append(values[there], self._end if oldest is None else oldest)
        return fixed

    def _append(self, values: Values, oldest: int) -> None:
        self._begin = max(self._begin, oldest)
        if self._end + len(values) - self._begin > len(self._low):
            self._grow(len(values))
        places = np.arange(self._end, self._end + len(values)) % len(self._low)
        self._low[places], self._high[places] = values.astype(np.uint16), values >> 16
        self._end += len(values)

    def _grow(self, more: int) -> None:
        size = max(int(_GROWTH * len(self._low)), self._end - self._begin + more)
        self._low = larger(self._low, size, self._begin, self._end)
        self._high = larger(self._high, size, self._begin, self._end)

    def features(self, fixed: NDArray[np.void]) -> Rows:
        """The rows of features of these lines."""
        values = self._values(fixed["there"][:, : _BEGIN // 8], fixed["start"])
        rows = _filled(ROW, fixed["features"])
        _bytes(rows, "names", "days")[:] = np.ascontiguousarray(values[:, :_KEYS]).view(np.uint8)
        _bytes(rows, "days", "language")[:] = values[:, _KEYS:_LISTED].astype("<u2").view(np.uint8)
        return rows

    def keys(self, fixed: NDArray[np.void]) -> Values:
        """The keys of names, words and numbers of these lines, as `keys_of` gives them."""
        return self._values(fixed["there"][:, : _BEGIN // 8], fixed["start"])[:, :_KEYS]

    def texts(self, fixed: NDArray[np.void]) -> Texts:
        """The rows of the texts of these lines."""
        there = fixed["there"]
        before = np.bitwise_count(there[:, : _BEGIN // 8]).sum(axis=1, dtype=np.int64)
        values = self._values(there[:, _BEGIN // 8 :], fixed["start"] + before)
        rows = _filled(TEXT, fixed["text"])
        rows["sample"] = (values[:, :_SAMPLE] | fixed["high"].astype(np.uint32) << np.uint32(24)) - np.uint32(1)
        _bytes(rows, "numbers", "site")[:] = values[:, _SAMPLE : _PLACES - _BEGIN].astype("<u2").view(np.uint8)
        return rows

    def _values(self, there: NDArray[np.uint8], starts: Numbers) -> Values:
        """The values of lists, with those places that are empty."""
        full = np.unpackbits(there, axis=1).view(np.bool_)
        counts = np.count_nonzero(full, axis=1)
        ends = np.cumsum(counts)
        places = (np.repeat(starts - ends + counts, counts) + np.arange(ends[-1] if len(ends) else 0)) % len(self._low)
        values = np.zeros(full.shape, np.uint32)
        values[full] = self._low[places] | (self._high[places].astype(np.uint32) << np.uint32(16))
        return values


def _filled(row: np.dtype[Any], fixed: NDArray[np.void]) -> NDArray[np.void]:
    rows = np.empty(len(fixed), row)
    for name in fixed.dtype.names or ():
        rows[name] = fixed[name]
    return rows


def _bytes(rows: NDArray[np.void], first: str, after: str) -> NDArray[np.uint8]:
    """The bytes of the fields from `first` to before `after`."""
    fields: Mapping[str, Any] = rows.dtype.fields or {}
    start, end = int(fields[first][1]), int(fields[after][1])
    found = np.ascontiguousarray(rows).view(np.uint8).reshape(len(rows), rows.dtype.itemsize)[:, start:end]
    return found
