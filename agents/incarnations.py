"""Finds streams that were deleted, created again or cut off while a worker uses them, and ends the worker.

A consumer does not notice: it waits for an offset that the new stream does not have yet, and then skips records.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping

import structlog

from pipeline.ports import SharedLog
from pipeline.stage import Stage, StreamLost

AGAIN = 1.0  # seconds until a missing stream is looked for again: a broker that has just started may not list it yet
REPAIR = "stop the workers, run `almenara streams repair`, and start them again"
DRIVER = ("outcomes", "dead", "workers", "control")  # what every worker writes or reads

Place = tuple[str, int]  # stream, partition
logger = structlog.get_logger("worker")


class Incarnations:
    """The streams that a worker uses, as they were when it started."""

    def __init__(self, log: SharedLog, stages: Iterable[Stage]) -> None:
        self._log = log
        used = {name for stage in stages for name in (*stage.reads, *stage.writes, *stage.owns)}
        self._used = used.union(DRIVER)
        self._starts: dict[Place, int] = {}
        self._ends: dict[Place, int] = {}
        self._ahead: set[tuple[str, str, int]] = set()  # committed offsets beyond the end, at the last check
        self.ids: Mapping[str, str] = {}  # by stream

    async def start(self) -> None:
        """Note the streams as they are. Raises Unavailable."""
        self.ids = await self._log.incarnations()

    async def check(self) -> None:
        """Raise StreamLost if a stream is missing or was created again; Unavailable."""
        now = await self._log.incarnations()
        if self._missing(now):
            await asyncio.sleep(AGAIN)
            now = await self._log.incarnations()
        if missing := self._missing(now):
            raise _lost(missing, "deleted")
        if other := {name for name in self._used & set(self.ids) if now[name] != self.ids[name]}:
            raise _lost(other, "deleted and created again")

    def _missing(self, now: Mapping[str, str]) -> set[str]:
        return {name for name in self._used & set(self.ids) if name not in now}

    def compare(
        self,
        held: Collection[tuple[str, str, int]],
        committed: Mapping[tuple[str, str, int], int],
        starts: Mapping[Place, int],
        ends: Mapping[Place, int],
    ) -> None:
        """Raise StreamLost if offsets went backwards. `held`: groups with the partitions that this worker reads.

        `committed` must have been read before `ends`.
        """
        for (name, partition), start in starts.items():
            place = (name, partition)
            if name in self._used and (start < self._starts.get(place, 0) or ends[place] < self._ends.get(place, 0)):
                raise _lost({name}, f"cut off: the offsets of partition {partition} went backwards")
        self._starts, self._ends = dict(starts), dict(ends)
        ahead = {key for key in held if committed.get(key, 0) > ends.get(key[1:], 0)}
        # Only at the second check: an offset committed before the worker started is corrected when it starts reading.
        for group, name, partition in sorted(ahead & self._ahead):
            at, end = committed[group, name, partition], ends[name, partition]
            raise _lost({name}, f"cut off: {group} committed {at} in partition {partition}, which ends at {end}")
        self._ahead = ahead


def _lost(streams: Collection[str], what: str) -> StreamLost:
    names = ", ".join(sorted(streams))
    one = len(streams) == 1
    logger.error("stream lost", stream=names, why=what, hint=REPAIR)
    return StreamLost(
        f"stream{'' if one else 's'} {names} {'was' if one else 'were'} {what}; this worker ends. To get back what was "
        f"on {'it' if one else 'them'}, {REPAIR}"
    )
