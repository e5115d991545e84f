"""The processes of a pool: how many, how long they live, and what becomes of their jobs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sys
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.ports import JobFailed
from pipeline.stage import Unavailable
from tests.contracts.worker_pool.jobs import (
    about_me,
    count,
    double,
    fail,
    nap,
    pid,
    quietly_gone,
    segfault,
    server_pid,
    spin,
)
from tests.contracts.worker_pool.processes import JOBS, Make, alive, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")


# Processes


async def test_as_many_jobs_at_once_as_slots_each_in_a_process_of_its_own(make: Make) -> None:
    pool = make(2, timeout=5)
    pids = await asyncio.gather(*(pool.run(nap, 0.1) for _ in range(6)))
    assert len(set(pids)) == 2
    assert os.getpid() not in pids


async def test_a_worker_is_replaced_after_so_many_jobs(make: Make) -> None:
    pool = make(1, timeout=5, recycle=3)
    assert [await pool.run(count) for _ in range(7)] == [1, 2, 3, 1, 2, 3, 1]


async def test_what_a_worker_is_like(make: Make) -> None:
    pool = make(1, timeout=5, preload=("statistics", f"{JOBS}:count"))
    me = await pool.run(about_me)
    assert me == {"stdin": "/dev/null", "blas": "1", "core": 0, "int": True, "threads": 1,
                  "descriptors": me["descriptors"], "loaded": True}  # fmt: skip
    assert await pool.run(count) == 2, "the function named in preload was called before the fork"
    with contextlib.suppress(JobFailed):
        await pool.run(segfault)
    assert (await pool.run(about_me))["descriptors"] == me["descriptors"], "workers do not inherit each other's"


async def test_what_is_preloaded_may_be_large(make: Make) -> None:
    pool = make(1, timeout=5, preload=((f"{JOBS}:double", "x" * 1_000_000),))  # the topic rules are
    assert await pool.run(double, "a") == "aa"


@pytest.mark.parametrize("preload", ["no_such_module", "statistics:no_such_function"])
async def test_a_preload_that_fails_is_our_fault_and_says_so(make: Make, preload: str) -> None:
    pool = make(1, preload=(preload,))
    for _ in range(2):
        with pytest.raises(Unavailable, match="no_such"):
            await pool.run(double, "a")


async def test_a_worker_killed_while_idle_is_replaced_unseen(make: Make) -> None:
    pool = make(1, timeout=5)
    victim = await pool.run(pid)
    os.kill(victim, signal.SIGKILL)
    await until(lambda: not alive(victim))
    assert await pool.run(double, "a") == "aa"


async def test_the_server_killed_takes_no_job_along(make: Make) -> None:
    pool = make(2, timeout=5)
    server = await pool.run(server_pid)
    jobs = [asyncio.create_task(pool.run(nap, 0.5)) for _ in range(3)]
    await asyncio.sleep(0.2)
    os.kill(server, signal.SIGKILL)
    assert len(set(await asyncio.gather(*jobs))) >= 1
    assert await pool.run(server_pid) != server


async def test_no_more_processes_allowed_is_our_fault(make: Make) -> None:
    pool = make(preload=(JOBS, f"{JOBS}:allow_no_process"))
    with pytest.raises(Unavailable, match="cannot start a process"):
        await pool.run(double, "a")


async def test_ctrl_c_and_sigterm_to_the_group_are_left_to_the_daemon(make: Make) -> None:
    pool = make(1, timeout=5)
    worker, server = await pool.run(pid), await pool.run(server_pid)
    job = asyncio.create_task(pool.run(nap, 0.3))
    await asyncio.sleep(0.1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(worker, number)
        os.kill(server, number)
    assert await job == worker


async def test_a_cancelled_call_frees_its_slot(make: Make) -> None:
    pool = make(1, timeout=0.5)
    await pool.start()
    running, waiting = asyncio.create_task(pool.run(spin)), asyncio.create_task(pool.run(spin))
    await asyncio.sleep(0.1)
    running.cancel()
    waiting.cancel()
    await asyncio.wait([running, waiting])
    assert running.cancelled()
    assert waiting.cancelled()
    assert await pool.run(double, "a") == "aa"


async def test_a_storm_of_everything(make: Make) -> None:
    """No slot is lost, no answer goes to the wrong caller."""
    pool, dice = make(2, recycle=5), random.Random(1)
    jobs: list[asyncio.Task[Any]] = []
    for n in range(120):
        text = (str(n),)
        jobs_and_arguments: list[tuple[Callable[..., Any], tuple[str, ...]]] = [
            (double, text), (double, text), (double, text), (fail, ("value",)), (quietly_gone, ()),
        ]  # fmt: skip
        job, args = dice.choice(jobs_and_arguments)
        jobs.append(asyncio.create_task(pool.run(job, *args), name=str(n) if job is double else ""))
        if dice.random() < 0.1:
            dice.choice(jobs).cancel()
            await asyncio.sleep(0.01)
    await asyncio.wait(jobs)
    answered = [job for job in jobs if job.get_name() and not job.cancelled()]
    assert len(answered) > 30
    assert all(job.result() == job.get_name() * 2 for job in answered)
    assert await pool.run(double, "a") == "aa"
