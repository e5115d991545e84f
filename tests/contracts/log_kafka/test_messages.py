"""Messages that are too large, compacted, or not the log's own."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from pipeline.backends.log_kafka import KafkaLog, TooLarge
from pipeline.config.addresses import servers_of
from pipeline.config.settings import Keep
from pipeline.log.streams import declared_streams
from pipeline.records import SCHEMA, Dead, decode
from pipeline.stage import Message, Out, Position, Unavailable, dead_letter
from tests.builders import feed
from tests.contracts.logs import OnKafka, everything, names, opened, out
from tests.options import kafka_options


async def test_a_message_over_a_megabyte_is_refused_with_all_that_came_with_it(log: KafkaLog) -> None:
    big = feed("x" * 1_000_001)
    with pytest.raises(TooLarge) as caught:
        await log.publish([out("b", "small"), Out("b", "big", big)])
    assert await everything(log, "b") == []
    message = Message(Position("b", 0, 0), "big", b"{}", datetime.now(UTC))
    dead = dead_letter("clean", message, caught.value, datetime.now(UTC)).record
    assert isinstance(dead, Dead)
    assert dead.error == "too_large"
    await log.publish([out("b", "after")])
    assert names(await everything(log, "b")) == ["after"]


async def test_the_largest_dead_record_fits(kafka: str, prefix: str) -> None:
    async with opened(kafka_options(servers_of(kafka), prefix), declared_streams(Keep(), 1.0, 1)) as log:
        await log.create()
        noise = random.Random(7).randbytes(3_000_000)
        message = Message(Position("items", 0, 0), "k" * 200, noise, datetime.now(UTC))
        await log.publish([dead_letter("clean", message, ValueError("\x01" * 5000), datetime.now(UTC))])
        raw = random.Random(8).randbytes(999_000)  # with a key as large as a message
        message = replace(message, key=raw.decode(errors="backslashreplace"), raw_key=raw)
        await log.publish([dead_letter("clean", message, ValueError("\ud800"), datetime.now(UTC))])
        assert [decode(Dead, dead.value).cut for dead in await everything(log, "dead") if dead.value] == [True, True]


async def test_a_broker_that_takes_less_is_noticed_and_the_next_message_goes_through(
    log: KafkaLog, admin: AIOKafkaAdminClient, prefix: str
) -> None:
    await log.publish([out("b", "before")])
    small = {"max.message.bytes": "2000"}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, f"{prefix}b", small)])
    noise = random.Random(7).randbytes(5000).hex()
    refused = ""
    while not refused:  # a broker takes its time with a new configuration
        try:
            await log.publish([Out("b", "big", feed(noise))])
        except Unavailable as error:
            refused = str(error)
    assert f"{prefix}b takes less than 1000000 bytes (max.message.bytes): run `almenara streams create`" in refused
    await log.publish([out("b", "after")])
    found = names(await everything(log, "b"))
    assert (found[0], found[-1]) == ("before", "after")


# -- what brokers do to partitions -----------------------------------------------------------------------------------


@pytest.mark.slow
async def test_compaction_leaves_the_newest_and_the_claim(
    log: KafkaLog, admin: AIOKafkaAdminClient, place: OnKafka, prefix: str
) -> None:
    quick = {"cleanup.policy": "compact", "segment.ms": "100", "min.cleanable.dirty.ratio": "0.001"}
    quick |= {"delete.retention.ms": "0", "message.timestamp.type": "LogAppendTime"}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, f"{prefix}state", quick)])
    await log.claim("state", 0, "old")
    epoch = await log.claim("state", 0, "one")
    async with asyncio.timeout(90):
        for n in range(1000):
            await log.publish([Out("state", key, feed(f"{key}{n}"), partition=0) for key in "xyz"])
            await log.publish([Out("state", "gone", feed(str(n)) if n < 5 else None, partition=0)])
            await asyncio.sleep(0.2)
            left = await everything(log, "state", 0, [0])
            if n > 10 and len(left) < n and left[0].at.offset > 40:
                break
    newest = {m.key: names([m])[0] for m in left}
    assert {key: newest[key] for key in "xyz"} == {key: f"{key}{n}" for key in "xyz"}
    zombie = Out("state", "late", feed("late"), partition=0)
    log._claims["state", 0] = replace(log._claims["state", 0], epoch=epoch - 1)  # as one that has slept since
    await log.publish([zombie])
    async with opened(place.options) as third:
        assert [m.stale for m in await everything(third, "state", 0, [0]) if m.key == "late"] == [True]


async def test_a_partition_that_ends_with_what_is_no_message(log: KafkaLog, place: OnKafka, prefix: str) -> None:
    """A transaction's marker takes the last offset, which nobody is ever given."""
    servers = list(place.options.servers)
    producer = AIOKafkaProducer(bootstrap_servers=servers, transactional_id=f"{prefix}t")
    await producer.start()
    async with producer.transaction():
        await producer.send_and_wait(f"{prefix}b", b"{}", b"k", partition=0)
    await producer.stop()
    async with asyncio.timeout(20):
        while (await log.ends())["b", 0] < 2:  # the broker writes it after it has answered
            await asyncio.sleep(0.05)
        assert [m.at.offset for m in await everything(log, "b")] == [0]
        assert await everything(log, "b", 1) == []


async def test_keys_and_headers_of_others_are_no_trouble(log: KafkaLog, place: OnKafka, prefix: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=list(place.options.servers))
    await producer.start()
    headers = [("due", b"soon"), ("epoch", b"-1"), ("trace", b"\xff")]
    await producer.send_and_wait(f"{prefix}b", b"{}", None, partition=0, headers=headers)
    await producer.send_and_wait(f"{prefix}b", b'{"v":%d}' % SCHEMA, b"k", partition=0, headers=[("epoch", b"99999")])
    await producer.send_and_wait(f"{prefix}b", b"{}", b"\xff", partition=0)
    await producer.stop()
    one, other, third = await everything(log, "b")
    assert (one.key, one.due, one.stale) == ("", None, False)
    assert one.fault == "header due: b'soon' is not a number; header epoch: b'-1' is not a number"
    assert (other.key, other.stale, other.fault) == ("k", True, "")
    assert (third.key, third.raw_key) == ("\\xff", b"\xff")
    assert third.fault.startswith("its key is not UTF-8")


async def test_what_no_program_of_ours_wrote_takes_no_partition_from_its_owner(
    log: KafkaLog, place: OnKafka, prefix: str
) -> None:
    await log.claim("state", 0, "owner")
    producer = AIOKafkaProducer(bootstrap_servers=list(place.options.servers))
    await producer.start()
    for key, value, headers in (
        (b"~owner", b"\xff" * 200, []),
        (b"~owner", b"[" * 100_000, []),
        (b"k", b"\xff" * 200, [("epoch", b"4")]),
        (b"\xff", b'{"v":%d}' % SCHEMA, [("epoch", b"5")]),
    ):
        await producer.send_and_wait(f"{prefix}state", value, key, partition=0, headers=headers)
    await producer.stop()
    await log.publish([out("state", "mine", partition=0)])
    assert [(m.key, m.stale) for m in await everything(log, "state")] == [
        ("~owner", True), ("~owner", True), ("k", True), ("\\xff", True), ("mine", False),
    ]  # fmt: skip
