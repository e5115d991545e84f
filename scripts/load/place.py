"""A place for one measurement: its own streams, indices and configuration on the servers, removed afterwards; a worker
there, and the CPU time it uses."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient

from pipeline.assembly.backends import IndexServer, open_kafka
from pipeline.backends.log_kafka import KafkaLog
from pipeline.backends.log_kafka.connection import arguments
from pipeline.config.folder import Configuration, load
from pipeline.records import Outcomes, Record, decode
from pipeline.stage import Message, Out
from scripts.load.figures import Batch, Sample

CONFIG = Path(__file__).parents[2] / "config"
PATIENCE = 1200.0  # seconds, the limit for every operation
LOOK = 0.25  # seconds between samples of a worker's CPU time
PUBLISH = 500  # messages published together

SETTINGS = """
log_url = "{kafka}"
index_url = "{elasticsearch}"
[fetch]
delay_per_site = 0
per_domain = 10000
allow_networks = ["127.0.0.0/8"]
[poll]
revisit = []
revisit_late = 0
[kafka]
prefix = "{prefix}."
partitions = 8
[elasticsearch]
prefix = "{prefix}"
[logs]
level = "warning"
"""
#: In addition to the shipped rules, one that every tenth article of articles.py matches.
ALERTS = '\n[[alert]]\nname = "Load"\nquery = "sentinel"\nchannels = ["file"]\n'

Keyed = tuple[str, Record]


@dataclass(frozen=True)
class Servers:
    kafka: str
    elasticsearch: str
    folder: Path  # for data of workers
    broker_data: Path | None = None  # where the broker keeps streams, if that is on this machine


def settings(servers: Servers, prefix: str) -> str:
    return SETTINGS.format(kafka=servers.kafka, elasticsearch=servers.elasticsearch, prefix=prefix)


def configure(folder: Path, settings: str) -> Configuration:
    """The shipped topics and alerts with these settings, in `folder`/config."""
    config = folder / "config"
    shutil.copytree(CONFIG / "topics", config / "topics")
    (config / "almenara.toml").write_text(settings, encoding="utf-8")
    alerts = (CONFIG / "alerts.toml").read_text(encoding="utf-8").replace('["terminal", "file"]', '["file"]')
    (config / "alerts.toml").write_text(alerts + ALERTS, encoding="utf-8")
    return load(config, {})


@dataclass
class Place:
    servers: Servers
    prefix: str  # of streams and indices
    folder: Path
    configuration: Configuration
    log: KafkaLog

    async def preload(self, stream: str, records: Sequence[Keyed]) -> None:
        outs = [Out(stream, key, record) for key, record in records]
        for first in range(0, len(outs), PUBLISH):
            await self.log.publish(outs[first : first + PUBLISH])

    @asynccontextmanager
    async def worker(self, *stages: str) -> AsyncIterator[Worker]:
        """A worker with these stages; ends with the block."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ALMENARA_")}
        for name in ("LOG_URL", "INDEX_URL", "KIBANA_URL"):
            environment.pop(name, None)
        with (self.folder / "worker.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "pipeline", "worker", "--only", ",".join(stages),
                "--config", str(self.folder / "config"),
                env=environment, start_new_session=True, stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL, stderr=log, cwd=Path(__file__).parents[2],
            )  # fmt: skip
        worker = Worker(process, self.folder / "worker.log")
        sampling = asyncio.create_task(sample(process.pid, worker.samples))
        try:
            async with asyncio.timeout(PATIENCE):
                yield worker
        finally:
            sampling.cancel()
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGTERM)
                try:
                    await asyncio.wait_for(process.wait(), 30)
                except TimeoutError:
                    os.killpg(process.pid, signal.SIGKILL)
                    await process.wait()

    async def until_done(self, worker: Worker, reads: Mapping[str, Iterable[str]]) -> None:
        """Wait until the groups have processed everything on their streams. `reads`: group -> streams."""
        while True:
            worker.check()
            ends, done = await self.log.ends(), await self.log.groups()
            places = [(g, t, p) for g, streams in reads.items() for t in streams for p in range(self.log.partitions(t))]
            if all(done.get(place, 0) >= ends[place[1], place[2]] for place in places):
                return
            await asyncio.sleep(0.5)

    async def until_held(self, worker: Worker, reads: Mapping[str, Iterable[str]]) -> None:
        """Wait until the worker has all partitions of these streams."""
        wanted = {(g, t, p) for g, streams in reads.items() for t in streams for p in range(self.log.partitions(t))}
        while not wanted <= set(await self.log.workers()):
            worker.check()
            await asyncio.sleep(0.5)

    @staticmethod
    async def remove(log: KafkaLog, streams: Iterable[str]) -> None:
        admin = AIOKafkaAdminClient(**arguments(log.options))
        await admin.start()
        try:
            await admin.delete_topics([log.options.prefix + stream for stream in streams])
        finally:
            await admin.close()

    async def messages(self, stream: str) -> list[Message]:
        return [message async for message in self.log.replay(stream)]

    async def outcomes(self) -> list[tuple[float, Outcomes]]:
        """The outcomes of records and when they were written, by the broker's clock."""
        return [(m.written.timestamp(), decode(Outcomes, m.value)) for m in await self.messages("outcomes") if m.value]

    async def batches(self, stage: str, stream: str) -> list[Batch]:
        return [(at, len(e.offsets)) for at, e in await self.outcomes() if (e.stage, e.stream) == (stage, stream)]

    async def stored(self) -> int:
        """Bytes of the index on disk."""
        index = await IndexServer(self.configuration.settings).open(write=False)
        try:
            return (await index.sizes())["documents"]
        finally:
            await index.close()

    def kept(self) -> dict[str, int]:
        """Bytes on the broker's disk, by stream; empty if its disk is not on this machine."""
        found: dict[str, int] = {}
        for file in self.servers.broker_data.glob(f"{self.prefix}.*/*.log") if self.servers.broker_data else ():
            stream = file.parent.name.rpartition("-")[0].removeprefix(f"{self.prefix}.")
            found[stream] = found.get(stream, 0) + file.stat().st_size
        return found


@dataclass
class Worker:
    process: asyncio.subprocess.Process
    log: Path
    samples: list[Sample] = field(default_factory=list)

    def check(self) -> None:
        """Raises RuntimeError with its last log lines if the worker has ended."""
        if self.process.returncode is not None:
            raise RuntimeError(f"the worker ended ({self.process.returncode}): {self.log.read_text()[-2000:]}")


@asynccontextmanager
async def place(servers: Servers, name: str) -> AsyncIterator[Place]:
    """Streams and indices called `name` on the servers, removed at the end of the block."""
    prefix = f"load-{os.getpid()}-{name}"
    folder = servers.folder / prefix
    configuration = configure(folder, settings(servers, prefix))
    log = await open_kafka(configuration.settings)
    try:
        await log.create()
        yield Place(servers, prefix, folder, configuration, log)
    finally:
        await Place.remove(log, list(log.streams))
        await log.close()
        await drop_index(configuration)
        shutil.rmtree(folder, ignore_errors=True)


async def drop_index(configuration: Configuration) -> None:
    index = await IndexServer(configuration.settings).open(write=False)
    await index.delete()
    await index.close()


async def sample(pid: int, samples: list[Sample]) -> None:
    """Keep sampling the CPU time of a process and of the children it starts from now on."""
    before = set(_processes()) - {pid}  # servers and the site may be our own children
    while True:
        samples.append((time.time(), spent_by(pid, before)))
        await asyncio.sleep(LOOK)


def spent_by(pid: int, without: Collection[int] = ()) -> float:
    """CPU seconds of a process and its descendants, including ended ones; 0 where there is no /proc."""
    processes = _processes()
    total, wanted = 0.0, [pid]
    while wanted:
        one = wanted.pop()
        total += processes[one][1] if one in processes else 0.0
        wanted += [child for child, (parent, _) in processes.items() if parent == one and child not in without]
    return total


def _processes() -> dict[int, tuple[int, float]]:
    """Parent and CPU seconds of every process."""
    found = {}
    tick = os.sysconf("SC_CLK_TCK")
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found[int(stat.parent.name)] = (int(fields[1]), sum(map(int, fields[11:15])) / tick)
    return found
