"""Opens the parts: each backend by the scheme of its URL, from the settings. Puts nothing together (wiring.py does).

What a command does not need is not imported.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pipeline import __version__
from pipeline.backends.log_sqlite import SqliteLog
from pipeline.config.folder import Configuration, settings_of
from pipeline.config.settings import Settings
from pipeline.core.alerts.kibana_link import KibanaLink
from pipeline.core.topics.judge import RuleSet
from pipeline.log.streams import declared_streams
from pipeline.ports import Log, Notify
from pipeline.stage import Unavailable
from pipeline.terminal.reporter import configure

if TYPE_CHECKING:
    from pipeline.backends.http import HttpOptions
    from pipeline.backends.index_elastic import ElasticIndex, ElasticOptions
    from pipeline.backends.index_tantivy import TantivyIndex
    from pipeline.backends.log_kafka import KafkaLog, KafkaOptions
    from pipeline.backends.worker_pool import ProcessPool

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

    declared = declared_streams(settings.keep, settings.relate.window, settings.kafka.partitions)
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
        return SqliteLog(path, declared_streams(settings.keep, settings.relate.window), clock)
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


def discover_of(settings: Settings) -> KibanaLink | None:
    """Where alerts link to, and what `almenara kibana import` made there."""
    kibana = settings.kibana
    return KibanaLink(kibana.url, kibana.space, f"{settings.elasticsearch.prefix}-documents") if kibana.url else None


def channels_of(configuration: Configuration) -> dict[str, Notify]:
    """The channels of alerts.toml, opened. Raises Faults."""
    from pipeline.backends.channels import open_channels

    settings = configuration.settings
    return open_channels(configuration.alerts, settings.data, discover=discover_of(settings))


def make_worker_pool(settings: Settings, rules: RuleSet) -> ProcessPool:
    """Processes for extraction and tagging; what they share is loaded before they fork."""
    from pipeline.backends.worker_pool import ProcessPool

    return ProcessPool(
        settings.clean.processes or os.cpu_count() or 1,
        timeout=settings.clean.timeout,
        memory=settings.clean.memory,
        recycle=settings.clean.recycle,
        preload=("pipeline.core.preload:warm", ("pipeline.stages.tag:keep", rules.files)),
    )


def with_log(settings: Settings, act: Callable[[Log], Awaitable[T]]) -> T:
    """Run `act` on the log and close it. A running daemon notices what is published."""

    async def run() -> T:
        log = await open_log(settings)
        try:
            return await act(log)
        finally:
            await log.close()

    return asyncio.run(run())


def http_options(settings: Settings) -> HttpOptions:
    from pipeline.backends.http import HttpOptions

    fetch = settings.fetch
    return HttpOptions(
        agent=f"Almenara/{__version__}", contact=fetch.contact, allow=fetch.allow_networks, proxy=fetch.proxy or None,
        total=fetch.timeout, max_bytes=fetch.max_bytes, redirects=fetch.redirects,
    )  # fmt: skip
