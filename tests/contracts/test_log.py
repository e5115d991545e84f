"""The contract of the log, over both backends: partitions and order, replay, ends, groups, retention, durability."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import UTC, datetime

import pytest

from pipeline.log.partition import partition_of
from pipeline.ports import Log
from pipeline.records import Alert, SchemaError, decode
from pipeline.stage import Message, Out
from tests.builders import feed
from tests.contracts.logs import Backend, everything, names, out


def by_partition(messages: list[Message]) -> dict[int, list[Message]]:
    found = defaultdict(list)
    for message in messages:
        found[message.at.partition].append(message)
    return found


async def test_a_key_stays_in_its_partition_and_order(log: Log) -> None:
    keys = [f"k{n % 7}" for n in range(40)]
    for first in range(0, 40, 10):
        await log.publish([Out("a", key, feed(f"{key}-{first + n}")) for n, key in enumerate(keys[first : first + 10])])
    found = by_partition(await everything(log, "a"))
    ends = await log.ends()
    for partition, messages in found.items():
        assert [m.at.offset for m in messages] == list(range(ends["a", partition]))
        assert {partition_of(m.key, 4) for m in messages} == {partition}
        order = [int(name.partition("-")[2]) for name in names(messages)]
        assert order == sorted(order)
    assert sum(map(len, found.values())) == 40
    assert len(found) > 1


async def test_what_decides_the_partition(log: Log) -> None:
    await log.publish([out("a", "k", partition=3), out("a", "k", by="other"), out("a", "k")])
    places = [m.at.partition for m in await everything(log, "a")]
    assert sorted(places) == sorted([3, partition_of("other", 4), partition_of("k", 4)])


async def test_key_due_and_time_are_kept(log: Log) -> None:
    due = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
    await log.publish([out("b", "schlüssel", due=due), out("b", "y")])
    one, other = await everything(log, "b")
    assert (one.key, one.due, one.stale) == ("schlüssel", due, False)
    assert other.due is None
    assert one.written <= other.written
    assert one.written.tzinfo is UTC


async def test_an_undeclared_stream_is_refused_and_nothing_is_written(log: Log) -> None:
    with pytest.raises(ValueError, match="not declared"):
        await log.publish([out("b", "y"), out("nowhere", "z")])
    assert await everything(log, "b") == []


async def test_many_publish_at_once_each_in_its_order(log: Log) -> None:
    await asyncio.gather(*(log.publish([out("b", f"{n}-{part}") for part in "xyz"]) for n in range(100)))
    found = names(await everything(log, "b"))
    assert len(found) == 300
    for n in range(100):
        assert [name for name in found if name.startswith(f"{n}-")] == [f"{n}-x", f"{n}-y", f"{n}-z"]


async def test_a_cancelled_publish_does_not_disturb_the_others(log: Log) -> None:
    tasks = [asyncio.create_task(log.publish([out("b", f"n{n}")])) for n in range(10)]
    await asyncio.sleep(0)
    tasks[3].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(r is None for r in results) == 9
    assert {f"n{n}" for n in range(10)} - {"n3"} <= set(names(await everything(log, "b")))


async def test_the_newest_of_a_key_is_there_and_a_deletion_shows(log: Log) -> None:
    for n in range(3):
        await log.publish([Out("state", key, feed(f"{key}{n}")) for key in ("x", "y")])
    await log.publish([Out("state", "x", None)])
    newest = {m.key: m for m in await everything(log, "state")}
    assert sorted(names(list(newest.values()))) == ["-x", "y2"]


async def test_replay_ends_where_it_began_and_starts_at_since(log: Log) -> None:
    await log.publish([out("b", f"n{n}") for n in range(1200)])
    seen = []
    async for message in log.replay("b", 100):
        seen.append(message)
        if len(seen) == 1:
            await log.publish([out("b", "late")])
    assert [m.at.offset for m in seen] == list(range(100, 1200))
    assert names(await everything(log, "b", 1200)) == ["late"]


@pytest.mark.parametrize("since", [3, 4, 1_000_000])
async def test_nothing_is_replayed_from_the_end_on_or_behind_it(log: Log, since: int) -> None:
    await log.publish([out("b", f"n{n}") for n in range(3)])
    assert await everything(log, "b", since) == []


async def test_replay_of_some_partitions(log: Log) -> None:
    await log.publish([out("a", f"n{n}", partition=n % 4) for n in range(40)])
    assert {m.at.partition for m in await everything(log, "a", 0, [1, 3])} == {1, 3}
    found = await everything(log, "a", 5, [2])
    assert [m.at.offset for m in found] == [5, 6, 7, 8, 9]
    assert await everything(log, "a", 0, []) == []


async def test_an_empty_stream_replays_nothing_and_ends_at_zero(log: Log) -> None:
    assert await everything(log, "a") == []
    assert set((await log.ends()).values()) <= {0}


async def test_a_replay_that_is_left_early_disturbs_nothing(log: Log) -> None:
    await log.publish([out("b", f"n{n}") for n in range(50)])
    for _ in range(3):
        async for message in log.replay("b"):
            if message.at.offset == 5:
                break
    assert len(await everything(log, "b")) == 50


async def test_an_error_while_reading_is_raised_as_it_is(backend: Backend, log: Log) -> None:
    """The end of the event loop closes a replay that was left by an error."""
    await log.publish([out("b", f"n{n}") for n in range(50)])

    async def read() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: noise.append(context))
        other = await backend.open()
        try:
            [decode(Alert, m.value or b"") async for m in other.replay("b")]
        finally:
            await other.close()

    noise: list[object] = []
    with pytest.raises(SchemaError, match="not a Alert"):
        await asyncio.to_thread(asyncio.run, read())
    assert noise == []


async def test_ends_and_groups(backend: Backend, log: Log) -> None:
    assert await log.groups() == {}
    await log.publish([out("a", f"n{n}", partition=2) for n in range(5)])
    assert (await log.ends())["a", 2] == 5
    await backend.ack(log, "g", 2, 3)
    await backend.ack(log, "h", 2, 5)
    await backend.ack(log, "g", 0, 0)
    assert await log.groups() == {("g", "a", 2): 3, ("h", "a", 2): 5, ("g", "a", 0): 0}


async def test_what_retention_took_is_a_gap(backend: Backend, log: Log) -> None:
    await log.publish([Out("a", "k", feed(str(n)), partition=0) for n in range(10)])
    await backend.forget(log, 0, 6)
    assert names(await everything(log, "a", 2)) == ["6", "7", "8", "9"]
    await log.publish([Out("a", "k", feed("new"), partition=0)])
    assert [m.at.offset for m in await everything(log, "a")] == [6, 7, 8, 9, 10]


async def test_it_is_all_there_after_reopening_and_two_may_write(backend: Backend, log: Log) -> None:
    await log.publish([out("a", "x", partition=2)])
    await backend.ack(log, "g", 2, 1)
    other = await backend.open()
    try:
        assert names(await everything(other, "a")) == ["x"]
        assert await other.groups() == {("g", "a", 2): 1}
        await asyncio.gather(
            *(each.publish([out("b", f"{name}{n}")]) for n in range(20) for name, each in (("l", log), ("o", other)))
        )
    finally:
        await other.close()
    assert (await log.ends())["b", 0] == 40
    assert len(set(names(await everything(log, "b")))) == 40
