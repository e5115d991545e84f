"""Decodes batches of any content, for every consumer of this process.

aiokafka raises for a header whose name is not UTF-8, a checksum that does not match and a compression that it does not
know, each time it reads the batch: its partition would never go on. Here such a name is shown as \\xNN, and each record
that cannot be decoded becomes a message with the header UNREADABLE, which `read_message` makes a fault.
Format: KIP-98, Kafka's record batch version 2.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import Any, Self

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import _DefaultRecordBatchPy, _DefaultRecordPy
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import decode_varint

from pipeline.log.messages import UNREADABLE

MOST = 100_000  # records of one batch; more are no batch of a real producer
_NAME = re.compile(r"^(\[Error \d+\] )?\w+: ")  # what aiokafka puts before the text of its errors
_LENGTH_AT, _OVERHEAD = 8, 12  # of a batch: where its length stands, and the bytes that it does not count


def install() -> None:
    """Make all consumers of aiokafka in this process decode in this way."""
    fetcher.MemoryRecords = Records


class Records:
    """The batches of one answer of a broker, as aiokafka's MemoryRecords."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0
        self._batches = MemoryRecords(data)

    def has_next(self) -> bool:
        return bool(self._batches.has_next())

    def size_in_bytes(self) -> int:
        return int(self._batches.size_in_bytes())

    def next_batch(self) -> Batch:
        length: int = struct.unpack_from(">i", self._data, self._at + _LENGTH_AT)[0]
        raw = bytes(self._data[self._at : self._at + _OVERHEAD + length])
        self._at += _OVERHEAD + length
        return Batch(self._batches.next_batch(), raw)


class Batch:
    """One batch. Iterating never raises, except for the formats before version 2, which no broker of today has."""

    def __init__(self, batch: Any, raw: bytes) -> None:
        self._batch, self._raw = batch, raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def validate_crc(self) -> bool:
        """Whether to go on; a wrong checksum is found by iterating."""
        return True

    def __iter__(self) -> Self:
        self._records = iter(self._decoded())
        return self

    def __next__(self) -> Any:
        if not hasattr(self, "_records"):
            self._records = iter(self._decoded())
        return next(self._records)

    def _decoded(self) -> list[Any]:
        try:
            if not self._batch.validate_crc():
                raise CorruptRecordException("its checksum is wrong")
            return list(self._batch)
        except Exception as error:  # whatever the library raises for bytes that it cannot decode
            batch = _DefaultRecordBatchPy(self._raw)
            if batch.magic < 2 or not 0 <= batch.last_offset_delta < MOST:
                raise
            return list(_one_by_one(batch, self._raw, error))


def _one_by_one(batch: _DefaultRecordBatchPy, raw: bytes, error: Exception) -> Iterator[_DefaultRecordPy]:
    """The records, each decoded on its own. If the batch cannot be read as a whole, each has the fault `error`."""
    try:
        if not batch.validate_crc():
            raise error
        batch._maybe_uncompress()
        bodies = list(_bodies(batch))
    except Exception:
        for delta in range(batch.last_offset_delta + 1):
            yield _unreadable(batch, delta, b"" if delta else raw, error)
        return
    for number, body in enumerate(bodies):
        try:
            yield _record(batch, body)
        except (ValueError, IndexError) as fault:
            yield _unreadable(batch, _offset(body, number), bytes(body), fault)


def _bodies(batch: _DefaultRecordBatchPy) -> Iterator[bytearray]:
    data, at = batch._buffer, batch._pos
    for _ in range(batch._num_records):
        length, at = decode_varint(data, at)
        if not 0 < length <= len(data) - at:
            raise CorruptRecordException("a record is longer than its batch")
        yield data[at : at + length]
        at += length


def _record(batch: _DefaultRecordBatchPy, body: bytearray) -> _DefaultRecordPy:
    """Raises ValueError or IndexError."""
    delta, at = decode_varint(body, 1)  # after the attributes, which have no meaning yet
    offset, at = decode_varint(body, at)
    key, at = _bytes(body, at)
    value, at = _bytes(body, at)
    count, at = decode_varint(body, at)
    headers = []
    for _ in range(count):
        name, at = _bytes(body, at)
        content, at = _bytes(body, at)
        headers.append(((name or b"").decode("utf-8", "backslashreplace"), content))
    written = batch.max_timestamp if batch.timestamp_type else batch.first_timestamp + delta
    return _DefaultRecordPy(batch.base_offset + offset, written, batch.timestamp_type, key, value, headers)


def _offset(body: bytearray, number: int) -> int:
    """The record's offset within its batch: its number, if compaction removed none before it."""
    try:
        found, _ = decode_varint(body, decode_varint(body, 1)[1])
    except (ValueError, IndexError):
        return number
    return found if number <= found < MOST else number


def _bytes(body: bytearray, at: int) -> tuple[bytes | None, int]:
    length, at = decode_varint(body, at)
    if length > len(body) - at:
        raise ValueError("a field is longer than its record")
    return (None, at) if length < 0 else (bytes(body[at : at + length]), at + length)


def _unreadable(batch: _DefaultRecordBatchPy, delta: int, raw: bytes, error: Exception) -> _DefaultRecordPy:
    why = _NAME.sub("", str(error)).encode()
    return _DefaultRecordPy(
        batch.base_offset + delta, batch.max_timestamp, batch.timestamp_type, None, raw, [(UNREADABLE, why)]
    )
