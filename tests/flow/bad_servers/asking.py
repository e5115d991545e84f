"""What the tests ask of a worker and its servers."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from pipeline.backends.log_kafka import KafkaLog
from pipeline.config.addresses import servers_of
from pipeline.config.settings import Keep
from pipeline.log.streams import declared_streams
from pipeline.stage import Message
from tests.agents.workers import Place
from tests.options import kafka_options

DECLARED = declared_streams(Keep(), 3600.0, 2)


@asynccontextmanager
async def broker(place: Place, kafka: str, create: bool = True) -> AsyncIterator[KafkaLog]:
    """The log at `kafka`, to look at it; `place` works on it from now on."""
    place.environment["LOG_URL"] = kafka
    log = await KafkaLog.open(kafka_options(servers_of(kafka), place.environment["ALMENARA_KAFKA_PREFIX"]), DECLARED)
    try:
        if create:
            await log.create()
        yield log
    finally:
        await log.close()


async def everything(log: KafkaLog, stream: str) -> list[Message]:
    return [message async for message in log.replay(stream)]


def ask(url: str, method: str = "GET", body: Any = None) -> Any:
    """What Elasticsearch answers."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


@contextmanager
def full_disk(url: str) -> Iterator[None]:
    """The disk of Elasticsearch at `url` counts as full. It blocks its indices within half a minute, and would lift a
    block that somebody else put there as fast if it had space."""
    setting = "cluster.routing.allocation.disk."
    full = {f"{setting}watermark.{name}": "1000000gb" for name in ("low", "high", "flood_stage")}
    marks = full | {f"{setting}threshold_enabled": True}
    ask(f"{url}/_cluster/settings", "PUT", {"persistent": marks})
    try:
        yield
    finally:
        ask(f"{url}/_cluster/settings", "PUT", {"persistent": dict.fromkeys(marks)})
