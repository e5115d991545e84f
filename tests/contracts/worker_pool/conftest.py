"""Pools that are closed after the test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from pipeline.backends.worker_pool import ProcessPool
from tests.contracts.worker_pool.jobs import (
    MEMORY,
)
from tests.contracts.worker_pool.processes import JOBS, Make
from tests.options import process_pool


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    made: list[ProcessPool] = []

    def one(processes: int = 1, timeout: float = 5, *, preload: tuple[str, ...] = (JOBS,), **more: Any) -> ProcessPool:
        made.append(process_pool(processes, timeout=timeout, preload=preload, **more))
        return made[-1]

    yield one
    for pool in made:
        await pool.close()


@pytest.fixture
def pool(make: Make) -> ProcessPool:
    return make(2, memory=MEMORY)
