"""The stage that forwards delayed items: from `items-later`, one partition per delay, to `items`, partitioned by site.

So the worker that has the items of a site also fetches its retries. In the embedded pipeline, clean reads
`items-later` itself.
"""

from __future__ import annotations

from typing import ClassVar

from pipeline.core.timing.delays import ITEMS_LATER
from pipeline.core.urls import registrable
from pipeline.log.streams import backfill_name, stream_for
from pipeline.records import Item, Record
from pipeline.stage import Emit, Out, Position, Stage


class Later(Stage):
    """Publishes delayed items again. The driver takes a message only when it is due."""

    name: ClassVar[str] = "later"
    reads: ClassVar[dict[str, type[Record]]] = {ITEMS_LATER: Item}
    writes: ClassVar[tuple[str, ...]] = ("items", backfill_name("items"))
    window = 64

    async def step(self, record: Item, at: Position) -> Emit:
        return Emit((Out(stream_for("items", record.backlog), registrable(record.url), record),))
