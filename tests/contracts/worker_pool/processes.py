"""What tests of the worker pool ask of processes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pipeline.backends.worker_pool import ProcessPool

JOBS = "tests.contracts.worker_pool.jobs"
Make = Callable[..., ProcessPool]


def alive(pid: int) -> bool:
    """A zombie, which waits for its parent, is not."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.02)
