"""Runs the stages of flow.py on the embedded log, in one process. Decides nothing: `stage.run` and the stages do.

For each stage, stream and partition one task reads from the group's offset, keeps a window of records in work, and
commits what is finished in input order: outputs, counters and offset in one transaction. So a kill at any place loses
nothing and repeats only work whose results were not yet on the log.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Any, TypeVar

from agents.health import Health
from agents.poller import Poller
from pipeline.failpoints import point
from pipeline.ports import Ack, Clock, Counts, Stream, Transactions
from pipeline.records import Feed
from pipeline.stage import Message, Out, Stage, StepResult, Unavailable, run

if TYPE_CHECKING:
    from pipeline.stages.poll import Poll, Polled

T = TypeVar("T")

IDLE = 1.0  # seconds between looks for what other processes wrote
SHUTDOWN = 5.0  # seconds that records in work get to end before they are cancelled, un-acked
READ_AHEAD = 64  # messages read at once


@dataclass
class Embedded:
    """The driver. `stages` in the order of flow.py; `poll`, where it is among them, is also the source of items."""

    log: Transactions
    streams: dict[str, Stream]
    stages: Sequence[Stage]
    poll: Poll | None
    clock: Clock
    report: Callable[[str, StepResult, Message], None] = lambda stage, ended, message: None
    polled: Callable[[Polled], None] = lambda polled: None
    health: Health = field(default_factory=Health)

    def __post_init__(self) -> None:
        self._stop = asyncio.Event()
        self._position: dict[tuple[str, str, int], int] = {}
        self._working: Counter[str] = Counter()  # records between their start and their commit
        self._locks = {stage.name: asyncio.Lock() for stage in self.stages}
        self._poller = Poller(self.poll, self._ask, self._commit_poll, self.clock, self.polled) if self.poll else None

    # -- life ---------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def running(self, poll: bool = True) -> AsyncIterator[None]:
        """Everything restored and running inside; on leaving, work under way is given time to end."""
        for stage in self.stages:
            await stage.restore(self.log.replay)
        async with asyncio.TaskGroup() as tasks:
            self._stopped = tasks.create_task(self._stop_wait())
            places = [
                (stage, stream, partition)
                for stage in self.stages
                for stream in stage.reads
                for partition in range(self.streams[stream].partitions)
            ]
            await asyncio.gather(*(self._claim(*place) for place in places))
            for place in places:
                tasks.create_task(self._drive(*place))
            for stage in self.stages:
                tasks.create_task(self._ticks(stage))
            if self._poller and poll:
                tasks.create_task(self._polls(self._poller))
            try:
                yield
            finally:
                self._stop.set()

    async def poll_once(self) -> None:
        """Poll every enabled feed once, due or not."""
        if self._poller:
            await self._poller.once()

    async def drained(self, patience: float) -> None:
        """Return when nothing is in work and nothing falls due within `patience` seconds."""
        while not await self._is_idle(patience):  # noqa: ASYNC110  being idle is no event
            await asyncio.sleep(0.05)

    def waiting(self) -> int:
        """Records that no stage has taken yet, without those put off to a later time."""
        return sum(
            max(0, self.log.end(stream, partition) - position)
            for (_, stream, partition), position in self._position.items()
            if not stream.endswith("-later")
        )

    def _busy(self) -> bool:
        return any(self._working.values()) or bool(self._poller and self._poller.working)

    async def _is_idle(self, patience: float) -> bool:
        horizon = self.clock() + timedelta(seconds=patience)
        if self._busy():
            return False
        for (_, stream, partition), position in self._position.items():
            if position < self.log.end(stream, partition):
                head = await self.log.read(stream, partition, position, 1)
                if head and (head[0].due is None or head[0].due <= horizon):
                    return False
        ticks = [stage.next_tick() for stage in self.stages]
        return not self._busy() and not any(moment and moment <= horizon for moment in ticks)

    # -- records ------------------------------------------------------------------------------------------------

    async def _claim(self, stage: Stage, stream: str, partition: int) -> None:
        """Note the group's offset on the log even before its first record: retention spares what it has to read."""
        offset = await self.log.committed(stage.name, stream, partition)
        self._position[stage.name, stream, partition] = offset
        await self._commit(f"claim.{stage.name}", [], {}, [Ack(stage.name, stream, partition, offset)])

    async def _drive(self, stage: Stage, stream: str, partition: int) -> None:
        """Read on, keep the window full, commit what is finished, in input order."""
        pause = 0.0
        ahead: deque[Message] = deque()
        flight: deque[_Work] = deque()
        read_to = self._position[stage.name, stream, partition]
        # The lock in _step lets a serial stage go one by one; what is done meanwhile shares the next commit.
        room = stage.window if stage.window > 1 else stage.ahead
        while not self._stop.is_set():
            if not ahead and read_to < (end := self.log.end(stream, partition)):
                ahead.extend(await self._read(stage, stream, partition, read_to))
                read_to = ahead[-1].at.offset + 1 if ahead else end
                continue
            if ahead and len(flight) < room and (pause := self._wait_for(ahead[0])) <= 0:
                flight.append(self._start(stage, ahead.popleft()))
                continue
            full = len(flight) >= room
            await self._next_event(stream, partition, flight, None if full else min(pause, IDLE) if ahead else IDLE)
            await self._finish(stage, flight)
        await self._wind_up(stage, flight)

    async def _read(self, stage: Stage, stream: str, partition: int, offset: int) -> list[Message]:
        async def read() -> list[Message]:
            return await self.log.read(stream, partition, offset, READ_AHEAD)

        return await self._retry_while_unavailable(stage.name, read) or []

    async def _next_event(self, stream: str, partition: int, flight: deque[_Work], pause: float | None) -> None:
        """Until the head of the window ends, the daemon stops or, with a `pause`, more may be begun."""
        events: set[asyncio.Future[Any]] = {self._stopped}
        if flight:
            events.add(flight[0].task)
        if pause is not None:
            events.add(self.log.signal(stream, partition))
        done, _ = await asyncio.wait(events, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            with suppress(Unavailable):  # the next read says so
                self.log.refresh()

    def _wait_for(self, message: Message) -> float:
        return (message.due - self.clock()).total_seconds() if message.due else 0.0

    def _start(self, stage: Stage, message: Message) -> _Work:
        self._working[stage.name] += 1
        return _Work(message, asyncio.create_task(self._step(stage, message)))

    async def _step(self, stage: Stage, message: Message) -> StepResult:
        async def wait(error: Unavailable, attempt: int) -> None:
            await self._unavailable(stage.name, error, attempt)
            if self._stop.is_set():
                await asyncio.sleep(SHUTDOWN)  # not tried again: _wind_up cancels it

        if stage.window > 1:
            return await run(stage, message, self.clock, wait)
        async with self._locks[stage.name]:  # strictly one by one, over all partitions and ticks
            return await run(stage, message, self.clock, wait)

    async def _finish(self, stage: Stage, flight: deque[_Work]) -> None:
        """Commit the finished head of the window."""
        done = list(takewhile(lambda work: work.task.done(), flight))
        if not done:
            return
        results = [work.task.result() for work in done]
        last = done[-1].message.at
        committed = await self._commit(
            stage.name,
            [out for ended in results for out in ended.outs],
            Counter((stage.name, ended.ending) for ended in results),
            [Ack(stage.name, last.stream, last.partition, last.offset + 1)],
        )
        if not committed:
            return
        self._position[stage.name, last.stream, last.partition] = last.offset + 1
        await stage.settled()
        for work, ended in zip(done, results, strict=True):
            flight.popleft()
            self._working[stage.name] -= 1
            self.report(stage.name, ended, work.message)

    async def _wind_up(self, stage: Stage, flight: deque[_Work]) -> None:
        """The records in work get some time; what does not end is cancelled, un-acked, and done at the next start."""
        if flight:
            await asyncio.wait({work.task for work in flight}, timeout=SHUTDOWN)
            for work in flight:
                work.task.cancel()
            await asyncio.wait({work.task for work in flight})
            while flight and flight[-1].task.cancelled():
                flight.pop()
            kept = list(takewhile(lambda work: not work.task.cancelled(), flight))
            await self._finish(stage, deque(kept))

    # -- time ---------------------------------------------------------------------------------------------------

    async def _ticks(self, stage: Stage) -> None:
        while not await self._stopping(stage.pause):
            async with self._locks[stage.name]:
                emit = await stage.tick(self.clock())
                if emit is not None and await self._commit(stage.name, emit.outs, {(stage.name, "tick"): 1}):
                    await stage.settled()

    async def _polls(self, poller: Poller) -> None:
        while not self._stop.is_set():
            poller.begin_due()
            await self._stopping(IDLE)
        await poller.cancel()

    async def _ask(self, feed: Feed) -> Polled | None:
        poll = self.poll
        return await self._retry_while_unavailable("polls", lambda: poll.poll(feed)) if poll else None

    async def _commit_poll(self, polled: Polled) -> bool:
        return await self._commit("polls", polled.outs, polled.counts)

    # -- the log ------------------------------------------------------------------------------------------------

    async def _commit(self, name: str, outs: Sequence[Out], counts: Counts, acks: Sequence[Ack] = ()) -> bool:
        """Commit, waiting in place while the log is unavailable: what was decided is kept, not decided again.

        False when the daemon stops before the log is back.
        """

        async def commit() -> bool:
            point(f"commit.{name}.before")
            await self.log.commit(outs, counts, acks)
            point(f"commit.{name}.after")
            return True

        if not await self._retry_while_unavailable(name, commit):
            return False
        self.health.unavailable.pop(name, None)
        return True

    async def _retry_while_unavailable(self, name: str, act: Callable[[], Awaitable[T]]) -> T | None:
        """What `act` gives, in the end; waits in place while something of ours is unavailable. None when the daemon
        stops before."""
        attempt = 0
        while True:
            try:
                return await act()
            except Unavailable as error:
                if self._stop.is_set():
                    return None
                attempt += 1
                await self._unavailable(name, error, attempt)

    async def _unavailable(self, name: str, error: Unavailable, attempt: int) -> None:
        await self._stopping(self.health.wait(name, error, attempt))

    async def _stopping(self, timeout: float) -> bool:
        """Wait `timeout` seconds or until stopped; whether stopped."""
        await asyncio.wait({self._stopped}, timeout=timeout)
        return self._stop.is_set()

    async def _stop_wait(self) -> None:
        await self._stop.wait()


@dataclass(frozen=True, slots=True)
class _Work:
    message: Message
    task: asyncio.Task[StepResult]
