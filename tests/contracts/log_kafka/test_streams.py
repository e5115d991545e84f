"""Streams are created, and what is wrong with existing ones is reported."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from pipeline.backends.log_kafka import KafkaLog, StreamsWrong
from pipeline.backends.log_kafka.streams import BrokerStream, config_of, faults
from pipeline.config.addresses import servers_of
from pipeline.config.settings import Keep
from pipeline.log.streams import declared_streams
from pipeline.ports import Stream
from pipeline.stage import Unavailable
from tests.contracts.logs import OnKafka, opened, out
from tests.options import kafka_options


def found(count: int, stream: Stream, **other: str) -> BrokerStream:
    config = config_of(stream, 1) | {key.replace("_", "."): value for key, value in other.items()}
    return BrokerStream(count, config, config)


SCALES, FIXED, STATE = Stream("s", 8, keep=60, scales=True), Stream("f", 3), Stream("c", 2, compacted=True, keep=60)
FEEDS, FEED_STATE = (Stream(name, 8, compacted=True, scales=True) for name in ("feeds", "feed-state"))


@pytest.mark.parametrize(
    ("declared", "there", "said"),
    [
        ([SCALES, FIXED, STATE], {"s": found(8, SCALES), "f": found(3, FIXED), "c": found(2, STATE)}, []),
        ([SCALES], {"s": found(1, SCALES)}, []),
        ([SCALES, FIXED], {"s": found(8, SCALES)}, ["stream f is missing"]),
        ([FIXED], {"f": found(2, FIXED)}, ["f has too few partitions, 2 instead of 3: run .* --grow"]),
        ([FIXED], {"f": found(4, FIXED)}, ["f has too many partitions, 4 instead of 3: delete"]),
        ([STATE], {"c": found(1, STATE)}, ["c has too few partitions, 1 instead of 2: delete"]),
        ([STATE], {"c": found(2, STATE, cleanup_policy="delete,compact")}, []),
        ([STATE], {"c": found(2, STATE, cleanup_policy="delete")}, ["cleanup.policy delete, not compact,delete"]),
        ([FIXED], {"f": found(3, FIXED, cleanup_policy="compact")}, ["cleanup.policy compact, not delete"]),
        ([FIXED], {"f": found(3, FIXED, max_message_bytes="1000")}, ["max.message.bytes 1000, less than"]),
        (
            [FEEDS, FEED_STATE],
            {"feeds": found(4, FEEDS), "feed-state": found(8, FEED_STATE)},
            ["feeds and feed-state have 4 and 8 partitions, and must have the same number"],
        ),
    ],
)
def test_what_is_wrong_with_streams(declared: list[Stream], there: Mapping[str, BrokerStream], said: list[str]) -> None:
    lines = faults(declared, there)
    assert len(lines) == len(said)
    for line, expected in zip(lines, said, strict=True):
        assert re.search(expected, line), line


@pytest.mark.parametrize(("replication", "least"), [(1, "1"), (2, "1"), (3, "2"), (5, "2")])
def test_one_replica_may_be_away(replication: int, least: str) -> None:
    assert config_of(FIXED, replication)["min.insync.replicas"] == least


async def test_all_streams_are_made_and_then_left_alone(kafka: str, prefix: str) -> None:
    declared = declared_streams(Keep(), 72 * 3600.0, 3)
    async with opened(kafka_options(servers_of(kafka), prefix), declared) as log:
        with pytest.raises(StreamsWrong) as caught:
            await log.check()
        assert caught.value.faults == (f"all {len(declared)} streams are missing: run `almenara streams create`",)
        assert "almenara streams create" in str(caught.value)
        with pytest.raises(Unavailable, match="stream items is missing"):
            await log.publish([out("items", "x")])
        assert len(await log.create()) == len(declared)
        await log.check()
        assert await log.create() == []
        assert [log.partitions(stream.name) for stream in declared] == [stream.partitions for stream in declared]
        await log.publish([out("items", "x")])


async def test_streams_that_differ_are_named_and_mended(
    place: OnKafka, admin: AIOKafkaAdminClient, prefix: str
) -> None:
    theirs = {"cleanup.policy": "compact", "retention.ms": "5", "segment.bytes": "1048576"}
    await admin.create_topics(
        [NewTopic(f"{prefix}a", 2, 1, topic_configs=theirs), NewTopic(f"{prefix}state", 1, 1, topic_configs={})]
    )
    while not {f"{prefix}a", f"{prefix}state"} <= set(await admin.list_topics()):
        await asyncio.sleep(0.05)
    async with opened(place.options) as log:
        with pytest.raises(StreamsWrong) as caught:
            await log.check()
        assert [line.split(":")[0] for line in caught.value.faults] == [
            "2 streams (b, later) are missing",
            "stream a has too few partitions, 2 instead of 4",
            "stream a has cleanup.policy compact, not delete",
            "stream a has max.message.bytes 1048588, less than 1050000",
            "stream state has too few partitions, 1 instead of 2",
            "stream state has cleanup.policy delete, not compact",
            "stream state has max.message.bytes 1048588, less than 1050000",
        ]
        said = "\n".join(await log.create())
        assert f"{prefix}b: created, 1 partition(s)" in said
        assert "retention.ms=100000 (was 5)" in said
        assert f"{prefix}a: 2 partition(s), 4 wanted; not grown: keys move" in said
        [response] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, f"{prefix}a")])
        config = {entry[0]: entry[1] for entry in response.resources[0][4]}
        assert (config["cleanup.policy"], config["segment.bytes"]) == ("delete", "1048576")  # theirs stays
        assert log.partitions("a") == 2
        assert f"{prefix}a: grown from 2 to 4 partitions" in await log.create(grow=True)
        assert log.partitions("a") == 4
        with pytest.raises(StreamsWrong, match=r"stream state has too few partitions, 1 instead of 2: delete"):
            await log.check()


async def test_feed_state_is_made_like_the_feeds_that_are_there(kafka: str, prefix: str) -> None:
    options = kafka_options(servers_of(kafka), prefix)
    async with opened(options, [Stream("feeds", 2, compacted=True, scales=True)]) as few:
        await few.create()
    async with opened(options, [FEEDS, FEED_STATE]) as log:
        await log.create()
        await log.check()
        assert log.partitions("feed-state") == 2


async def test_more_replicas_than_brokers(kafka: str, prefix: str) -> None:
    async with opened(kafka_options(servers_of(kafka), prefix, replication=7)) as log:
        with pytest.raises(Unavailable, match=r"Set \[kafka\] replication"):
            await log.create()


async def test_a_partition_that_is_not_there(log: KafkaLog) -> None:
    with pytest.raises(StreamsWrong, match="a has 4 partitions, none numbered 4"):
        await log.publish([out("a", "x", partition=4)])
