"""Schedules revisits, for the poll stage. Those of the first day are put off on `items-later`.

The late ones are state: a wish on `revisits-wanted` is granted once for each article and kept on `revisits`, until a
tick of the driver turns it into an item. A revisit is done only when the record that planned it is durable, and its
item is published before the record that says so.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from pipeline.core.timing.late_revisits import LateRevisits
from pipeline.core.timing.revisits import late_revisit_of_alert, late_revisit_of_document, revisits_of_document
from pipeline.core.urls import registrable
from pipeline.log.streams import stream_for
from pipeline.records import Alert, Document, Revisit
from pipeline.stage import Drop, Emit, Message, Out, Outcome, Position, ReadState

STATE = "revisits"
ROOM = 200_000  # late revisits that may wait in a process; each takes about 1 kB of memory
AT_ONCE = 100  # done, and forgotten, in one tick
SOON = timedelta(seconds=5)  # after which a revisit is done that was due before it was planned


class Revisits:
    """`waits`: seconds after an article was first seen; `late`: of one with a topic or an alert, 0 for never."""

    def __init__(self, waits: tuple[float, ...], late: float, room: int = ROOM) -> None:
        self._waits, self._late = waits, late
        self._book = LateRevisits(room)
        self._unsettled: set[str] = set()  # articles whose record was returned but may not be durable

    def __len__(self) -> int:
        return len(self._book)

    async def restore(self, read: ReadState) -> None:
        self._book.clear()
        self._unsettled.clear()
        await read(STATE, self._take)

    def _take(self, message: Message, revisit: Revisit | None) -> None:
        if message.stale:
            return
        if revisit is None:
            self._book.drop(message.key)
        else:
            self._book.put(revisit, message.at.partition)

    def step(self, record: Document | Alert | Revisit, at: Position, now: datetime) -> Outcome:
        number = len(self._waits) + 1
        match record:
            case Document():
                late = late_revisit_of_document(record, number, self._late)
                return Emit((*revisits_of_document(record, self._waits, now), *late))
            case Alert():
                return Emit(late_revisit_of_alert(record, number, self._late, now))
            case _:
                return self._grant(record, at, now)

    def _grant(self, wish: Revisit, at: Position, now: datetime) -> Outcome:
        """Plan the revisit, unless it is planned or was done; then its record is published once more, because memory
        may be ahead of the log."""
        known = self._book.get(wish.article)
        if known is None and self._book.is_full():
            return Drop("revisits_full", wish.article)
        planned = known or replace(wish, due=max(wish.due, now + SOON))
        if known is None:
            self._book.put(planned, at.partition)
        self._unsettled.add(wish.article)
        out = Out(STATE, wish.article, planned, partition=at.partition)
        return Emit((out,)) if known is None else Drop("planned", outs=(out,))

    def settled(self) -> None:
        self._unsettled.clear()

    def tick(self, now: datetime) -> Emit | None:
        """Publish the items of the revisits that are due, and what is remembered about them."""
        outs: list[Out] = []
        for revisit, partition in self._book.due(now, AT_ONCE, self._unsettled):
            assert revisit.item is not None
            item = replace(revisit.item, seen=now)
            done = Revisit(article=revisit.article, due=now)
            self._book.put(done, partition)
            outs.append(Out(stream_for("items", item.backlog), registrable(item.url), item))
            outs.append(Out(STATE, revisit.article, done, partition=partition))
        for article, partition in self._book.forgotten(now, AT_ONCE):
            self._book.drop(article)
            outs.append(Out(STATE, article, None, partition=partition))
        return Emit(tuple(outs)) if outs else None

    def next_due(self) -> datetime | None:
        return self._book.next_due()
