"""Drills on processes: workers that are killed, stopped and continued, or started twice."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

from scripts.drills.distributed import Distributed
from scripts.drills.drill import SOON, Drill, Missed
from scripts.drills.stand import FIRST
from scripts.drills.watching import until
from tests.agents.machines import POINTS, Machine

TAKEN_OVER = 14.0  # seconds; longer than the session after which a worker's partitions go to another


@asynccontextmanager
async def killed(stand: Distributed, stage: str) -> AsyncIterator[None]:
    """As a power cut ends it."""
    worker = stand.machine(stage)
    await worker.kill()
    yield
    await worker.start()


@asynccontextmanager
async def stopped(stand: Distributed, stage: str) -> AsyncIterator[None]:
    """SIGSTOP; another worker takes over; SIGCONT, and the first still believes that it has its partitions."""
    worker = stand.machine(stage)
    other = stand.add(f"other-{stage}", worker.only)
    await other.start()
    await until(lambda: "started" in other.said(), FIRST, "the other worker did not start")
    _signal(worker, signal.SIGSTOP)
    stand.caused = time.monotonic()
    try:
        yield
    finally:
        _signal(worker, signal.SIGCONT)
    await asyncio.sleep(1)
    if code := await other.stop():
        raise Missed(f"the worker that took over ended with {code}: {other.said()[-500:]}")


def _signal(worker: Machine, number: signal.Signals) -> None:
    assert worker.process
    os.killpg(worker.process.pid, number)


@asynccontextmanager
async def named_twice(stand: Distributed, stage: str) -> AsyncIterator[None]:
    """A second worker with the same instance name, on another machine: it must be refused, and say why."""
    worker = stand.machine(stage)
    twin = stand.add(f"twin-{stage}", worker.only, instance=worker.folder.name)
    await twin.start()
    twin.wanted = False
    assert twin.process
    try:
        code = await asyncio.wait_for(twin.process.wait(), SOON)
    except TimeoutError:
        await twin.kill()
        raise Missed("a second worker with the same instance name was not refused") from None
    if not code or worker.folder.name not in twin.said():
        raise Missed(f"the second worker ended with {code}: {twin.said()[-500:]}")
    if not worker.runs:
        raise Missed(f"the first worker ended: {worker.said()[-500:]}")
    yield


def drills() -> list[Drill[Distributed]]:
    return [
        *(_on("kill", "kill -9", killed, only, 0) for only in POINTS),
        *(_on("stop", "stop and continue, while another takes over", stopped, only, TAKEN_OVER) for only in POINTS),
        Drill("same-name", "two workers with one instance name", partial(named_twice, stage="tag")),
    ]


def _on(
    verb: str,
    words: str,
    trouble: Callable[..., AbstractAsyncContextManager[None]],
    only: tuple[str, ...],
    lasts: float,
) -> Drill[Distributed]:
    """A drill on the worker with the stages `only`."""
    worker = "-".join(only)
    return Drill(
        f"{verb}-{only[0]}", f"{words}: {', '.join(only)}", partial(trouble, stage=only[0]),
        status=f"^worker: silent: {worker}:", health=f"{worker}: no answer", lasts=lasts, again=1,
        small=(verb, only[0]) == ("kill", "relate"),
    )  # fmt: skip
