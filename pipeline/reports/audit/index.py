"""Audits the index: it must have every document of the streams once, and nothing else; and every story."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress

from pipeline.log.kinds import BrokerLog
from pipeline.ports import Index
from pipeline.reports.audit.accounts import Rows, behind, digest, newest, unknown, where
from pipeline.reports.audit.parts import DocumentPart, Unreadable, decoded
from pipeline.reports.audit.report import LISTED, AuditReport
from pipeline.reports.audit.streams import StreamsAudit
from pipeline.stage import Position

REFRESH = 2.0  # seconds until searches find what was written to the index


class IndexAudit:
    """Compares the index with the streams, after StreamsAudit has run."""

    def __init__(self, log: BrokerLog, index: Index, streams: StreamsAudit, report: AuditReport) -> None:
        self.log, self.index, self.streams, self.report = log, index, streams, report

    async def run(self) -> None:
        """Read the index once and compare. Raises Unavailable."""
        indexed = await asyncio.to_thread(_scanned, self.index)
        self.report.records["index"] = len(indexed)
        await self._all_indexed(indexed)
        await self._nothing_else(indexed)
        await self._all_stories()

    async def _all_stories(self) -> None:
        wanted, indexed = newest(self.streams.stories_to_index), await asyncio.to_thread(_scanned_stories, self.index)
        if behind(wanted, indexed):
            await asyncio.sleep(REFRESH)
            indexed = await asyncio.to_thread(_scanned_stories, self.index)
        self.streams.old_stories(indexed)
        for at in behind(wanted, indexed):
            self.report.fault("story not in the index", where("stories", at))

    async def _all_indexed(self, indexed: Rows) -> None:
        missing = behind(newest(self.streams.to_index), indexed)
        if missing:
            await asyncio.sleep(REFRESH)
        for number, at in enumerate(missing):
            name = where("documents", at)
            if number < LISTED and await self._is_indexed(name):
                continue
            self.report.fault("not in the index", name)

    async def _is_indexed(self, name: str) -> bool:
        at = Position.parse(name)
        for message in await self.log.read(at.stream, at.partition, at.offset, 1):
            try:
                wanted = decoded(message, DocumentPart)
            except Unreadable:
                return True  # reported with the streams
            found = await self.index.get(wanted.article.id)
            return found is not None and found.relation.seq >= wanted.relation.seq
        return True  # retention deleted the message meanwhile

    async def _nothing_else(self, indexed: Rows) -> None:
        documents = Rows()
        async for message in self.log.replay("documents"):
            with suppress(Unreadable):  # reported with the streams
                if message.value is not None:
                    document = decoded(message, DocumentPart)
                    documents.add(digest(document.article.id), 0, document.relation.seq)
        lowest = self.streams.lowest_seq
        unexpected = set(unknown(indexed, documents, lowest)) if lowest else set()
        twice = {key for key, count in Counter(indexed.keys).items() if count > 1}
        if unexpected or twice:
            await asyncio.to_thread(self._name, {indexed.keys[n] for n in unexpected}, twice)

    def _name(self, unexpected: set[int], twice: set[int]) -> None:
        """Scan again and report; in the first scan, a document that was replaced meanwhile may have come twice."""
        seen: Counter[int] = Counter()
        for document in self.index.scan():
            key = digest(document.article.id)
            seen[key] += 1
            if key in unexpected:
                at = f"{document.article.id} seq {document.relation.seq}"
                self.report.fault("in the index, but not on documents", at)
            if key in twice and seen[key] == 2:
                self.report.fault("twice in the index", document.article.id)


def _scanned_stories(index: Index) -> Rows:
    rows = Rows()
    for number, story in enumerate(index.scan_stories()):
        rows.add(digest(story.id), number, story.seq)
    return rows


def _scanned(index: Index) -> Rows:
    rows = Rows()
    for number, document in enumerate(index.scan()):
        rows.add(digest(document.article.id), number, document.relation.seq)
    return rows
