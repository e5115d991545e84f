"""The alert stage: evaluates every alert rule on each document. It keeps nothing but how common words are."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from pipeline.core.alerts.firing import AlertSet
from pipeline.core.matching.frequencies import Frequencies
from pipeline.records import Document, Record
from pipeline.stage import Emit, Out, Position, Stage

LEAST = 32  # documents counted before rules are arranged by them
MOST = 4_096  # more documents counted, after which they are arranged again at the latest


class Alert(Stage):
    """Documents in, alerts out. `alerts` may be replaced at any time, but never within a step."""

    name: ClassVar[str] = "alert"
    reads: ClassVar[dict[str, type[Record]]] = {"documents": Document}
    writes: ClassVar[tuple[str, ...]] = ("alerts",)

    def __init__(self, alerts: AlertSet) -> None:
        self.alerts = alerts
        self._frequencies = Frequencies()
        self._arranged = 0  # documents counted when the rules were last arranged by them

    async def step(self, record: Document, at: Position) -> Emit:
        fired = self.alerts.fire(record, self._frequencies)
        return Emit(tuple(Out("alerts", alert.rule, alert) for alert in fired))

    async def arranged(self, alerts: AlertSet) -> AlertSet:
        """Rules arranged by the documents read so far. In a thread: steps go on meanwhile."""
        return await asyncio.to_thread(alerts.anchored, self._frequencies.shares())

    async def arrange(self) -> None:
        """Arrange the rules in force, if enough documents were read since the last time."""
        learnt = self._frequencies.learnt
        if learnt < max(LEAST, min(2 * self._arranged, self._arranged + MOST)):
            return
        before, self._arranged = self.alerts, learnt
        arranged = await self.arranged(before)
        if self.alerts is before:
            self.alerts = arranged
