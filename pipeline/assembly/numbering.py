"""Finds the newest documents on the log and in the index, so that relate's numbers rise even if its state is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import structlog

from pipeline.assembly.backends import IndexPlace
from pipeline.ports import Index
from pipeline.records import Document, SchemaError, decode
from pipeline.stage import Message
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
        if self._index is not None:
            return await self._index.max_seq()
        if not self._place.exists():
            return 0
        index = await self._place.open(write=False)
        try:
            return await index.max_seq()
        finally:
            await index.close()

    def lost(self, why: str) -> None:
        """Report that relate's state was lost, with what to do."""
        logger.error("state lost", stage="relate", why=why, hint=HINT)
        self.note("relate", "failing", f"{why}: {HINT}")
