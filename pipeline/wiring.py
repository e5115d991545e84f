"""Puts the parts together: settings, backends, stages, driver. Nothing else chooses a backend.

A backend is chosen by the scheme of its URL. What a command does not need is not imported: `opened` brings the whole
pipeline, the smaller functions bring one part.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from pipeline import __version__
from pipeline.backends.log_sqlite import SqliteLog
from pipeline.configuration import Configuration, settings_of
from pipeline.core.discover import Discover
from pipeline.core.seed import home, seed
from pipeline.core.topics import RuleSet
from pipeline.observe import Reporter, configure
from pipeline.ports import Fetch, Log, Notify
from pipeline.records import Feed, FeedState, decode
from pipeline.settings import Settings
from pipeline.stage import Out, Unavailable
from pipeline.topology import STAGES, topics

if TYPE_CHECKING:
    from agents.embedded import Embedded
    from agents.health import Health
    from pipeline.backends.given import GivenPages
    from pipeline.backends.http import HttpOptions
    from pipeline.backends.index_elastic import ElasticIndex, ElasticOptions
    from pipeline.backends.index_tantivy import TantivyIndex
    from pipeline.backends.log_kafka import KafkaLog, KafkaOptions
    from pipeline.backends.slots import ProcessSlots
    from pipeline.flow import Flow, Reading

T = TypeVar("T")


def clock() -> datetime:
    """The one clock of the daemon."""
    return datetime.now(UTC)


def load_for(config: Path) -> Settings:
    """The settings of a configuration folder, where a command needs no more; its log lines go where they say. Raises
    Faults."""
    settings = settings_of(config)
    configure(settings.logs)
    return settings


# -- the parts --------------------------------------------------------------------------------------------------


async def open_log(settings: Settings) -> Log:
    """The log, whichever it is. Raises Unavailable."""
    return await open_kafka(settings) if on_kafka(settings) else open_sqlite(settings)


def on_kafka(settings: Settings) -> bool:
    """Whether the log is a broker, and the stages run as workers."""
    return settings.log_location().startswith("kafka:")


def on_elasticsearch(settings: Settings) -> bool:
    """Whether the index is Elasticsearch, not files of this machine."""
    return settings.index_location().startswith(("http:", "https:"))


async def open_kafka(settings: Settings) -> KafkaLog:
    """The log on a broker. Raises Unavailable."""
    from pipeline.backends.log_kafka import KafkaLog

    declared = topics(settings.keep, settings.relate.window, settings.kafka.partitions)
    return await KafkaLog.open(_kafka_options(settings), declared)


def _kafka_options(settings: Settings) -> KafkaOptions:
    from pipeline.backends.log_kafka import KafkaOptions, servers_of

    try:
        servers = servers_of(settings.log_location())
    except ValueError as error:
        raise Unavailable(str(error)) from error
    kafka = settings.kafka
    return KafkaOptions(
        servers, prefix=kafka.prefix, replication=kafka.replication, tls=kafka.tls, ca=kafka.ca,
        certificate=kafka.certificate, key=kafka.key, mechanism=kafka.mechanism, username=kafka.username,
        password=kafka.password.get_secret_value(),
    )  # fmt: skip


def open_sqlite(settings: Settings) -> SqliteLog:
    """The embedded log. Raises Unavailable, also where the log is a broker."""
    path = _path(settings.log_location(), "sqlite")
    try:
        return SqliteLog(path, topics(settings.keep, settings.relate.window), clock)
    except ValueError as error:  # of a newer program
        raise Unavailable(str(error)) from error


async def open_index(settings: Settings, write: bool) -> TantivyIndex | ElasticIndex:
    """The index, whichever it is; without `write` beside a daemon that writes it. Raises Unavailable."""
    if on_elasticsearch(settings):
        from pipeline.backends.index_elastic import ElasticIndex

        return await ElasticIndex.open(_elastic_options(settings))
    return open_tantivy(settings, write)


def _elastic_options(settings: Settings) -> ElasticOptions:
    from pipeline.backends.index_elastic import ElasticOptions

    elastic = settings.elasticsearch
    return ElasticOptions(
        settings.index_location(), prefix=elastic.prefix, api_key=elastic.api_key.get_secret_value(),
        username=elastic.username, password=elastic.password.get_secret_value(), ca=elastic.ca, shards=elastic.shards,
        replicas=elastic.replicas, timeout=elastic.timeout, writers=elastic.writers,
    )  # fmt: skip


def open_tantivy(settings: Settings, write: bool) -> TantivyIndex:
    """The embedded index. Raises Unavailable, also when there is none yet or the index is elsewhere."""
    from pipeline.backends.index_tantivy import CannotOpen, TantivyIndex

    try:
        return TantivyIndex.open(_path(settings.index_location(), "tantivy"), write=write)
    except CannotOpen as error:
        raise Unavailable(str(error)) from error


def _path(url: str, scheme: str) -> Path:
    if not url.startswith(f"{scheme}:///"):
        raise Unavailable(f"{url}: this needs {scheme}:///PATH")
    return Path(url.removeprefix(f"{scheme}:///"))


def discover_of(settings: Settings) -> Discover | None:
    """Where alerts link to, and what `almenara kibana import` made there."""
    kibana = settings.kibana
    return Discover(kibana.url, kibana.space, f"{settings.elasticsearch.prefix}-documents") if kibana.url else None


def channels_of(configuration: Configuration) -> dict[str, Notify]:
    """The channels of alerts.toml, opened. Raises Faults."""
    from pipeline.backends.notify import open_channels

    settings = configuration.settings
    return open_channels(configuration.alerts, settings.data, discover=discover_of(settings))


def make_slots(settings: Settings, rules: RuleSet) -> ProcessSlots:
    """Processes for extraction and tagging; what they share is loaded before they fork."""
    from pipeline.backends.slots import ProcessSlots

    return ProcessSlots(
        settings.clean.processes or os.cpu_count() or 1,
        timeout=settings.clean.timeout,
        memory=settings.clean.memory,
        recycle=settings.clean.recycle,
        preload=("pipeline.core.warm:warm", ("pipeline.stages.tag:keep", rules.files)),
    )


# -- one daemon a data folder ---------------------------------------------------------------------------------------


@contextmanager
def lock(settings: Settings) -> Iterator[None]:
    """Hold the data folder. Raises Unavailable when another daemon does."""
    settings.data.mkdir(parents=True, exist_ok=True)
    with (settings.data / "daemon.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            pid = running_pid(settings) or "unknown"
            other = ", or give this worker a folder of its own (ALMENARA_DATA)" if on_kafka(settings) else ""
            raise Unavailable(f"another daemon (pid {pid}) works in {settings.data}; stop it first{other}") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def running_pid(settings: Settings) -> int | None:
    """The process that holds the data folder, if one does."""
    try:
        with (settings.data / "daemon.lock").open("r") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return int(file.read() or 0) or None
    except (OSError, ValueError):
        pass
    return None


# -- the log, for short acts ----------------------------------------------------------------------------------------


def with_log(settings: Settings, act: Callable[[Log], Awaitable[T]]) -> T:
    """Run `act` on the log and close it. A running daemon notices what is published."""

    async def run() -> T:
        log = await open_log(settings)
        try:
            return await act(log)
        finally:
            await log.close()

    return asyncio.run(run())


async def read_feeds(log: Log) -> tuple[dict[str, Feed], dict[str, FeedState]]:
    """Feeds and what is known of them, by feed id."""
    feeds = {key: decode(Feed, value) for key, value in (await newest(log, "feeds")).items()}
    states = {key: decode(FeedState, value) for key, value in (await newest(log, "feed-state")).items()}
    return feeds, states


async def newest(log: Log, topic: str) -> dict[str, bytes]:
    """Key -> the newest value on a compacted topic: a broker compacts it only now and then. One that moved to another
    partition has left a tombstone in the old one."""
    found = {(m.at.partition, m.key): m.value async for m in log.replay(topic) if not m.stale}
    return {key: value for (_, key), value in found.items() if value is not None}


async def publish_feeds(log: Log, feeds: Iterable[Feed], known: Mapping[str, Feed]) -> None:
    """Publish feeds, each in the partition of its site; `known`: the feeds so far, by id."""
    outs = []
    for feed in feeds:
        before = known.get(feed.id)
        if before is not None and home(before) != home(feed):
            outs.append(Out("feeds", feed.id, None, by=home(before)))
        outs.append(Out("feeds", feed.id, feed, by=home(feed)))
    await log.publish(outs)


async def publish_seed(log: Log, listed: Iterable[Feed]) -> None:
    """Bring the log's feeds into agreement with the seed file."""
    known, _ = await read_feeds(log)
    if changes := seed(known, listed):
        await publish_feeds(log, changes, known)


# -- the whole ------------------------------------------------------------------------------------------------------


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
async def opened(
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
        flow, index = await _lay(stack, configuration, STAGES, pages)
        assert index is not None
        driver = Embedded(log, log.topics, tuple(flow), flow.poll, clock, reporter.ended, reporter.polled)
        yield EmbeddedPipeline(configuration, log, index, driver, flow)


@asynccontextmanager
async def working(
    configuration: Configuration, reporter: Reporter, only: Collection[str] = STAGES
) -> AsyncIterator[Pipeline]:
    """A worker with the stages `only`, on a broker; any number of them share the work. Raises Unavailable."""
    from agents.app import Broker
    from agents.worker import Worker
    from pipeline.backends.log_kafka import tls_context

    settings, kafka = configuration.settings, configuration.settings.kafka
    async with AsyncExitStack() as stack:
        log = await open_kafka(settings)
        stack.push_async_callback(log.close)
        await log.check()
        if "poll" in only:
            await publish_seed(log, configuration.feeds)
        flow, index = await _lay(stack, configuration, only, at_once=True)
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


async def _lay(
    stack: AsyncExitStack, configuration: Configuration, only: Collection[str], pages: Fetch | None = None,
    at_once: bool = False,
) -> tuple[Flow, TantivyIndex | ElasticIndex | None]:
    """The stages with what they need of the outside; the index where one of `only` writes it.

    `at_once`: while the processes for extraction start; what needs them waits for them, or says why they do not.
    """
    from pipeline.backends.http import HttpFetch
    from pipeline.backends.known_sqlite import KnownSqlite
    from pipeline.flow import Seams, lay

    settings = configuration.settings
    settings.data.mkdir(parents=True, exist_ok=True)
    index = None
    if "index" in only:
        index = await open_index(settings, write=True)
        stack.push_async_callback(index.close)
    slots = make_slots(settings, configuration.rules)
    stack.push_async_callback(slots.close)
    if {"poll", "clean", "tag"} & set(only):
        starting = asyncio.create_task(slots.start())
        stack.push_async_callback(_given_up, starting)
        if not at_once:
            await starting
    if pages is None:
        pages = fetch = HttpFetch(_http_options(settings))
        stack.push_async_callback(fetch.close)
    seams = Seams(pages, slots, KnownSqlite(settings.data / "known.sqlite"), clock)
    channels = channels_of(configuration)
    flow = lay(seams, settings, configuration.rules, configuration.alerts, index, channels)
    for stage in flow:
        stack.push_async_callback(stage.close)
    return flow, index


@dataclass
class AtHand:
    """The stages that make documents of articles, over pages that are handed in."""

    pages: GivenPages
    reading: Reading


@asynccontextmanager
async def at_hand(configuration: Configuration) -> AsyncIterator[AtHand]:
    """For `process`: no log, no index, no network; what relate knows is kept in memory."""
    from pipeline.backends.given import GivenPages
    from pipeline.backends.known_sqlite import KnownSqlite
    from pipeline.core.pace import Pace
    from pipeline.flow import Seams, read

    settings = configuration.settings
    slots = make_slots(settings, configuration.rules)
    try:
        pages = GivenPages()
        seams = Seams(pages, slots, KnownSqlite(":memory:"), clock)
        unhurried = Pace(gap=0, per_domain=2**31)
        yield AtHand(pages, read(seams, settings, configuration.rules, unhurried))
    finally:
        await slots.close()


def _http_options(settings: Settings) -> HttpOptions:
    from pipeline.backends.http import HttpOptions

    fetch = settings.fetch
    return HttpOptions(
        agent=f"Almenara/{__version__}", contact=fetch.contact, allow=fetch.allow_networks, proxy=fetch.proxy or None,
        total=fetch.timeout, max_bytes=fetch.max_bytes, redirects=fetch.redirects,
    )  # fmt: skip
