"""Reads the heartbeats of running processes from the log."""

from __future__ import annotations

from collections.abc import AsyncIterator

from msgspec.structs import replace

from pipeline.ports import Log
from pipeline.records import Heartbeat, SchemaError, decode
from pipeline.stage import Message

WORKERS = "workers"
EVERY = 1.5  # seconds between two heartbeats of a process
SILENT = 5.0  # seconds after which a process that sent no heartbeat is missed: two in a row did not arrive
FRESH = 15.0  # seconds after which a process that sent no heartbeat counts as gone
TAIL = 1000  # offsets from the end that hold the heartbeats of the last minutes


async def read_heartbeats(log: Log) -> dict[str, Heartbeat]:
    """The newest heartbeat of each instance, also of those that ended. Raises Unavailable.

    `at` is the time of the log: the clocks of the machines differ.
    """
    return {beat.instance: replace(beat, at=message.written) async for message, beat in heartbeats_since(log, 0)}


async def heartbeats_since(log: Log, offset: int) -> AsyncIterator[tuple[Message, Heartbeat]]:
    """The heartbeats from `offset` on, each with its message; what is no heartbeat is passed over. Raises
    Unavailable."""
    async for message in log.replay(WORKERS, offset):
        if message.value is not None:
            try:
                yield message, decode(Heartbeat, message.value)
            except SchemaError:  # of another version, or damaged: it says nothing here
                continue


async def tail(log: Log, length: int = TAIL) -> int:
    """The offset from which `heartbeats_since` yields those of the last minutes. Raises Unavailable."""
    return max(0, (await log.ends()).get((WORKERS, 0), 0) - length)
