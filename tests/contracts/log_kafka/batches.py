"""Record batches that no client library writes."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

CRC_AT, ATTRIBUTES_AT = 17, 21
NAME = "name-of-6"  # replaced by bytes of the same length
NOT_UTF8 = b"\xff\xfeme-of-6"


def batch(count: int, headers: Sequence[tuple[str, bytes]] = (), compression: int = 0) -> bytearray:
    """A batch of messages with the keys k0, k1 …"""
    builder = DefaultRecordBatchBuilder(2, compression, 0, -1, -1, -1, 100_000)
    for n in range(count):
        builder.append(n, 1000 + n, b"k%d" % n, b"v%d" % n, list(headers) if n == 1 else [])
    return bytearray(builder.build())


def with_bytes(data: bytearray, old: bytes, new: bytes) -> bytearray:
    assert len(old) == len(new)
    assert old in data
    return signed(data.replace(old, new))


def signed(data: bytearray) -> bytearray:
    """With the right checksum."""
    struct.pack_into(">I", data, CRC_AT, calc_crc32c(bytes(data[ATTRIBUTES_AT:])))
    return data


async def send(producer: AIOKafkaProducer, topic: str, messages: Sequence[tuple[bytes, bytes]], name: bytes) -> None:
    """Send messages (key, value), each with a header whose name is `name`, of 9 bytes."""
    building = producer.create_batch()
    for key, value in messages:
        building.append(key=key, value=value, timestamp=None, headers=[(NAME, b"x")])
    building._buffer = bytes(with_bytes(bytearray(building._build()), NAME.encode(), name))
    await (await producer.send_batch(building, topic, partition=0))
