"""Measures a burst of articles into one worker: how far each hop falls behind, how late documents are.

The figures are read afterwards from the broker's timestamps, so measuring slows nothing down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import msgspec

from pipeline.assembly.backends import clock
from pipeline.core.urls import registrable
from pipeline.log.streams import RECORDS
from pipeline.records import Document, Item, Tagged, decode
from pipeline.stage import Message, Out
from scripts.load.articles import url
from scripts.load.figures import lags, quantile, spent
from scripts.load.hops import HOPS, Records
from scripts.load.place import Place, Servers, place

Ended = tuple[str, str, int, int]  # stage, stream, partition, offset
TICK = 0.1  # seconds between two batches
STEP = 5.0  # seconds between two values of the lag
#: What the stages of a burst read. The groups for backfill and delayed items have nothing to do.
READS = {**{stage: (stream,) for stage, stream in HOPS.items()}, "index": ("documents", "alerts")}


@dataclass(frozen=True)
class Burst:
    """Lags in records, `late` in seconds from publishing to a durable document, `drained` in seconds after the last was
    published. `kept` and `stored`: bytes on disk, by stream and in the index."""

    stages: tuple[str, ...]
    articles: int
    indexed: int  # of them
    seconds: float
    rate: float  # as published
    lag: dict[str, int]  # the highest, by stage
    over: dict[str, list[int]]  # every STEP seconds, by stage
    late: dict[str, float]  # p50, p95, maximum
    drained: float
    core: float  # CPU milliseconds of the worker per article
    kept: dict[str, int]
    stored: int


async def whole(servers: Servers, port: int, rate: float, seconds: float) -> Burst:
    """Send items through all stages; pages come from the site at `port`."""
    count = round(rate * seconds)
    items = [
        Item(feed="load", source=f"Site {n % 32}", url=url(port, n), seen=clock()) for n in range(10**6, 10**6 + count)
    ]
    return await _burst(servers, "whole", "items", [Out("items", registrable(one.url), one) for one in items], rate)


async def tagged(servers: Servers, records: Records, rate: float, seconds: float) -> Burst:
    """Send tagged articles into relate and later stages, without extraction. Raises ValueError for too few records."""
    given = records["tagged"][: round(rate * seconds)]
    if len(given) < rate * seconds:
        raise ValueError(f"{len(given)} records are too few for {rate:g}/s over {seconds:g} s")
    outs = []
    for key, record in given:
        assert isinstance(record, Tagged)
        article = msgspec.structs.replace(record.article, seen=clock())
        outs.append(Out("tagged", key, msgspec.structs.replace(record, article=article)))
    return await _burst(servers, "tagged", "tagged", outs, rate)


async def _burst(servers: Servers, name: str, into: str, outs: Sequence[Out], rate: float) -> Burst:
    stages = tuple(HOPS) if into == "items" else tuple(HOPS)[2:]
    async with place(servers, f"burst-{name}") as here, here.worker(*stages) as worker:
        reads = {stage: READS[stage] for stage in stages}
        await here.until_held(worker, reads)
        await _publish(here, outs, rate)
        await here.until_done(worker, reads)
        return await _read(here, stages, into, worker.samples)


async def _publish(here: Place, outs: Sequence[Out], rate: float) -> None:
    loop = asyncio.get_running_loop()
    started, done = loop.time(), 0
    while done < len(outs):
        wanted = min(len(outs), int((loop.time() - started + TICK) * rate))
        await here.log.publish(outs[done:wanted])
        done = wanted
        await asyncio.sleep(max(0.0, TICK - (loop.time() - started) % TICK))


async def _read(here: Place, stages: Sequence[str], into: str, samples: Sequence[tuple[float, float]]) -> Burst:
    outcomes = await here.outcomes()
    over, ended = dict[str, list[int]](), dict[Ended, float]()
    for at, e in outcomes:
        ended |= {(e.stage, e.stream, e.partition, offset): at for offset in e.offsets}
    written = {stream: await here.messages(stream) for stream in {HOPS[stage] for stage in stages}}
    came = [m.written.timestamp() for m in written[into]]
    started, last = min(came), max(came)
    for stage in stages:
        stream = HOPS[stage]
        went = [at for (name, read, *_), at in ended.items() if (name, read) == (stage, stream)]
        waiting = lags(chain([started], (m.written.timestamp() for m in written[stream])), chain([started], went), STEP)
        over[stage] = [lag for _, lag in waiting]
    peaks = {stage: max(waiting) for stage, waiting in over.items()}
    late = _late(written, into, ended)
    end = max(at for at, _ in outcomes)
    return Burst(
        tuple(stages), len(came), len(late), round(last - started, 1), round((len(came) - 1) / (last - started), 1),
        peaks, over,
        {"p50": quantile(late, 0.5), "p95": quantile(late, 0.95), "most": max(late)}, end - last,
        1000 * spent(samples, started, end) / len(came), here.kept(), await here.stored(),
    )  # fmt: skip


def _late(written: Mapping[str, Sequence[Message]], into: str, ended: Mapping[Ended, float]) -> list[float]:
    """Seconds of each article from its publishing until its document was durable in the index."""
    began = {_address(m): m.written.timestamp() for m in written[into]}
    done = {_address(m): ended.get(("index", m.at.stream, m.at.partition, m.at.offset)) for m in written["documents"]}
    return [at - began[address] for address, at in done.items() if at is not None and address in began]


def _address(message: Message) -> str:
    record = decode(RECORDS[message.at.stream], message.value or b"")
    match record:
        case Item():
            return record.url
        case Tagged() | Document():
            return record.article.url
    raise TypeError(f"{message.at.stream} has no addresses")
