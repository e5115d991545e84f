"""Publishes what this process says about itself, and makes sure that it is the only one with its instance name.

Two workers with one name would take partitions from each other: Kafka's static membership gives a name to whoever came
last and fences the other. So a worker claims its name before it joins any group: if another process sends heartbeats
under it, it does not start. If two start at the same moment, the order of their first heartbeats on the log decides. A
process that was stopped for a while, and whose name another has taken meanwhile, ends.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog
from msgspec.structs import replace

from agents.health import Health
from agents.processes import is_running
from pipeline.log.heartbeats import EVERY, FRESH, WORKERS, heartbeats_since, tail
from pipeline.ports import Clock, Log
from pipeline.records import Heartbeat
from pipeline.stage import Out, Stalled, Unavailable

NEXT = EVERY + 2.5  # seconds after a heartbeat in which the next one arrives if the process still runs
RECHECK = 0.5  # seconds between looks for the next heartbeat of another process
LOOK = 15.0  # seconds between looks for others, while this process sends its heartbeats in time
GATHER = 0.5  # seconds that a change of problems waits for further changes
PATIENCE = 5.0  # seconds within which a broker must confirm a heartbeat
PATIENCE_FILE = 30.0  # the same of a file, which a backup may hold
LAST = 3.0  # seconds for the last heartbeat
MOST = 100  # problems in one heartbeat

logger = structlog.get_logger("almenara")


class Heartbeats:
    """The heartbeats of this process. `me`: what stays the same in all of them.

    `shared`: other processes may use the log under the same name; then `publishing` claims the name.
    """

    def __init__(
        self, log: Log, me: Heartbeat, health: Health, configuration: Callable[[], str], clock: Clock, *,
        shared: bool, monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._log, self.me, self._health, self._configuration, self._clock = log, me, health, configuration, clock
        self._shared, self._monotonic = shared, monotonic
        self._next = 0  # offset of the first heartbeat not read yet
        self._last = self._looked = monotonic()  # the last heartbeat confirmed, and the last look for others

    @asynccontextmanager
    async def publishing(self) -> AsyncIterator[None]:
        """Publish heartbeats inside, and a last one on leaving. Raises Unavailable if another process has the name; an
        ExceptionGroup with Stalled if one takes it later."""
        if self._shared:
            await self._claim()
        try:
            async with asyncio.TaskGroup() as tasks:
                running = tasks.create_task(self._run())
                try:
                    yield
                finally:
                    running.cancel()
        finally:
            with suppress(Unavailable, TimeoutError):
                async with asyncio.timeout(LAST):
                    await self._publish(stopped=True)

    async def _run(self) -> None:
        while True:
            if self._shared:
                await self._look()
            await self._publish_and_note()
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY):
                    await self._health.changed.wait()
                    await asyncio.sleep(GATHER)

    async def _publish_and_note(self) -> None:
        """Publish a heartbeat, which also shows whether the log can be written."""
        patience = PATIENCE if self._shared else PATIENCE_FILE
        try:
            async with asyncio.timeout(patience):
                await self._publish()
        except (Unavailable, TimeoutError) as error:
            why = str(error) or f"has not confirmed a heartbeat within {patience:g} s"
            self._health.note("log", "unavailable", why, source="heartbeats")
        else:
            self._health.clear("log", "unavailable", source="heartbeats")

    async def _publish(self, stopped: bool = False) -> None:
        self._health.changed.clear()
        beat = replace(
            self.me, configuration=self._configuration(), at=self._clock(), stopped=stopped,
            problems=self._health.problems()[:MOST],
        )  # fmt: skip
        await self._log.publish([Out(WORKERS, beat.instance, beat)])
        self._last = self._monotonic()

    # -- the name -------------------------------------------------------------------------------------------------

    async def _claim(self) -> None:
        """Make sure that no other process has the name. Raises Unavailable."""
        self._next = await tail(self._log)
        alive = self._alive(await self._news())
        while alive:
            if all(beat.at + timedelta(seconds=NEXT) <= self._clock() for beat in alive):
                break
            await asyncio.sleep(RECHECK)
            self._refuse(self._alive(await self._news()))
        await self._publish()
        try:
            self._refuse(self._alive(await self._news(before_mine=True)))
        except Unavailable:
            await self._publish(stopped=True)
            raise

    def _refuse(self, others: list[Heartbeat]) -> None:
        for beat in others:
            raise Unavailable(
                f"another worker named {beat.instance} runs (host {beat.host}, pid {beat.pid}, started "
                f"{beat.started:%Y-%m-%d %H:%M:%S} UTC): stop it, or give this one another name with [kafka] instance "
                "(ALMENARA_KAFKA_INSTANCE)"
            )

    async def _look(self) -> None:
        """Look for others with the same name: always after a silence, otherwise every LOOK seconds. Raises Stalled."""
        now = self._monotonic()
        was_silent = now - self._last > NEXT - RECHECK
        if not was_silent and now - self._looked < LOOK:
            return
        try:
            others = [beat for beat in await self._news() if not beat.stopped]
        except Unavailable:
            return
        self._looked = now
        for other in others:
            if was_silent or (other.started, other.process) < (self.me.started, self.me.process):
                raise Stalled(
                    f"another worker has taken the name {other.instance} (host {other.host}, pid {other.pid}); this "
                    "one ends. Stop one of the two, or give one another name with [kafka] instance"
                )
            logger.warning("another worker uses this name", instance=other.instance, host=other.host, pid=other.pid)

    async def _news(self, before_mine: bool = False) -> list[Heartbeat]:
        """The newest heartbeats of each other process with this name since the last call. `before_mine`: only those
        before the first of this process."""
        found: dict[str, Heartbeat] = {}
        async for message, beat in heartbeats_since(self._log, self._next):
            self._next = message.at.offset + 1
            if beat.process == self.me.process:
                if before_mine:
                    break
            elif beat.instance == self.me.instance:
                found[beat.process] = beat
        return list(found.values())

    def _alive(self, beats: list[Heartbeat]) -> list[Heartbeat]:
        """Those whose process may still run."""
        oldest = self._clock() - timedelta(seconds=FRESH)
        return [beat for beat in beats if not beat.stopped and beat.at > oldest and not self._is_gone(beat)]

    def _is_gone(self, beat: Heartbeat) -> bool:
        """Whether the process ran where its number can be looked up, and runs no more."""
        return beat.pid_space == self.me.pid_space and (beat.pid == self.me.pid or not is_running(beat.pid))
