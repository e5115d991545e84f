"""Batches with any bytes: every record is there once, in order, and the next batch is read."""

from __future__ import annotations

import random
from typing import Any

import pytest
from aiokafka.structs import TopicPartition

from pipeline.backends.log_kafka.unreadable import Records
from pipeline.log.messages import UNREADABLE
from tests.contracts.log_kafka.batches import ATTRIBUTES_AT, NAME, NOT_UTF8, batch, signed, with_bytes

GZIP, NO_CODEC = 1, 6


def decoded(*batches: bytearray) -> list[tuple[int, Any, Any, list[str]]]:
    """(offset, key, value, what is wrong) of each record, by the library's own consumer."""
    from aiokafka.consumer.fetcher import READ_UNCOMMITTED, PartitionRecords

    data, at = bytearray(), 0
    for one in batches:
        one[0:8] = at.to_bytes(8, "big")
        at += int.from_bytes(one[23:27], "big") + 1
        data += one
    read = PartitionRecords(TopicPartition("t", 0), Records(bytes(data)), None, 0, None, None, True, READ_UNCOMMITTED)
    return [
        (one.offset, one.key, one.value, [why.decode() for name, why in one.headers if name == UNREADABLE])
        for one in read
    ]


def good(start: int, count: int) -> list[tuple[int, bytes, bytes, list[str]]]:
    return [(start + n, b"k%d" % n, b"v%d" % n, []) for n in range(count)]


@pytest.mark.parametrize("compression", [0, GZIP])
def test_good_batches_are_as_ever(compression: int) -> None:
    assert decoded(batch(3, compression=compression), batch(2)) == good(0, 3) + good(3, 2)


def test_a_header_name_that_is_not_utf8_is_a_header_like_others() -> None:
    odd = with_bytes(batch(3, [(NAME, b"x")]), NAME.encode(), NOT_UTF8)
    assert decoded(odd, batch(1)) == good(0, 3) + good(3, 1)
    [name] = [name for record in Records(bytes(odd)).next_batch() for name, _ in record.headers]
    assert name == r"\xff\xfeme-of-6"


def test_a_wrong_checksum_makes_each_record_of_the_batch_unreadable() -> None:
    bad = batch(3)
    bad[-1] ^= 1
    records = decoded(batch(1), bad, batch(2))
    assert [record[0] for record in records] == list(range(6))
    assert [record[3] for record in records] == [[], *[["its checksum is wrong"]] * 3, [], []]
    assert records[1][2] == bytes(bad)
    assert records[4:] == good(4, 2)


def test_an_unknown_compression_makes_each_record_of_the_batch_unreadable() -> None:
    bad = batch(2)
    bad[ATTRIBUTES_AT + 1] |= NO_CODEC
    records = decoded(signed(bad), batch(1))
    assert [bool(record[3]) for record in records] == [True, True, False]
    assert records[2:] == good(2, 1)


def test_a_bad_record_leaves_the_others_of_its_batch() -> None:
    bad = with_bytes(batch(3, [(NAME, b"x")]), b"\x12" + NAME.encode(), b"\x7e" + NAME.encode())  # longer than it is
    records = decoded(bad)
    assert [(record[0], bool(record[3])) for record in records] == [(0, False), (1, True), (2, False)]


def test_no_bytes_stop_the_reading() -> None:
    dice = random.Random(5)
    for _ in range(400):
        bad = batch(3, [(NAME, b"x")], dice.choice([0, GZIP]))
        for _ in range(dice.randrange(1, 6)):
            bad[dice.randrange(61, len(bad))] = dice.randrange(256)
        records = decoded(signed(bad), batch(1))
        assert [record[0] for record in records][-1:] == [3]
        assert {record[0] for record in records} >= {3}
