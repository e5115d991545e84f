"""Reads the state streams of a stage. A record that cannot be read is no reason not to work: it goes to `dead`.

Each gets one dead record, however often it is read: the reader looks for it on `dead` first, and only the owner of a
partition publishes. Nothing else is written, so the state of other records under the same key stays as it is. A record
that another version wrote blocks its stage, because without it the stage would decide wrongly; `almenara skip` ends
that. Stale records are treated in the same way: what others write by mistake is always stale.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import aclosing, suppress
from dataclasses import dataclass

from agents.skips import Skips
from pipeline.log.reading import dead_positions
from pipeline.ports import Clock, Log
from pipeline.records import Record
from pipeline.stage import (
    Apply,
    BadMessage,
    Blocked,
    Message,
    Out,
    Position,
    Skipped,
    Stage,
    StepResult,
    Unavailable,
    dead_letter,
    read_record,
)

LOOK = 2.0  # seconds for which it is known what is dead
CHECK = 3.0  # seconds between looks for what was added to the state streams

Place = tuple[str, int]  # stream, partition
Report = Callable[[str, StepResult, Message], None]  # stage, how the record ended, the record


@dataclass(frozen=True, slots=True)
class StateView:
    """What a stage reads through, see `stage.ReadState`. `partitions` None: all. `standby`: another process owns the
    state and publishes the dead records; a record of another version then raises Blocked."""

    reader: StateReader
    partitions: Collection[int] | None = None
    standby: bool = False

    async def __call__(self, stream: str, apply: Apply, since: int = 0) -> int:
        return await self.reader.read(stream, apply, since, self.partitions, self.standby)

    async def peek(self, at: Position, limit: int) -> list[Record]:
        return await self.reader.peek(at, limit)


class StateReader:
    """Reads for one stage. `publish` publishes a dead record and counts it; it returns when that is durable."""

    def __init__(
        self,
        stage: Stage,
        log: Log,
        skips: Skips,
        clock: Clock,
        report: Report,
        publish: Callable[[Out], Awaitable[None]],
    ) -> None:
        self.waits = asyncio.Event()  # set while a record of another version blocks a read
        self._stage, self._log, self._skips, self._clock = stage, log, skips, clock
        self._report, self._publish = report, publish
        self._ending = asyncio.Lock()
        self._ended: set[Position] = set()  # records that have their dead record
        self._done: dict[Place, int] = {}  # offset of the first message that the stage has not taken as input
        self._next_dead = 0  # offset of the first dead record not read yet
        self._looked = float("-inf")
        self._checked: dict[Place, int] = {}  # offset of the first message not read yet, or left to the owner
        self._left: set[Place] = set()  # partitions with messages that this process, as a standby, left to the owner
        self._added: dict[Position, asyncio.Task[None]] = {}  # records of another version, added while the stage works

    async def read(
        self,
        stream: str,
        apply: Apply,
        since: int = 0,
        partitions: Collection[int] | None = None,
        standby: bool = False,
    ) -> int:
        """Read for the stage, see StateView."""
        end = since
        async with aclosing(self._log.replay(stream, since, partitions)) as messages:
            async for message in messages:
                place = (stream, message.at.partition)
                if not await self._take(message, apply, standby):
                    self._left.add(place)
                end = message.at.offset + 1
                if place not in self._left:
                    self._checked[place] = end
        return end

    async def peek(self, at: Position, limit: int) -> list[Record]:
        found: list[Record] = []
        async with aclosing(self._log.replay(at.stream, at.offset, [at.partition])) as messages:
            async for message in messages:
                if message.at.offset >= at.offset + limit:
                    break
                with suppress(Blocked, ValueError):
                    found += filter(None, [self._record(message)])
        return found

    async def _take(self, message: Message, apply: Apply, standby: bool) -> bool:
        """Apply a message, or end it. Returns whether that is done; otherwise it is left to the owner."""
        try:
            apply(message, self._record(message))
        except Blocked as error:
            if standby:
                await self._skips.refresh()
                if message.at not in self._skips:
                    raise
                return False
            await self._end(message, await self._wait(error))
        except Unavailable:
            raise
        except Exception as error:
            if standby:
                return False
            await self._end(message, error)
        return True

    def _record(self, message: Message) -> Record | None:
        if message.fault:
            raise BadMessage(message.fault)
        kinds = {**self._stage.reads, **self._stage.owns}
        return read_record(kinds[message.at.stream], message)

    async def _wait(self, error: Blocked) -> Skipped:
        try:
            await self._skips.check(error.at)
            self.waits.set()
            return await self._skips.wait(self._stage.name, error)
        except Skipped as skipped:
            return skipped
        finally:
            self.waits.clear()

    async def _end(self, message: Message, error: Exception) -> None:
        """Publish the dead record of a message, unless there is one or there will be one. Raises Unavailable."""
        at = message.at
        async with self._ending:
            await self._look()
            # What the stage has not taken as input yet, it will, and then make it dead.
            taken = at.stream not in self._stage.reads or at.offset < self._done.get((at.stream, at.partition), 0)
            if taken and at not in self._ended:
                letter = dead_letter(self._stage.name, message, error, self._clock())
                await self._publish(letter)
                self._ended.add(at)
                self._report(self._stage.name, StepResult((letter,), "dead", str(error)), message)

    async def _look(self) -> None:
        """Read what the stage has taken as input, and then what is dead; not for each of many records. Raises
        Unavailable."""
        now = asyncio.get_running_loop().time()
        if now - self._looked > LOOK:
            groups = await self._log.groups()
            self._done = {(stream, n): at for (group, stream, n), at in groups.items() if group == self._stage.name}
            known, self._next_dead = await dead_positions(self._log, self._stage.name, self._next_dead)
            self._ended |= known
            self._looked = now

    # -- while the stage works --------------------------------------------------------------------------------------

    async def check(self, place: Place, end: int, skip: Callable[[int], int] = lambda offset: offset) -> None:
        """Read what was added to a partition of the state since, up to `end`: what others wrote there by mistake must
        not wait for the next start. `skip`: the offset after the process's own messages from an offset on. Raises
        Unavailable."""
        start = skip(self._checked.get(place, 0))
        if start < end:
            await self._check(place, start)
        self._checked[place] = max(start, end, self._checked.get(place, 0))
        self._left.discard(place)

    async def _check(self, place: Place, start: int) -> None:
        async with aclosing(self._log.replay(place[0], start, [place[1]])) as messages:
            async for message in messages:
                try:
                    self._record(message)
                except Blocked as error:
                    if message.at not in self._added:
                        self._added[message.at] = asyncio.create_task(self._end_when_skipped(message, error))
                except Exception as error:
                    await self._end(message, error)

    async def _end_when_skipped(self, message: Message, error: Blocked) -> None:
        """Show a record of another version, at which the next start will wait, until it is passed over."""
        skipped = await self._skips.wait(self._stage.name, error)
        while True:
            try:
                return await self._end(message, skipped)
            except Unavailable:
                await asyncio.sleep(1.0)

    def forget(self) -> None:
        """Stop waiting for records of another version: the partitions were revoked, or the process stops."""
        for task in self._added.values():
            task.cancel()
        self._added.clear()
