"""Runs the blocking calls of a channel in its own thread, so that a channel that hangs blocks nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

from pipeline.ports import SendFailed

P = ParamSpec("P")
T = TypeVar("T")


class ChannelThread:
    """One thread, so that calls stay in order."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="channel")
        self._running: Future[Any] | None = None

    async def run(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking job; return its result. Raises SendFailed (unreachable) while an earlier job, for which nobody
        waits any more, still hangs: behind it nothing would be sent, and it would not be known."""
        if self._running is not None and not self._running.done():
            raise SendFailed("an earlier attempt has not ended yet", "unreachable")
        self._running = self._pool.submit(partial(job, *args, **kwargs))
        result: T = await asyncio.wrap_future(self._running)
        return result

    def close(self) -> None:
        """Start no further job. Does not wait for the one that is running."""
        self._pool.shutdown(wait=False, cancel_futures=True)
