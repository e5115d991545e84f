"""Reads the records that a stage could not handle, and which of them were replayed."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.log.reading import Unreadable, read_all
from pipeline.ports import Log
from pipeline.records import Dead, Request


@dataclass(frozen=True, slots=True)
class DeadRecords:
    """The dead records by number (their offset), the numbers of those that were replayed, and what cannot be read of
    `dead` and `control`."""

    kept: dict[int, Dead]
    replayed: set[int]
    unreadable: tuple[Unreadable, ...] = ()


async def read_dead(log: Log) -> DeadRecords:
    """Read `dead` and `control`. Raises Unavailable."""
    dead, bad = await read_all(log, "dead", Dead)
    requests, odd = await read_all(log, "control", Request)
    replayed = {request.replayed for request in requests.values() if request.replayed is not None}
    return DeadRecords({at.offset: record for at, record in dead.items()}, replayed, (*bad, *odd))
