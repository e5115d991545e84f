"""Streams that are deleted, created again or cut off under a live worker, and what a worker does at its next start."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import OffsetAndMetadata

from agents.incarnations import Incarnations
from pipeline.backends.log_kafka import KafkaLog
from pipeline.stage import StreamLost
from tests.agents.room import Count, Pass, Room


class Ids:
    """What a broker says about its topics: one answer after the other, then always the last."""

    def __init__(self, *answers: dict[str, str]) -> None:
        self.answers = list(answers)

    async def incarnations(self) -> dict[str, str]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def watching(log: Any) -> Incarnations:
    return Incarnations(log, [Count()])


ALL = {"one": "1", "out": "2", "state": "3", "elsewhere": "4"}


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (ALL, None),
        (ALL | {"elsewhere": "9"}, None),
        (ALL | {"one": "9"}, "stream one was deleted and created again"),
        (ALL | {"state": "9", "out": "8"}, "streams out, state were deleted and created again"),
        (ALL | {"state": "9"}, "stream state was deleted and created again"),
        ({key: value for key, value in ALL.items() if key != "out"}, "stream out was deleted; this worker ends"),
    ],
)
async def test_a_stream_that_is_another(now: dict[str, str], said: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.incarnations.AGAIN", 0.0)
    watch = watching(Ids(ALL, now))
    await watch.start()
    if said is None:
        await watch.check()
    else:
        with pytest.raises(StreamLost, match=said) as caught:
            await watch.check()
        assert "almenara streams repair" in str(caught.value)


async def test_a_broker_that_has_just_started_may_list_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.incarnations.AGAIN", 0.0)
    watch = watching(Ids(ALL, {}, ALL))
    await watch.start()
    await watch.check()


ONE = ("one", 0)
READS = [("count", "one", 0)]


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        ([(5, 0, 9), (9, 0, 9), (9, 3, 12)], None),
        ([(9, 0, 5), (0, 0, 5)], None),  # committed before the worker started; corrected when it read
        ([(9, 0, 5), (9, 0, 5)], "count committed 9 in partition 0, which ends at 5"),
        ([(5, 0, 9), (5, 0, 8)], "offsets of partition 0 went backwards"),
        ([(5, 4, 9), (5, 0, 9)], "offsets of partition 0 went backwards"),
    ],
)
def test_offsets_that_go_backwards(checks: list[tuple[int, int, int]], said: str | None) -> None:
    watch = watching(None)

    def look() -> None:
        for committed, start, end in checks:
            watch.compare(READS, {READS[0]: committed}, {ONE: start}, {ONE: end})

    if said is None:
        look()
    else:
        with pytest.raises(StreamLost, match=said):
            look()


# -- on a real broker


async def delete(log: KafkaLog, stream: str, again: bool = True) -> None:
    """Delete a stream; with `again`, create it."""
    client: AIOKafkaAdminClient = log._client
    await client.delete_topics([log.options.prefix + stream])
    while stream in await log.incarnations():
        await asyncio.sleep(0.05)
    if again:
        await log.create()


@pytest.mark.slow
@pytest.mark.parametrize("stream", ["in", "out", "outcomes"])
@pytest.mark.parametrize("again", [True, False])
async def test_a_live_worker_ends_within_ten_seconds(room: Room, stream: str, again: bool) -> None:
    """Read, written, or written by the driver."""
    await room.put("in", [f"n{n}" for n in range(20)])

    async def work() -> None:
        async with room.worker(Pass()):
            await room.until(lambda: room.has(20))
            await delete(room.log, stream, again)
            async with asyncio.timeout(10):
                await asyncio.sleep(60)

    with pytest.raises(ExceptionGroup) as caught:
        await work()
    found = caught.value.subgroup(StreamLost)
    assert found
    assert f"stream {stream} was deleted" in str(found.exceptions[0])


@pytest.mark.slow
@pytest.mark.parametrize("more", [5, 80])
async def test_a_restarted_worker_reads_the_new_stream_from_its_beginning(room: Room, more: int) -> None:
    """Also where the new one is longer than the old: its first records must not be taken for done."""
    await room.put("in", [f"a{n}" for n in range(60)], partition=0)
    old = await room.log.incarnations()
    async with room.worker(Pass()):
        await room.until(lambda: room.has(60))
        await asyncio.sleep(1.5)
    await delete(room.log, "in")
    await commit(room.log, "pass", "in", 60, old["in"])  # as a live worker does after the broker forgot its offset
    await room.put("in", [f"b{n}" for n in range(more)], partition=0)
    async with room.worker(Pass()):
        await room.until(lambda: room.has(60 + more))
        await room.put("in", ["last"], partition=0)
        await room.until(lambda: room.has(61 + more))
        await asyncio.sleep(1.5)
    names = await room.names()
    assert names == [f"a{n}" for n in range(60)] + [f"b{n}" for n in range(more)] + ["last"]
    assert (await room.log.groups())["pass", "in", 0] == more + 1
    async with room.worker(Pass()):
        await room.put("in", ["again"], partition=0)
        await room.until(lambda: room.has(62 + more))
    assert len(await room.names()) == 62 + more


async def commit(log: KafkaLog, group: str, stream: str, offset: int, incarnation: str) -> None:
    where = TopicPartition(log.options.prefix + stream, 0)
    await log._groups.move(group, {where: OffsetAndMetadata(offset, incarnation)}, 30)
