"""Puts the parts together: settings, backends (opened by parts.py), stages, driver.

`opened` is the embedded pipeline, `working` a worker on a broker, `at_hand` the stages for articles that are given.
"""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections.abc import AsyncIterator, Collection
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from pipeline.assembly.backends import (
    channels_of,
    clock,
    http_options,
    make_worker_pool,
    open_index,
    open_kafka,
    open_sqlite,
)
from pipeline.backends.log_sqlite import SqliteLog
from pipeline.config.folder import Configuration
from pipeline.config.settings import Settings
from pipeline.log.feeds import publish_seed
from pipeline.log.streams import STAGES
from pipeline.ports import Fetch, Log
from pipeline.terminal.reporter import Reporter

if TYPE_CHECKING:
    from agents.embedded import Embedded
    from agents.health import Health
    from pipeline.backends.given import GivenPages
    from pipeline.backends.index_elastic import ElasticIndex
    from pipeline.backends.index_tantivy import TantivyIndex
    from pipeline.backends.worker_pool import ProcessPool
    from pipeline.flow import ArticleStages, Flow


class Driver(Protocol):
    """What runs the stages: agents.embedded on the embedded log, agents.worker on a broker."""

    health: Health

    def running(self, poll: bool = True) -> AbstractAsyncContextManager[None]: ...

    def waiting(self) -> int: ...


@dataclass
class Pipeline:
    """Everything that runs. `configuration` is what is in force."""

    configuration: Configuration
    log: Log
    index: TantivyIndex | ElasticIndex | None  # None in a worker that does not index
    driver: Driver
    flow: Flow
    only: Collection[str] = STAGES  # the stages that run here

    async def reload(self, configuration: Configuration) -> None:
        """Take new feeds, rules and alerts into force, between two records. Settings need a restart."""
        channels = channels_of(configuration)
        await publish_seed(self.log, configuration.feeds)
        self.flow.reading.tag.rules = configuration.rules
        self.flow.alert.alerts = configuration.alerts
        self.flow.notify.reload(channels)
        self.configuration = configuration

    async def expire(self) -> None:
        """Delete what is older than it is kept. A broker does that by itself."""
        if self.index is not None:
            await self.index.expire(clock() - timedelta(seconds=self.configuration.settings.keep.index))


@dataclass
class EmbeddedPipeline(Pipeline):
    """All stages in this process, on the embedded log."""

    log: SqliteLog
    index: TantivyIndex | ElasticIndex
    driver: Embedded

    async def expire(self) -> None:
        await self.log.expire()
        await super().expire()


@asynccontextmanager
async def embedded_pipeline(
    configuration: Configuration, reporter: Reporter, pages: Fetch | None = None
) -> AsyncIterator[EmbeddedPipeline]:
    """The pipeline of flow.py on this machine, ready to run; closed in the right order afterwards.

    `pages` answers instead of the network.
    """
    from agents.embedded import Embedded

    async with AsyncExitStack() as stack:
        log = open_sqlite(configuration.settings)
        stack.push_async_callback(log.close)
        await publish_seed(log, configuration.feeds)
        pool = await _worker_pool(stack, configuration, STAGES, wait=True)
        flow, index = await _lay(stack, configuration, STAGES, pool, pages)
        assert index is not None
        driver = Embedded(log, log.streams, tuple(flow), flow.poll, clock, reporter.ended, reporter.polled)
        yield EmbeddedPipeline(configuration, log, index, driver, flow)


@asynccontextmanager
async def worker_pipeline(
    configuration: Configuration, reporter: Reporter, only: Collection[str] = STAGES
) -> AsyncIterator[Pipeline]:
    """A worker with the stages `only`, on a broker; any number of them share the work. Raises Unavailable."""
    settings, kafka = configuration.settings, configuration.settings.kafka
    async with AsyncExitStack() as stack:
        # First, and not waited for: they take longer than all the rest. What needs them waits, or says why it must.
        pool = await _worker_pool(stack, configuration, only, wait=False)
        from agents.app import Broker
        from agents.worker import Worker
        from pipeline.backends.log_kafka import tls_context

        log = await open_kafka(settings)
        stack.push_async_callback(log.close)
        await log.check()
        if "poll" in only:
            await publish_seed(log, configuration.feeds)
        flow, index = await _lay(stack, configuration, only, pool)
        options = log.options
        tls = tls_context(options) if options.tls else None
        broker = Broker(
            options.servers, options.prefix, _instance(settings), kafka.session, tls, options.mechanism,
            options.username, options.password,
        )  # fmt: skip
        stages = tuple(stage for stage in flow if stage.name in only)
        poll = flow.poll if "poll" in only else None
        driver = Worker(
            log, broker, stages, poll, clock, reporter.ended, reporter.polled, watchdog=kafka.watchdog
        )  # fmt: skip
        yield Pipeline(configuration, log, index, driver, flow, only)


def _instance(settings: Settings) -> str:
    """This worker's name: the same after a restart, another for each data folder of a machine."""
    folder = hashlib.blake2b(str(settings.data.resolve()).encode(), digest_size=4).hexdigest()
    return settings.kafka.instance or f"{socket.gethostname()}-{folder}"


async def _given_up(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _worker_pool(
    stack: AsyncExitStack, configuration: Configuration, only: Collection[str], wait: bool
) -> ProcessPool:
    """Processes for extraction and tagging, begun where one of `only` needs them. Raises Unavailable if it waits."""
    pool = make_worker_pool(configuration.settings, configuration.rules)
    stack.push_async_callback(pool.close)
    if {"poll", "clean", "tag"} & set(only):
        starting = asyncio.create_task(pool.start())
        stack.push_async_callback(_given_up, starting)
        await (starting if wait else asyncio.sleep(0))
    return pool


async def _lay(
    stack: AsyncExitStack,
    configuration: Configuration,
    only: Collection[str],
    pool: ProcessPool,
    pages: Fetch | None = None,
) -> tuple[Flow, TantivyIndex | ElasticIndex | None]:
    """The stages with what they need of the outside; the index where one of `only` writes it."""
    from pipeline.backends.http import HttpFetch
    from pipeline.backends.known_sqlite import KnownSqlite
    from pipeline.flow import Seams, build_flow

    settings = configuration.settings
    settings.data.mkdir(parents=True, exist_ok=True)
    index = None
    if "index" in only:
        index = await open_index(settings, write=True)
        stack.push_async_callback(index.close)
    if pages is None:
        pages = fetch = HttpFetch(http_options(settings))
        stack.push_async_callback(fetch.close)
    seams = Seams(pages, pool, KnownSqlite(settings.data / "known.sqlite"), clock)
    channels = channels_of(configuration)
    flow = build_flow(seams, settings, configuration.rules, configuration.alerts, index, channels)
    for stage in flow:
        stack.push_async_callback(stage.close)
    return flow, index


@dataclass
class OfflineStages:
    """The stages that make documents of articles, over pages that are handed in."""

    pages: GivenPages
    reading: ArticleStages


@asynccontextmanager
async def offline_stages(configuration: Configuration) -> AsyncIterator[OfflineStages]:
    """For `process`: no log, no index, no network; what relate knows is kept in memory."""
    from pipeline.backends.given import GivenPages
    from pipeline.backends.known_sqlite import KnownSqlite
    from pipeline.core.timing.pace import Pace
    from pipeline.flow import Seams, build_article_stages

    settings = configuration.settings
    pool = make_worker_pool(settings, configuration.rules)
    try:
        pages = GivenPages()
        seams = Seams(pages, pool, KnownSqlite(":memory:"), clock)
        unhurried = Pace(gap=0, per_domain=2**31)
        yield OfflineStages(pages, build_article_stages(seams, settings, configuration.rules, unhurried))
    finally:
        await pool.close()
