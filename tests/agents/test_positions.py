"""Where a consumer reads on after a rebalance: nothing that was fetched meanwhile is passed over."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack

import pytest
from faust.types import TP

from agents.app import _Consumer, _Thread
from agents.worker import Worker
from tests.agents.room import Count, Pass, Room

pytestmark = pytest.mark.slow


def consumer_of(worker: Worker, group: str) -> _Consumer:
    [found] = [member._app for member in worker._members if member.group.name == group]
    assert found
    return found.committing


async def test_what_was_fetched_before_the_first_commit_is_fetched_again(room: Room) -> None:
    """Messages came between an assignment and the seek that follows it: their partition has no committed offset yet."""
    stage = Pass()
    async with room.worker(stage) as worker:
        await room.put("in", ["hang1", "hang2"], partition=0)
        await room.until(lambda: len(stage.seen) == 2)
        await consumer_of(worker, "pass").perform_seek()
        await room.until(lambda: len(stage.seen) == 4)
        stage.hang.set()
        await room.until(lambda: room.has(2))
    assert await room.names() == ["hang1", "hang2"]


async def test_a_standby_that_takes_over_delivers_nothing_while_it_finds_its_place(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had no partition, so Faust did not stop the flow of its messages."""
    seek, seeks = _Thread._seek, 0

    async def slow(thread: _Thread) -> Mapping[TP, int | None]:
        nonlocal seeks
        positions = await seek(thread)
        await asyncio.sleep(2)  # a broker on a busy machine
        seeks += 1
        return positions

    owner, standby, names = Count(), Count(), [f"a{n}" for n in range(20)]
    await room.put("one", names)
    async with AsyncExitStack() as both:
        async with room.worker(owner, name="w1"):
            await room.until(lambda: room.has(20))
            await both.enter_async_context(room.worker(standby, name="w2"))
            await room.until(lambda: standby.last == 20)
        monkeypatch.setattr(_Thread, "_seek", slow)
        while not seeks:
            await room.put("one", more := [f"b{len(names)}"])
            names += more
            await asyncio.sleep(0.05)
        await room.until(lambda: room.has(len(names)))
    assert await room.names() == [f"{name}={n}" for n, name in enumerate(names, 1)]
