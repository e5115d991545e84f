"""Sending to a broker that goes away: a real one."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from pipeline.backends.log_kafka import publisher
from pipeline.backends.log_kafka.connection import arguments
from pipeline.backends.log_kafka.publisher import Parcel, Publisher
from pipeline.stage import Unavailable
from tests.options import kafka_options
from tests.services.servers import Kafka

pytestmark = pytest.mark.slow


async def test_what_is_given_up_is_reported_to_each_caller_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "CONFIRM", 4.0)
    with Kafka(tmp_path) as kafka:
        assert await asyncio.create_task(send_while_it_goes(kafka)) == [Unavailable] * 8
    assert [future for future in ended_futures() if future._log_traceback] == []


def ended_futures() -> list[asyncio.Future[Any]]:
    """Those that would be logged when they are freed, if they hold an error that nobody looked at. A stream's protocol
    looks at its own when it is freed, so a connection that the broker reset is not among them."""
    found = gc.get_objects()
    own = {id(vars(protocol)["_closed"]) for protocol in found if isinstance(protocol, asyncio.StreamReaderProtocol)}
    futures = [future for future in found if isinstance(future, asyncio.Future) and future.done()]
    assert futures
    return [future for future in futures if id(future) not in own]


async def send_while_it_goes(kafka: Kafka) -> list[type]:
    """What each of 8 callers is shown."""
    options = kafka_options((kafka.url.removeprefix("kafka://"),))
    admin = AIOKafkaAdminClient(**arguments(options))
    await admin.start()
    await admin.create_topics([NewTopic(f"t-{n}", 1, 1) for n in range(4)])
    await admin.close()
    sender = Publisher(options)
    parcels = [[Parcel(f"t-{n}", 0, b"k", bytes(200)) for _ in range(3)] for n in range(4)]
    for some in parcels:
        assert len(await sender.send(some)) == 3
    kafka.kill()
    first = [asyncio.create_task(sender.send(some)) for some in parcels]
    await asyncio.sleep(1)  # these are with the sender then, and the next ones wait behind them
    ends = await asyncio.gather(*first, *(sender.send(some) for some in parcels), return_exceptions=True)
    await sender.close()
    return [type(end) for end in ends]
