"""A rule that is added while two workers run: its past comes as one summary, whoever dies or is away meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import pytest

from pipeline.records import Message, decode
from tests.agents.cluster import Cluster
from tests.agents.machines import Desk, Machine
from tests.services.servers import Elasticsearch, Kafka

ARTICLES, MORE = 40, 10
PATIENCE = 600.0  # seconds: a page that a busy machine could not fetch twice is put off for minutes
LATE = """
[[alert]]
name = "late"
query = "witness"
channels = ["people"]
[channels.people]
type = "file"
path = "{path}"
each = false
"""


@pytest.mark.slow
async def test_the_past_of_a_new_rule_is_one_summary_whoever_dies(
    tmp_path: Path, own_kafka: Kafka, own_elasticsearch: Elasticsearch, prefix: str
) -> None:
    async with Desk() as desk:
        cluster = Cluster(tmp_path, own_kafka.url, own_elasticsearch.url, prefix, desk)
        machines = [cluster.machine("one"), cluster.machine("two")]
        try:
            await cluster.open()
            await asyncio.gather(*(machine.start() for machine in machines))
            cluster.publish(ARTICLES)
            await cluster.quiet(ARTICLES, PATIENCE)
            await asyncio.to_thread(own_elasticsearch.stop)
            for machine in machines:
                rules = machine.config / "alerts.toml"
                rules.write_text(rules.read_text() + LATE.format(path=tmp_path / "people.jsonl"))
            await until(lambda: all("new configuration applied" in said(machine) for machine in machines), 60)
            cluster.publish(ARTICLES + MORE)
            await cluster.alerts(ARTICLES + MORE, PATIENCE)  # nothing waits for the index
            assert not any(looked_up(machine) for machine in machines)
            await asyncio.to_thread(own_elasticsearch.start)
            await until(lambda: any(looked_up(machine) for machine in machines), 120)
            owner = next(machine for machine in machines if looked_up(machine))
            await owner.kill()  # the other begins again
            [once] = await summaries(cluster, 180)
            assert once == ARTICLES  # the rule reported the others as they came
            await owner.start()
            await asyncio.sleep(15)
            assert await summaries(cluster, 1) == [once]
        finally:
            await cluster.close()


def looked_up(machine: Machine) -> bool:
    return any("new rules looked up" in line and "late" in line for line in said(machine).splitlines())


def said(machine: Machine) -> str:
    return (machine.folder / "err").read_text()


async def until(true: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        await asyncio.sleep(0.1)


async def summaries(cluster: Cluster, seconds: float) -> list[int]:
    """How many alerts each summary of the new rule reports, once there is one."""
    assert cluster.log
    end, found = time.monotonic() + seconds, dict[str, int]()
    while not found and time.monotonic() < end:
        await asyncio.sleep(1)
        async with aclosing(cluster.log.replay("messages")) as messages:
            async for message in messages:
                one = decode(Message, message.value) if message.value else None
                if one and (one.rule, one.kind) == ("late", "summary"):
                    found[one.id] = len(one.alerts) + one.held_back
    return list(found.values())
