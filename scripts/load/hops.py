"""Measures the throughput of each hop: one stage in a worker, with its input ready on the log, against two baselines.

`bare` is an aiokafka loop that copies the same messages: what Kafka and Python cost in any case.
`embedded` is the same stage over the same records under the embedded driver, in this process.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from agents.embedded import Embedded
from pipeline.assembly.backends import clock
from pipeline.assembly.wiring import embedded_pipeline
from pipeline.backends.log_kafka import KafkaLog
from pipeline.backends.log_kafka.connection import arguments
from pipeline.core.urls import registrable
from pipeline.log.streams import RECORDS
from pipeline.ports import Stream
from pipeline.records import Item, decode
from pipeline.stage import Message, Out, StepResult
from pipeline.terminal.reporter import Reporter
from scripts.load.articles import url
from scripts.load.figures import Batch, Sample, rate, spent, steady
from scripts.load.place import Keyed, Place, Servers, configure, drop_index, place, sample, settings

#: Stage -> the stream it is measured on.
HOPS = {
    "clean": "items", "tag": "articles", "relate": "tagged", "index": "documents", "alert": "documents",
    "notify": "alerts",
}  # fmt: skip
MOST = {"clean": 1000, "tag": 1000}  # records, for stages that take long for each
EMBEDDED = '[fetch]\ndelay_per_site = 0\nper_domain = 10000\nallow_networks = ["127.0.0.0/8"]\n'
COPIES = Stream("copies", partitions=8)

Records = Mapping[str, Sequence[Keyed]]  # by stream


@dataclass
class Rates:
    """Records per second and CPU milliseconds per record, for each round of one variant."""

    rates: list[float] = field(default_factory=list)
    core: list[float] = field(default_factory=list)

    def add(self, batches: Sequence[Batch], samples: Sequence[Sample]) -> None:
        begin, end, count = steady(batches)
        self.rates.append(rate(batches))
        self.core.append(1000 * spent(samples, begin, end) / count)


@dataclass
class Hop:
    stage: str
    records: int
    worker: Rates = field(default_factory=Rates)
    bare: Rates = field(default_factory=Rates)
    embedded: Rates = field(default_factory=Rates)


async def make(port: int, count: int) -> Records:
    """Records of every stream, made by running the stages once over `count` synthetic articles."""
    items = [Item(feed="load", source=f"Site {n % 32}", url=url(port, n), seen=clock()) for n in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        async with embedded_pipeline(configure(Path(folder), EMBEDDED), Reporter()) as pipeline:
            stages = [stage for stage in pipeline.flow if stage.name in ("clean", "tag", "relate", "alert")]
            driver = Embedded(pipeline.log, pipeline.log.streams, stages, None, clock)
            async with driver.running():
                await pipeline.log.commit([Out("items", registrable(item.url), item) for item in items])
                await driver.drained(0)
            found = {}
            for stream in HOPS.values():
                messages = [message async for message in pipeline.log.replay(stream)]
                found[stream] = [(m.key, decode(RECORDS[stream], m.value)) for m in messages if m.value]
    missing = [stream for stream, records in found.items() if stream != "alerts" and len(records) != count]
    if missing:
        raise RuntimeError(f"of {count} articles not all reached {', '.join(missing)}: is the machine too busy?")
    return found


async def hop(servers: Servers, stage: str, records: Records, rounds: int) -> Hop:
    """Measure `stage` in the worker, bare and embedded, `rounds` times in turn."""
    stream = HOPS[stage]
    given = records[stream][: MOST.get(stage)]
    result = Hop(stage, len(given))
    for number in range(rounds):
        async with place(servers, f"{stage}{number}") as here:
            await here.preload(stream, given)
            result.bare.add(*await bare(here, stream, len(given)))
            async with here.worker(stage) as worker:
                await here.until_done(worker, {stage: [stream]})
            result.worker.add(await here.batches(stage, stream), worker.samples)
        result.embedded.add(*await embedded(servers, stage, stream, given))
    return result


async def bare(here: Place, stream: str, count: int) -> tuple[list[Batch], list[Sample]]:
    """Copy a stream: read, send, wait until everything is confirmed, repeat."""
    options = here.log.options
    log = await KafkaLog.open(options, [COPIES])
    await log.create()
    places = [TopicPartition(options.prefix + stream, n) for n in range(here.log.partitions(stream))]
    # Without a group: joining one takes seconds, which is not what is measured.
    consumer = AIOKafkaConsumer(**arguments(options), enable_auto_commit=False, auto_offset_reset="earliest")
    producer = AIOKafkaProducer(
        **arguments(options), enable_idempotence=True, acks="all", compression_type="zstd", linger_ms=5
    )
    await consumer.start()
    await producer.start()
    batches, samples = list[Batch](), list[Sample]()
    try:
        consumer.assign(places)
        while sum(done for _, done in batches) < count:
            samples.append((time.time(), time.process_time()))
            messages = [m for part in (await consumer.getmany(timeout_ms=200, max_records=64)).values() for m in part]
            confirmed = [await producer.send(options.prefix + COPIES.name, m.value, m.key) for m in messages]
            await asyncio.gather(*confirmed)
            batches.append((time.time(), len(messages)))
        samples.append((time.time(), time.process_time()))
    finally:
        await consumer.stop()
        await producer.stop()
        await here.remove(log, [COPIES.name])
        await log.close()
    return batches, samples


async def embedded(
    servers: Servers, name: str, stream: str, given: Sequence[Keyed]
) -> tuple[list[Batch], list[Sample]]:
    """Measure the stage under the embedded driver on a fresh log; the index is the same Elasticsearch."""
    batches, samples = list[Batch](), list[Sample]()

    def ended(stage: str, ended: StepResult, message: Message) -> None:
        batches.append((time.time(), 1))

    with tempfile.TemporaryDirectory(dir=servers.folder) as folder:
        local = replace(servers, kafka="")  # no broker: the log is a file
        configuration = configure(Path(folder), settings(local, f"load-{os.getpid()}-embedded"))
        sampling = asyncio.create_task(sample(os.getpid(), samples))
        await asyncio.sleep(0)  # it must see which processes existed before the stage's own
        async with embedded_pipeline(configuration, Reporter()) as pipeline:
            stages = [stage for stage in pipeline.flow if stage.name == name]
            await pipeline.log.commit([Out(stream, key, record) for key, record in given])
            driver = Embedded(pipeline.log, pipeline.log.streams, stages, None, clock, ended)
            async with driver.running():
                while len(batches) < len(given):  # noqa: ASYNC110  the driver says no more
                    await asyncio.sleep(0.02)
        sampling.cancel()
        await drop_index(configuration)
    return batches, samples
