"""The WorkerPool seam: jobs that answer, raise, hang, crash, eat memory; and what becomes of the processes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from pipeline.backends.worker_pool import ProcessPool
from pipeline.ports import JobFailed, WorkerPool
from pipeline.stage import Unavailable
from tests.contracts.pool_jobs import (
    MEMORY,
    about_me,
    bomb,
    count,
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
    server_pid,
    spin,
    unpicklable,
)
from tests.fakes import InlinePool
from tests.options import process_pool

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")
JOBS = "tests.contracts.pool_jobs"
Make = Callable[..., ProcessPool]


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
    pool = make(preload=("tests.contracts.pool_jobs:spin",))
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
from tests.contracts.pool_jobs import pid, server_pid, spin
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
