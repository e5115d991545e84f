"""Logs on the broker that the tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from pipeline.backends.log_kafka import KafkaLog
from tests.contracts.logs import OnKafka


@pytest.fixture
def place(kafka: str, prefix: str) -> OnKafka:
    return OnKafka(kafka, prefix)


@pytest.fixture
async def log(place: OnKafka) -> AsyncIterator[KafkaLog]:
    log = await place.open()
    yield log
    await log.close()


@pytest.fixture
async def other(place: OnKafka, log: KafkaLog) -> AsyncIterator[KafkaLog]:
    """Another process's."""
    other = await place.open()
    yield other
    await other.close()


@pytest.fixture
async def admin(place: OnKafka) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=list(place.options.servers))
    await client.start()
    yield client
    await client.close()
