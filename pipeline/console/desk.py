"""What all pages read: the log, the index and the configuration in force. One per process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pipeline.config.folder import Configuration
from pipeline.console.follow import Follower
from pipeline.console.jobs import Jobs
from pipeline.ports import Clock, Index, Log
from pipeline.reports.alert_stats import Stats, read_stats
from pipeline.reports.backtest import Backtest
from pipeline.reports.fired import Ledger
from pipeline.reports.kept import Keeping
from pipeline.reports.matched import Matched
from pipeline.stage import Unavailable

COUNTED = timedelta(minutes=1)  # for which counts of all alerts are shown again: they read the whole stream
FRESH = timedelta(seconds=2)  # for which a report of the whole pipeline is shown again: it reads much of the log


class NothingYet(Unavailable):
    """Nothing is indexed yet: a page says so, and what to do."""


@dataclass
class Desk:
    """What pages read. Every method may raise Unavailable, which is shown as a page with advice.

    `open_index`: opens the index for reading; raises NothingYet while nothing is indexed. `configuration`: the one in
    force now. `report`: what `almenara status --json` prints.
    """

    log: Log
    open_index: Callable[[], Awaitable[Index]]
    configuration: Callable[[], Configuration]
    report: Callable[[], Awaitable[dict[str, Any]]]
    clock: Clock
    follower: Follower = field(init=False)
    backtests: Jobs[Backtest] = field(default_factory=Jobs)
    _counting: asyncio.Lock = field(default_factory=asyncio.Lock)
    _counted: tuple[datetime, Stats] | None = None
    _index: Index | None = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    _reporting: asyncio.Lock = field(default_factory=asyncio.Lock)
    _reported: tuple[datetime, dict[str, Any]] | None = None

    def __post_init__(self) -> None:
        self.follower = Follower(self.log, self.index, self.clock)

    @property
    def matched(self) -> Matched:
        """Which rules stories matched."""
        return self.follower.matched

    @property
    def kept(self) -> Keeping:
        """What readers keep."""
        return self.follower.kept

    @property
    def ledger(self) -> Ledger:
        """What notify remembers of alerts. It changes as the log grows."""
        return self.follower.ledger.now

    async def index(self) -> Index:
        """The index, opened when it is first needed. Raises Unavailable."""
        async with self._opening:
            if self._index is None:
                self._index = await self.open_index()
        return self._index

    async def status(self) -> dict[str, Any]:
        """The report of `status`, at most two seconds old."""
        async with self._reporting:  # many readers at once cause one report
            now = self.clock()
            if self._reported is None or not timedelta() <= now - self._reported[0] < FRESH:
                self._reported = (now, await self.report())
        return self._reported[1]

    async def rule_stats(self, back: timedelta) -> Stats:
        """What the rules did so far back, at most a minute old."""
        async with self._counting:
            now = self.clock()
            if self._counted is None or not timedelta() <= now - self._counted[0] < COUNTED:
                zone = self.configuration().alerts.reader.zone
                self._counted = (now, await read_stats(self.log, self.ledger, now - back, now, zone))
        return self._counted[1]

    async def close(self) -> None:
        """Stop trials and close the index; the log belongs to who opened it."""
        await self.backtests.close()
        if self._index is not None:
            await self._index.close()
