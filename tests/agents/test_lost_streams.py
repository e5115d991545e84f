"""Streams of the flow are deleted and created again under a live worker, with articles on their way. The worker
exits with 4, `almenara streams repair` brings back what was lost, and after that no article and no alert is missing or
there twice. On real servers.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import pytest

from tests.agents.cluster import Cluster, numbers
from tests.agents.machines import Desk, Machine

pytestmark = pytest.mark.slow

#: One of each class: records on their way, and state. `scripts/drills` loses every stream.
LOST = (("tagged",), ("known", "fingerprints"))
MORE = 20  # articles published before each loss
NOTICED = 12.0  # seconds until the worker has ended: 10, and what it needs to stop
PATIENCE = 90.0


async def almenara(machine: Machine, *command: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pipeline", *command, "--config", str(machine.config),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def lose(cluster: Cluster, streams: tuple[str, ...]) -> None:
    """Delete streams and create them again."""
    assert cluster.log
    await cluster.log._client.delete_topics([cluster.prefix + stream for stream in streams])
    while set(streams) & set(await cluster.log.incarnations()):
        await asyncio.sleep(0.05)
    await cluster.log.create()


async def start(machine: Machine) -> None:
    """Start it, and wait until it has started: what is lost before is not lost under a live worker."""
    file = machine.folder / "err"
    before = file.read_text().count(" started ") if file.exists() else 0
    await machine.start()
    machine.wanted = False
    async with asyncio.timeout(PATIENCE):
        while file.read_text().count(" started ") == before:
            await asyncio.sleep(0.2)


async def test_a_lost_stream_is_noticed_and_repaired(
    tmp_path: Path, kafka: str, elasticsearch: str, prefix: str
) -> None:
    async with Desk() as desk:
        cluster = Cluster(tmp_path, kafka, elasticsearch, prefix, desk)
        machine = cluster.machine("one")
        try:
            await cluster.open()
            await start(machine)
            desk.published = MORE
            await cluster.quiet(desk.published, PATIENCE)
            for streams in LOST:
                desk.published += MORE
                await asyncio.sleep(1.7)  # they are on their way
                await lose(cluster, streams)
                began = time.monotonic()
                assert machine.process
                code = await asyncio.wait_for(machine.process.wait(), 60)
                seconds = time.monotonic() - began
                assert (code, streams[0] in machine.said()) == (4, True), machine.said()
                assert seconds < NOTICED, (streams, seconds)
                code, said = await almenara(machine, "streams", "repair")
                print(streams, round(seconds, 1), code, said)
                assert code == 0, said
                assert all(f"stream {stream} was deleted" in said for stream in streams)
                assert await almenara(machine, "streams", "repair") == (0, "nothing to repair\n")
                await start(machine)
                await cluster.quiet(desk.published, PATIENCE)
                assert numbers(await cluster.indexed()) == list(range(desk.published)), streams
                assert set(cluster.alerted().values()) == {1}, streams
            documents = await cluster.indexed()
            code, said = await almenara(machine, "rebuild-state")
            assert (code, "relate: one" in said) == (1, True), said
            assert await machine.stop() == 0
        finally:
            await cluster.close()
    assert {document.relation.version for document in documents} == {1}
    assert len({document.relation.seq for document in documents}) == len(documents)
    assert len(cluster.alerted()) == len(documents)
