"""The relate stage: publishes a tagged article as new, as a new version or as a copy, or drops it; strictly in order.

core/stories decides. This stage supplies the data for the decision: the streams `known` and `archive` (kept for years,
read through caches) and `fingerprints` (the last days, in memory). It also keeps the records of stories, on `stories`,
and corrects them as people ask on `story-requests`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import ClassVar, Protocol

import msgspec

from pipeline.core.stories import relate
from pipeline.core.stories.copies import texts_of
from pipeline.core.stories.features import rows_of
from pipeline.core.stories.pairs import pair_score
from pipeline.core.stories.place import Score
from pipeline.core.stories.relate import Decision, Options
from pipeline.core.stories.story import Kept, Noted, Stories
from pipeline.core.stories.updates import changed_by, corrected
from pipeline.core.stories.window import Entry, Window
from pipeline.failpoints import point
from pipeline.ports import AgeingCache, StateCache
from pipeline.records import Archived, Decided, Document, Known, Record, Story, StoryRequest, Tagged
from pipeline.stage import Drop, Emit, Message, Out, Outcome, Position, ReadState, Stage
from pipeline.stages.ageing import Owns
from pipeline.stages.known_articles import PAGE, KnownArticles, Texts, decided_before
from pipeline.stages.relate_outputs import decided_of, decided_request, document_of, outputs_of, position_of, with_story
from pipeline.stages.story_records import LOOKED, IndexedStories, StoryRecords

SETTLING = 5.0  # seconds that an input waits until the decisions about inputs of another stream are durable
NOTED = 1024  # decisions read back that are noted at once
ANSWERS = 10_000  # decisions kept, of the newest inputs; far more than a broker delivers again after a crash


class Existing(Texts, IndexedStories, Protocol):
    """The documents that exist, whatever relate's state says. Methods raise Unavailable."""

    async def newest(self) -> Sequence[Document]:
        """The last documents on the log."""
        ...

    async def highest_indexed(self) -> int:
        """The highest seq in the index, 0 if it is empty."""
        ...

    def lost(self, why: str) -> None:
        """Report that state was lost."""
        ...


class Relate(Stage):
    """Tagged articles in, documents out. Every input is decided once: the same input gives the same outputs, byte for
    byte, even after a crash that lost some of them. `known` and `fingerprints` each hold the decision and its input.

    All its streams have one partition. What people ask for is done between two articles: only when all decisions before
    are durable, so that a crash cannot change the order.
    """

    name = "relate"
    reads: ClassVar[dict[str, type[Record]]] = {"tagged": Tagged, "story-requests": StoryRequest}
    writes = ("documents", "known", "archive", "fingerprints", "stories")
    anchor = "tagged"
    owns: ClassVar[dict[str, type[Record]]] = {
        "known": Known, "archive": Archived, "fingerprints": Decided, "stories": Story,
    }  # fmt: skip
    standby = True
    window = 1

    def __init__(
        self,
        known: AgeingCache[Known],
        archive: StateCache[Known],
        stories: AgeingCache[Story],
        story_window: float,
        options: Options | None = None,
        absorb_every: int = 500,
        existing: Existing | None = None,
        score: Score | None = None,
        page: int = PAGE,
        looked: int = LOOKED,
    ) -> None:
        """`story_window`: how many seconds back stories and copies are looked for. `existing` None: no documents exist
        but those of the state. `score` None: the weights that come with the program. `page`: see KnownArticles,
        `looked`: see StoryRecords."""
        self._known = KnownArticles(known, archive, story_window, existing, absorb_every, page)
        self._records = StoryRecords(stories, story_window, existing, self._known.lookup, absorb_every, looked)
        self._existing = existing
        self._score = score or pair_score()
        self._options = options or Options()
        self._story_window = story_window
        self._read: ReadState | None = None
        self._forget()

    def _forget(self) -> None:
        self._known.forget()
        self._records.forget()
        self._stories = Stories(Window(self._story_window), self._score, self._records.get, self._options.stories)
        self._open: dict[Position, None] = {}  # inputs whose decisions may not be durable yet
        self._closed = asyncio.Event()  # one of them is
        self._answers: dict[Position, Decided] = {}  # by input, without fingerprints
        self._answered: deque[Position] = deque()  # the same inputs, in order
        self._seq = 0
        self._numbered = False  # `_seq` was compared with the documents that exist
        self._next_fingerprint = 0  # offset of the first fingerprint not yet read

    async def restore(self, read: ReadState) -> None:
        self._forget()
        await self.follow(read)

    async def follow(self, read: ReadState) -> None:
        self._read = read
        await self._known.follow(read)
        await self._records.follow(read)
        self._seq = max(self._seq, self._known.seq)
        waiting: list[Noted] = []

        def take(message: Message, decided: Decided | None) -> None:
            if decided is not None and not message.stale:
                waiting.append(self._take(decided))
            self._next_fingerprint = message.at.offset + 1
            if len(waiting) == NOTED:
                self._stories.note_all(waiting)
                waiting.clear()

        try:
            self._next_fingerprint = await read("fingerprints", take, self._next_fingerprint)
        finally:
            self._stories.note_all(waiting)

    async def settled(self, outs: Sequence[Out]) -> None:
        for out in outs:
            if isinstance(out.record, Decided):
                self._open.pop(position_of(out.record), None)
        self._closed.set()
        await self._known.settled(outs)
        await self._records.settled(now=any(out.stream == "stories" and out.record is None for out in outs))
        point("relate.settled")

    def asks(self, owns: Owns) -> None:
        self._known.asks(owns)
        self._records.asks(owns)

    async def tick(self, now: datetime) -> Emit | None:
        return await self._known.tick(now) or await self._records.tick(now)

    async def close(self) -> None:
        self._known.close()
        self._records.close()

    async def step(self, record: Tagged | StoryRequest, at: Position) -> Outcome:
        await self._known.ready()
        await self._records.ready()
        point("relate.ready")
        await self._others_are_durable(at.stream)
        if isinstance(record, StoryRequest):
            point("relate.requested")
            outcome = await self._correct(record, at)
            point("relate.corrected")
        else:
            outcome = await self._relate(record, at)
            point("relate.decided")
        self._open[at] = None
        self._known.sent(outcome.outs)
        self._records.sent(outcome.outs)
        return outcome

    async def _others_are_durable(self, stream: str) -> None:
        """Wait until the decisions about inputs of other streams are durable; before a request, all decisions."""
        asked = self.reads[stream] is StoryRequest
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLING):
                while any(asked or at.stream != stream for at in self._open):
                    self._closed.clear()
                    await self._closed.wait()
        self._open = {at: None for at in self._open if at.stream == stream}

    async def _relate(self, record: Tagged, at: Position) -> Emit | Drop:
        answer = self._answer(at, record.article.content_hash)
        if answer:
            decision = Decision(answer.article, answer.relation, answer.drop, answer.aliases, answer.known)
            changed = await self._records.complete(lambda: self._changed(record, decision))
            return self._keep_newer(outputs_of(record, at, decision, self._records.outs(changed)))
        if not self._numbered:
            await self._number(record, at)
        decision, changed = await self._decide(record, at)
        self._remember(decided_of(record, at, decision))
        return outputs_of(record, at, decision, self._records.outs(changed))

    async def _correct(self, request: StoryRequest, at: Position) -> Emit | Drop:
        """Do what a person asked for. A repeated request changes nothing."""
        decided = await self._records.complete(lambda: decided_request(request, at, self._stories))
        answer = self._answer(at, decided.content_hash)
        if answer:
            decided = answer
        else:
            self._remember(decided)
        kept = Out("fingerprints", decided.article, decided)
        if not decided.corrections:
            return Drop(decided.drop or "", outs=(kept,))
        if self._answered[-1] != at:
            return Emit((kept,))  # later decisions were made when its records were durable, and may have changed them
        seq = max(self._seq, self._records.seq)
        found, get = decided.corrections[0], self._records.get
        stories = await self._records.complete(lambda: corrected(found, {}, get, seq, request.at))
        return Emit((*self._records.outs(stories), kept))

    def _changed(self, tagged: Tagged, decision: Decision) -> list[Story]:
        """The records of stories that a decision changes."""
        document = document_of(tagged, decision)
        return changed_by(document, self._records.get) if document else []

    async def _number(self, record: Tagged, at: Position) -> None:
        """Make sure that new documents get a higher seq than all that exist, even if the state was lost."""
        if self._existing is not None:
            newest = await self._existing.newest()
            ahead = [document for document in newest if document.relation.seq > self._seq]
            if not newest or (ahead and not await self._come_again(ahead, at)):
                highest = max([await self._existing.highest_indexed(), *(doc.relation.seq for doc in ahead)])
                if highest > self._seq:
                    self._existing.lost(f"`known` ends at document {self._seq}, but there is document {highest}")
                    self._seq = highest
            elif newest and not self._next_fingerprint:
                begin = record.article.seen.timestamp() - self._story_window
                if any(document.article.seen.timestamp() > begin for document in newest if document not in ahead):
                    self._existing.lost("`fingerprints` is empty, but there are documents of the last days")
        self._numbered = True

    async def _come_again(self, documents: Sequence[Document], at: Position) -> bool:
        """Whether the inputs of these documents are not done yet: a crash may lose the state of the newest documents,
        and their inputs then get the same numbers again."""
        assert self._read is not None
        records = await self._read.peek(at, self.ahead)
        waiting = {record.article.content_hash for record in records if isinstance(record, Tagged)}
        return {document.article.content_hash for document in documents} <= waiting

    def _keep_newer(self, outcome: Emit | Drop) -> Emit | Drop:
        """The outcome of a repeated input, in which no record of `known` replaces a newer one: `known` is compacted,
        and a newer record may be the only trace of a decision whose fingerprint did not reach the log."""

        def kept(out: Out) -> Out:
            newer = self._known.newer(out) if out.stream == "known" else None
            return replace(out, record=newer) if newer else out

        return replace(outcome, outs=tuple(map(kept, outcome.outs)))

    async def _decide(self, tagged: Tagged, at: Position) -> tuple[Decision, list[Story]]:
        """The decision about an article, and the records of stories that it changes."""
        known = await self._known.whole(tagged, self._known.lookup(relate.keys(tagged)))
        made = decided_before(tagged, at, known)

        def decide() -> tuple[Decision, list[Story]]:
            decision = made or relate.decide(tagged, known, self._stories, self._seq + 1, self._options)
            stories = self._changed(tagged, decision)
            return made or with_story(decision, stories), stories

        return await self._records.complete(decide, new={tagged.article.id} - known.keys())

    def _answer(self, at: Position, content_hash: str) -> Decided | None:
        """What was decided about an input, if it was."""
        answer = self._answers.get(at)
        return answer if answer and answer.content_hash == content_hash else None

    def _remember(self, decided: Decided) -> None:
        self._stories.note(self._take(decided))

    def _take(self, decided: Decided) -> Noted:
        """Keep a decision, all but what it means for the window. Raises ValueError if its fingerprint is damaged."""
        relation, fingerprint = decided.relation, decided.fingerprint
        if self._answer(position_of(decided), decided.content_hash):
            return Noted(float("-inf"), (), None)  # written again after a crash: it was noted in its place
        seen, kept = decided.seen.timestamp(), None
        if relation and fingerprint:
            entry = Entry(decided.article, relation.story_id, relation.seq, seen, relation.duplicate_of)
            kept = Kept(entry, rows_of([fingerprint.features]), texts_of([fingerprint.text]))
        if self.reads.get(decided.stream) is StoryRequest:
            seen = float("-inf")  # the time of a person's clock
        self._seq = max(self._seq, relation.seq if relation else 0)
        at = position_of(decided)
        self._answers[at] = msgspec.structs.replace(decided, fingerprint=None)
        self._answered.append(at)
        if len(self._answered) > ANSWERS:
            self._answers.pop(self._answered.popleft(), None)
        return Noted(seen, relation.corrections if relation else decided.corrections, kept)
