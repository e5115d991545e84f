"""Real workers on a real broker and Elasticsearch, killed with SIGKILL at every named place and at random, servers that
stop and start, a worker that joins and leaves: nothing is lost, nothing doubled in the index and the alerts.

scripts/reliability.py does the same for longer, and measures.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.agents.cluster import Cluster, numbers
from tests.agents.machines import POINTS, SENDS_AGAIN, Desk
from tests.services.servers import Elasticsearch, Kafka, Server

ARTICLES = 2000
WATCHDOG = 20.0  # seconds: starved processes of a busy machine stand still for ten; Elasticsearch is away for longer
OUTAGE = 25.0
PATIENCE = 400.0  # seconds for all to be done, on a busy machine


@pytest.mark.slow
async def test_killed_everywhere_nothing_is_lost_and_nothing_doubled(
    tmp_path: Path,
    own_kafka: Kafka,
    own_elasticsearch: Elasticsearch,
    prefix: str,
    record_property: Callable[[str, object], None],
) -> None:
    dice = random.Random(7)
    async with Desk() as desk:
        cluster = Cluster(tmp_path, own_kafka.url, own_elasticsearch.url, prefix, desk)
        machines = [cluster.machine("-".join(only), only, WATCHDOG if "index" in only else 60.0) for only in POINTS]
        try:
            await cluster.open()
            cluster.publish(ARTICLES, batch=25)
            await asyncio.gather(*(cluster.kill_everywhere(machine, dice) for machine in machines))
            second = cluster.machine("second", ("poll", "clean"))
            await second.start()
            await asyncio.gather(*(cluster.kill_at_random(machine, 1, dice) for machine in machines))
            await cluster.at_work()
            await away(own_kafka, 4)
            await cluster.at_work()
            await away(own_elasticsearch, OUTAGE)
            assert await second.stop() == 0
            await cluster.quiet(ARTICLES, PATIENCE)
            code, report = await machines[0].ask("audit")
            assert (code, report["found"], report["faults"]) == (0, {}, [])
            documents = await cluster.indexed()
            assert [await machine.stop() for machine in machines] == [0] * len(machines)
        finally:
            await cluster.close()
    assert 4 not in [code for machine in cluster.machines for code in machine.ends]  # none took an outage for a stall
    kills = [point for _, point in cluster.kills()]
    assert {point for points in POINTS.values() for point in points} <= set(kills)
    assert numbers(documents) == list(range(ARTICLES))
    assert {document.relation.version for document in documents} == {1}
    assert len({document.relation.seq for document in documents}) == ARTICLES
    sent = cluster.alerted()
    assert len(sent) == ARTICLES
    again = sum(sent.values()) - ARTICLES
    assert again <= sum(kills.count(point) for point in (*SENDS_AGAIN, ""))
    repeated = sum(stage["repeated"] for stage in report["stages"].values())
    record_property(
        "figure",
        f"reliability: {ARTICLES} articles, {len(kills)} workers killed, 0 lost, 0 doubled; "
        f"{repeated} records handled again, {again} alerts sent again",
    )


async def away(server: Server, seconds: float) -> None:
    """Stopped, and started again."""
    await asyncio.to_thread(server.stop)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(server.start)
