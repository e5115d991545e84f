"""Runs the stages of flow.py on the embedded log, in one process.

One task per stage, stream and partition reads from the group's offset and passes messages to the stage's window
(in_order.py). Finished records are committed in input order: outputs, counters and offset in one transaction. So a kill
at any point loses nothing, and repeats only work whose results were not yet on the log.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from agents.health import Health
from agents.in_order import Finished, Place, Report, Window
from agents.poller import POLLS, Poller
from agents.retry import Retry
from agents.skips import Skips
from agents.state import CHECK, StateReader, StateView
from pipeline.failpoints import point
from pipeline.ports import Ack, Clock, Counts, Stream, TransactionalLog
from pipeline.stage import Out, Stage, Unavailable
from pipeline.stages.poll import Poll, Polled

IDLE = 1.0  # seconds between checks for messages of other processes
READ_AHEAD = 64  # messages read at once


class Transaction:
    """Commits outputs, counters and offsets to the embedded log, each time in one transaction.

    While the log is unavailable it retries the same commit; no stage has to decide again.
    """

    def __init__(self, log: TransactionalLog, retry: Retry) -> None:
        self._log, self._retry = log, retry
        self.position: dict[tuple[str, str, int], int] = {}  # (group, stream, partition) -> first offset not done

    async def claim(self, stage: Stage, stream: str, partition: int) -> None:
        """Store the group's offset before its first record, so that retention keeps what it still has to read."""
        offset = await self._log.committed(stage.name, stream, partition)
        self.position[stage.name, stream, partition] = offset
        await self._commit(f"claim.{stage.name}", [], {}, [Ack(stage.name, stream, partition, offset)])

    async def records(self, stage: Stage, finished: Sequence[Finished]) -> None:
        last = finished[-1].message.at
        place = (stage.name, last.stream, last.partition)
        counts = Counter((stage.name, record.result.ending) for record in finished)
        # What compaction removed before the stage read it has ended too: a newer record of its key replaced it.
        if gone := last.offset + 1 - self.position[place] - len(finished):
            counts[stage.name, "drop.superseded"] += gone
        outs = [out for record in finished for out in record.result.outs]
        await self._commit(stage.name, outs, counts, [Ack(*place, last.offset + 1)])
        self.position[place] = last.offset + 1

    async def tick(self, stage: Stage, outs: Sequence[Out]) -> None:
        await self._commit(stage.name, outs, {(stage.name, "tick"): 1}, what="tick")

    async def passed_over(self, stage: Stage, dead: Out) -> None:
        await self._commit(stage.name, [dead], {(stage.name, "state.dead"): 1})

    async def poll(self, polled: Polled) -> None:
        await self._commit(POLLS, polled.outs, polled.counts)

    async def _commit(
        self, name: str, outs: Sequence[Out], counts: Counts, acks: Sequence[Ack] = (), what: str = "commit"
    ) -> None:
        async def commit() -> None:
            point(f"{what}.{name}.before")
            await self._log.commit(outs, counts, acks)
            point(f"{what}.{name}.after")

        await self._retry(name, commit)


@dataclass
class Embedded:
    """The driver on the embedded log. `stages` in the order of flow.py; with `poll`, it also polls feeds."""

    log: TransactionalLog
    streams: dict[str, Stream]
    stages: Sequence[Stage]
    poll: Poll | None
    clock: Clock
    report: Report = lambda stage, result, message: None
    polled: Callable[[Polled], None] = lambda polled: None
    health: Health = field(init=False)

    def __post_init__(self) -> None:
        self.health = Health(self.clock)
        self._retry = Retry(self.health)
        self._skips = Skips(self.log.replay, self.health)
        self._transaction = Transaction(self.log, self._retry)
        self._readers = {stage.name: self._reader(stage) for stage in self.stages}
        self._windows: list[Window] = []
        self._restored: list[Stage] = []  # the stages that have their state
        self._restoring: list[asyncio.Task[None]] = []  # those whose state is blocked
        self._names = {stage.name for stage in self.stages}
        self._has_room: dict[tuple[str, Place], asyncio.Event] = {}  # (stage, place) -> set if the window has room
        self._poller = (
            Poller(self.poll, self._retry, self._transaction.poll, self.clock, self.polled) if self.poll else None
        )

    # -- start and stop -------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def running(self, poll: bool = True) -> AsyncIterator[None]:
        """Restore all stages and run them inside; on leaving, records in progress have SHUTDOWN seconds to finish.

        A stage whose state another version wrote starts when that is over; the others run meanwhile.
        """
        async with asyncio.TaskGroup() as tasks:
            await asyncio.gather(
                *(self._transaction.claim(stage, *place) for stage in self.stages for place in self._places(stage))
            )
            sources = [tasks.create_task(self._check_state())]
            try:
                for stage in self.stages:
                    sources += await self._start(stage, tasks)
                if self._poller and poll:
                    sources.append(tasks.create_task(self._poller.run(lambda: self.poll in self._restored)))
                yield
            finally:
                await self._stop(sources)

    def _reader(self, stage: Stage) -> StateReader:
        publish = partial(self._transaction.passed_over, stage)
        return StateReader(stage, self.log, self._skips, self.clock, self.report, publish)

    def _places(self, stage: Stage) -> list[Place]:
        """The partitions that a stage reads."""
        return [(stream, n) for stream in stage.reads for n in range(self.streams[stream].partitions)]

    async def _start(self, stage: Stage, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Restore the stage and start it; return the tasks that read for it. Returns early if its state is blocked."""
        window = self._window(stage, tasks)

        async def restore() -> None:
            await stage.restore(StateView(self._readers[stage.name]))
            self._restored.append(stage)
            window.open()
            window.start_ticks()

        restoring = asyncio.create_task(restore())
        blocked = asyncio.create_task(self._readers[stage.name].waits.wait())
        try:
            await asyncio.wait((restoring, blocked), return_when=asyncio.FIRST_COMPLETED)
            if restoring.done():
                await restoring
        except BaseException:
            restoring.cancel()
            raise
        finally:
            blocked.cancel()
        reading = [tasks.create_task(self._read(window, *place)) for place in self._places(stage)]
        if not restoring.done():
            self._restoring.append(restoring)
            reading.append(tasks.create_task(_finished(restoring)))  # so that its error ends the driver
        return reading

    def _window(self, stage: Stage, tasks: asyncio.TaskGroup) -> Window:

        def pause(place: Place, full: bool) -> None:
            room = self._has_room[stage.name, place]
            room.clear() if full else room.set()

        window = Window(stage, tasks, self._transaction, self._retry, self._skips, self.clock, self.report, pause)
        self._windows.append(window)
        for place in self._places(stage):
            self._has_room[stage.name, place] = asyncio.Event()
            pause(place, False)
        return window

    async def _stop(self, sources: Iterable[asyncio.Task[None]]) -> None:
        """Stop reading, and let the records in progress finish."""
        for task in (*sources, *self._restoring):
            task.cancel()
        for reader in self._readers.values():
            reader.forget()
        try:
            if self._poller:
                await self._poller.cancel()
        finally:
            await asyncio.gather(*(window.close() for window in self._windows))

    async def poll_once(self) -> None:
        """Poll every enabled feed once, due or not. Raises Unavailable if the state of the feeds is blocked."""
        if self._poller:
            if self.poll not in self._restored:
                raise Unavailable("\n".join(problem.why for problem in self.health.problems()))
            await self._poller.once()

    async def drained(self, patience: float) -> None:
        """Wait until nothing is in progress and nothing falls due within `patience` seconds. Raises Unavailable if a
        record blocks its partition until a person acts."""
        while not await self._is_idle(patience):
            if blocked := [problem.why for problem in self.health.problems() if problem.state == "blocked"]:
                raise Unavailable("\n".join(blocked))
            await asyncio.sleep(0.05)

    def held(self) -> dict[str, int]:
        """None: partitions have no owners here."""
        return {}

    def waiting(self) -> int:
        """How many records wait or are in progress, without those that are not due yet; 0 while the log is unavailable,
        which the stages report."""
        try:
            lags = self.log.lag(self.clock())
        except Unavailable:
            return 0
        return sum(lag.waiting for (group, _, _), lag in lags.items() if group in self._names)

    def _is_working(self) -> bool:
        return any(window.is_working() for window in self._windows) or bool(self._poller and self._poller.working)

    async def _is_idle(self, patience: float) -> bool:
        horizon = self.clock() + timedelta(seconds=patience)
        if self._is_working() or len(self._restored) < len(self.stages):
            return False
        for (_, stream, partition), position in self._transaction.position.items():
            if position < self.log.end(stream, partition):
                head = await self.log.read(stream, partition, position, 1)
                if head and (head[0].due is None or head[0].due <= horizon):
                    return False
        ticks = [stage.next_tick() for stage in self.stages]
        return not self._is_working() and not any(moment and moment <= horizon for moment in ticks)

    # -- reading --------------------------------------------------------------------------------------------------

    async def _read(self, window: Window, stream: str, partition: int) -> None:
        """Pass all messages of a partition to the window, whenever it has room; until cancelled."""
        name = window.stage.name
        offset = self._transaction.position[name, stream, partition]
        while True:
            await self._has_room[name, (stream, partition)].wait()
            if offset >= (end := self.log.end(stream, partition)):
                await self._published(stream, partition)
                continue
            messages = await self._retry("log", partial(self.log.read, stream, partition, offset, READ_AHEAD))
            for message in messages:
                window.take(message)
            offset = messages[-1].at.offset + 1 if messages else end

    async def _published(self, stream: str, partition: int) -> None:
        """Wait for a new message, at most IDLE seconds; after that check what other processes wrote."""
        done, _ = await asyncio.wait({self.log.signal(stream, partition)}, timeout=IDLE)
        if not done:
            with suppress(Unavailable):  # the next read reports it
                self.log.refresh()

    async def _check_state(self) -> None:
        """Find what others wrote by mistake to the state streams; until cancelled."""
        while True:
            await asyncio.sleep(CHECK)
            for stage in self._restored:
                for place in [(stream, n) for stream in stage.owns for n in range(self.streams[stream].partitions)]:
                    with suppress(Unavailable):  # reported where a stage needs it
                        await self._readers[stage.name].check(place, self.log.end(*place))


async def _finished(task: asyncio.Task[None]) -> None:
    await task
