"""Rebuilds the stream `stories`: from the records in the index, then from the documents that are in none of them.

What is on the stream stays. A correction that only a document or a record had that is lost too is lost.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from typing import TypeVar

from pipeline.core.stories.telling import told
from pipeline.ports import Index, Log, StateCache
from pipeline.records import Document, Record, SchemaError, Story, decode, encode
from pipeline.stage import Message, Out, Position

BATCH = 500  # records published, or read, at once

R = TypeVar("R", bound=Record)


class StoriesRebuild:
    """Rebuilds once. `cache`: an empty cache, which is filled. The caller must own the stream."""

    def __init__(self, log: Log, index: Index | None, cache: StateCache[Story]) -> None:
        self._log, self._index, self._cache = log, index, cache
        self._absorbed = 0
        self._pending: dict[str, Story] = {}
        self._published: set[str] = set()

    async def run(self) -> int:
        """Publish what is missing or behind; return how many stories. Raises Unavailable; another run continues."""
        async for story in self._records("stories", Story):
            self._pending[story.id] = story
            await self._flush(publish=False)
        await self._flush(publish=False, last=True)
        if self._index is not None:
            async for story in _scanned(self._index.scan_stories()):
                await self._take(story)
            async for document in _scanned(self._index.scan()):
                await self._tell(document)
        found = [
            (one.relation.seq, zlib.compress(encode(one), 1)) async for one in self._records("documents", Document)
        ]
        for _, packed in sorted(found):
            await self._tell(decode(Document, zlib.decompress(packed)))
        await self._flush(last=True)
        return len(self._published)

    async def _tell(self, document: Document) -> None:
        for story in told(document, self._get):
            await self._take(story)

    async def _take(self, story: Story) -> None:
        stored = self._get([story.id]).get(story.id)
        if stored is None or stored.seq < story.seq:
            self._pending[story.id] = story
            self._published.add(story.id)
            await self._flush()

    def _get(self, ids: Sequence[str]) -> Mapping[str, Story]:
        found = {id: self._pending[id] for id in ids if id in self._pending}
        return found | self._cache.get([id for id in ids if id not in found])

    async def _flush(self, publish: bool = True, last: bool = False) -> None:
        if len(self._pending) < BATCH and not last:
            return
        stories, now = list(self._pending.values()), datetime.now(UTC)
        if publish and stories:
            await self._log.publish([Out("stories", story.id, story) for story in stories])
        self._cache.absorb([
            Message(Position("stories", 0, self._absorbed + n), story.id, encode(story), now)
            for n, story in enumerate(stories)
        ])  # fmt: skip
        self._absorbed += len(stories)
        self._pending = {}

    async def _records(self, stream: str, kind: type[R]) -> AsyncIterator[R]:
        """The records of a stream that can be read; others are reported by the stage that reads them."""
        async for message in self._log.replay(stream):
            if message.value is not None and not message.stale and not message.fault:
                with suppress(SchemaError):
                    yield decode(kind, message.value)


async def _scanned(records: Iterator[R]) -> AsyncIterator[R]:
    """The records of a scan, which may be read only from the thread that began it."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as thread:
        while batch := await loop.run_in_executor(thread, lambda: list(islice(records, BATCH))):
            for record in batch:
                yield record
