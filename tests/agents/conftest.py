"""Fixtures of several tests of workers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from pipeline.backends.log_kafka import KafkaLog
from pipeline.config.addresses import servers_of
from tests.agents.room import STREAMS, Room
from tests.options import kafka_options


@pytest.fixture
async def room(kafka: str, prefix: str) -> AsyncIterator[Room]:
    log = await KafkaLog.open(kafka_options(servers_of(kafka), prefix), STREAMS)
    await log.create()
    yield Room(log)
    await log.close()
