"""What workers write to standard error while servers go away and partitions move: JSON, and few lines."""

from __future__ import annotations

import asyncio
import json
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.agents.cluster import Cluster
from tests.agents.machines import Desk, Machine
from tests.services.servers import Elasticsearch, Kafka

pytestmark = pytest.mark.slow

MOST = 12  # times that the same line may come from one worker, in half a minute of trouble


async def test_every_line_of_a_worker_in_trouble_is_json(
    own_kafka: Kafka, own_elasticsearch: Elasticsearch, prefix: str, tmp_path: Path
) -> None:
    async with Desk() as desk:
        cluster = Cluster(tmp_path, own_kafka.url, own_elasticsearch.url, prefix, desk)
        try:
            first, second = _machine(cluster, "first"), _machine(cluster, "second")
            await first.start()
            first.wanted = False  # the cluster would start it again
            assert first.process
            assert await first.process.wait() == 3  # the streams are missing
            await _trouble(cluster, first, second, own_kafka, own_elasticsearch)
        finally:
            await cluster.close()
    for machine in (first, second):
        _check(machine.folder.name, _events(machine))
    assert any(event["event"] == "unavailable" for machine in (first, second) for event in _events(machine))
    [missing] = [event for event in _events(first) if event["event"] == "ended"]
    assert len(missing["why"]) == 1


def _machine(cluster: Cluster, name: str) -> Machine:
    machine = cluster.machine(name)
    settings = machine.config / "almenara.toml"
    settings.write_text(settings.read_text().replace("[logs]", '[logs]\nformat = "json"'))
    return machine


async def _trouble(cluster: Cluster, first: Machine, second: Machine, kafka: Kafka, index: Elasticsearch) -> None:
    await cluster.open()
    await first.start()
    cluster.publish(60)
    await cluster.at_work()
    await second.start()
    await asyncio.sleep(6)
    kafka.kill()
    await asyncio.sleep(8)
    kafka.start()
    await asyncio.sleep(4)
    index.kill()
    cluster.publish(100)
    await asyncio.sleep(12)  # their documents wait for the index
    index.start()
    await cluster.quiet(100, 120)
    for machine in (second, first):
        assert await machine.stop() in (0, -signal.SIGTERM)  # SIGTERM: it was just starting again


def _events(machine: Machine) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (machine.folder / "err").read_text().splitlines()]


def _check(name: str, events: list[dict[str, Any]]) -> None:
    assert all({"event", "level", "timestamp"} <= set(event) for event in events)
    started = [event for event in events if event["event"] == "started"]
    assert started
    assert {event["instance"] for event in started} == {name}
    trouble = [event for event in events if event["level"] in ("warning", "error", "critical")]
    alike = Counter((event["event"], event.get("stage"), event.get("message", "")[:40]) for event in trouble)
    assert max(alike.values(), default=0) <= MOST, alike.most_common(5)
    assert not [event for event in events if event["level"] == "critical"]
