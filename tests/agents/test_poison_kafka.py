"""Workers on a real broker with any content on their streams: no agent ends, every message ends once, and the good
records come through."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from pipeline.backends.log_kafka import KafkaLog
from pipeline.config.addresses import servers_of
from pipeline.log.groups import all_groups
from pipeline.log.streams import OWNERS, RECORDS, declared_streams
from pipeline.records import SCHEMA, Dead, Request, decode, encode
from pipeline.stage import Out
from tests.agents.room import Count, Pass, Room
from tests.agents.workers import Place, Worker, until
from tests.builders import alert, document, feed, item
from tests.contracts.log_kafka.batches import NOT_UTF8, send
from tests.options import SETTINGS, kafka_options

pytestmark = pytest.mark.slow

NEWER = b'{"v":%d,"id":"new","name":"N","url":"https://new.example/"}' % (SCHEMA + 1)
NOISE = b"\xff\x00" * 100
Raw = tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]  # key, value, headers


async def put(log: KafkaLog, stream: str, messages: Sequence[Raw], partition: int = 0) -> None:
    """Publish messages as no program of ours does."""
    producer = AIOKafkaProducer(bootstrap_servers=list(log.options.servers))
    await producer.start()
    try:
        for key, value, headers in messages:
            await producer.send_and_wait(
                f"{log.options.prefix}{stream}", value, key, partition=partition, headers=headers
            )
    finally:
        await producer.stop()


async def dead(log: KafkaLog) -> list[Dead]:
    found = []
    async for message in log.replay("dead"):
        try:
            found.append(decode(Dead, message.value or b""))
        except ValueError:
            continue
    return found


async def test_bad_messages_are_dead_with_their_bytes_and_none_is_skipped(room: Room) -> None:
    good = encode(feed("good"))
    await put(
        room.log, "in",
        [
            (b"\xffkey", good, []), (None, NOISE, []), (b"k", good, [("due", b"soon")]),
            (b"k", good, [("due", b"9" * 19), ("due", b"1")]), (b"k", good, [("epoch", b"-1"), ("x", b"\xff")]),
            (b"k", b"[" * 100_000, []), (b"good", good, [("trace", b"\xff")]),
        ],
    )  # fmt: skip
    async with room.worker(Pass()) as worker:
        await room.until(lambda: room.has(1))
        await room.put("in", ["after"], partition=0)
        await room.until(lambda: room.has(2))
        assert worker.health.problems() == ()
    assert await room.names() == ["good", "after"]
    letters = await dead(room.log)
    assert [(one.offset, one.error) for one in letters] == [
        (0, "bad_message"), (1, "SchemaError"), (2, "bad_message"), (3, "bad_message"), (4, "bad_message"),
        (5, "SchemaError"),
    ]  # fmt: skip
    assert zlib.decompress(letters[0].raw_key) == b"\xffkey"
    assert zlib.decompress(letters[1].value) == NOISE
    assert await room.endings() == {("in", 0, n): 1 for n in range(8)}


async def test_bad_state_is_dead_once_over_restarts_and_standbys(room: Room, monkeypatch: Any) -> None:
    monkeypatch.setattr("agents.worker.CHECK", 0.5)
    await put(room.log, "state", [(b"last", NOISE, []), (b"\xff", encode(feed("7")), [])])
    await room.put("one", ["a"])
    stage, standby = Count(), Count()
    async with AsyncExitStack() as both:
        await both.enter_async_context(room.worker(stage, name="w1"))
        await room.until(lambda: room.has(1))
        await both.enter_async_context(room.worker(standby, name="w2"))
        await put(room.log, "state", [(b"last", NOISE, [("epoch", b"1")])])  # while the stage works
        await room.until(lambda: room.has(3, "dead"))
        await room.put("one", ["b"])
        await room.until(lambda: room.has(2))
        await room.until(lambda: standby.last == 2)
    again = Count()
    async with room.worker(again, name="w3"):
        await room.put("one", ["c"])
        await room.until(lambda: room.has(3))
    assert await room.names() == ["a=1", "b=2", "c=3"]
    found = sorted((one.stage, one.stream, one.error) for one in await dead(room.log))
    assert found == [("count", "state", error) for error in ("SchemaError", "SchemaError", "bad_message")]


async def test_a_header_name_that_is_not_utf8_stops_nothing(room: Room) -> None:
    await put_with_header_name(room.log, "state", [(b"last", encode(feed("7")))], NOT_UTF8)
    await put_with_header_name(room.log, "in", [(b"a", encode(feed("a"))), (b"b", NOISE)], NOT_UTF8)
    await room.put("in", ["c"], partition=0)
    async with room.worker(Pass(), Count()) as worker:
        await room.until(lambda: room.has(2))
        await room.until(lambda: room.has(1, "dead"))
        assert worker.health.problems() == ()
    assert await room.names() == ["a", "c"]
    assert [(one.stream, one.offset, one.error) for one in await dead(room.log)] == [("in", 1, "SchemaError")]
    assert await room.endings() == {("in", 0, n): 1 for n in range(3)}
    assert [message.key async for message in room.log.replay("in", partitions=[0])] == ["a", "b", "c"]


async def put_with_header_name(
    log: KafkaLog, stream: str, messages: Sequence[tuple[bytes, bytes]], name: bytes
) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=list(log.options.servers))
    await producer.start()
    try:
        await send(producer, f"{log.options.prefix}{stream}", messages, name)
    finally:
        await producer.stop()


async def test_a_newer_record_blocks_its_partition_alone_until_it_is_skipped(room: Room) -> None:
    await put(room.log, "in", [(b"new", NEWER, []), (b"b", encode(feed("b")), [])], partition=0)
    await room.put("in", ["c"], partition=1)
    async with room.worker(Pass(1)) as worker:
        await room.until(lambda: room.has(1))
        await room.until(worker.health.problems)
        [problem] = worker.health.problems()
        assert (problem.part, problem.state) == ("pass", "blocked")
        assert "`almenara skip in/0/0`" in problem.why
        assert await room.names() == ["c"]
        await room.log.publish([Out("control", "skip", Request(skip="in/0/0"))])
        await room.until(lambda: room.has(2), 10)
        assert worker.health.problems() == ()
    assert await room.names() == ["c", "b"]
    assert [(one.error, zlib.decompress(one.value)) for one in await dead(room.log)] == [("skipped", NEWER)]
    assert set((await room.endings()).values()) == {1}


async def test_newer_state_blocks_the_stage_until_it_is_skipped(room: Room) -> None:
    await put(room.log, "state", [(b"new", NEWER, [])])
    await room.put("one", ["a"])
    async with room.worker(Count(), Pass()) as worker:
        await room.until(worker.health.problems)
        await room.put("in", ["p"])
        await room.until(lambda: room.has(1))
        assert [(one.part, one.state) for one in worker.health.problems()] == [("count", "blocked")]
        await room.log.publish([Out("control", "skip", Request(skip="state/0/0"))])
        await room.until(lambda: room.has(2), 15)
        assert worker.health.problems() == ()
    async with room.worker(Count(), name="w2"):
        await room.put("one", ["b"])
        await room.until(lambda: room.has(3))
    assert await room.names() == ["p", "a=1", "b=2"]
    assert [(one.stream, one.error) for one in await dead(room.log)] == [("state", "skipped")]


# -- the whole pipeline ------------------------------------------------------------------------------------------------

FEED = '[[feed]]\nid = "f"\nname = "F"\nurl = "http://127.0.0.1:9/feed.xml"\n'
WILD = [
    b"null", b"-1", b"1e300", b"9" * 400, b'"\\u0000"', b'"\\ud800"', b'"\xff"', b"[" * 5000, b"{}", b"true",
    b'"0001-01-01T00:00:00Z"', b'"9999-12-31T23:59:59Z"',
]  # fmt: skip
GOOD = {
    "feeds": feed("g"), "items": item("https://127.0.0.1:9/a"), "documents": document("T", "x"), "alerts": alert("a1"),
}  # fmt: skip
FIELDS = (
    "v", "id", "name", "url", "feed", "at", "seen", "offset", "partition", "seq", "key", "stage", "status", "due",
    "relation", "fingerprint", "replayed", "skip",
)  # fmt: skip


def poison(dice: random.Random, stream: str) -> list[Raw]:
    """Messages that no program of ours writes, of every kind."""
    found: list[Raw] = [
        (b"k", NOISE, []),
        (b"\xff", NOISE, []),
        (b"k", b"[" * 100_000, []),
        (b"k", b'{"v":%d}' % SCHEMA, []),
    ]
    for _ in range(8):
        pairs = b",".join(
            b'"%s":%s' % (dice.choice(FIELDS).encode(), dice.choice(WILD)) for _ in range(dice.randrange(6))
        )
        headers = [
            (dice.choice(["due", "epoch", "x"]), dice.choice([b"", b"1", b"-1", b"9" * 30, b"\xff"]))
            for _ in range(dice.randrange(3))
        ]
        found.append((dice.choice([b"k", b"", b"\xed\xa0\x80", b"f"]), b'{"v":%d,%s}' % (SCHEMA, pairs), headers))
    if stream in GOOD:
        found.append((b"good", encode(GOOD[stream]), []))
    return found


async def test_no_content_of_any_stream_ends_a_worker_or_a_command(kafka: str, prefix: str, tmp_path: Path) -> None:
    dice = random.Random(11)
    place = Place.made(tmp_path, FEED, ALMENARA_LOG_URL=kafka, ALMENARA_KAFKA_PREFIX=prefix)
    assert (await place.almenara("streams", "create"))[0] == 0
    log = await KafkaLog.open(kafka_options(servers_of(kafka), prefix), declared_streams(SETTINGS.keep, 1.0, 2))
    try:
        for stream in RECORDS:
            await put(log, stream, poison(dice, stream))
        async with place.worker() as worker:
            await until(lambda: _done(log), worker)
            for stream in RECORDS:
                await put(log, stream, poison(dice, stream))
            await until(lambda: _done(log), worker)
            await _commands_survive(place, worker)
            assert worker.process.returncode is None
        await _every_message_ended(log)
    finally:
        await log.close()


async def _done(log: KafkaLog) -> bool:
    return not await _open(log)


async def _open(log: KafkaLog) -> list[Any]:
    """What is not done: partitions of groups, and bad records of state streams that are not dead."""
    ends, done = await log.ends(), await log.groups()
    wanted = {
        (group, *place): end
        for group, streams in all_groups().items()
        for place, end in ends.items()
        if place[0] in streams and place[0] != "items-later"
    }
    behind = [key for key, end in wanted.items() if done.get(key, 0) < end]
    ended = {(one.stream, one.partition, one.offset) for one in await dead(log)}
    return [*behind, *sorted(await _bad_state(log) - ended)]


async def _bad_state(log: KafkaLog) -> set[tuple[str, int, int]]:
    found = set()
    for stream in OWNERS:
        async for message in log.replay(stream):
            try:
                if message.fault:
                    raise ValueError(message.fault)
                if message.value is not None:
                    decode(RECORDS[stream], message.value)
            except ValueError:
                found.add((stream, message.at.partition, message.at.offset))
    return found


async def _commands_survive(place: Place, worker: Worker) -> None:
    """`almenara` of `Place` raises AssertionError for a traceback."""
    for command in (
        ("status",), ("status", "--json"), ("audit",), ("audit", "--json"),
        ("dead", "list"), ("dead", "list", "--json"),
        ("alerts", "list"), ("feeds", "list"), ("feeds", "list", "--json"), ("feeds", "export"), ("search", "x"),
        *(("dead", "show", str(number)) for number in (0, 13, 40)), ("dead", "replay", "--all"),
    ):  # fmt: skip
        code, _, said = await place.almenara(*command)
        assert code in (0, 1, 3, 5), (command, code, said)
    _, out, _ = await place.almenara("status")
    assert "records cannot be read: dead/0/0" in out
    assert "control/0/0" in out


async def _every_message_ended(log: KafkaLog) -> None:
    copies = [(one.stage, one.stream, one.partition, one.offset) for one in await dead(log)]
    assert len(copies) == len(set(copies))
    assert await _bad_state(log) <= {(stream, partition, offset) for _, stream, partition, offset in copies}
