"""Options of stages and backends for tests: those of the default settings, but for what a test changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeline.assembly.backends import elastic_options as elastic_options_of
from pipeline.assembly.backends import http_options as http_options_of
from pipeline.assembly.backends import kafka_options as kafka_options_of
from pipeline.backends.http import HttpOptions
from pipeline.backends.index_elastic import ElasticOptions
from pipeline.backends.log_kafka import KafkaOptions
from pipeline.backends.worker_pool import ProcessPool
from pipeline.config.settings import Settings
from pipeline.core.timing.next_poll import Pacing
from pipeline.core.timing.pace import Pace
from pipeline.flow import clean_options as clean_options_of
from pipeline.flow import poll_options as poll_options_of
from pipeline.stages.clean import CleanOptions
from pipeline.stages.poll import PollOptions

SETTINGS = Settings()
PACING: Pacing = poll_options_of(SETTINGS).pacing


def http_options(**changes: Any) -> HttpOptions:
    return replace(http_options_of(SETTINGS), **changes)


def elastic_options(url: str, prefix: str = SETTINGS.elasticsearch.prefix, **changes: Any) -> ElasticOptions:
    return replace(elastic_options_of(SETTINGS), url=url, prefix=prefix, **changes)


def kafka_options(servers: tuple[str, ...], prefix: str = SETTINGS.kafka.prefix, **changes: Any) -> KafkaOptions:
    options = kafka_options_of(SETTINGS.model_copy(update={"log_url": "kafka://localhost"}))
    return replace(options, servers=servers, prefix=prefix, **changes)


def process_pool(processes: int = 1, **changes: Any) -> ProcessPool:
    clean = SETTINGS.clean
    options = {"timeout": clean.timeout, "memory": clean.memory, "recycle": clean.recycle}
    return ProcessPool(processes, **options | changes)


def clean_options(**changes: Any) -> CleanOptions:
    return replace(clean_options_of(SETTINGS), **changes)


def poll_options(**changes: Any) -> PollOptions:
    return replace(poll_options_of(SETTINGS), **changes)


def pace() -> Pace:
    return Pace(SETTINGS.fetch.delay_per_site, SETTINGS.fetch.per_domain)
