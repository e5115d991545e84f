"""The driver over Kafka with small real stages on a real broker: endings, order, time, trouble, moving partitions."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete

from pipeline.backends.log_kafka import KafkaLog
from pipeline.records import Dead, Feed, decode
from pipeline.stage import Out, Outcome, Position, Stalled
from tests.agents.room import PATIENCE, SITES, STREAMS, Count, Pass, Room, Timed, item, now
from tests.builders import feed
from tests.reading import state_of

pytestmark = pytest.mark.slow


async def test_every_record_ends_once_and_nothing_holds_up_the_rest(room: Room, monkeypatch: Any) -> None:
    """Endings of every kind, what is due later, an outage longer than the watchdog's time."""
    monkeypatch.setattr("agents.watchdog.WATCH", 0.5)
    monkeypatch.setattr("agents.health.MAX_PAUSE", 0.5)
    names = [f"n{n}" for n in range(60)]
    stage, timed = Pass(), Timed()
    await room.put("in", [*names, "bad", "unwanted", "large"])
    await room.put("in-backfill", ["old"])
    due = now() + timedelta(seconds=8)
    await room.log.publish(
        [
            Out("items-later", url, item(url), due=due + timedelta(minutes=50 * n), partition=1 + 3 * n)
            for n, url in enumerate(SITES)
        ]
    )
    async with room.worker(stage, timed, watchdog=3) as worker:
        await room.until(lambda: room.has(61))
        stage.broken = 10  # some 5 s
        await room.put("in", ["more"])
        await room.until(lambda: worker.health.unavailable)
        await room.until(lambda: room.has(62))
        await room.until(lambda: timed.came)
        assert not worker.health.unavailable
    assert sorted(await room.names()) == sorted([*names, "more", "old"])
    dead = [decode(Dead, m.value) async for m in room.log.replay("dead") if m.value]
    assert sorted((one.key, one.error) for one in dead) == [("bad", "RuntimeError"), ("large", "too_large")]
    assert list(timed.came) == [SITES[0]]
    assert due <= timed.came[SITES[0]] < due + timedelta(seconds=5)
    ended = await room.endings()
    assert set(ended.values()) == {1}
    taken = {(t, p, n) for (_, t, p), end in (await room.log.groups()).items() for n in range(end)}
    assert set(ended) == taken
    assert len(taken) == 64 + 1 + 1 + 1  # new, old, delayed, and its result


@pytest.mark.parametrize("window", [1, 8])
async def test_outputs_follow_input_order_and_old_news_holds_up_no_new(room: Room, window: int) -> None:
    names, stage = [f"n{n}" for n in range(100)], Pass(window)
    await room.put("in-backfill", [f"hang{n}" for n in range(20)])
    await room.put("in", names, partition=2)
    async with room.worker(stage):
        await room.until(lambda: room.has(100))
        stage.hang.set()
        await room.until(lambda: room.has(120))
    assert [name for name in await room.names() if name.startswith("n")] == names


async def test_nothing_is_lost_where_a_slow_stage_makes_a_partition_wait(room: Room) -> None:
    names = [f"n{n}" for n in range(400)]
    stage = Pass(4, pause=0.01)
    await room.put("in", names, partition=0)
    async with room.worker(stage):
        await room.until(lambda: stage.seen and stage.seen[-1] == names[-1])
        await asyncio.sleep(1)
    assert await room.names() == names


async def test_a_stage_that_never_ends_makes_the_worker_give_up(room: Room, monkeypatch: Any) -> None:
    monkeypatch.setattr("agents.watchdog.WATCH", 0.5)
    monkeypatch.setattr("agents.in_order.SHUTDOWN", 0.1)
    await room.put("in", ["hang", "next"], partition=0)
    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.timeout(PATIENCE), room.worker(Pass(1), watchdog=3):
            await asyncio.sleep(PATIENCE)
    [stalled] = caught.value.exceptions
    assert isinstance(stalled, Stalled)
    assert "pass: 2 records wait in in/0" in str(stalled)
    assert await room.names() == []


async def test_a_stage_that_never_ends_is_found_while_another_waits_for_a_server(room: Room, monkeypatch: Any) -> None:
    monkeypatch.setattr("agents.watchdog.WATCH", 0.5)
    monkeypatch.setattr("agents.in_order.SHUTDOWN", 0.1)
    waits = Pass()
    waits.broken = 10**6
    await room.put("in", ["waits"])
    await room.put("one", ["hangs"])
    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.timeout(PATIENCE), room.worker(waits, Hanging(), watchdog=3):
            await asyncio.sleep(PATIENCE)
    assert waits.broken < 10**6
    [stalled] = caught.value.exceptions
    assert isinstance(stalled, Stalled)
    assert "count: 1 records wait in one/0" in str(stalled)


class Hanging(Count):
    async def step(self, record: Feed, at: Position) -> Outcome:
        await asyncio.Event().wait()
        raise AssertionError


async def test_what_waits_for_a_server_goes_on_when_another_record_comes_through(room: Room, monkeypatch: Any) -> None:
    """Else the watchdog would take it for a stall: nothing is said to be away any more."""
    monkeypatch.setattr("agents.watchdog.WATCH", 0.2)
    monkeypatch.setattr("agents.health.random.uniform", lambda least, most: 100.0)  # so many times the usual pause
    stage = Pass()
    stage.broken = 1
    await room.put("in", ["first"], partition=0)
    async with room.worker(stage, watchdog=3) as worker:
        await room.until(lambda: worker.health.unavailable)
        await room.put("in", ["second"], partition=1)
        await room.until(lambda: room.has(2))
    assert await room.names() == ["second", "first"]


async def test_records_that_retention_took_are_no_work(room: Room, monkeypatch: Any) -> None:
    monkeypatch.setattr("agents.watchdog.WATCH", 0.2)
    await room.put("in", ["a", "b", "c"], partition=0)
    where = TopicPartition(f"{room.log.options.prefix}in", 0)
    await room.log._client.delete_records({where: RecordsToDelete(before_offset=3)})
    async with room.worker(Pass(), watchdog=2):
        await asyncio.sleep(6)
        await room.put("in", ["d"], partition=0)
        await room.until(lambda: room.has(1))
    assert await room.names() == ["d"]


async def test_partitions_move_between_workers_and_nothing_is_lost(room: Room) -> None:
    names: list[str] = []
    first, second = Pass(4, pause=0.02), Pass(4, pause=0.02)

    async def put(stage: Pass) -> bool:
        """More work, until `stage` has had its part of it."""
        more = [f"n{len(names) + n}" for n in range(40)]
        names.extend(more)
        await room.put("in", more)
        return len(stage.seen) > 50

    async with room.worker(first, name="w1"):
        await room.until(lambda: put(first))
        async with room.worker(second, name="w2"):
            await room.until(lambda: put(second))
        await room.put("in", ["last"])
        await room.until(lambda: _all_done(room))
    assert set(await room.names()) == {*names, "last"}
    ended = await room.endings()
    done = await room.log.groups()
    assert set(ended) == {("in", p, n) for (_, t, p), end in done.items() if t == "in" for n in range(end)}
    assert sum(ended.values()) - len(ended) < 40  # what was in work when a partition moved may be done again


async def _all_done(room: Room) -> bool:
    ends = await room.log.ends()
    done = await room.log.groups()
    return all(done.get(("pass", "in", p), 0) == ends["in", p] for p in range(4))


async def test_state_moves_with_its_partition(room: Room) -> None:
    """Read back at a restart, kept in a rebalance, followed by a standby that then takes over."""
    first, owner, standby = Count(), Count(), Count()
    await room.put("one", [f"a{n}" for n in range(10)])
    async with room.worker(first, name="w1"):
        await room.until(lambda: room.has(10))
    async with AsyncExitStack() as both:
        async with room.worker(owner, name="w1"):
            await room.put("one", [f"b{n}" for n in range(10)])
            await room.until(lambda: room.has(20))
            await both.enter_async_context(room.worker(standby, name="w2"))
            await room.until(lambda: standby.last == 20)
            await room.put("one", [f"c{n}" for n in range(10)])
            await room.until(lambda: room.has(30))
        await room.put("one", [f"d{n}" for n in range(10)])
        await room.until(lambda: room.has(40))
    numbers = [int(name.split("=")[1]) for name in await room.names()]
    assert numbers == list(range(1, 41))
    assert (first.restored, owner.restored, standby.restored) == (1, 1, 1)
    assert standby.followed
    assert standby.last == 40
    assert not [m async for m in room.log.replay("state") if m.stale]


async def test_what_a_zombie_writes_is_stale(room: Room) -> None:
    """Its partition was taken by another, which it does not know yet."""
    stage = Count()
    async with room.worker(stage):
        await room.put("one", ["a"])
        await room.until(lambda: room.has(2, "state"))  # the claim, and the state, which follows the outputs
        other = await KafkaLog.open(room.log.options, STREAMS)
        await other.claim("state", 0, "other")
        await room.put("one", ["b"])
        await room.until(lambda: room.has(4, "state"))
        await other.publish([Out("state", "last", feed("7"))])
        await other.close()
    assert [m.stale async for m in room.log.replay("state")] == [False, True, False]
    fresh = Count()
    await fresh.restore(state_of(fresh, room.log.replay))
    assert fresh.last == 7
