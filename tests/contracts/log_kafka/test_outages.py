"""A broker that is down, stopped or killed."""

from __future__ import annotations

import asyncio
import gc
import random
from collections.abc import AsyncIterator

import pytest

from pipeline.backends.log_kafka import KafkaLog
from pipeline.config.addresses import servers_of
from pipeline.stage import Message, Out, Unavailable
from tests.builders import feed
from tests.contracts.logs import STREAMS, everything, names, opened, out
from tests.options import kafka_options
from tests.services.servers import Kafka


@pytest.mark.parametrize("url", ["kafka://127.0.0.1:1", "kafka://127.0.0.1:1,127.0.0.1:2"])
async def test_no_broker_there(url: str) -> None:
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:1: .*is the broker running\? Check log_url"):
        await KafkaLog.open(kafka_options(servers_of(url)), STREAMS)


async def test_one_of_several_servers_is_enough(kafka: str, prefix: str) -> None:
    servers = ("127.0.0.1:1", *servers_of(kafka))
    async with opened(kafka_options(servers, prefix)):
        pass


@pytest.mark.slow
async def test_nothing_that_failed_comes_through_later_and_all_goes_on(own_kafka: Kafka) -> None:
    async with opened(kafka_options(servers_of(own_kafka.url))) as log:
        await log.create()
        noise = random.Random(7)
        for _ in range(4):
            await log.publish([Out("a", "k", feed(noise.randbytes(45_000).hex()), partition=0) for _ in range(60)])
        await log.publish([out("b", "before")])
        replay = aiter(log.replay("a"))
        await anext(replay)
        await asyncio.to_thread(own_kafka.kill)
        began = asyncio.get_running_loop().time()
        acts = [log.publish([out("b", f"lost{n}")]) for n in range(5)]
        acts += [drain(replay), log.ends(), log.groups(), everything(log, "b"), log.check()]  # type: ignore[list-item]
        errors = await asyncio.gather(*acts, return_exceptions=True)
        assert {type(error) for error in errors} == {Unavailable}, errors
        assert "Kafka at 127.0.0.1" in str(errors[0])
        assert asyncio.get_running_loop().time() - began < 40
        await asyncio.to_thread(own_kafka.start)
        await log.publish([out("b", "after")])
        await asyncio.sleep(3)
        assert names(await everything(log, "b")) == ["before", "after"]
        assert len(await everything(log, "a")) == 240
        assert (await log.ends())["b", 0] == 2
        assert await log.groups() == {}
        await log.check()


async def drain(replay: AsyncIterator[Message]) -> None:
    async for _ in replay:
        pass


@pytest.mark.slow
async def test_a_log_can_be_closed_while_the_broker_is_away(own_kafka: Kafka) -> None:
    async with opened(kafka_options(servers_of(own_kafka.url))) as log:
        await log.create()
        await log.publish([out("b", "before")])
        await asyncio.to_thread(own_kafka.kill)
        task = asyncio.create_task(log.publish([out("b", "lost")]))
        await asyncio.sleep(0.5)
        async with asyncio.timeout(30):
            await log.close()
            with pytest.raises(Unavailable):
                await task


@pytest.mark.slow
async def test_a_message_that_was_confirmed_survives_a_kill(own_kafka: Kafka) -> None:
    async with opened(kafka_options(servers_of(own_kafka.url))) as log:
        await log.create()
        confirmed: list[str] = []

        async def write() -> None:
            for n in range(100_000):
                try:
                    await log.publish([out("b", f"n{n}")])
                except Unavailable:
                    continue
                confirmed.append(f"n{n}")

        writing = asyncio.create_task(write())
        await asyncio.sleep(2)
        await asyncio.to_thread(own_kafka.kill)
        await asyncio.to_thread(own_kafka.start)
        before = len(confirmed)
        async with asyncio.timeout(60):
            while len(confirmed) < before + 10:
                await asyncio.sleep(0.1)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        there = names(await everything(log, "b"))
        assert set(confirmed) <= set(there)
        assert [name for name in there if name in set(confirmed)] == confirmed


async def test_a_call_that_is_cancelled_while_it_connects_leaves_no_connection_open(log: KafkaLog) -> None:
    """Cancelled at every point of a call; unclosed connections warn, which fails the test, when they are collected."""
    await log.create()
    for step in range(60):
        call = asyncio.create_task(log.ends())
        await asyncio.sleep(step / 4_000)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
    gc.collect()
