"""The alert stage: tries every alert rule on the document in hand. Delivers nothing and remembers nothing."""

from __future__ import annotations

from typing import ClassVar

from pipeline.core.alerts.firing import AlertSet
from pipeline.records import Document, Record
from pipeline.stage import Emit, Out, Position, Stage


class Alert(Stage):
    """`alerts` may be exchanged at any time; a document is judged by one set from start to end."""

    name: ClassVar[str] = "alert"
    reads: ClassVar[dict[str, type[Record]]] = {"documents": Document}
    writes: ClassVar[tuple[str, ...]] = ("alerts",)

    def __init__(self, alerts: AlertSet) -> None:
        self.alerts = alerts

    async def step(self, record: Document, at: Position) -> Emit:
        return Emit(tuple(Out("alerts", alert.rule, alert) for alert in self.alerts.fire(record)))
