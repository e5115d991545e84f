"""Consumers that share a group."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer

from pipeline.backends.log_kafka import KafkaLog
from tests.contracts.logs import OnKafka, everything, out


@pytest.mark.slow
async def test_two_consumers_share_a_group_and_one_takes_over(log: KafkaLog, place: OnKafka, prefix: str) -> None:
    def consumer() -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            f"{prefix}a", bootstrap_servers=list(place.options.servers), group_id=f"{prefix}g",
            enable_auto_commit=False, auto_offset_reset="earliest", heartbeat_interval_ms=300, session_timeout_ms=6000,
        )  # fmt: skip

    async def take(one: AIOKafkaConsumer) -> list[str]:
        batches = await one.getmany(timeout_ms=200)
        seen = [record.key.decode() for batch in batches.values() for record in batch]
        if seen:
            await one.commit()
        return seen

    async def until(one: AIOKafkaConsumer, count: int, also: AIOKafkaConsumer | None = None) -> list[str]:
        seen: list[str] = []
        async with asyncio.timeout(30):
            while len(one.assignment()) != count or (also and len(also.assignment()) != 4 - count):
                seen += await take(one)
                seen += await take(also) if also else []
        return seen

    await log.publish([out("a", f"n{n}", partition=n % 4) for n in range(100)])
    one, two = consumer(), consumer()
    await one.start()
    seen = await until(one, 4)
    await two.start()
    seen += await until(one, 2, two)
    assert {tp.partition for tp in one.assignment()} | {tp.partition for tp in two.assignment()} == {0, 1, 2, 3}
    await log.publish([out("a", f"m{n}", partition=n % 4) for n in range(100)])
    seen += await take(one)
    await one.stop()
    seen += await until(two, 4)
    async with asyncio.timeout(30):
        while len(set(seen)) < 200:
            seen += await take(two)
    ends = await log.ends()
    assert await log.groups() == {("g", "a", p): ends["a", p] for p in range(4)}
    assert sorted(seen) == sorted(set(seen))  # nobody died, so nothing came twice
    await two.stop()


async def test_a_group_is_moved_and_a_stream_emptied(log: KafkaLog) -> None:
    await log.publish([out("b", f"n{n}") for n in range(5)])
    await log.move("g", {("b", 0): 3}, 0)
    assert await log.positions() == {("g", "b", 0): (3, (await log.incarnations())["b"])}
    assert await log.members() == {}
    await log.empty("b")
    assert await everything(log, "b") == []
    assert (await log.starts())["b", 0] == (await log.ends())["b", 0] == 5
