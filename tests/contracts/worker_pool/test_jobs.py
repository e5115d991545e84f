"""Jobs that answer, raise, hang, crash and use up memory."""

from __future__ import annotations

import asyncio
import pickle
import sys
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.backends.worker_pool import ProcessPool
from pipeline.ports import JobFailed, WorkerPool
from tests.contracts.worker_pool.jobs import (
    bomb,
    double,
    eat,
    eat_slowly,
    fail,
    fail_awkwardly,
    hang_in_c,
    leave,
    nap,
    pid,
    quietly_gone,
    segfault,
    spin,
    unpicklable,
)
from tests.contracts.worker_pool.processes import Make, alive
from tests.fakes import InlinePool

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")


# What any pool does


@pytest.mark.parametrize("kind", ["process", "inline"])
async def test_jobs_answer_and_raise(pool: ProcessPool, kind: str) -> None:
    any_pool: WorkerPool = pool if kind == "process" else InlinePool()
    assert await any_pool.run(double, "ñ") == "ññ"
    with pytest.raises(ValueError, match="value"):
        await any_pool.run(fail, "value")
    with pytest.raises(KeyError):
        await any_pool.run(fail, "key")
    with pytest.raises(TimeoutError):
        await any_pool.run(fail, "time")
    assert await any_pool.run(double, "a") == "aa"


async def test_megabytes_go_both_ways(pool: ProcessPool) -> None:
    assert len(await pool.run(double, "x" * 20_000_000)) == 40_000_000


async def test_an_exception_tells_where_in_the_worker_it_was_raised(pool: ProcessPool) -> None:
    with pytest.raises(ValueError, match="value") as caught:
        await pool.run(fail, "value")
    assert "in fail" in "".join(caught.value.__notes__)


async def test_what_cannot_be_sent_is_the_callers_error(pool: ProcessPool) -> None:
    with pytest.raises((AttributeError, pickle.PicklingError)):  # it differs between Pythons
        await pool.run(double, lambda: None)
    assert await pool.run(double, "a") == "aa"


# Jobs that end badly


@pytest.mark.parametrize(
    ("job", "detail"),
    [
        (segfault, "SIGSEGV"),
        (quietly_gone, "status 3"),
        (leave, "bye"),
        (eat, "200 MiB"),
        (eat_slowly, "200 MiB"),
        (unpicklable, "cannot be passed on"),
        (fail_awkwardly, "Awkward"),
        (bomb, "cannot be read"),
    ],
)
async def test_a_crash_is_the_jobs_own(pool: ProcessPool, job: Callable[[], Any], detail: str) -> None:
    neighbour = asyncio.create_task(pool.run(nap, 0.1))
    with pytest.raises(JobFailed, match=detail) as caught:
        await pool.run(job)
    assert caught.value.reason == "extract_crash"
    assert await neighbour > 0
    assert await asyncio.gather(*(pool.run(double, "a") for _ in range(4))) == ["aa"] * 4


async def test_stop_iteration_does_not_stop_the_slot(pool: ProcessPool) -> None:
    with pytest.raises(RuntimeError, match="StopIteration"):
        await pool.run(fail, "stop")
    assert await pool.run(double, "a") == "aa"


@pytest.mark.parametrize("job", [spin, hang_in_c])
async def test_a_job_that_hangs_is_killed_alone(make: Make, job: Callable[[], None]) -> None:
    pool = make(2, timeout=0.4)
    neighbour = asyncio.create_task(pool.run(pid))
    victim = await neighbour
    with pytest.raises(JobFailed) as caught:
        await asyncio.gather(pool.run(job), pool.run(nap, 0.2))
    assert caught.value.reason == "extract_timeout"
    assert await asyncio.gather(*(pool.run(double, "a") for _ in range(4))) == ["aa"] * 4
    await pool.close()
    assert not alive(victim)


async def test_waiting_for_a_slot_is_not_counted_as_the_jobs_time(make: Make) -> None:
    pool = make(1, timeout=0.5)
    assert len(await asyncio.gather(*(pool.run(nap, 0.15) for _ in range(5)))) == 5
