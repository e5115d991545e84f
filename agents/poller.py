"""Polls the feeds that are due, for both drivers. The poll stage decides which; the driver publishes the results."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from agents.retry import Retry
from pipeline.ports import Clock
from pipeline.records import Feed
from pipeline.stages.poll import Poll, Polled

CONCURRENT = 32  # feeds polled at once
IDLE = 1.0  # seconds between checks for due feeds
POLLS = "polls"  # name in health and failpoints, to distinguish polls from records of the poll stage


class Poller:
    """Runs polls concurrently. `commit` publishes the result of a poll; only then does the stage remember it."""

    def __init__(
        self,
        poll: Poll,
        retry: Retry,
        commit: Callable[[Polled], Awaitable[None]],
        clock: Clock,
        polled: Callable[[Polled], None],
    ) -> None:
        self._poll, self._retry, self._commit, self._clock, self._polled = poll, retry, commit, clock, polled
        self._gate = asyncio.Semaphore(CONCURRENT)
        self._tasks: dict[str, asyncio.Task[None]] = {}  # by feed
        self.working = 0  # polls between their start and their commit

    async def run(self, ready: Callable[[], bool] = lambda: True) -> None:
        """Poll feeds when they are due, if `ready()`; until cancelled."""
        while True:
            if ready():
                self._start_due()
            await asyncio.sleep(IDLE)

    def _start_due(self) -> None:
        """Start a poll of each feed that is due and not being polled."""
        for feed in self._poll.due(self._clock()):
            if feed.id not in self._tasks or self._tasks[feed.id].done():
                self._tasks[feed.id] = asyncio.create_task(self._poll_feed(feed))

    async def once(self) -> None:
        """Poll every enabled feed once, due or not."""
        await asyncio.gather(*(self._poll_feed(feed) for feed in self._poll.enabled()))

    async def _poll_feed(self, feed: Feed) -> None:
        async with self._gate:
            self.working += 1
            try:
                polled = await self._retry(POLLS, partial(self._poll.poll, feed))
                await self._commit(polled)
                self._poll.apply(polled)
                self._polled(polled)
            finally:
                self.working -= 1

    async def cancel(self) -> None:
        """Cancel the polls in progress, which are repeated later. Raises what a poll raised."""
        tasks, self._tasks = self._tasks, {}
        for task in tasks.values():
            task.cancel()
        for result in await asyncio.gather(*tasks.values(), return_exceptions=True):
            if isinstance(result, Exception):
                raise result
