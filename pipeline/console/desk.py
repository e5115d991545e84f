"""What all pages read: the log, the index and the configuration in force. One per process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pipeline.config.folder import Configuration
from pipeline.console.follow import Cursor, Follower
from pipeline.console.jobs import Jobs
from pipeline.console.turns import Turns
from pipeline.discovery.find import Found
from pipeline.ports import Clock, Index, Log
from pipeline.records import Feed
from pipeline.reports.alert_stats import Stats, read_stats
from pipeline.reports.backtest import Backtest
from pipeline.reports.channels import ChannelReport, read_channels
from pipeline.reports.fired import Ledger
from pipeline.reports.kept import Keeping
from pipeline.reports.matched import Matched
from pipeline.reports.stories import Lookup
from pipeline.stage import Unavailable

COUNTED = 60.0  # seconds for which counts of all alerts are shown again: they read the whole stream
FRESH = 2.0  # seconds for which a report of the whole pipeline is shown again: it reads much of the log
FIRST = 10.0  # seconds that a request waits at the start, while the log is read
NOBODY = ""  # whose used links and ended sessions are kept
T = TypeVar("T")


async def _nothing() -> None:
    """Files are looked at when it is time."""


class NothingYet(Unavailable):
    """Nothing is indexed yet: a page says so, and what to do."""


@dataclass
class Desk:
    """What pages read. Every method may raise Unavailable, which is shown as a page with advice.

    `open_index`: opens the index for reading; raises NothingYet while nothing is indexed. `configuration`: the one in
    force now. `report`: what `almenara status --json` prints.
    `look`: finds the feeds at an address; raises TimeoutError. `take_configuration`: has the files of the configuration
    looked at now, so that the next page shows what was just written; returns within seconds, whatever they hold.
    """

    log: Log
    open_index: Callable[[], Awaitable[Index]]
    configuration: Callable[[], Configuration]
    report: Callable[[], Awaitable[dict[str, Any]]]
    clock: Clock
    look: Callable[[Feed], Awaitable[Found]]
    take_configuration: Callable[[], Awaitable[None]] = _nothing
    follower: Follower = field(init=False)
    backtests: Jobs[Backtest] = field(default_factory=Jobs)
    turns: Turns = field(default_factory=Turns)
    _index: Index | None = None
    _stories: tuple[Cursor, Lookup] | None = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)
    _remembered: dict[str, tuple[datetime, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.follower = Follower(self.log, self._opened, self.clock)

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

    async def ended(self, session: str) -> bool:
        """Whether a user ended the session, in any console on this log. Raises Unavailable while the log was not read:
        a copy of a cookie must not become valid again by a restart."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.follower.caught_up.wait(), FIRST)
        if not self.follower.caught_up.is_set():
            raise Unavailable("the log does not answer, so it is not known whether this session was ended")
        return self.kept.has(NOBODY, "ended", session)

    async def index(self) -> Index:
        """The index for pages, whose answers come in turns. Raises Unavailable."""
        return self.turns.paced(await self._opened())

    async def _opened(self) -> Index:
        """The index, opened when it is first needed."""
        async with self._opening:
            if self._index is None:
                self._index = await self.open_index()
        return self._index

    async def lookup(self) -> Lookup:
        """The records of stories as they are after the newest news: those that concern many readers are read once.
        Raises Unavailable."""
        cursor = self.follower.news.cursor
        if self._stories is None or self._stories[0] != cursor:
            self._stories = cursor, Lookup(await self.index())
        return self._stories[1]

    async def remembered(self, name: str, seconds: float, read: Callable[[], Awaitable[T]]) -> T:
        """What `read` gives, at most that old: many readers at once cause one reading."""
        async with self._locks.setdefault(name, asyncio.Lock()):
            now, known = self.clock(), self._remembered.get(name)
            if known is None or not timedelta() <= now - known[0] < timedelta(seconds=seconds):
                known = self._remembered[name] = (now, await read())
        found: T = known[1]
        return found

    def forget(self) -> None:
        """Read everything again that is remembered."""
        self._remembered.clear()

    async def status(self) -> dict[str, Any]:
        """The report of `status`, at most two seconds old."""
        return await self.remembered("status", FRESH, self.report)

    async def channels(self) -> dict[str, ChannelReport]:
        """What is on the log about each channel, at most two seconds old."""
        names = tuple(self.configuration().alerts.channels)
        return await self.remembered(f"channels {names}", FRESH, lambda: read_channels(self.log, names))

    async def rule_stats(self, back: timedelta) -> Stats:
        """What the rules did so far back, at most a minute old."""

        async def read() -> Stats:
            now = self.clock()
            return await read_stats(self.log, self.ledger, now - back, now, self.configuration().alerts.reader.zone)

        return await self.remembered(f"rules {back}", COUNTED, read)

    async def close(self) -> None:
        """Stop trials and close the index; the log belongs to who opened it."""
        self.turns.close()
        await self.backtests.close()
        if self._index is not None:
            await self._index.close()
