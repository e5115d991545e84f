"""Closing a pool, and settings that make no sense."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest

from pipeline.stage import Unavailable
from tests.contracts.worker_pool.jobs import (
    double,
    nap,
    server_pid,
    spin,
)
from tests.contracts.worker_pool.processes import Make, alive, until
from tests.options import process_pool

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")


async def test_close_ends_every_process_and_call(make: Make) -> None:
    pool = make(2, timeout=30)
    pids = {*await asyncio.gather(pool.run(nap, 0.1), pool.run(nap, 0.1)), await pool.run(server_pid)}
    jobs = [asyncio.create_task(pool.run(spin)) for _ in range(4)]
    await asyncio.sleep(0.1)
    await pool.close()
    await pool.close()
    for error in await asyncio.gather(*jobs, return_exceptions=True):
        assert isinstance(error, Unavailable)
    with pytest.raises(Unavailable):
        await pool.run(double, "a")
    await until(lambda: not any(map(alive, pids)))


async def test_closing_while_it_starts(make: Make) -> None:
    pool = make(preload=("tests.contracts.worker_pool.jobs:spin",))
    call = asyncio.create_task(pool.run(double, "a"))
    await asyncio.sleep(0.2)
    async with asyncio.timeout(1):
        await pool.close()
    with pytest.raises(Unavailable):
        await call


async def test_closing_what_was_never_used() -> None:
    await process_pool().close()


@pytest.mark.parametrize("settings", [{"processes": 0}, {"timeout": 0}, {"memory": -1}, {"recycle": 0}])
def test_senseless_settings(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="positive"):
        process_pool(**settings)


PARENT = """
import asyncio
from tests.contracts.worker_pool.jobs import pid, server_pid, spin
from tests.options import process_pool
async def main():
    pool = process_pool(2, timeout=600)
    print(await pool.run(pid), await pool.run(server_pid), flush=True)
    await asyncio.gather(pool.run(spin), pool.run(spin))
asyncio.run(main())
"""


async def test_workers_die_with_a_parent_that_is_killed() -> None:
    """Busy ones too: nothing in them would notice the end of a pipe."""
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pids = [int(word) for word in (await asyncio.to_thread(parent.stdout.readline)).split()]
        await asyncio.sleep(0.3)
        assert all(map(alive, pids))
        parent.kill()
    await until(lambda: not any(map(alive, pids)))
