"""The stage that writes documents to the index, many at once. Changes nothing in them and emits nothing."""

from __future__ import annotations

import asyncio
from typing import Any

from pipeline.ports import Index as Backend
from pipeline.records import Document
from pipeline.stage import Drop, Emit, Outcome, Position, Stage, Unavailable

BATCH = 500  # documents of one commit: under a second of work; a hundred times more than comes in on most days
DELAY = 0.5  # seconds that the first document of a batch waits for company; a commit of tantivy costs 30 ms of a core


class Index(Stage):
    """A step ends when its document is durable, so what is acknowledged is never lost. Repeats are harmless.

    Documents in work at once go into one commit: `batch` of them, or as many as came within `delay` seconds.
    """

    name = "index"
    reads = {"documents": Document}  # noqa: RUF012  fixed by Stage as a ClassVar

    def __init__(self, index: Backend, batch: int = BATCH, delay: float = DELAY) -> None:
        self._index, self._batch, self._delay = index, batch, delay
        self.window = batch
        self._waiting: list[tuple[Document, asyncio.Future[str]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._writing: set[asyncio.Task[None]] = set()

    async def step(self, record: Any, at: Position) -> Outcome:
        """Emit when the document is written, Drop("stale") when a newer one is there. Raises Unavailable."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[str] = loop.create_future()
        self._waiting.append((record, answer))
        if len(self._waiting) >= self._batch:
            self._flush()
        elif self._timer is None:
            self._timer = loop.call_later(self._delay, self._flush)
        return Drop("stale", "a later version is indexed") if await answer == "stale" else Emit()

    async def close(self) -> None:
        """Write what is waiting. The index itself belongs to whoever opened it."""
        self._flush()
        if self._writing:
            await asyncio.wait(self._writing)

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        batch = [(document, answer) for document, answer in self._waiting if not answer.cancelled()]
        self._waiting = []
        if batch:
            task = asyncio.create_task(self._write(batch))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def _write(self, batch: list[tuple[Document, asyncio.Future[str]]]) -> None:
        """Answer every document of the batch. One that breaks the whole is found by writing each alone."""
        try:
            answers: list[str | Exception] = list(await self._index.put([document for document, _ in batch]))
        except Unavailable as error:
            answers = [error] * len(batch)
        except Exception as error:
            if len(batch) > 1:
                for one in batch:
                    await self._write([one])
                return
            answers = [error]
        for (_, future), answer in zip(batch, answers, strict=True):
            if future.done():
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
