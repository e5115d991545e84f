"""Polls the feeds that are due, for either driver. Which and when is the poll stage's, how to publish the driver's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from pipeline.ports import Clock
from pipeline.records import Feed
from pipeline.stages.poll import Poll, Polled

POLLS = 32  # feeds polled at once
IDLE = 1.0  # seconds between looks for feeds that are due


class Poller:
    """`ask` is `poll.poll`, as often as it takes while something of ours is down; None when the driver stops before.
    `commit` is true when the outcome is on the log; only then memory follows."""

    def __init__(
        self,
        poll: Poll,
        ask: Callable[[Feed], Awaitable[Polled | None]],
        commit: Callable[[Polled], Awaitable[bool]],
        clock: Clock,
        polled: Callable[[Polled], None],
    ) -> None:
        self._poll, self._ask, self._commit, self._clock, self._polled = poll, ask, commit, clock, polled
        self._gate = asyncio.Semaphore(POLLS)
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self.working = 0  # polls between their start and their commit

    def begin_due(self) -> None:
        """Begin a poll of each feed that is due and not being polled."""
        for feed in self._poll.due(self._clock()):
            if feed.id not in self._under_way or self._under_way[feed.id].done():
                self._under_way[feed.id] = asyncio.create_task(self.one(feed))

    async def once(self) -> None:
        """Poll every enabled feed once, due or not."""
        await asyncio.gather(*(self.one(feed) for feed in self._poll.enabled()))

    async def one(self, feed: Feed) -> None:
        async with self._gate:
            self.working += 1
            try:
                polled = await self._ask(feed)
                if polled and await self._commit(polled):
                    self._poll.apply(polled)
                    self._polled(polled)
            finally:
                self.working -= 1

    async def cancel(self) -> None:
        """End what is under way; nothing of an unfinished poll counts, it is repeated. Raises what a poll raised."""
        under_way, self._under_way = self._under_way, {}
        for task in under_way.values():
            task.cancel()
        for result in await asyncio.gather(*under_way.values(), return_exceptions=True):
            if isinstance(result, Exception):
                raise result
