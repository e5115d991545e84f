"""A worker's membership in one consumer group: the partitions that it holds, and the state that belongs to them.

When partitions of a stage's anchor are assigned, its state is read back from its state streams; when they are revoked,
it is forgotten. If there is only one partition (relate), the workers without it follow its state as standbys.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import structlog
from aiokafka.errors import KafkaError
from faust.types import TP

from agents.app import App, Broker
from agents.groups import ConsumerGroup, group_app
from agents.in_order import Finished, Place, Report, Window
from agents.retry import Retry
from agents.skips import Skips
from agents.state import StateReader, StateView
from pipeline.failpoints import point
from pipeline.ports import Clock, SharedLog
from pipeline.records import Outcomes
from pipeline.stage import Out, Stage, Stalled, Unavailable

FOLLOW = 2.0  # seconds between reads of the state by a standby
STOP = 15.0  # seconds that Faust has to stop
LAST_COMMIT = 3.0  # seconds for the last commit of partitions that are revoked

logger = structlog.get_logger("worker")


async def _nothing() -> None:
    pass


class Member:
    """One member of a group. `held`: the partitions that it holds. `leaving` is awaited before they are revoked."""

    def __init__(
        self,
        group: ConsumerGroup,
        log: SharedLog,
        broker: Broker,
        tasks: asyncio.TaskGroup,
        retry: Retry,
        skips: Skips,
        clock: Clock,
        report: Report,
        incarnations: Mapping[str, str],
        leaving: Callable[[], Awaitable[None]] = _nothing,
    ) -> None:
        self.group = group
        self.held: set[Place] = set()
        self._log, self._broker, self._retry, self._leaving = log, broker, retry, leaving
        self.window = Window(group.stage, tasks, self, retry, skips, clock, report, self._pause)
        self._state = StateReader(group.stage, log, skips, clock, report, partial(self.passed_over, group.stage))
        self._incarnations = incarnations
        if group.owns_state:
            group.stage.asks(self.still_owns)
        self._app: App | None = None
        self._claimed: dict[Place, int] = {}  # partitions of state streams that it owns -> offset since which
        self._confirmed = float("-inf")  # when it was last seen that nobody else has claimed them
        self._doubted: float | None = None  # since when another process has written there
        self._restoring: asyncio.Task[None] | None = None
        self._restored: frozenset[int] | None = None  # partitions whose complete state is in memory
        self._ready = False  # the state of the partitions held is restored
        self._following = False  # the state in memory is exactly that of the log
        self._reading = asyncio.Lock()  # locked while the stage reads its state

    def owns(self) -> bool:
        """Whether this member owns the stage's state and has restored it, so that the stage may tick."""
        return self._ready and bool(self._restored)

    def _anchored(self) -> frozenset[int]:
        """The partitions of the anchor that it holds."""
        return frozenset(partition for stream, partition in self.held if stream == self.group.stage.anchor)

    # -- start and stop -------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Join the group. Raises Unavailable."""
        self._app = app = group_app(self.group, self._broker, self.window.take)
        app.incarnations = {self._broker.prefix + stream: id for stream, id in self._incarnations.items()}

        async def revoked(*_: Any, **__: Any) -> None:
            await self._revoked()

        async def assigned(*held: Any, **__: Any) -> None:
            self._assigned({(tp.topic.removeprefix(self._broker.prefix), tp.partition) for tp in held[-1]})

        app.on_partitions_revoked.connect(revoked)
        app.on_partitions_assigned.connect(assigned)
        app.finalize()
        app.committing.on_positioned = self.window.drop
        try:
            await app.start()
        except (KafkaError, OSError) as error:
            raise Unavailable(f"{self.group.name}: Kafka cannot be used now: {error!r}") from error

    async def stop(self) -> None:
        """Commit what is done and leave the group. Close the window first."""
        self._state.forget()
        if self._restoring is not None:
            self._restoring.cancel()
        if self._app is not None:
            async with asyncio.timeout(STOP):
                await self._app.stop()

    def check(self) -> None:
        """Raise Stalled if the consumer died, or the error that prevented reading the state."""
        if self._app is not None and self._app.crashed:
            raise Stalled(
                f"{self.group.name}: the consumer died ({self._app.crash_reason!r}); this worker ends, start it again"
            )
        if self._restoring is not None and self._restoring.done() and not self._restoring.cancelled():
            self._restoring.result()

    # -- assignment of partitions ---------------------------------------------------------------------------------

    async def _revoked(self) -> None:
        self._ready = False
        if self._restoring is not None:
            self._restoring.cancel()
        with suppress(Exception):
            await self._leaving()
        await self.window.revoke()
        if self._app is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_COMMIT):
                    await self._app.committing.commit()
        self._state.forget()
        for stream, partition in self._claimed:
            self._log.release(stream, partition)
        self._claimed = {}
        self.held = set()
        if self._app is not None:
            self._app.committing.forget()

    def _assigned(self, held: set[Place]) -> None:
        logger.info("partitions", group=self.group.name, held=len(held))
        self.held = held
        self._restoring = asyncio.create_task(self._restore())

    async def _restore(self) -> None:
        """Become the owner of the state of the new partitions, read it, and start processing."""
        if self.group.owns_state:
            await self._retry(self.group.stage.name, self._take_over)
        if self.held and self._app is not None:
            await self._app.committing.positioned.wait()
            self._ready = True
            self.window.open()

    async def _take_over(self) -> None:
        stage, partitions = self.group.stage, self._anchored()
        if not partitions:
            self._restored = None
            return
        started = time.monotonic()
        alone = True
        for place in [(stream, partition) for stream in stage.owns for partition in partitions]:
            self._claimed[place] = 0
            self._claimed[place] = await self._log.claim(*place, self._broker.instance) - 1
            alone = alone and self._log.alone(*place)
        point(f"claim.{stage.name}")
        async with self._reading:
            # If nobody else wrote since, memory is complete; it may even have decisions that did not reach the log.
            kept = alone and self._restored == partitions and not stage.forgets
            if self._following:
                await stage.follow(StateView(self._state, partitions))
            elif not kept:
                self._restored = None
                await stage.restore(StateView(self._state, partitions))
            self._following, self._restored = False, partitions
        logger.info("state taken over", stage=stage.name, partitions=len(partitions), kept=kept,
                    seconds=round(time.monotonic() - started, 1))  # fmt: skip

    async def still_owns(self) -> bool:
        """Whether nobody else wrote to the state since it was claimed. A process that was stopped for longer than its
        session may have lost its partitions, and hears of it only seconds later."""
        now, session = time.monotonic(), self._broker.session
        if now - self._confirmed < session / 3:
            return True
        try:
            ends = await self._log.ends()
        except Unavailable:
            return False
        if any(self._log.skip_own(*place, since) < ends.get(place, 0) for place, since in self._claimed.items()):
            self._doubted = self._doubted or now
            if now - self._doubted < session:
                return False
            # It would have lost them by now: somebody wrote there by mistake.
            self._claimed = {place: ends.get(place, since) for place, since in self._claimed.items()}
        self._doubted, self._confirmed = None, now
        return True

    async def follow(self) -> None:
        """Follow the state while another worker owns it, to be able to take over at once. Runs until cancelled."""
        while True:
            await asyncio.sleep(FOLLOW)
            if not self._anchored() and (self._restoring is None or self._restoring.done()):
                async with self._reading:
                    with suppress(Unavailable):  # reported when publishing fails; a record that blocks, by the owner
                        await self._catch_up()

    async def _catch_up(self) -> None:
        read = StateView(self._state, standby=True)
        if not self._following:
            self._restored = None
            await self.group.stage.restore(read)
            self._following = True
        await self.group.stage.follow(read)

    async def check_state(self) -> None:
        """Find what others wrote by mistake to the state that this member owns. Raises Unavailable."""
        if not self.owns() or not self._claimed:
            return
        ends = await self._log.ends()
        for place in sorted(self._claimed):
            await self._state.check(place, ends.get(place, 0), partial(self._log.skip_own, *place))

    # -- committing -----------------------------------------------------------------------------------------------

    async def records(self, stage: Stage, finished: Sequence[Finished]) -> None:
        """Publish the outputs, then the state, which must never be ahead of them; then let the consumer commit the
        offset."""
        name = stage.name
        outs = [out for record in finished for out in record.result.outs]
        state = [out for out in outs if out.stream in stage.owns]
        outputs = [out for out in outs if out.stream not in stage.owns]
        point(f"commit.{name}.before")
        if outputs:
            await self._retry(name, partial(self._log.publish, outputs))
            if state:
                point(f"commit.{name}.outputs")
        await self._retry(name, partial(self._log.publish, [*state, Out("outcomes", name, _outcomes(name, finished))]))
        point(f"commit.{name}.published")
        if self._app is not None:
            last = finished[-1].message.at
            self._app.committing.done[self._tp((last.stream, last.partition))] = last.offset + 1

    async def tick(self, stage: Stage, outs: Sequence[Out]) -> None:
        outputs = [out for out in outs if out.stream not in stage.owns]
        point(f"tick.{stage.name}.before")
        if outputs:
            await self._retry(stage.name, partial(self._log.publish, outputs))
            point(f"tick.{stage.name}.outputs")
        await self._retry(stage.name, partial(self._log.publish, [out for out in outs if out.stream in stage.owns]))
        point(f"tick.{stage.name}.published")

    async def passed_over(self, stage: Stage, dead: Out) -> None:
        await self._retry(stage.name, partial(self._log.publish, [dead]))

    def _pause(self, place: Place, pause: bool) -> None:
        if self._app is not None:
            full = self._app.committing.full
            (full.add if pause else full.discard)(self._tp(place))

    def _tp(self, place: Place) -> TP:
        return TP(self._broker.prefix + place[0], place[1])


def _outcomes(stage: str, finished: Sequence[Finished]) -> Outcomes:
    first = finished[0].message.at
    return Outcomes(
        stage=stage, stream=first.stream, partition=first.partition,
        offsets=tuple(record.message.at.offset for record in finished),
        endings=tuple(record.result.ending for record in finished),
    )  # fmt: skip
