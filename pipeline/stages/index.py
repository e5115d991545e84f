"""The index stage: writes documents and stories to the index, many at once, and alerts if the index keeps them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar

from pipeline.failpoints import point
from pipeline.ports import AlertIndex, IndexWriter
from pipeline.records import Alert, Document, Record, Story
from pipeline.stage import Drop, Emit, Outcome, Position, Stage, Unavailable
from pipeline.stages.story_writer import StoryWriter

BATCH = 500  # documents of one commit: less than a second of work, far more than usually arrives in that time
DELAY = 0.5  # seconds that the first document of a batch waits for others; a commit of tantivy costs 30 ms of a core

Put = Callable[[Sequence[Any]], Awaitable[list[str]]]


class Index(Stage):
    """Documents and stories in, nothing out: a step ends when its record is durable, so what is acknowledged is never
    lost.

    Records processed at once go into one commit: `batch` of them, or those that came within `delay` seconds.
    """

    name = "index"
    #: And alerts, if the index keeps them.
    reads: ClassVar[dict[str, type[Record]]] = {"documents": Document, "stories": Story}

    def __init__(self, index: IndexWriter, batch: int = BATCH, delay: float = DELAY) -> None:
        self.window = batch
        self._batches = {
            "documents": Batches(index.put, batch, delay),
            "stories": Batches(index.put_stories, batch, delay),
        }
        if isinstance(index, AlertIndex):
            self._batches["alerts"] = Batches(index.put_alerts, batch, delay)
            # Not in the class attribute: only some indices keep alerts, which a later stage publishes.
            self.reads = {**self.reads, "alerts": Alert}  # type: ignore[misc]
        self._stories = StoryWriter(index, self._batches["stories"].write)
        self._written: dict[str, asyncio.Future[None]] = {}  # by article, done when its last document is written

    async def step(self, record: Any, at: Position) -> Outcome:
        """Return Emit when the record is written, Drop("stale") when a newer one is stored. Raises Unavailable.

        Alerts of rules that only count articles are not written.
        """
        if isinstance(record, Alert) and record.counted:
            return Emit()
        match record:
            case Document():
                answer = await self._in_order(record)
            case Story():
                point("index.story")
                answer = await self._stories.write(record)
                point("index.stories")
            case _:
                answer = await self._batches[at.stream].write(record)
        return Drop("stale", "a later version is indexed") if answer == "stale" else Emit()

    async def _in_order(self, document: Document) -> str:
        """Write a document after those of the same article that came before: the index keeps earlier versions of an
        article, and adds notes to its document."""
        id, written = document.article.id, asyncio.get_running_loop().create_future()
        before, self._written[id] = self._written.get(id), written
        try:
            if before is not None:
                await asyncio.wait([before])
            return await self._batches["documents"].write(document)
        finally:
            written.set_result(None)
            if self._written.get(id) is written:
                del self._written[id]

    async def close(self) -> None:
        """Write the records that wait. Does not close the index."""
        await asyncio.gather(*(batches.close() for batches in self._batches.values()))


class Batches:
    """Gathers single writes into batches."""

    def __init__(self, put: Put, batch: int, delay: float) -> None:
        self._put, self._batch, self._delay = put, batch, delay
        self._waiting: list[tuple[Record, asyncio.Future[str]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._writing: set[asyncio.Task[None]] = set()

    async def write(self, record: Record) -> str:
        """Write a record with the next batch. Returns the answer of the index for it, or raises its error."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[str] = loop.create_future()
        self._waiting.append((record, answer))
        if len(self._waiting) >= self._batch:
            self._flush()
        elif self._timer is None:
            self._timer = loop.call_later(self._delay, self._flush)
        return await answer

    async def close(self) -> None:
        self._flush()
        if self._writing:
            await asyncio.wait(self._writing)

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        batch = [(record, answer) for record, answer in self._waiting if not answer.cancelled()]
        self._waiting = []
        if batch:
            task = asyncio.create_task(self._write(batch))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def _write(self, batch: list[tuple[Record, asyncio.Future[str]]]) -> None:
        """Write a batch and answer each of its records. If the batch fails, halve it until the bad record is found."""
        try:
            answers: list[str | Exception] = list(await self._put([record for record, _ in batch]))
        except Unavailable as error:
            answers = [error] * len(batch)
        except Exception as error:
            if len(batch) > 1:
                for half in (batch[: len(batch) // 2], batch[len(batch) // 2 :]):
                    await self._write(half)
                return
            answers = [error]
        for (_, future), answer in zip(batch, answers, strict=True):
            if future.done():
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
