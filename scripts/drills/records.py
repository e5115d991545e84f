"""Drills on records: bytes that nothing wrote, and records of a newer program, on every stream."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer

from scripts.drills.distributed import Distributed
from scripts.drills.drill import Drill, Missed
from scripts.drills.poison import poisons


@asynccontextmanager
async def poisoned(stand: Distributed) -> AsyncIterator[None]:
    """Poison on every partition of every stream; then every worker starts again, and reads its state with it."""
    dice = random.Random(stand.seed)
    await _send(stand, dice, stand.log.streams)
    yield
    for machine in stand.machines:
        if await machine.stop():
            raise Missed(f"{machine.folder.name} did not end in order: {machine.said()[-300:]}")
    for machine in stand.machines:
        await machine.start()
    for command in ("dead list", "feeds list", "alerts list", "streams list"):
        code, _, err = await stand.almenara(*command.split())
        if code or "Traceback" in err:
            raise Missed(f"`almenara {command}` ended with {code}: {err[-300:]}")


async def _send(stand: Distributed, dice: random.Random, streams: Iterable[str]) -> None:
    prefix = stand.log.options.prefix
    async with AIOKafkaProducer(bootstrap_servers=list(stand.log.options.servers)) as producer:
        for stream in streams:
            good = next(iter([message.value async for message in stand.log.replay(stream)]), None)
            for partition in range(stand.log.partitions(stream)):
                for one in poisons(dice, good):
                    await producer.send(
                        prefix + stream, one.value, one.key, partition=partition, headers=list(one.headers)
                    )
        await producer.flush()


@asynccontextmanager
async def newer(stand: Distributed, stream: str) -> AsyncIterator[None]:
    """A record that a newer program wrote: it waits, its partition with it, until someone skips it."""
    topic = stand.log.options.prefix + stream
    async with AIOKafkaProducer(bootstrap_servers=list(stand.log.options.servers)) as producer:
        sent = await producer.send_and_wait(topic, b'{"v":99,"id":"from-the-future"}', b"k", partition=0)
    yield
    place = f"{stream}/0/{sent.offset}"
    code, out, err = await stand.almenara("skip", place)
    if code:
        raise Missed(f"`almenara skip {place}` ended with {code}: {out}{err}")


def drills() -> list[Drill[Distributed]]:
    return [
        Drill(
            "poison", "random bytes, keys and headers on every stream", poisoned,
            status="^dead: open", stays=True, small=True,
        ),
        *(_newer(stream) for stream in ("articles", "tagged", "alerts", "feed-state", "known")),
    ]  # fmt: skip


def _newer(stream: str) -> Drill[Distributed]:
    async def trouble(stand: Distributed) -> AsyncIterator[None]:
        async with newer(stand, stream):
            yield

    return Drill(
        f"newer-{stream}", f"a record of a newer schema on `{stream}`, then `almenara skip`",
        asynccontextmanager(trouble), stays=True,
        status=f": blocked: .*{stream}/0/", health=f": blocked: .*{stream}/0/",
    )  # fmt: skip
