"""Runs all stages or some, as Faust agents on Kafka. Any number of workers share the partitions of a stage."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

from agents.app import Broker
from agents.groups import ConsumerGroup, consumer_groups
from agents.health import Health
from agents.in_order import Report
from agents.incarnations import Incarnations
from agents.member import Member
from agents.poller import POLLS, Poller
from agents.retry import Retry
from agents.skips import Skips
from agents.state import CHECK
from agents.watchdog import Watchdog
from pipeline.failpoints import point
from pipeline.ports import Clock, SharedLog
from pipeline.stage import Stage, Unavailable
from pipeline.stages.poll import Poll, Polled


@dataclass
class Worker:
    """The driver on Kafka, used like `Embedded`. The names of topics and groups start with the broker's prefix."""

    log: SharedLog
    broker: Broker
    stages: Sequence[Stage]
    poll: Poll | None
    clock: Clock
    report: Report = lambda stage, result, message: None
    polled: Callable[[Polled], None] = lambda polled: None
    watchdog: float = 120.0
    health: Health = field(init=False)

    def __post_init__(self) -> None:
        self.health = Health(self.clock)
        self._retry = Retry(self.health)
        self._skips = Skips(self.log.replay, self.health)
        self._poller = Poller(self.poll, self._retry, self._commit_poll, self.clock, self.polled) if self.poll else None
        self._watchdog: Watchdog | None = None
        self._members: list[Member] = []

    @asynccontextmanager
    async def running(self, poll: bool = True) -> AsyncIterator[None]:
        """Run inside; on leaving, records in progress have SHUTDOWN seconds to finish. Raises an ExceptionGroup with
        Stalled or StreamLost; Unavailable."""
        incarnations = Incarnations(self.log, self.stages)
        await incarnations.start()
        async with asyncio.TaskGroup() as tasks:
            members = [self._member(group, tasks, incarnations) for group in consumer_groups(self.stages)]
            self._members = members
            self._watchdog = Watchdog(self.log, members, incarnations, self.health, self.clock, self.watchdog)
            background = [tasks.create_task(self._watchdog.run()), tasks.create_task(self._check_state(members))]
            background += [tasks.create_task(member.follow()) for member in members if member.group.stage.standby]
            if self._poller and poll:
                owner = next(member for member in members if member.group.stage is self.poll)
                background.append(tasks.create_task(self._poller.run(owner.owns)))
            try:
                await asyncio.gather(*(self._start(member) for member in members))
                yield
            finally:
                await self._stop(members, background)

    def _member(self, group: ConsumerGroup, tasks: asyncio.TaskGroup, incarnations: Incarnations) -> Member:
        leaving = [self._poller.cancel] if self._poller and group.owns_state and group.stage is self.poll else []
        return Member(group, self.log, self.broker, tasks, self._retry, self._skips, self.clock, self.report,
                      incarnations.ids, *leaving)  # fmt: skip

    async def _check_state(self, members: Sequence[Member]) -> None:
        """Find what others wrote by mistake to the state streams; until cancelled."""
        while True:
            await asyncio.sleep(CHECK)
            for member in members:
                with suppress(Unavailable):  # reported where a stage needs it
                    await member.check_state()

    async def _start(self, member: Member) -> None:
        member.window.start_ticks(member.owns)
        await member.start()

    async def _stop(self, members: Sequence[Member], background: Iterable[asyncio.Task[None]]) -> None:
        """Finish or cancel records in progress, commit what is done, and leave the groups."""
        for task in background:
            task.cancel()
        if self._poller:
            with suppress(Exception):
                await self._poller.cancel()
        await asyncio.gather(*(member.window.close() for member in members))
        await asyncio.gather(*(member.stop() for member in members), return_exceptions=True)

    async def poll_once(self) -> None:
        """Poll every enabled feed of this worker's partitions once, due or not."""
        if self._poller:
            await self._poller.once()

    def held(self) -> dict[str, int]:
        """How many partitions this worker has, by group."""
        return {member.group.name: len(member.held) for member in self._members}

    def waiting(self) -> int:
        """How many records of its partitions wait or are in progress, without delayed ones; a few seconds old."""
        return self._watchdog.waiting if self._watchdog else 0

    async def _commit_poll(self, polled: Polled) -> None:
        """Publish the items; when they are confirmed, the feed's state, which must never be ahead of them."""
        items = [out for out in polled.outs if out.stream != "feed-state"]
        state = [out for out in polled.outs if out.stream == "feed-state"]
        point("commit.polls.before")
        await self._retry(POLLS, partial(self.log.publish, items))
        point("commit.polls.outputs")
        await self._retry(POLLS, partial(self.log.publish, state))
        point("commit.polls.published")
