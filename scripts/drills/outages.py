"""Drills on the servers: Kafka and Elasticsearch that are away, full, read-only or overloaded."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from scripts.drills.distributed import Distributed
from scripts.drills.drill import Drill
from scripts.drills.small_disk import full

OUTAGE = 12.0  # seconds; longer than the watchdog's patience


@asynccontextmanager
async def kafka_away(stand: Distributed) -> AsyncIterator[None]:
    await asyncio.to_thread(stand.servers.kafka.kill)
    yield
    await asyncio.to_thread(stand.servers.kafka.start)


@asynccontextmanager
async def elasticsearch_away(stand: Distributed) -> AsyncIterator[None]:
    await asyncio.to_thread(stand.servers.elasticsearch.kill)
    yield
    await asyncio.to_thread(stand.servers.elasticsearch.start)


@asynccontextmanager
async def flood_stage(stand: Distributed) -> AsyncIterator[None]:
    """What Elasticsearch does to its indices when its disk is nearly full, and undoes when there is space."""
    await asyncio.to_thread(_block, stand, True)
    yield
    await asyncio.to_thread(_block, stand, None)


def _block(stand: Distributed, value: bool | None) -> None:
    pattern = f"{stand.servers.elasticsearch.url}/{stand.cluster.prefix.rstrip('.')}-*"
    body = json.dumps({"index.blocks.read_only_allow_delete": value}).encode()
    request = urllib.request.Request(f"{pattern}/_settings", body, {"Content-Type": "application/json"}, method="PUT")
    with urllib.request.urlopen(request, timeout=20):
        pass


@asynccontextmanager
async def overloaded(stand: Distributed) -> AsyncIterator[None]:
    stand.front.refusing = True
    yield
    stand.front.refusing = False


@asynccontextmanager
async def kafka_full(stand: Distributed) -> AsyncIterator[None]:
    """The broker ends when it cannot write; it starts again when there is space."""
    kafka = stand.servers.kafka
    with full(kafka.folder / "data"):
        yield
        await asyncio.to_thread(kafka.kill)
    await asyncio.to_thread(kafka.start)


def drills() -> list[Drill[Distributed]]:
    return [
        Drill(
            "kafka", "Kafka is killed, and back after 12 s", kafka_away,
            status="^log: un", health=": log: unavailable", lasts=OUTAGE, small=True,
        ),
        Drill(
            "kafka-full", "the disk of Kafka is full, so it ends", kafka_full,
            status="^log: un", health=": log: unavailable", lasts=OUTAGE,
        ),
        Drill(
            "elasticsearch", "Elasticsearch is killed, and back after 12 s", elasticsearch_away,
            status="^index: un", health=": index: unavailable", lasts=OUTAGE,
        ),
        Drill(
            "flood-stage", "Elasticsearch blocks writes: its disk is full", flood_stage,
            status="^index: (unavailable|blocked): .*disk", health=": index: unavailable: .*disk", lasts=OUTAGE,
        ),
        Drill(
            "429", "Elasticsearch answers 429 to every write", overloaded,
            status="^index: unavailable: .*429", health=": index: unavailable: .*429", lasts=OUTAGE,
        ),
    ]  # fmt: skip
