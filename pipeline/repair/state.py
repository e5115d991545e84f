"""Rebuilds the state of relate, `known` and `fingerprints`, from the documents in the index and on the log.

What is still there is kept, on `archive` too; only what is missing or behind is published, on `known`, and relate moves
what is old to `archive`. Documents hold all but the input of each decision and the features that relate compares: those
come from `tagged` and `fingerprints` where they still are, and are computed again from the text otherwise. Keys of an
article that only a dropped input had (an unchanged page under another URL) are lost.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from pipeline.core.stories.archive import unpack
from pipeline.core.stories.fingerprint import make_fingerprint
from pipeline.core.stories.relate import keys, learned
from pipeline.core.stories.traits import traits_of
from pipeline.core.stories.updates import MOST, moved_to
from pipeline.core.urls import article_id
from pipeline.ports import Index, Log, StateCache
from pipeline.records import (
    Archived,
    Decided,
    Document,
    Fingerprint,
    Known,
    Story,
    Tagged,
    Traits,
    decode,
    encode,
)
from pipeline.repair.reading import documents_of, records_of, scanned
from pipeline.stage import Message, Out, Position

BATCH = 500  # records published at once
INPUTS = "documents"  # the stream named as the input of a decision whose input is not known any more

Progress = Callable[[str, int], None]  # what is being read, how many records so far


@dataclass
class Rebuilt:
    """How many records were read and published."""

    documents: int = 0
    known: int = 0
    aliases: int = 0
    fingerprints: int = 0
    computed: int = 0  # fingerprints that were not on `tagged` any more
    stories: int = 0

    def summary(self) -> str:
        """What was rebuilt, in a line."""
        if not self.known + self.aliases + self.fingerprints + self.stories:
            return f"{self.documents} documents read; nothing was missing"
        return (
            f"{self.documents} documents read; restored {self.known} articles with {self.aliases} other keys, and "
            f"{self.fingerprints} fingerprints ({self.computed} computed again); {self.stories} stories"
        )


class StateRebuild:
    """Rebuilds the state once. `known`, `archive`: empty caches, which are filled. `window`: seconds of `fingerprints`.

    Relate must not run meanwhile, and the caller must own both streams.
    """

    def __init__(
        self,
        log: Log,
        index: Index | None,
        known: StateCache[Known],
        archive: StateCache[Known],
        window: float,
        progress: Progress = lambda what, n: None,
    ) -> None:
        self._log, self._index, self._progress = log, index, progress
        self._known, self._archive = known, archive
        self._window = timedelta(seconds=window)
        self._absorbed = 0  # records in the cache
        self._pending: dict[str, Known] = {}  # records that are not yet in the cache
        self._inputs: dict[int, Decided] = {}  # by seq, the decisions that `fingerprints` still has
        self._places: dict[tuple[str, str], Position] = {}  # by article and content hash, the last input on `tagged`
        self._recent: dict[str, tuple[datetime, int, bytes]] = {}  # by article: seen, seq, compressed document
        self._leads: dict[str, Story] = {}  # records of stories that lead elsewhere, or that lost articles
        self._newest = datetime.min.replace(tzinfo=UTC)
        self._done = Rebuilt()

    async def run(self) -> Rebuilt:
        """Rebuild. Raises Unavailable; another run continues."""
        await self._read_known()
        async for _, decided in records_of(self._log, "fingerprints", Decided):
            if decided.relation:
                self._inputs[decided.relation.seq] = replace(decided, fingerprint=None)
        async for message, story in records_of(self._log, "stories", Story):
            if story.after is not None:
                continue  # a step moves nothing
            self._leads.pop(message.key, None)
            if story.redirect or story.moved:
                self._leads[message.key] = story
        async for message, tagged in records_of(self._log, "tagged", Tagged):
            self._places[tagged.article.id, tagged.article.content_hash] = message.at
        outs: list[Out] = []
        async for document in self._documents():
            self._done.documents += 1
            self._progress("documents", self._done.documents)
            outs += self._take(document)
            if len(outs) >= BATCH:
                await self._publish_known(outs)
                outs = []
        await self._publish_known(outs)
        await self._publish_fingerprints()
        return self._done

    async def _publish_known(self, outs: Sequence[Out]) -> None:
        await self._log.publish(outs)
        self._absorb(tuple(self._pending.values()))
        self._pending = {}

    # -- reading

    async def _read_known(self) -> None:
        batch: list[Known] = []
        async for _, known in records_of(self._log, "known", Known):
            batch.append(known)
            if len(batch) == BATCH:
                self._absorb(batch)
                batch = []
        self._absorb(batch)
        async for message, archived in records_of(self._log, "archive", Archived):
            with suppress(ValueError):  # the stage that reads it reports it
                unpack(archived.packed)
                self._archive.absorb([message])

    def _absorb(self, records: Sequence[Known]) -> None:
        now = datetime.now(UTC)
        messages = [
            Message(Position("known", 0, self._absorbed + n), record.id, encode(record), now)
            for n, record in enumerate(records)
        ]
        self._known.absorb(messages)
        self._absorbed += len(messages)

    async def _documents(self) -> AsyncIterator[Document]:
        """The newest document of each article in the index, in order of seq; then all on the log."""
        if self._index is not None:
            async for document in scanned(self._index.scan()):
                yield document
        async for document in documents_of(self._log):
            yield document

    # -- known

    def _take(self, document: Document) -> list[Out]:
        """What to publish on `known` for a document."""
        article, relation = document.article, document.relation
        self._newest = max(self._newest, article.seen)
        if relation.noted:  # on the log; in the index, text and note are one document
            return self._take_note(document)
        self._note_recent(document)
        decided = self._inputs.get(relation.seq)
        own = traits_of(article, document.tags.facts)
        tagged = _tagged(document, Fingerprint(traits=own))
        found = self._lookup((*keys(tagged), *(decided.aliases if decided else ())))
        before = found.get(article.id)
        if before and before.id != article.id:  # a key of another article, which was read before this one
            before = None
        outs = []
        if before is None or before.relation is None or before.relation.seq < relation.seq:
            known = Known(
                id=article.id, at=self._place(document), content_hash=article.content_hash, relation=relation,
                traits=tagged.fingerprint.traits, aliases=decided.aliases if decided else (),
                fetched=article.fetched.at if article.fetched else None,
                text_from=article.text_from, partial=article.partial,
            )  # fmt: skip
            outs.append(Out("known", known.id, known))
            found[article.id] = known
        # A copy shares its text with another article, which the text leads to.
        aliases = learned(tagged, article.id, found, text=relation.kind != "copy")
        more = decided.aliases if decided else ()
        if not outs:  # its state is there: keys that lead elsewhere were learned later
            aliases = tuple(key for key in aliases if key not in found)
        for key in dict.fromkeys((*aliases, *(key for key in more if key not in found))):
            outs.append(Out("known", key, Known(id=key, alias_of=article.id)))
        self._pending |= {out.key: out.record for out in outs if isinstance(out.record, Known)}
        self._done.known += sum(out.key == article.id for out in outs)
        self._done.aliases += sum(out.key != article.id for out in outs)
        return outs

    def _take_note(self, document: Document) -> list[Out]:
        """What to publish on `known` for a document that only says that the page of a known article is gone or back."""
        relation = document.relation
        before = self._lookup([document.article.id]).get(document.article.id)
        if before is None or before.id != document.article.id:  # not read yet, or its id is a key of another article
            return []
        if before.relation is None or before.relation.seq >= relation.seq:
            return []
        known = replace(before, at=self._place(document), relation=relation, aliases=())
        self._pending[known.id] = known
        self._done.known += 1
        return [Out("known", known.id, known)]

    def _lookup(self, wanted: Sequence[str]) -> dict[str, Known]:
        """The articles that keys lead to, by key, as relate looks them up."""
        records = self._get(list(dict.fromkeys(wanted)))
        articles = records | self._get([record.alias_of for record in records.values() if record.alias_of])
        found = {key: articles.get(record.alias_of or key) for key, record in records.items()}
        return {key: article for key, article in found.items() if article and article.relation}

    def _get(self, ids: Sequence[str]) -> dict[str, Known]:
        found = {id: self._pending[id] for id in ids if id in self._pending}
        found |= self._known.get([id for id in ids if id not in found])
        return found | self._archive.get([id for id in ids if id not in found])

    def _place(self, document: Document) -> str:
        """The input of the newest decision; "" if it is not known, and then relate decides it again as unchanged."""
        decided = self._inputs.get(document.relation.seq)
        if decided:
            return str(Position(decided.stream, decided.partition, decided.offset))
        place = self._places.get((document.article.id, document.article.content_hash))
        return str(place) if place else ""

    # -- fingerprints

    def _note_recent(self, document: Document) -> None:
        article, seq = document.article, document.relation.seq
        before = self._recent.get(article.id)
        if seq not in self._inputs and (before is None or before[1] < seq):
            self._recent[article.id] = (article.seen, seq, zlib.compress(encode(document), 1))
        if len(self._recent) % 10_000 == 0:
            begin = self._newest - self._window
            self._recent = {id: row for id, row in self._recent.items() if row[0] > begin}

    async def _publish_fingerprints(self) -> None:
        """Publish the missing fingerprints of the last days, in order of seq."""
        if not self._recent:
            return
        begin = self._newest - self._window
        rows = sorted((seq, packed) for seen, seq, packed in self._recent.values() if seen > begin)
        wanted = {decode(Document, zlib.decompress(packed)).article.content_hash for _, packed in rows}
        stored: dict[str, Fingerprint] = {}
        async for _, tagged in records_of(self._log, "tagged", Tagged):
            if tagged.article.content_hash in wanted:
                stored[tagged.article.content_hash] = tagged.fingerprint
        for first in range(0, len(rows), BATCH):
            documents = [decode(Document, zlib.decompress(packed)) for _, packed in rows[first : first + BATCH]]
            outs = await asyncio.to_thread(lambda found: [self._decided(one, stored) for one in found], documents)
            await self._log.publish(outs)
            self._done.fingerprints += len(outs)
            self._progress("fingerprints", self._done.fingerprints)

    def _decided(self, document: Document, stored: dict[str, Fingerprint]) -> Out:
        article, relation, tags = document.article, document.relation, document.tags
        fingerprint = stored.get(article.content_hash)
        if fingerprint is None:
            self._done.computed += 1
            fingerprint = make_fingerprint(article, tags)
        place = self._places.get((article.id, article.content_hash)) or Position(INPUTS, 0, relation.seq)
        return Out("fingerprints", article.id, Decided(
            article=article.id, seen=article.seen, stream=place.stream,
            partition=place.partition, offset=place.offset, content_hash=article.content_hash,
            fingerprint=replace(fingerprint, traits=Traits()),
            relation=replace(relation, story_id=self._story(article.id, relation.story_id)),
        ))  # fmt: skip

    def _story(self, article: str, story: str) -> str:
        """The story in which an article is now, that was in `story` when its document was written."""
        for _ in range(MOST):
            record = self._leads.get(story)
            to = moved_to(article, record, self._found) if record else None
            story = to or (record and record.redirect) or story
        return story

    def _found(self, ids: Sequence[str]) -> dict[str, Story]:
        return {id: self._leads[id] for id in ids if id in self._leads}


def _tagged(document: Document, fingerprint: Fingerprint) -> Tagged:
    """The input of relate that a document was made from. A version found under another URL has that URL, but the id of
    its article: the id of the URL leads to it too."""
    article = document.article
    with suppress(ValueError):
        article = replace(article, aliases=(*article.aliases, article_id(article.url)))
    return Tagged(article=article, tags=document.tags, fingerprint=fingerprint)
