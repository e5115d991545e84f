"""What was put off comes back when it is due: from `items-later`, one partition a delay, to the items of its site.

So the retries of a site are fetched where its other items are. In the embedded pipeline clean reads them by itself.
"""

from __future__ import annotations

from typing import ClassVar

from pipeline.core.timing.delays import STREAM
from pipeline.core.urls import registrable
from pipeline.records import Item, Record
from pipeline.stage import Emit, Out, Position, Stage


class Later(Stage):
    """The driver takes a message up only when it is due; this sends it on."""

    name: ClassVar[str] = "later"
    reads: ClassVar[dict[str, type[Record]]] = {STREAM: Item}
    writes: ClassVar[tuple[str, ...]] = ("items", "items-backfill")
    window = 64

    async def step(self, record: Item, at: Position) -> Emit:
        stream = "items-backfill" if record.backlog else "items"
        return Emit((Out(stream, registrable(record.url), record),))
