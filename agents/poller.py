"""Polls the feeds that are due, for both drivers. The poll stage decides which; the driver publishes the results."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

from agents.retry import Retry
from pipeline.ports import Clock
from pipeline.records import Feed
from pipeline.stages.poll import Poll, Polled

CONCURRENT = 32  # feeds polled at once
IDLE = 1.0  # seconds between checks for due feeds
AFTER_ERROR = timedelta(minutes=1)  # when a poll is repeated that ended with an error of ours
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
        self._errors: list[BaseException] = []  # of polls that ended with one: mistakes of ours
        self._ended = asyncio.Event()  # there is room for another poll
        self.working = 0  # polls between their start and their commit

    async def run(self, ready: Callable[[], bool] = lambda: True) -> None:
        """Poll feeds when they are due, if `ready()`; until cancelled."""
        while True:
            self._ended.clear()
            if ready():
                self._start_due()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), IDLE)

    def _start_due(self) -> None:
        """Start a poll of each feed that is due and not being polled, as many as there is room for."""
        for feed in self._poll.agenda.take(self._clock(), CONCURRENT - len(self._tasks)):
            if feed.id not in self._tasks:
                task = self._tasks[feed.id] = asyncio.create_task(self._poll_feed(feed))
                task.add_done_callback(partial(self._end, feed))

    def _end(self, feed: Feed, task: asyncio.Task[None]) -> None:
        if self._tasks.get(feed.id) is not task:
            return  # cancelled
        del self._tasks[feed.id]
        error = None if task.cancelled() else task.exception()
        if error is None:
            self._poll.put_back(feed.id)
        else:
            self._errors.append(error)
            self._poll.agenda.put_off(feed.id, self._clock() + AFTER_ERROR)
        self._ended.set()

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
        for feed, task in tasks.items():
            task.cancel()
            self._poll.put_back(feed)
        errors, self._errors = self._errors, []
        for error in (*errors, *await asyncio.gather(*tasks.values(), return_exceptions=True)):
            if isinstance(error, Exception):
                raise error
