"""Runs the blocking calls of a channel in its own thread, so that a channel that hangs blocks nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class ChannelThread:
    """One thread, so that calls stay in order: after a timeout, the next call waits for the one that hangs."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="channel")

    async def run(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking job; return its result."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, partial(job, *args, **kwargs))

    def close(self) -> None:
        """Start no further job. Does not wait for the one that is running."""
        self._pool.shutdown(wait=False, cancel_futures=True)
