"""The watchdog of a worker: ends it when records wait, nothing that their stage needs is reported unavailable, and none
is finished; and when a stream that it uses was deleted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta

from agents.health import Health
from agents.in_order import Place
from agents.incarnations import Incarnations
from agents.member import Member
from pipeline.ports import Clock, SharedLog
from pipeline.stage import Stalled, Unavailable

WATCH = 5.0  # seconds between checks
GRACE = timedelta(seconds=30)  # after a delayed record is due, before it counts as waiting


class Watchdog:
    """Watches the progress of the groups of `members`, and the streams. `patience`: seconds without progress until
    Stalled."""

    def __init__(
        self,
        log: SharedLog,
        members: Sequence[Member],
        incarnations: Incarnations,
        health: Health,
        clock: Clock,
        patience: float,
    ) -> None:
        self._log, self._members, self._health, self._clock = log, members, health, clock
        self._incarnations, self._patience = incarnations, patience
        self._seen: dict[tuple[str, str, int], tuple[int, float]] = {}  # committed offset, and since when
        self.waiting = 0  # records of this worker's partitions that wait or are in progress, without delayed ones

    async def run(self) -> None:
        """Watch until cancelled. Raises Stalled, StreamLost."""
        while True:
            await asyncio.sleep(WATCH)
            for member in self._members:
                member.check()
            try:
                await self._incarnations.check()
                # In this order: while a group goes on reading, what it has committed must not be beyond an older end.
                committed, starts, ends = await self._log.groups(), await self._log.starts(), await self._log.ends()
            except Unavailable as error:
                self._health.note("log", "unavailable", str(error), source="watchdog")
                self._seen.clear()
                continue
            self._health.clear("log", "unavailable", source="watchdog")
            held = [(member.group.name, *place) for member in self._members for place in member.held]
            self._incarnations.compare(held, committed, starts, ends)
            self._look(starts, ends, committed)

    def _look(
        self, starts: Mapping[Place, int], ends: Mapping[Place, int], committed: Mapping[tuple[str, str, int], int]
    ) -> None:
        now, self.waiting = time.monotonic(), 0
        for member in self._members:
            for place in member.held:
                key = (member.group.name, *place)
                offset = committed.get(key, 0)
                # Retention may have deleted records that were never finished: they do not wait.
                waiting = max(0, ends.get(place, 0) - max(offset, starts.get(place, 0)))
                put_off = self._is_put_off(member, place)
                self.waiting += 0 if put_off else waiting
                idle = not waiting or put_off or self._health.is_waiting(member.group.stage.name, "log")
                if idle or self._seen.get(key, (None,))[0] != offset:
                    self._seen[key] = (offset, now)
                elif now - self._seen[key][1] > self._patience:
                    raise Stalled(
                        f"{member.group.name}: {waiting} records wait in {place[0]}/{place[1]}, and none was finished "
                        f"in {self._patience:g} s; this worker ends, start it again"
                    )

    def _is_put_off(self, member: Member, place: Place) -> bool:
        head = member.window.head(place)
        return bool(head and head.due and head.due > self._clock() - GRACE)
