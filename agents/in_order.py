"""Keeps a bounded number of a stage's records in progress, and commits them in input order.

Both drivers use it. They differ in where messages come from (`take` is called by a reader of the log, or by Faust) and
in how finished records are committed (`Committer`). A record is committed only after all records before it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, Protocol

from agents.retry import Retry
from agents.skips import Skips
from pipeline.ports import Clock
from pipeline.stage import Blocked, Message, Out, Stage, StepResult, Unavailable, dead_letter, run

BACKLOG = 64  # messages of one partition that wait in memory before the source is paused
IDLE = 1.0  # seconds between checks whether a message is due
SHUTDOWN = 5.0  # seconds that records in progress have to finish before they are cancelled
REVOKED = 3.0  # the same, if the partition moves to another worker, which waits meanwhile
SETTLING = 5.0  # seconds that a tick waits until the outputs of earlier steps are durable

Place = tuple[str, int]  # stream, partition
Report = Callable[[str, StepResult, Message], None]  # stage, how the record ended, the record


@dataclass(frozen=True, slots=True)
class Finished:
    """A record that the stage has processed."""

    message: Message
    result: StepResult


class Committer(Protocol):
    """How a driver makes results durable. Methods return when they are, however long that takes."""

    async def records(self, stage: Stage, finished: Sequence[Finished]) -> None:
        """Publish the outputs of consecutive records of one partition, and note everything up to the last as done.
        Raises ValueError when an output cannot be published at all; none of the records is done then."""
        ...

    async def tick(self, stage: Stage, outs: Sequence[Out]) -> None:
        """Publish the outputs of a tick."""
        ...

    async def passed_over(self, stage: Stage, dead: Out) -> None:
        """Publish and count the dead record of a record of the stage's state."""
        ...


@dataclass
class _Work:
    message: Message
    task: asyncio.Task[StepResult]


@dataclass
class _Partition:
    waiting: deque[Message] = field(default_factory=deque)
    working: deque[_Work] = field(default_factory=deque)
    arrived: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    order: asyncio.Lock = field(default_factory=asyncio.Lock)  # held by a record of a stage with window 1
    paused: bool = False
    driver: asyncio.Task[None] | None = None

    def is_working(self) -> bool:
        """Whether something is in progress that will be committed."""
        return bool(self.working and self.driver and not self.driver.done())


class Window:
    """One stage's records in progress, over all partitions that it reads here.

    Its tasks run in `tasks`, so that an error in them ends the driver. `pause(place, True)` asks the source to stop
    delivering a partition, `pause(place, False)` to continue. Nothing starts before `open`.
    """

    def __init__(
        self,
        stage: Stage,
        tasks: asyncio.TaskGroup,
        committer: Committer,
        retry: Retry,
        skips: Skips,
        clock: Clock,
        report: Report,
        pause: Callable[[Place, bool], None],
    ) -> None:
        self.stage = stage
        self._tasks, self._committer, self._retry, self._skips, self._clock = tasks, committer, retry, skips, clock
        self._report, self._pause = report, pause
        self._lock = asyncio.Lock()  # held by a tick, and by a step of a stage with window 1
        self._ready = asyncio.Event()
        self._closed = False
        self._partitions: dict[Place, _Partition] = {}
        self._ticking: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()  # the stage asked for a tick
        stage.wakes(self._woken.set)
        self._committed = asyncio.Event()  # something was committed since a tick began to wait for it
        # The lock in _step makes a stage with window 1 work one by one; finished records share the next commit.
        self._room = stage.window if stage.window > 1 else stage.ahead

    # -- messages in ----------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Start processing, after the stage's state was restored."""
        self._ready.set()

    def take(self, message: Message) -> None:
        """Add a message to its partition's queue, without waiting."""
        if self._closed:
            return
        place = (message.at.stream, message.at.partition)
        partition = self._partitions.get(place)
        if partition is None:
            partition = self._partitions[place] = _Partition()
            partition.driver = self._tasks.create_task(self._drive(place, partition))
        partition.waiting.append(message)
        if not partition.arrived.done():
            partition.arrived.set_result(None)
        if not partition.paused and len(partition.waiting) >= BACKLOG:
            partition.paused = True
            self._pause(place, True)

    def head(self, place: Place) -> Message | None:
        """The first unfinished message of a partition, if it has arrived."""
        partition = self._partitions.get(place)
        if partition is None:
            return None
        return partition.working[0].message if partition.working else next(iter(partition.waiting), None)

    def is_working(self) -> bool:
        """Whether any record is between its start and its commit."""
        return any(partition.working for partition in self._partitions.values())

    # -- closing --------------------------------------------------------------------------------------------------

    async def revoke(self, patience: float = REVOKED) -> None:
        """Give up all partitions. Records and sends in progress have `patience` seconds to finish, so that little is
        repeated; the others are cancelled and not committed."""
        working = self._ready.is_set()
        self._ready.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                # Its sends end, and are noted on the log, before another worker restores what was sent.
                if working and await self.stage.suspend(patience / 2):
                    await self._tick_once()
                while any(p.is_working() for p in self._partitions.values()):  # noqa: ASYNC110  no single event
                    await asyncio.sleep(0.02)
                async with self._lock:  # wait for a tick in progress
                    pass
        if tasks := self.drop():
            await asyncio.wait(tasks)

    async def close(self) -> None:
        """Take no new records; those in progress get SHUTDOWN seconds to finish."""
        self._closed = True
        await self.revoke(SHUTDOWN)
        if self._ticking is not None:
            self._ticking.cancel()

    def drop(self) -> list[asyncio.Task[Any]]:
        """Forget all messages, which will be delivered again. Returns the cancelled tasks."""
        partitions, self._partitions = list(self._partitions.values()), {}
        tasks: list[asyncio.Task[Any]] = [work.task for partition in partitions for work in partition.working]
        tasks += [partition.driver for partition in partitions if partition.driver is not None]
        for task in tasks:
            task.cancel()
        return tasks

    # -- processing one partition ---------------------------------------------------------------------------------

    async def _drive(self, place: Place, partition: _Partition) -> None:
        """Process the messages of a partition: keep the window full, and commit what is finished."""
        while True:
            if not partition.working:
                await self._ready.wait()
            pause = self._fill(partition)
            if partition.paused and len(partition.waiting) < BACKLOG // 2:
                partition.paused = False
                self._pause(place, False)
            await self._next_event(partition, pause)
            await self._finish(partition)

    def _fill(self, partition: _Partition) -> float | None:
        """Start as many messages as fit. Returns the seconds until the next one is due, or None."""
        while partition.waiting and len(partition.working) < self._room and self._ready.is_set():
            message = partition.waiting[0]
            wait = (message.due - self._clock()).total_seconds() if message.due else 0.0
            if wait > 0:
                return min(wait, IDLE)
            partition.waiting.popleft()
            partition.working.append(_Work(message, asyncio.create_task(self._step(partition, message))))
        return None

    async def _next_event(self, partition: _Partition, pause: float | None) -> None:
        """Wait until a message arrives, the first one in the window is finished, or `pause` seconds have passed."""
        if partition.arrived.done():
            partition.arrived = asyncio.get_running_loop().create_future()
        events: set[asyncio.Future[Any]] = {partition.arrived}
        if partition.working:
            events.add(partition.working[0].task)
        await asyncio.wait(events, timeout=pause, return_when=asyncio.FIRST_COMPLETED)

    async def _step(self, partition: _Partition, message: Message) -> StepResult:
        async def wait(error: Unavailable, attempt: int) -> None:
            if isinstance(error, Blocked):
                raise await self._skips.wait(self.stage.name, error)
            await self._retry.pause(self.stage.name, error, attempt)
            await self._skips.check(message.at)

        if self.stage.window > 1:
            return await run(self.stage, message, self._clock, wait)
        async with partition.order:  # a record that is blocked holds up its own partition only
            # One by one over all partitions, and never during a tick.
            return await run(self.stage, message, self._clock, wait, self._lock)

    async def _finish(self, partition: _Partition) -> None:
        """Commit the finished records at the head of the window."""
        done = takewhile(lambda work: work.task.done(), partition.working)
        finished = [Finished(work.message, work.task.result()) for work in done]
        if not finished:
            return
        finished = await self._commit(finished)
        await self.stage.settled([out for record in finished for out in record.result.outs])
        for record in finished:
            partition.working.popleft()
            self._report(self.stage.name, record.result, record.message)
        self._committed.set()

    async def _commit(self, finished: list[Finished]) -> list[Finished]:
        """Commit the records together, or one by one if an output cannot be published. Returns how they ended."""
        try:
            await self._committer.records(self.stage, finished)
        except ValueError:
            return [await self._commit_alone(record) for record in finished]
        return finished

    async def _commit_alone(self, record: Finished) -> Finished:
        """Commit one record; if its outputs cannot be published, as a dead record."""
        try:
            await self._committer.records(self.stage, [record])
        except ValueError as error:
            letter = dead_letter(self.stage.name, record.message, error, self._clock())
            record = Finished(record.message, StepResult((letter,), "dead", repr(error)))
            await self._committer.records(self.stage, [record])
        return record

    # -- ticks ----------------------------------------------------------------------------------------------------

    def start_ticks(self, ready: Callable[[], bool] = lambda: True) -> None:
        """Call the stage's `tick` every `stage.pause` seconds and when it asks for it, if `ready()`; until closed."""
        self._ticking = self._tasks.create_task(self._tick(ready))

    async def _tick(self, ready: Callable[[], bool]) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self.stage.pause)
            self._woken.clear()
            if self._closed:
                return
            if ready():
                await self._tick_once(ready)

    async def _tick_once(self, ready: Callable[[], bool] = lambda: True) -> None:
        async with self._lock:
            if not await self._settled() or not ready():
                return
            emit = await self.stage.tick(self._clock())
            if emit is not None:
                await self._committer.tick(self.stage, emit.outs)
                await self.stage.settled(emit.outs)

    async def _settled(self) -> bool:
        """Wait until the outputs of earlier steps are durable: older state must not follow newer on the log. Only a
        stage with window 1 needs that; its steps wait for the lock meanwhile."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLING):
                while self.stage.window == 1 and self._uncommitted():
                    self._committed.clear()
                    await self._committed.wait()
                return True
        return False

    def _uncommitted(self) -> bool:
        return any(work.task.done() for partition in self._partitions.values() for work in partition.working)
