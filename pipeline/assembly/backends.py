"""Opens the backends that the settings name; the scheme of log_url and index_url decides which.

No other module imports a backend. A backend's libraries are imported when it is opened.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pipeline import __version__
from pipeline.config.addresses import servers_of
from pipeline.config.settings import Settings
from pipeline.core.alerts.kibana_link import KibanaLink
from pipeline.log.streams import declared_streams
from pipeline.ports import Index, MemoryPages, RobotsStore
from pipeline.records import Heartbeat, Problem
from pipeline.stage import Unavailable

if TYPE_CHECKING:
    from pipeline.backends.http import HttpFetch, HttpOptions
    from pipeline.backends.index_elastic import ElasticIndex, ElasticOptions
    from pipeline.backends.index_tantivy import TantivyIndex
    from pipeline.backends.kibana import Imported
    from pipeline.backends.log_kafka import KafkaLog, KafkaOptions
    from pipeline.backends.log_sqlite import SqliteLog
    from pipeline.backends.worker_pool import ProcessPool
    from pipeline.core.topics.judge import RuleSet


def clock() -> datetime:
    """The current time in UTC; the only clock of the daemon."""
    return datetime.now(UTC)


# -- the log


async def open_kafka(settings: Settings, *, write: bool = True) -> KafkaLog:
    """The log on a broker; without `write`, it publishes nothing. Raises Unavailable."""
    from pipeline.backends.log_kafka import KafkaLog

    declared = declared_streams(settings.keep, settings.relate.window, settings.kafka.partitions)
    return await KafkaLog.open(kafka_options(settings), declared, write=write)


def kafka_options(settings: Settings) -> KafkaOptions:
    """The options from [kafka] and log_url. Raises Unavailable for a log_url that names no broker."""
    from pipeline.backends.log_kafka import KafkaOptions

    kafka = settings.kafka
    try:
        servers = servers_of(settings.log_location())
    except ValueError as error:
        raise Unavailable(str(error)) from error
    return KafkaOptions(
        servers, prefix=kafka.prefix, replication=kafka.replication, tls=kafka.tls, ca=kafka.ca,
        certificate=kafka.certificate, key=kafka.key, mechanism=kafka.mechanism, username=kafka.username,
        password=kafka.password.get_secret_value(),
    )  # fmt: skip


def open_sqlite(settings: Settings, *, write: bool = True, path: Path | None = None) -> SqliteLog:
    """The embedded log, or the one in the file `path`; without `write`, nothing is created or changed. Raises
    Unavailable, also if log_url names a broker."""
    from pipeline.backends.log_sqlite import SqliteLog

    try:
        return SqliteLog(
            path or sqlite_path(settings), declared_streams(settings.keep, settings.relate.window), clock, write=write
        )
    except ValueError as error:  # another version of Almenara wrote the file
        raise Unavailable(str(error)) from error


def sqlite_path(settings: Settings) -> Path:
    """The file of the embedded log. Raises Unavailable if log_url names a broker."""
    return _path(settings.log_location(), "sqlite")


# -- the index


class IndexPlace(Protocol):
    """Where the index is; what must be known of it before it is opened."""

    exclusive: bool  # whether the daemon must be stopped while it is rebuilt
    in_elasticsearch: bool  # so that Kibana can show it

    async def open(self, write: bool) -> Index:
        """Open it; without `write`, a daemon may write it meanwhile. Raises Unavailable."""
        ...

    def exists(self) -> bool:
        """Whether there is an index to open; the daemon creates it."""
        ...

    def require_files(self) -> None:
        """Raise Unavailable, with advice, unless the index is in files on this machine."""
        ...

    def restore(self, source: Path, target: Path) -> None:
        """Put the backup in the folder `source` in place of the index in `target`. Raises Unavailable."""
        ...


@dataclass(frozen=True)
class IndexFiles:
    """The embedded index: files on this machine."""

    settings: Settings
    exclusive = True
    in_elasticsearch = False

    async def open(self, write: bool) -> TantivyIndex:
        from pipeline.backends.index_tantivy import CannotOpen, TantivyIndex

        try:
            return TantivyIndex.open(self._directory(), write=write)
        except CannotOpen as error:
            raise Unavailable(str(error)) from error

    def exists(self) -> bool:
        from pipeline.backends.index_tantivy import TantivyIndex

        return TantivyIndex.exists(self._directory())

    def require_files(self) -> None:
        pass

    def restore(self, source: Path, target: Path) -> None:
        from pipeline.backends.index_tantivy import CannotOpen, TantivyIndex

        try:
            TantivyIndex.restore(source, target)
        except CannotOpen as error:
            raise Unavailable(str(error)) from error

    def _directory(self) -> Path:
        return _path(self.settings.index_location(), "tantivy")


@dataclass(frozen=True)
class IndexServer:
    """The index in Elasticsearch."""

    settings: Settings
    exclusive = False
    in_elasticsearch = True

    async def open(self, write: bool) -> ElasticIndex:
        from pipeline.backends.index_elastic import ElasticIndex

        return await ElasticIndex.open(elastic_options(self.settings))

    def exists(self) -> bool:
        return True

    def require_files(self) -> None:
        raise Unavailable(
            f"the index is on {self.settings.index_location()}: save it with Elasticsearch's snapshots; backup and "
            "restore are for the embedded log and index. See docs/distributed.md"
        )

    def restore(self, source: Path, target: Path) -> None:
        self.require_files()


def index_place(settings: Settings) -> IndexFiles | IndexServer:
    """The index that index_url names."""
    server = settings.index_location().startswith(("http:", "https:"))
    return IndexServer(settings) if server else IndexFiles(settings)


def elastic_options(settings: Settings) -> ElasticOptions:
    """The options from [elasticsearch] and index_url."""
    from pipeline.backends.index_elastic import ElasticOptions

    elastic = settings.elasticsearch
    return ElasticOptions(
        settings.index_location(), prefix=elastic.prefix, api_key=elastic.api_key.get_secret_value(),
        username=elastic.username, password=elastic.password.get_secret_value(), ca=elastic.ca,
        shards=elastic.shards, replicas=elastic.replicas, timeout=elastic.timeout, writers=elastic.writers,
    )  # fmt: skip


# -- everything else


async def ask_health(beat: Heartbeat) -> tuple[Problem, ...] | None:
    """What the process of a heartbeat says on its health endpoint; None if it does not answer."""
    from pipeline.backends.health_http import ask

    return await ask(beat)


def kibana_link(settings: Settings) -> KibanaLink | None:
    """The links from alerts to Kibana; None if kibana.url is not set."""
    kibana = settings.kibana
    return KibanaLink(kibana.url, kibana.space, f"{settings.elasticsearch.prefix}-documents") if kibana.url else None


def import_into_kibana(settings: Settings, objects: bytes, home: str) -> Imported:
    """Import saved objects (NDJSON) into the space at `home`. Raises Faults, Unavailable."""
    from pipeline.backends.kibana import import_objects

    return import_objects(settings.kibana, objects, home)


def open_memory_pages() -> MemoryPages:
    """Pages held in memory, used instead of the network."""
    from pipeline.backends.pages_memory import PagesInMemory

    return PagesInMemory()


def open_http(settings: Settings) -> HttpFetch:
    """Fetching over the network. Close it."""
    from pipeline.backends.http import HttpFetch

    return HttpFetch(http_options(settings))


def open_robots(settings: Settings) -> RobotsStore:
    """The robots.txt files of sites. Close it."""
    from pipeline.backends.robots_sqlite import RobotsSqlite

    return RobotsSqlite(settings.data / "robots.sqlite")


def http_options(settings: Settings) -> HttpOptions:
    """The options from [fetch]."""
    from pipeline.backends.http import HttpOptions

    fetch = settings.fetch
    return HttpOptions(
        agent=f"Almenara/{__version__}", contact=fetch.contact, allow_networks=fetch.allow_networks, proxy=fetch.proxy,
        timeout=fetch.timeout, max_bytes=fetch.max_bytes, redirects=fetch.redirects,
    )  # fmt: skip


def make_worker_pool(settings: Settings, rules: RuleSet) -> ProcessPool:
    """Processes for extraction and tagging; what they share is loaded before they fork."""
    from pipeline.assembly.preload import preload_entry
    from pipeline.backends.worker_pool import ProcessPool

    return ProcessPool(
        settings.clean.processes or os.cpu_count() or 1,
        timeout=settings.clean.timeout,
        memory=settings.clean.memory,
        recycle=settings.clean.recycle,
        preload=(preload_entry(settings, rules),),
    )


def _path(url: str, scheme: str) -> Path:
    if not url.startswith(f"{scheme}:///"):
        raise Unavailable(f"{url} is not a file on this machine: this needs {scheme}:///PATH")
    return Path(url.removeprefix(f"{scheme}:///"))
