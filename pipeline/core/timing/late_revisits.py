"""Keeps the revisits that are planned for days ahead, in the order in which they are due.

An article is revisited so once. A revisit that was done is remembered for a while, so that a wish which is delivered
again, or comes with a late alert, is not granted a second time.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipeline.records import Revisit, decode, encode

REMEMBERED = timedelta(days=1)  # for which a revisit that was done is remembered


@dataclass(frozen=True, slots=True)
class _Entry:
    partition: int
    at: float  # when it is due, or was done
    body: bytes | None  # the encoded record, which takes a quarter of the memory; None: it was done


class LateRevisits:
    """The planned revisits by article, each with the partition of its record. At most `room` are waiting."""

    def __init__(self, room: int) -> None:
        self._room = room
        self.clear()

    def __len__(self) -> int:
        """How many are waiting."""
        return self._planned

    def clear(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._waiting: list[tuple[float, str]] = []  # a heap, like `_done`; what is not as in `_entries` is outdated
        self._done: list[tuple[float, str]] = []
        self._planned = 0

    def is_full(self) -> bool:
        return self._planned >= self._room

    def get(self, article: str) -> Revisit | None:
        """The newest record of the article."""
        entry = self._entries.get(article)
        if entry is None:
            return None
        if entry.body is None:
            return Revisit(article=article, due=datetime.fromtimestamp(entry.at, UTC))
        return decode(Revisit, entry.body)

    def put(self, revisit: Revisit, partition: int) -> None:
        """Replace the record of an article."""
        self.drop(revisit.article)
        at = revisit.due.timestamp()
        waits = revisit.item is not None
        self._entries[revisit.article] = _Entry(partition, at, encode(revisit) if waits else None)
        self._planned += waits
        heapq.heappush(self._waiting if waits else self._done, (at, revisit.article))

    def drop(self, article: str) -> None:
        entry = self._entries.pop(article, None)
        self._planned -= entry is not None and entry.body is not None

    def due(self, now: datetime, limit: int, but: Collection[str] = ()) -> list[tuple[Revisit, int]]:
        """At most `limit` revisits that are due and not among `but`, each with the partition of its record."""
        found: list[tuple[Revisit, int]] = []
        looked_at: dict[str, float] = {}
        while self._waiting and self._waiting[0][0] <= now.timestamp() and len(found) < limit:
            at, article = heapq.heappop(self._waiting)
            entry = self._entries.get(article)
            if entry is None or entry.body is None or entry.at != at or article in looked_at:
                continue
            looked_at[article] = at
            if article not in but:
                found.append((decode(Revisit, entry.body), entry.partition))
        for article, at in looked_at.items():  # they stay until their record says that they were done
            heapq.heappush(self._waiting, (at, article))
        return found

    def forgotten(self, now: datetime, limit: int) -> list[tuple[str, int]]:
        """At most `limit` articles whose revisit was done long ago, each with the partition of its record."""
        before = (now - REMEMBERED).timestamp()
        found: list[tuple[str, int]] = []
        while self._done and self._done[0][0] <= before and len(found) < limit:
            at, article = heapq.heappop(self._done)
            entry = self._entries.get(article)
            if entry is not None and entry.body is None and entry.at == at:
                found.append((article, entry.partition))
        return found

    def next_due(self) -> datetime | None:
        """When the next revisit is due."""
        while self._waiting:
            at, article = self._waiting[0]
            entry = self._entries.get(article)
            if entry is not None and entry.body is not None and entry.at == at:
                return datetime.fromtimestamp(at, UTC)
            heapq.heappop(self._waiting)
        return None
