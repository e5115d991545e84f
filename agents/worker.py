"""A worker: some stages or all, as Faust agents on Kafka. Any number of workers share the partitions of a stage.

State follows the partitions: what a stage remembers is read back from its state streams when its anchor's partitions
are assigned, and forgotten when they go. Where one partition is all there is (relate), the workers without it follow.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import structlog
from aiokafka.errors import KafkaError
from faust.types import TP

from agents.app import App, Broker
from agents.groups import Lane, agent, lanes
from agents.health import Health
from agents.in_order import Place, Window
from agents.poller import IDLE, Poller
from pipeline.failpoints import point
from pipeline.ports import Claims, Clock
from pipeline.records import NewerRecord
from pipeline.stage import Message, Stage, Stalled, StepResult, Unavailable
from pipeline.stages.poll import Poll, Polled

T = TypeVar("T")

FOLLOW = 2.0  # seconds between looks of a standby at the state
WATCH = 5.0  # seconds between looks of the watchdog
GRACE = timedelta(seconds=30)  # after it is due, before it counts as work that waits
STOP = 15.0  # seconds that Faust gets to stop
LAST = 3.0  # seconds for the last commit of partitions that go

logger = structlog.get_logger("worker")


@dataclass
class _Agent:
    """A lane at work. `held`: partitions of its streams that are ours; `claimed`: of the state that came with them."""

    lane: Lane
    window: Window
    app: App | None = None
    held: set[Place] = field(default_factory=set)
    claimed: set[Place] = field(default_factory=set)
    restoring: asyncio.Task[None] | None = None
    restored: frozenset[int] | None = None  # partitions whose state the stage remembers, whole
    ready: bool = False  # the partitions that are held are those that are restored
    following: bool = False  # memory is what the log says, no more
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)  # held while the stage reads its state

    def anchored(self) -> frozenset[int]:
        """Partitions of the anchor that are ours."""
        return frozenset(partition for stream, partition in self.held if stream == self.lane.stage.anchor)


@dataclass
class Worker:
    """The driver over Kafka; in form like `Embedded`. `streams` and `broker` use names without and with the prefix."""

    log: Claims
    broker: Broker
    stages: Sequence[Stage]
    poll: Poll | None
    clock: Clock
    report: Callable[[str, StepResult, Message], None] = lambda stage, ended, message: None
    polled: Callable[[Polled], None] = lambda polled: None
    watchdog: float = 120.0
    health: Health = field(default_factory=Health)

    def __post_init__(self) -> None:
        self._stop = asyncio.Event()
        self._poller = Poller(self.poll, self._ask, self._commit_poll, self.clock, self.polled) if self.poll else None
        self._agents = [
            _Agent(
                lane,
                Window(
                    lane.stage, self.log.publish, self._retry_while_unavailable, self._unavailable,
                    partial(self._done, lane.group), partial(self._pause, lane.group), self.clock, self.report,
                ),
            )
            for lane in lanes(self.stages)
        ]  # fmt: skip
        self._by_group = {one.lane.group: one for one in self._agents}
        self._waiting = 0
        self._back: dict[str, asyncio.Event] = {}  # by stage: set when what was unavailable is there again

    # -- life ---------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def running(self, poll: bool = True) -> AsyncIterator[None]:
        """Agents running inside; on leaving, work under way is given time to end. Raises Stalled in a group."""
        async with asyncio.TaskGroup() as tasks:
            background = [tasks.create_task(self._watch())]
            background += [tasks.create_task(self._ticks(one)) for one in self._agents]
            background += [tasks.create_task(self._follow(one)) for one in self._agents if one.lane.stage.standby]
            if self._poller and poll:
                background.append(tasks.create_task(self._polls(self._poller)))
            try:
                await asyncio.gather(*(self._start(one) for one in self._agents))
                yield
            finally:
                self._stop.set()
                for task in background:
                    task.cancel()
                await self._wind_up()

    async def _start(self, one: _Agent) -> None:
        one.app = app = agent(one.lane, self.broker, one.window)

        async def revoked(*_: Any, **__: Any) -> None:
            await self._revoked(one)

        async def assigned(*held: Any, **__: Any) -> None:
            self._assigned(one, {(tp.topic.removeprefix(self.broker.prefix), tp.partition) for tp in held[-1]})

        app.on_partitions_revoked.connect(revoked)
        app.on_partitions_assigned.connect(assigned)

        app.finalize()
        app.committing.begin = one.window.drop
        try:
            await app.start()
        except (KafkaError, OSError) as error:
            raise Unavailable(f"{one.lane.group}: Kafka cannot be used now: {error!r}") from error

    async def _wind_up(self) -> None:
        """Records in work end or are given up, what is done is committed, the group is left."""
        if self._poller:
            with suppress(Exception):
                await self._poller.cancel()
        await asyncio.gather(*(one.window.close() for one in self._agents))
        await asyncio.gather(*(self._stop_app(one) for one in self._agents), return_exceptions=True)

    async def _stop_app(self, one: _Agent) -> None:
        if one.restoring is not None:
            one.restoring.cancel()
        if one.app is not None:
            async with asyncio.timeout(STOP):
                await one.app.stop()

    async def poll_once(self) -> None:
        """Poll every enabled feed of our partitions once, due or not."""
        if self._poller:
            await self._poller.once()

    def waiting(self) -> int:
        """Records of our partitions that no stage has finished, without those put off; a few seconds old."""
        return self._waiting

    # -- partitions come and go ---------------------------------------------------------------------------------

    async def _revoked(self, one: _Agent) -> None:
        one.ready = False
        if one.restoring is not None:
            one.restoring.cancel()
        if self._poller and one.lane.owns and one.lane.stage is self.poll:
            with suppress(Exception):
                await self._poller.cancel()
        await one.window.revoke()
        if one.app is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST):
                    await one.app.committing.commit()
        for stream, partition in one.claimed:
            self.log.release(stream, partition)
        one.claimed = set()
        one.held = set()
        if one.app is not None:
            one.app.committing.forget()

    def _assigned(self, one: _Agent, held: set[Place]) -> None:
        logger.info("partitions", group=one.lane.group, held=len(held))
        one.held = held
        one.restoring = asyncio.create_task(self._restore(one))

    async def _restore(self, one: _Agent) -> None:
        """Become the owner of the state that came with the partitions, read it, begin."""
        stage = one.lane.stage
        if one.lane.owns:
            await self._retry_while_unavailable(stage.name, partial(self._take_over, one))
        if one.held and one.app is not None:
            await one.app.committing.sought.wait()
            one.ready = True
            one.window.open()

    async def _take_over(self, one: _Agent) -> None:
        stage, partitions = one.lane.stage, one.anchored()
        if not partitions:
            one.restored = None
            return
        began = time.monotonic()
        alone = True
        for place in [(stream, partition) for stream in stage.owns for partition in partitions]:
            one.claimed.add(place)
            await self.log.claim(*place, self.broker.instance)
            alone = alone and self.log.alone(*place)
        point(f"claim.{stage.name}")
        async with one.reading:
            # Where nobody else wrote since, memory is whole, with decisions that may not have reached the log.
            kept = alone and one.restored == partitions
            if one.following:
                await stage.follow(partial(self.log.replay, partitions=partitions))
            elif not kept:
                one.restored = None
                await stage.restore(partial(self.log.replay, partitions=partitions))
            one.following, one.restored = False, partitions
        logger.info("state taken over", stage=stage.name, partitions=len(partitions), kept=kept,
                    seconds=round(time.monotonic() - began, 1))  # fmt: skip

    async def _follow(self, one: _Agent) -> None:
        """While the state is another's, read on in it, so as to take over at once."""
        stage = one.lane.stage
        await asyncio.sleep(FOLLOW)
        while not self._stop.is_set():
            if not one.anchored() and (one.restoring is None or one.restoring.done()):
                async with one.reading:
                    with suppress(Unavailable, NewerRecord):  # what publishes says so
                        if not one.following:
                            one.restored = None
                            await stage.restore(self.log.replay)
                            one.following = True
                        await stage.follow(self.log.replay)
            await asyncio.sleep(FOLLOW)

    def _done(self, group: str, place: Place, offset: int) -> None:
        app = self._by_group[group].app
        if app is not None:
            app.committing.done[TP(self.broker.prefix + place[0], place[1])] = offset

    def _pause(self, group: str, place: Place, pause: bool) -> None:
        app = self._by_group[group].app
        if app is not None:
            full = app.committing.full
            (full.add if pause else full.discard)(TP(self.broker.prefix + place[0], place[1]))

    # -- time ---------------------------------------------------------------------------------------------------

    async def _ticks(self, one: _Agent) -> None:
        stage = one.lane.stage
        while not self._stop.is_set():
            await asyncio.sleep(stage.pause)
            async with one.window.lock:
                if one.ready and one.restored:
                    emit = await stage.tick(self.clock())
                    if emit is not None:
                        await one.window.publish(emit.outs)

    async def _polls(self, poller: Poller) -> None:
        one = next(one for one in self._agents if one.lane.stage is self.poll)
        while not self._stop.is_set():
            if one.ready and one.restored:
                poller.begin_due()
            await asyncio.sleep(IDLE)

    async def _ask(self, feed: Any) -> Polled | None:
        poll = self.poll
        return await self._retry_while_unavailable("polls", partial(poll.poll, feed)) if poll else None

    async def _commit_poll(self, polled: Polled) -> bool:
        """The items first; the feed's state, which remembers them, when they are confirmed."""
        items = [out for out in polled.outs if out.stream != "feed-state"]
        state = [out for out in polled.outs if out.stream == "feed-state"]
        point("commit.polls.before")
        await self._retry_while_unavailable("polls", partial(self.log.publish, items))
        point("commit.polls.said")
        await self._retry_while_unavailable("polls", partial(self.log.publish, state))
        point("commit.polls.published")
        return True

    # -- trouble ------------------------------------------------------------------------------------------------

    async def _retry_while_unavailable(self, name: str, act: Callable[[], Awaitable[T]]) -> T:
        """What `act` gives, in the end; waits in place while something of ours is unavailable."""
        attempt = 0
        while True:
            try:
                result = await act()
            except (Unavailable, NewerRecord) as error:
                attempt += 1
                away = error if isinstance(error, Unavailable) else Unavailable(str(error))
                await self._unavailable(name, away, attempt)
            else:
                self.health.unavailable.pop(name, None)
                if name in self._back:
                    self._back.pop(name).set()
                return result

    async def _unavailable(self, name: str, error: Unavailable, attempt: int) -> None:
        """Wait before the next try, no longer than until another record of the stage comes through."""
        back = self._back.setdefault(name, asyncio.Event())
        with suppress(TimeoutError):
            async with asyncio.timeout(self.health.wait(name, error, attempt)):
                await back.wait()

    async def _watch(self) -> None:
        """Raise Stalled when partitions of ours have work and are not committed any further."""
        seen: dict[tuple[str, str, int], tuple[int, float]] = {}  # committed offset, and since when
        while True:
            await asyncio.sleep(WATCH)
            self._crashed()
            try:
                ends, committed = await self.log.ends(), await self.log.groups()
            except Unavailable as error:
                self.health.unavailable["log"] = str(error)
                seen.clear()
                continue
            self.health.unavailable.pop("log", None)
            now, self._waiting = time.monotonic(), 0
            for one in self._agents:
                for place in one.held:
                    key = (one.lane.group, *place)
                    at = committed.get(key, 0)
                    waits = max(0, ends.get(place, 0) - at)
                    head = one.window.head(place)
                    put_off = bool(head and head.due and head.due > self.clock() - GRACE)
                    self._waiting += 0 if put_off else waits
                    if not waits or put_off or self.health.unavailable or seen.get(key, (None,))[0] != at:
                        seen[key] = (at, now)
                    elif now - seen[key][1] > self.watchdog:
                        if await self._is_empty(place):
                            seen[key] = (at, now)
                            continue
                        raise Stalled(
                            f"{one.lane.group}: {waits} records wait in {place[0]}/{place[1]}, none ended in "
                            f"{self.watchdog:g} s; this worker ends, start it anew"
                        )

    async def _is_empty(self, place: Place) -> bool:
        """Whether retention took all that was there, or that cannot be told now."""
        try:
            return (await self.log.begins())[place] == (await self.log.ends())[place]
        except Unavailable:
            return True

    def _crashed(self) -> None:
        for one in self._agents:
            if one.app is not None and one.app.crashed:
                raise Stalled(f"{one.lane.group}: the consumer died ({one.app.crash_reason!r}); this worker ends")
            if one.restoring is not None and one.restoring.done() and not one.restoring.cancelled():
                one.restoring.result()  # raises what kept the state from being read back
