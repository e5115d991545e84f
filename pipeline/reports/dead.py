"""Reads the records that a stage could not handle, and which of them were replayed."""

from __future__ import annotations

from pipeline.ports import Log
from pipeline.records import Dead, Replayed, decode


async def read_dead(log: Log) -> tuple[dict[int, Dead], set[int]]:
    """The dead records by number (their offset), and the numbers of those that were replayed."""
    dead = {message.at.offset: decode(Dead, message.value) async for message in log.replay("dead") if message.value}
    replays = [decode(Replayed, message.value) async for message in log.replay("control") if message.value]
    return dead, {replay.dead for replay in replays}
