"""Builds a running pipeline: opens the backends, passes them to the stages, and the stages to a driver.

`embedded_pipeline` runs all stages in this process, `worker_pipeline` some of them on a broker.
"""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from pipeline.assembly.backends import (
    clock,
    index_place,
    make_worker_pool,
    open_http,
    open_kafka,
    open_robots,
    open_sqlite,
)
from pipeline.assembly.channels import configured_channels
from pipeline.assembly.lost_streams import note_lost_streams
from pipeline.assembly.numbering import ExistingDocuments
from pipeline.assembly.seeds import SeedCheck, apply_feeds
from pipeline.config.folder import Configuration
from pipeline.config.settings import Settings
from pipeline.core.notification.planning.planner import plan_of
from pipeline.log.groups import groups_of
from pipeline.log.kinds import BrokerLog, EmbeddedLog
from pipeline.log.streams import STAGES
from pipeline.monitoring.metrics import Metrics
from pipeline.monitoring.state import Key
from pipeline.ports import Fetch, Index, Lag, Log, WorkerPool
from pipeline.records import Known, Story
from pipeline.stage import Message, StepResult
from pipeline.terminal.reporter import Reporter

if TYPE_CHECKING:
    from agents.app import Broker
    from agents.embedded import Embedded
    from agents.health import Health
    from agents.in_order import Report
    from pipeline.backends.log_kafka import KafkaLog
    from pipeline.flow import Flow
    from pipeline.stages.poll import Polled


class Driver(Protocol):
    """Runs the stages: agents.embedded on the embedded log, agents.worker on a broker."""

    health: Health

    def running(self, poll: bool = True) -> AbstractAsyncContextManager[None]: ...

    def waiting(self) -> int: ...

    def held(self) -> Mapping[str, int]: ...


@dataclass
class Pipeline:
    """The stages that run here, all or a worker's part, with what they use. `configuration`: the one in force.

    `workers`: the log for heartbeats; with its own connection, so that neither they nor the records hold up the other.
    """

    configuration: Configuration
    log: Log
    index: Index | None  # None in a worker that does not index
    driver: Driver
    flow: Flow
    workers: Log
    metrics: Metrics
    only: Collection[str] = STAGES  # the stages that run here
    seed_check: SeedCheck | None = None  # of a worker
    shared: ClassVar[bool] = True  # whether other processes run stages on the same log

    @property
    def instance(self) -> str:
        """The name of this process."""
        return instance_name(self.configuration.settings)

    async def lag(self) -> Mapping[Key, Lag]:
        """How far the groups of the stages that run here are. Raises Unavailable."""
        raise NotImplementedError

    def start_fields(self) -> dict[str, Any]:
        """Fields of the log line `started`. A worker does not know its feeds yet: it gets its partitions later."""
        return {"mode": "worker", "instance": instance_name(self.configuration.settings), "stages": ",".join(self.only)}

    async def reload(self, configuration: Configuration) -> None:
        """Apply new feeds, rules and alerts between two records. Settings need a restart."""
        channels = configured_channels(configuration)
        alerts = await self.flow.alert.arranged(configuration.alerts)
        await self.take_feeds(configuration)
        self.flow.article_stages.tag.rules = configuration.rules
        self.flow.alert.alerts = alerts
        self.flow.notify.reload(plan_of(configuration.alerts), channels)
        self.configuration = configuration

    async def take_feeds(self, configuration: Configuration) -> None:
        """Take note of feeds.toml; a worker only compares it with the feeds on the log. Raises Unavailable."""
        if self.seed_check is not None:
            await self.seed_check.check(configuration)

    async def expire(self) -> None:
        """Apply retention to the index. A broker applies it to the log itself."""
        if self.index is not None:
            await self.index.expire(clock() - timedelta(seconds=self.configuration.settings.keep.index))


@dataclass
class EmbeddedPipeline(Pipeline):
    """All stages in this process, on the embedded log."""

    log: EmbeddedLog
    index: Index
    driver: Embedded
    shared = False

    async def lag(self) -> Mapping[Key, Lag]:
        return self.log.lag(clock())

    def start_fields(self) -> dict[str, Any]:
        poll = self.flow.poll
        return {"mode": "embedded", "feeds": len(poll.enabled()), "due": len(poll.agenda.due(clock()))}

    async def take_feeds(self, configuration: Configuration) -> None:
        await apply_feeds(self.log, configuration)

    async def expire(self) -> None:
        await self.log.expire()
        await super().expire()


@dataclass
class WorkerPipeline(Pipeline):
    """Some or all stages, as one of several workers on a broker."""

    workers: BrokerLog

    async def lag(self) -> Mapping[Key, Lag]:
        stages = [stage for stage in self.flow if stage.name in self.only]
        groups = {name: reads for stage in stages for name, reads in groups_of(stage.name, stage.reads).items()}
        lags = await self.workers.lag(clock(), groups)
        return {key: lag for key, lag in lags.items() if key[0] in groups}


@asynccontextmanager
async def embedded_pipeline(
    configuration: Configuration, reporter: Reporter, pages: Fetch | None = None
) -> AsyncIterator[EmbeddedPipeline]:
    """All stages of flow.py in this process, ready to run; closes everything in reverse order on leaving.

    `pages`: used instead of the network. Raises Unavailable.
    """
    from agents.embedded import Embedded

    async with AsyncExitStack() as stack:
        log = open_sqlite(configuration.settings)
        stack.push_async_callback(log.close)
        await apply_feeds(log, configuration)
        pool = await _start_pool(stack, configuration, STAGES, wait=True)
        index = await index_place(configuration.settings).open(write=True)
        stack.push_async_callback(index.close)
        existing = ExistingDocuments(log, index_place(configuration.settings), index)
        flow = _build_flow(stack, configuration, pool, index, existing, pages)
        metrics, (ended, polled) = _counted(reporter)
        driver = Embedded(log, log.streams, tuple(flow), flow.poll, clock, ended, polled)
        existing.note = driver.health.note
        yield EmbeddedPipeline(configuration, log, index, driver, flow, log, metrics)


@asynccontextmanager
async def worker_pipeline(
    configuration: Configuration, reporter: Reporter, only: Collection[str] = STAGES
) -> AsyncIterator[Pipeline]:
    """A worker that runs the stages named in `only`, on a broker. Raises Unavailable."""
    settings = configuration.settings
    async with AsyncExitStack() as stack:
        # First, and without waiting: the processes take longer to start than everything else.
        pool = await _start_pool(stack, configuration, only, wait=False)
        from agents.pulse import Pulse
        from agents.worker import Worker

        log = await open_kafka(settings)
        stack.push_async_callback(log.close)
        await log.check()
        workers = await open_kafka(settings)
        stack.push_async_callback(workers.close)
        index = await index_place(configuration.settings).open(write=True) if "index" in only else None
        if index is not None:
            stack.push_async_callback(index.close)
        existing = ExistingDocuments(log, index_place(settings), index)
        flow = _build_flow(stack, configuration, pool, index, existing)
        stages = tuple(stage for stage in flow if stage.name in only)
        metrics, (ended, polled) = _counted(reporter)
        driver = Worker(
            log, _broker(log, settings), stages, flow.poll if "poll" in only else None, clock, ended, polled,
            watchdog=settings.kafka.watchdog,
        )  # fmt: skip
        existing.note = driver.health.note
        await note_lost_streams(log, driver.health.note)
        check = SeedCheck(log, driver.health.different)
        await check.check(configuration)
        pipeline = WorkerPipeline(configuration, log, index, driver, flow, workers, metrics, only, check)
        watching = asyncio.create_task(check.watch(lambda: pipeline.configuration))
        stack.push_async_callback(_cancel, watching)
        stack.enter_context(Pulse(settings.kafka.watchdog).watched())
        yield pipeline


def _counted(reporter: Reporter) -> tuple[Metrics, tuple[Report, Callable[[Polled], None]]]:
    """The metrics, and what a driver calls when a record or poll ended, for both the reporter and the metrics."""
    metrics = Metrics(clock)

    def ended(stage: str, result: StepResult, message: Message) -> None:
        reporter.ended(stage, result, message)
        metrics.ended(stage, result, message)

    def polled(polled: Polled) -> None:
        reporter.polled(polled)
        metrics.polled(polled)

    return metrics, (ended, polled)


def instance_name(settings: Settings) -> str:
    """The name of this process: the same after a restart, another for each data folder of a machine."""
    folder = hashlib.blake2b(str(settings.data.resolve()).encode(), digest_size=4).hexdigest()
    return settings.kafka.instance or f"{socket.gethostname()}-{folder}"


def _broker(log: KafkaLog, settings: Settings) -> Broker:
    """How the consumers of the driver connect to the broker of `log`."""
    from agents.app import Broker
    from pipeline.backends.log_kafka import tls_context

    options = log.options
    return Broker(
        options.servers, options.prefix, instance_name(settings), settings.kafka.session,
        tls_context(options) if options.tls else None, options.mechanism, options.username, options.password,
    )  # fmt: skip


async def _start_pool(
    stack: AsyncExitStack, configuration: Configuration, only: Collection[str], wait: bool
) -> WorkerPool:
    """Processes for extraction and tagging, started if a stage in `only` needs them. Raises Unavailable if `wait`."""
    pool = make_worker_pool(configuration.settings, configuration.rules)
    stack.push_async_callback(pool.close)
    if {"poll", "clean", "tag"} & set(only):
        starting = asyncio.create_task(pool.start())
        stack.push_async_callback(_cancel, starting)
        await (starting if wait else asyncio.sleep(0))
    return pool


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _build_flow(
    stack: AsyncExitStack,
    configuration: Configuration,
    pool: WorkerPool,
    index: Index | None,
    existing: ExistingDocuments,
    pages: Fetch | None = None,
) -> Flow:
    """Open what the stages need, and build them."""
    from pipeline.backends.state_sqlite import ArchiveSqlite, StateSqlite
    from pipeline.flow import Ports, build_flow

    settings = configuration.settings
    settings.data.mkdir(parents=True, exist_ok=True)
    robots = None
    if pages is None:
        pages = http = open_http(settings)
        stack.push_async_callback(http.close)
        robots = open_robots(settings)
        stack.callback(robots.close)
    known = StateSqlite(Known, settings.data / "known.sqlite")
    stories = StateSqlite(Story, settings.data / "stories.sqlite")
    archive = ArchiveSqlite(settings.data / "archive.sqlite", settings.keep.index)
    ports = Ports(pages, pool, known, archive, stories, clock, existing, robots)
    channels = configured_channels(configuration)
    flow = build_flow(ports, settings, configuration.rules, configuration.alerts, index, channels)
    for stage in flow:
        stack.push_async_callback(stage.close)
    return flow
