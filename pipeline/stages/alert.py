"""The alert stage: evaluates every alert rule on each document. Keeps no state."""

from __future__ import annotations

from typing import ClassVar

from pipeline.core.alerts.firing import AlertSet
from pipeline.records import Document, Record
from pipeline.stage import Emit, Out, Position, Stage


class Alert(Stage):
    """Documents in, alerts out. `alerts` may be replaced at any time, but never within a step."""

    name: ClassVar[str] = "alert"
    reads: ClassVar[dict[str, type[Record]]] = {"documents": Document}
    writes: ClassVar[tuple[str, ...]] = ("alerts",)

    def __init__(self, alerts: AlertSet) -> None:
        self.alerts = alerts

    async def step(self, record: Document, at: Position) -> Emit:
        return Emit(tuple(Out("alerts", alert.rule, alert) for alert in self.alerts.fire(record)))
