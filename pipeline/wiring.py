"""Puts the parts together: settings, backends, stages, driver. Nothing else chooses a backend.

A backend is chosen by the scheme of its URL. What a command does not need is not imported: `opened` brings the whole
pipeline, the smaller functions bring one part.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pipeline import __version__
from pipeline.backends.log_sqlite import SqliteLog
from pipeline.configuration import Configuration, settings_of
from pipeline.core.discover import Discover
from pipeline.core.seed import home, seed
from pipeline.core.topics import RuleSet
from pipeline.observe import Reporter
from pipeline.ports import Fetch, Log
from pipeline.records import Feed, FeedState, decode
from pipeline.settings import Settings
from pipeline.stage import Out, Unavailable
from pipeline.topology import topics

if TYPE_CHECKING:
    from agents.embedded import Embedded
    from pipeline.backends.given import GivenPages
    from pipeline.backends.http import HttpOptions
    from pipeline.backends.index_tantivy import TantivyIndex
    from pipeline.backends.slots import ProcessSlots
    from pipeline.flow import Flow, Reading

T = TypeVar("T")


def clock() -> datetime:
    """The one clock of the daemon."""
    return datetime.now(UTC)


def load_for(config: Path) -> Settings:
    """The settings of a configuration folder, where a command needs no more. Raises Faults."""
    return settings_of(config)


# -- the parts --------------------------------------------------------------------------------------------------


def open_log(settings: Settings) -> SqliteLog:
    """The log. Raises Unavailable."""
    path = _path(settings.log_location(), "sqlite")
    try:
        return SqliteLog(path, topics(settings.keep, settings.relate.window), clock)
    except ValueError as error:  # of a newer program
        raise Unavailable(str(error)) from error


def open_index(settings: Settings, write: bool) -> TantivyIndex:
    """The index; without `write` beside a daemon that writes it. Raises Unavailable, also when there is none yet."""
    from pipeline.backends.index_tantivy import CannotOpen, TantivyIndex

    try:
        return TantivyIndex.open(_path(settings.index_location(), "tantivy"), write=write)
    except CannotOpen as error:
        raise Unavailable(str(error)) from error


def _path(url: str, scheme: str) -> Path:
    if not url.startswith(f"{scheme}:///"):
        raise Unavailable(f"{url}: this build knows {scheme}:///PATH only")
    return Path(url.removeprefix(f"{scheme}:///"))


def discover_of(settings: Settings) -> Discover | None:
    """Where alerts link to, and what `almenara kibana import` made there."""
    kibana = settings.kibana
    return Discover(kibana.url, kibana.space, f"{settings.elasticsearch.prefix}-documents") if kibana.url else None


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
            raise Unavailable(f"another daemon (pid {pid}) works in {settings.data}; stop it first") from None
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


def with_log(settings: Settings, act: Callable[[SqliteLog], Awaitable[T]]) -> T:
    """Run `act` on the log and close it. A running daemon notices what is published."""

    async def run() -> T:
        log = open_log(settings)
        try:
            return await act(log)
        finally:
            await log.close()

    return asyncio.run(run())


async def read_feeds(log: Log) -> tuple[dict[str, Feed], dict[str, FeedState]]:
    """Feeds and what is known of them, by feed id."""
    feeds = {key: decode(Feed, value) for key, value in (await _newest(log, "feeds")).items()}
    states = {key: decode(FeedState, value) for key, value in (await _newest(log, "feed-state")).items()}
    return feeds, states


async def _newest(log: Log, topic: str) -> dict[str, bytes]:
    """Key -> the newest value. One that moved to another partition has left a tombstone in the old one."""
    newest = {(m.at.partition, m.key): m.value async for m in log.replay(topic) if not m.stale}
    return {key: value for (_, key), value in newest.items() if value is not None}


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


@dataclass
class Pipeline:
    """Everything that runs. `configuration` is what is in force."""

    configuration: Configuration
    log: SqliteLog
    index: TantivyIndex
    driver: Embedded
    flow: Flow

    async def reload(self, configuration: Configuration) -> None:
        """Take new feeds, rules and alerts into force, between two records. Settings need a restart."""
        from pipeline.backends.notify import open_channels

        channels = open_channels(
            configuration.alerts, configuration.settings.data, discover=discover_of(configuration.settings)
        )
        await publish_seed(self.log, configuration.feeds)
        self.flow.reading.tag.rules = configuration.rules
        self.flow.alert.alerts = configuration.alerts
        self.flow.notify.reload(channels)
        self.configuration = configuration

    async def expire(self) -> None:
        """Delete what is older than it is kept."""
        await self.log.expire()
        await self.index.expire(clock() - timedelta(seconds=self.configuration.settings.keep.index))


@asynccontextmanager
async def opened(
    configuration: Configuration, reporter: Reporter, pages: Fetch | None = None
) -> AsyncIterator[Pipeline]:
    """The pipeline of flow.py on this machine, ready to run; closed in the right order afterwards.

    `pages` answers instead of the network.
    """
    from agents.embedded import Embedded
    from pipeline.backends.http import HttpFetch
    from pipeline.backends.known_sqlite import KnownSqlite
    from pipeline.backends.notify import open_channels
    from pipeline.flow import Seams, lay

    settings = configuration.settings
    async with AsyncExitStack() as stack:
        log = open_log(settings)
        stack.push_async_callback(log.close)
        await publish_seed(log, configuration.feeds)
        index = open_index(settings, write=True)
        stack.push_async_callback(index.close)
        slots = make_slots(settings, configuration.rules)
        stack.push_async_callback(slots.close)
        await slots.start()
        if pages is None:
            pages = fetch = HttpFetch(_http_options(settings))
            stack.push_async_callback(fetch.close)
        seams = Seams(pages, slots, KnownSqlite(settings.data / "known.sqlite"), clock)
        channels = open_channels(configuration.alerts, settings.data, discover=discover_of(settings))
        flow = lay(seams, settings, configuration.rules, configuration.alerts, index, channels)
        for stage in flow:
            stack.push_async_callback(stage.close)
        driver = Embedded(log, log.topics, tuple(flow), flow.poll, clock, reporter.ended, reporter.polled)
        yield Pipeline(configuration, log, index, driver, flow)


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
