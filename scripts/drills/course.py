"""Runs drills one after the other, on stands that last as long as they are sound, within a limit of time."""

from __future__ import annotations

import asyncio
import fnmatch
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from scripts.drills import channels, configurations, embedded, outages, processes, records, streams
from scripts.drills.distributed import Distributed, Servers, distributed
from scripts.drills.drill import Drill, Result
from scripts.drills.measure import measure
from scripts.drills.small_disk import small_disk
from scripts.drills.stand import Stand
from tests.services.servers import Elasticsearch, Kafka

LONGEST = 240.0  # seconds for one drill
KAFKA_DISK = 1024  # MB
S = TypeVar("S", bound=Stand)


def on_workers() -> list[Drill[Distributed]]:
    """The drills on workers, Kafka and Elasticsearch; those that spoil their stand are last."""
    return [
        *outages.drills(), *channels.drills(), *configurations.drills(), *processes.drills(),
        *records.drills(), *streams.drills(),
    ]  # fmt: skip


def on_daemon() -> list[Drill[embedded.Embedded]]:
    """The drills on the embedded deployment."""
    return embedded.drills()


def chosen(drills: Iterable[Drill[S]], only: str, small: bool) -> list[Drill[S]]:
    """Those whose name is in `only`, patterns separated by commas; `small`: those of the small form."""
    patterns = [pattern.strip() for pattern in only.split(",") if pattern.strip()] or ["*"]
    return [
        drill
        for drill in drills
        if (drill.small or not small) and any(fnmatch.fnmatch(drill.name, pattern) for pattern in patterns)
    ]


@dataclass
class Course:
    """`articles`: of each drill. All drills must be done at `end`, by time.monotonic(). `seed`: of what is random."""

    folder: Path
    articles: int
    end: float
    done: Callable[[Result], None]
    seed: int = 1

    async def run(self, drills: Sequence[Drill[S]], opened: Callable[[Path], AbstractAsyncContextManager[S]]) -> None:
        """Run them on stands that `opened` opens in a new folder."""
        stand: S | None = None
        async with AsyncExitStack() as stack:
            for drill in drills:
                left = min(LONGEST, self.end - time.monotonic())
                result = Result(drill.name, drill.title, self.articles)
                try:
                    async with asyncio.timeout(max(0.0, left)):
                        if stand is None or stand.broken:
                            await stack.aclose()
                            stand = await stack.enter_async_context(opened(self.folder / drill.name))
                            stand.seed = self.seed
                        await measure(stand, drill, result)
                except Exception as error:
                    stand = None
                    late = isinstance(error, TimeoutError)
                    result.faults.append(f"not done after {left:.0f} s" if late else f"{type(error).__name__}: {error}")
                self.done(result)


@dataclass(frozen=True)
class Plan:
    """The drills to run, by deployment."""

    workers: Sequence[Drill[Distributed]]
    daemon: Sequence[Drill[embedded.Embedded]]

    def titles(self) -> dict[str, str]:
        """By name."""
        return {one.name: one.title for one in self.workers} | {one.name: one.title for one in self.daemon}

    def share(self, articles: int) -> int:
        """The articles of each drill: the drills on workers share them, and each on the daemon has as many as those."""
        return -(-articles // max(1, len(self.workers or self.daemon)))


async def run(plan: Plan, course: Course) -> None:
    """Run all drills on servers of their own."""
    await course.run(plan.daemon, embedded.embedded)
    if plan.workers:
        with (
            small_disk(course.folder / "kafka" / "data", KAFKA_DISK),
            Kafka(course.folder / "kafka") as kafka,
            Elasticsearch(course.folder / "elasticsearch") as elasticsearch,
        ):
            await course.run(plan.workers, partial(distributed, servers=Servers(kafka, elasticsearch)))
