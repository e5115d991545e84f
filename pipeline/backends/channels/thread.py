"""The thread of a channel: what blocks in one channel holds up nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Thread:
    """One thread: a terminal stopped with Ctrl-S, a file system or a service that hangs holds up nothing else, and what
    is sent after a timeout waits behind it instead of overtaking it."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="channel")

    async def run(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking job; return its result."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, partial(job, *args, **kwargs))

    def close(self) -> None:
        """Start no further job. Does not wait for the one that is running."""
        self._pool.shutdown(wait=False, cancel_futures=True)
