"""A process that was stopped for a while asks the log whether it still owns its state, before it sends anything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from agents import member
from pipeline.backends.log_kafka import KafkaLog
from tests.agents.room import STREAMS, Count, Room


class Asking(Count):
    """Keeps the function with which it may ask."""

    owns_still: Callable[[], Awaitable[bool]]

    def asks(self, owns: Callable[[], Awaitable[bool]]) -> None:
        self.owns_still = owns


@pytest.mark.slow
async def test_what_another_process_claimed_is_not_owned_any_more(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = 1000.0
    monkeypatch.setattr(member, "time", Clock(lambda: moment))
    stage = Asking()
    async with room.worker(stage):
        await room.put("one", ["a", "b"])
        await room.until(lambda: room.has(2))
        assert await stage.owns_still()
        other = await KafkaLog.open(room.log.options, STREAMS)
        try:
            await other.claim("state", 0, "other")
        finally:
            await other.close()
        moment += 1
        assert await stage.owns_still()  # no session can have ended since the last answer
        moment += 10
        assert not await stage.owns_still()
        moment += 10  # it would have lost it by now: somebody wrote there by mistake
        assert await stage.owns_still()


class Clock:
    """Stands for the module `time`."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.monotonic = monotonic
