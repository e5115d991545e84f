"""The stage that sends on what was put off: from `items-later`, one partition per delay, to the items of its site.

So the retries of a site are fetched where its other items are. In the embedded pipeline clean reads them by itself.
"""

from __future__ import annotations

from typing import ClassVar

from pipeline.core.timing.delays import ITEMS_LATER
from pipeline.core.urls import registrable
from pipeline.log.streams import backfill_name, stream_for
from pipeline.records import Item, Record
from pipeline.stage import Emit, Out, Position, Stage


class Later(Stage):
    """Items that were put off, out again. The driver takes a message up only when it is due."""

    name: ClassVar[str] = "later"
    reads: ClassVar[dict[str, type[Record]]] = {ITEMS_LATER: Item}
    writes: ClassVar[tuple[str, ...]] = ("items", backfill_name("items"))
    window = 64

    async def step(self, record: Item, at: Position) -> Emit:
        return Emit((Out(stream_for("items", record.backlog), registrable(record.url), record),))
