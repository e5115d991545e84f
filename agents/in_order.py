"""A bounded window of records in work, per partition; what is finished is published and done in input order.

Faust acknowledges a record whose agent raises, and commits past unfinished ones when several run at once. So nothing is
acknowledged here: the window says up to where a partition is done, and agents/app.py commits that and nothing else.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, TypeVar

from pipeline.failpoints import point
from pipeline.ports import Clock
from pipeline.records import Outcomes
from pipeline.stage import Message, Out, Position, Stage, StepResult, Unavailable, dead_letter, run

T = TypeVar("T")

BACKLOG = 64  # messages of one partition that wait in memory; at this the partition is paused
SHUTDOWN = 5.0  # seconds that records in work get to end before they are cancelled, not done
REVOKED = 3.0  # the same, where their partition goes to another worker, which waits for it

Place = tuple[str, int]  # stream, partition


@dataclass
class _Work:
    message: Message
    task: asyncio.Task[StepResult]


@dataclass
class _Partition:
    waiting: deque[Message] = field(default_factory=deque)
    flight: deque[_Work] = field(default_factory=deque)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    paused: bool = False
    driver: asyncio.Task[None] | None = None


class Window:
    """One stage's records in work. `take` returns at once; `pause` tells the consumer to bring no more of a partition.

    `publish` is durable on return and raises Unavailable. `retry_while_unavailable` repeats what raises it,
    waiting in between.
    `done(place, offset)`: everything before `offset` is finished and published.
    """

    def __init__(
        self,
        stage: Stage,
        publish: Callable[[Sequence[Out]], Awaitable[None]],
        retry_while_unavailable: Callable[[str, Callable[[], Awaitable[None]]], Awaitable[None]],
        wait: Callable[[str, Unavailable, int], Awaitable[None]],
        done: Callable[[Place, int], None],
        pause: Callable[[Place, bool], None],
        clock: Clock,
        report: Callable[[str, StepResult, Message], None] = lambda stage, ended, message: None,
    ) -> None:
        self.stage = stage
        self._publish, self._wait, self._done, self._pause = publish, wait, done, pause
        self._retry_while_unavailable = retry_while_unavailable
        self._clock, self._report = clock, report
        self._lock = asyncio.Lock()
        self._ready = asyncio.Event()
        self._closed = False
        self._partitions: dict[Place, _Partition] = {}
        self.room = stage.window if stage.window > 1 else stage.ahead
        self.finished = 0  # records so far

    @property
    def lock(self) -> asyncio.Lock:
        """Held while a step of a stage that goes one by one runs."""
        return self._lock

    def open(self) -> None:
        """The stage's state is restored: begin."""
        self._ready.set()

    def take(self, message: Message) -> None:
        """Take a message in work, or into the queue of its partition."""
        if self._closed:
            return
        place = (message.at.stream, message.at.partition)
        partition = self._partitions.get(place)
        if partition is None:
            partition = self._partitions[place] = _Partition()
            partition.driver = asyncio.create_task(self._drive(place, partition))
        partition.waiting.append(message)
        partition.changed.set()
        if not partition.paused and len(partition.waiting) >= BACKLOG:
            partition.paused = True
            self._pause(place, True)

    def head(self, place: Place) -> Message | None:
        """The first message of a partition that is not finished, if it has come."""
        partition = self._partitions.get(place)
        if partition is None:
            return None
        return partition.flight[0].message if partition.flight else next(iter(partition.waiting), None)

    async def revoke(self, patience: float = REVOKED) -> None:
        """All partitions go. What is in work gets `patience` seconds to end, so that little is done twice (and no alert
        sent twice); the rest is cancelled, neither published nor done."""
        self._ready.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while any(p.flight for p in self._partitions.values()):  # noqa: ASYNC110  there is no one event
                    await asyncio.sleep(0.02)
                async with self._lock:  # of a tick that goes on
                    pass
        if tasks := self.drop():
            await asyncio.wait(tasks)

    async def close(self) -> None:
        """No new records; those in work get SHUTDOWN seconds to end."""
        self._closed = True
        await self.revoke(SHUTDOWN)

    def drop(self) -> list[asyncio.Task[Any]]:
        """Forget all that was taken; it will be brought again. The tasks, cancelled."""
        partitions, self._partitions = list(self._partitions.values()), {}
        tasks: list[asyncio.Task[Any]] = [work.task for partition in partitions for work in partition.flight]
        tasks += [partition.driver for partition in partitions if partition.driver is not None]
        for task in tasks:
            task.cancel()
        return tasks

    async def _drive(self, place: Place, partition: _Partition) -> None:
        while True:
            if not partition.flight:
                await self._ready.wait()
            pause = self._fill(partition)
            if partition.paused and len(partition.waiting) < BACKLOG // 2:
                partition.paused = False
                self._pause(place, False)
            await self._next_event(partition, pause)
            await self._finish(place, partition)

    def _fill(self, partition: _Partition) -> float | None:
        """Start what may start. Seconds until the next is due; None where nothing is planned."""
        while partition.waiting and len(partition.flight) < self.room and self._ready.is_set():
            message = partition.waiting[0]
            wait = (message.due - self._clock()).total_seconds() if message.due else 0.0
            if wait > 0:
                return wait
            partition.waiting.popleft()
            partition.flight.append(_Work(message, asyncio.create_task(self._step(message))))
        return None

    async def _next_event(self, partition: _Partition, pause: float | None) -> None:
        partition.changed.clear()
        changed = asyncio.ensure_future(partition.changed.wait())
        events: set[asyncio.Future[Any]] = {changed}
        if partition.flight:
            events.add(partition.flight[0].task)
        try:
            await asyncio.wait(events, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
        finally:
            changed.cancel()

    async def _step(self, message: Message) -> StepResult:
        async def wait(error: Unavailable, attempt: int) -> None:
            await self._wait(self.stage.name, error, attempt)

        if self.stage.window > 1:
            return await run(self.stage, message, self._clock, wait)
        async with self._lock:  # strictly one by one, over all partitions and ticks
            return await run(self.stage, message, self._clock, wait)

    async def _finish(self, place: Place, partition: _Partition) -> None:
        """Publish the finished head of the window, then count it as done."""
        finished = list(takewhile(lambda work: work.task.done(), partition.flight))
        if not finished:
            return
        results = [work.task.result() for work in finished]
        name, last = self.stage.name, finished[-1].message.at
        point(f"commit.{name}.before")
        try:
            await self._send(name, results, [work.message.at for work in finished])
        except ValueError:  # one of the outputs cannot be published: find out whose
            for n, work in enumerate(finished):
                try:
                    await self._send(name, results[n : n + 1], [work.message.at])
                except ValueError as error:
                    results[n] = StepResult(
                        (dead_letter(name, work.message, error, self._clock()),), "dead", repr(error)
                    )
                    await self._send(name, results[n : n + 1], [work.message.at])
        point(f"commit.{name}.published")
        self._done(place, last.offset + 1)
        await self.stage.settled()
        for work, ended in zip(finished, results, strict=True):
            partition.flight.popleft()
            self.finished += 1
            self._report(name, ended, work.message)

    async def _send(self, name: str, results: Sequence[StepResult], at: Sequence[Position]) -> None:
        """Outputs first, then the state that remembers them: state must never be ahead of what was said."""
        outs = [out for ended in results for out in ended.outs]
        said = [out for out in outs if out.stream not in self.stage.owns]
        kept = [out for out in outs if out.stream in self.stage.owns]
        endings = Outcomes(
            stage=name, stream=at[0].stream, partition=at[0].partition,
            offsets=tuple(place.offset for place in at), endings=tuple(ended.ending for ended in results),
        )  # fmt: skip
        if said:
            await self._retry_while_unavailable(name, lambda: self._publish(said))
            if kept:
                point(f"commit.{name}.said")
        await self._retry_while_unavailable(name, lambda: self._publish([*kept, Out("outcomes", name, endings)]))

    async def publish(self, outs: Sequence[Out]) -> None:
        """Publish what a tick gave."""
        await self._retry_while_unavailable(self.stage.name, lambda: self._publish(outs))
        await self.stage.settled()

    def counts(self) -> Counter[str]:
        """Records in work and waiting in memory."""
        parts = self._partitions.values()
        return Counter(flight=sum(len(p.flight) for p in parts), waiting=sum(len(p.waiting) for p in parts))
