"""Finds documents on the log and in the index for relate: the newest, so that its numbers rise even if its state is
lost, and those of old articles and stories."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Protocol

import structlog

from pipeline.assembly.backends import IndexPlace
from pipeline.ports import Index
from pipeline.records import Document, SchemaError, Story, decode
from pipeline.stage import Message, Unavailable
from pipeline.stages.relate import Relate

LAST = Relate.ahead  # documents read of each partition: as many as a crash can leave without their state
HINT = "run `almenara rebuild-state` while relate is stopped: until then, articles seen before may count as new"

logger = structlog.get_logger("almenara")


class ReadableLog(Protocol):
    """What either log can do."""

    async def ends(self) -> dict[tuple[str, int], int]: ...

    async def read(self, stream: str, partition: int, offset: int, limit: int) -> list[Message]: ...


class ExistingDocuments:
    """The documents on the log and in the index. `index` None: it is opened when it is asked, and closed again."""

    def __init__(self, log: ReadableLog, place: IndexPlace, index: Index | None) -> None:
        self._log, self._place, self._index = log, place, index
        self.note: Callable[[str, str, str], None] = lambda part, state, why: None  # of agents.health

    async def newest(self) -> Sequence[Document]:
        """The last documents on the log. Raises Unavailable."""
        found = []
        for (stream, partition), end in (await self._log.ends()).items():
            if stream == "documents" and end:
                for message in await self._log.read(stream, partition, max(0, end - LAST), LAST):
                    with suppress(SchemaError):  # the stages that read it report it
                        found.append(decode(Document, message.value or b""))
        return found

    async def highest_indexed(self) -> int:
        """The highest seq in the index, 0 if it is empty. Raises Unavailable."""
        async with self._opened() as index:
            return await index.max_seq() if index else 0

    async def indexed(self, article: str, seq: int) -> Document | None:
        """The newest document of an article, at least `seq`; None if the index does not have it. Raises Unavailable,
        also while the index has not got so far."""
        async with self._opened() as index:
            found = await index.get(article) if index else None
            if index is None or (found and found.relation.seq >= seq):
                return found
            highest = await index.max_seq()
        if highest < seq and any(document.relation.seq > highest for document in await self.newest()):
            raise Unavailable(f"the index ends at document {highest}; document {seq} is needed, of article {article}")
        return None

    async def stories(self, ids: Sequence[str]) -> Mapping[str, Story]:
        """The records of these stories that are in the index. Raises Unavailable."""
        async with self._opened() as index:
            return await index.get_stories(ids) if index else {}

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Index | None]:
        """The index; None if it was not made yet."""
        if self._index is not None or not self._place.exists():
            yield self._index
            return
        index = await self._place.open(write=False)
        try:
            yield index
        finally:
            await index.close()

    def lost(self, why: str) -> None:
        """Report that relate's state was lost, with what to do."""
        logger.error("state lost", stage="relate", why=why, hint=HINT)
        self.note("relate", "failing", f"{why}: {HINT}")
