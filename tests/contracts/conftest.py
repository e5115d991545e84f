"""Fixtures of several contract tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pipeline.backends.index_elastic import ElasticOptions
from pipeline.ports import Log
from tests.contracts.logs import Backend, OnKafka, OnSqlite
from tests.options import elastic_options


@pytest.fixture
def options(elasticsearch: str, prefix: str) -> ElasticOptions:
    return elastic_options(elasticsearch, prefix=prefix.strip("."), refresh=True)


@pytest.fixture(params=["sqlite", "kafka"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    if request.param == "sqlite":
        return OnSqlite(tmp_path)
    return OnKafka(request.getfixturevalue("kafka"), request.getfixturevalue("prefix"))


@pytest.fixture
async def log(backend: Backend) -> AsyncIterator[Log]:
    log = await backend.open()
    yield log
    await log.close()
