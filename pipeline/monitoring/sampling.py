"""Looks regularly at what no stage notices by itself: how far the stages are behind, and whether the index answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from pipeline.monitoring.state import Key, State
from pipeline.ports import Lag
from pipeline.stage import Unavailable

LAG = 10.0  # seconds between two samples of the lag
INDEX = 4.0  # seconds between two questions to the index
PATIENCE = 5.0  # seconds within which the index must answer

SOURCE = "sampling"


class Notes(Protocol):
    """Where problems are noted (agents/health.py)."""

    def note(self, part: str, state: str, why: str, *, source: str = "") -> None: ...

    def clear(self, part: str, state: str, source: str = "") -> None: ...


class Sampling:
    """`lag` reads how far the groups of this process are; `index_health` asks the index for its health, None if this
    process has none."""

    def __init__(
        self, state: State, notes: Notes, lag: Callable[[], Awaitable[Mapping[Key, Lag]]],
        index_health: Callable[[], Awaitable[str | None]] | None,
    ) -> None:  # fmt: skip
        self._state, self._notes, self._lag, self._index_health = state, notes, lag, index_health

    async def run(self) -> None:
        """Sample until cancelled. What fails is noted as a problem."""
        await asyncio.gather(_repeat(self.sample_lag, LAG), _repeat(self.sample_index, INDEX))

    async def sample_lag(self) -> None:
        """See how far the stages are."""
        try:
            self._state.lag = await self._lag()
        except Unavailable as error:
            self._notes.note("log", "unavailable", str(error), source=SOURCE)
            return
        except Exception as error:  # what cannot be measured must not end what is measured
            self._notes.note("monitoring", "failing", f"the lag cannot be read: {error!r}", source=SOURCE)
            return
        self._notes.clear("log", "unavailable", source=SOURCE)
        self._notes.clear("monitoring", "failing", source=SOURCE)

    async def sample_index(self) -> None:
        """Ask the index how it is."""
        if self._index_health is None:
            return
        try:
            async with asyncio.timeout(PATIENCE):
                health = await self._index_health()
        except (Unavailable, TimeoutError) as error:
            why = str(error) or f"no answer within {PATIENCE:g} s"
            self._notes.note("index", "unavailable", why, source=SOURCE)
            return
        self._notes.clear("index", "unavailable", source=SOURCE)
        if health == "red":
            why = "Elasticsearch is red: a part of what is stored cannot be reached"
            self._notes.note("index", "failing", why, source=SOURCE)
        else:
            self._notes.clear("index", "failing", source=SOURCE)


async def _repeat(sample: Callable[[], Awaitable[None]], every: float) -> None:
    while True:
        await sample()
        await asyncio.sleep(every)
