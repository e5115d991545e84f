"""Rebuilds the stream `stories`: from the records in the index, then from the documents that are in none of them.

What is on the stream stays. A correction is lost if no document or record that is left has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from pipeline.core.stories.steps import continued
from pipeline.core.stories.updates import changed_by
from pipeline.ports import Index, Log, StateCache
from pipeline.records import Document, Story, encode
from pipeline.repair.reading import documents_of, records_of, scanned
from pipeline.stage import Message, Out, Position

BATCH = 500  # records published at once


class StoriesRebuild:
    """Rebuilds once. `cache`: an empty cache, which is filled. `old`: what did not change since then is left to the
    index if that has it, as relate does. The caller must own the stream."""

    def __init__(self, log: Log, index: Index | None, cache: StateCache[Story], old: datetime) -> None:
        self._log, self._index, self._cache, self._old = log, index, cache, old
        self._absorbed = 0
        self._pending: dict[str, Story] = {}  # not yet in the cache
        self._wanted: set[str] = set()  # those of them to publish
        self._published: set[str] = set()

    async def run(self) -> int:
        """Publish what is missing or behind; return how many stories. Raises Unavailable; another run continues."""
        async for _, read in records_of(self._log, "stories", Story):
            before = self._get([read.id]).get(read.id) if read.after is not None else None
            story = read if read.after is None else before and continued(before, read)
            if story is not None:
                self._pending[story.id] = story
            await self._flush()
        if self._index is not None:
            async for story in scanned(self._index.scan_stories()):
                await self._take(story, publish=story.changed >= self._old)
            async for document in scanned(self._index.scan()):
                await self._fold(document)
        async for document in documents_of(self._log):
            await self._fold(document)
        await self._flush(last=True)
        return len(self._published)

    async def _fold(self, document: Document) -> None:
        for story in changed_by(document, self._get):
            await self._take(story)

    async def _take(self, story: Story, publish: bool = True) -> None:
        stored = self._get([story.id]).get(story.id)
        if stored is None or stored.seq < story.seq:
            self._pending[story.id] = replace(story, steps=0)
            if publish:
                self._wanted.add(story.id)
            await self._flush()

    def _get(self, ids: Sequence[str]) -> Mapping[str, Story]:
        found = {id: self._pending[id] for id in ids if id in self._pending}
        return found | self._cache.get([id for id in ids if id not in found])

    async def _flush(self, last: bool = False) -> None:
        if len(self._pending) < BATCH and not last:
            return
        stories, now = list(self._pending.values()), datetime.now(UTC)
        outs = [Out("stories", story.id, story) for story in stories if story.id in self._wanted]
        if outs:
            await self._log.publish(outs)
            self._published |= self._wanted
            self._wanted = set()
        self._cache.absorb([
            Message(Position("stories", 0, self._absorbed + n), story.id, encode(story), now)
            for n, story in enumerate(stories)
        ])  # fmt: skip
        self._absorbed += len(stories)
        self._pending = {}
