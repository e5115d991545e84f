"""The relate stage: publishes a tagged article as new, as a new version or as a copy, or drops it; strictly in order.

core/stories decides. This stage supplies the data for the decision: the streams `known` (kept for years, read through a
cache) and `fingerprints` (the last days, in memory). It also keeps the records of stories, on `stories`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Protocol

import msgspec

from pipeline.core.stories import relate
from pipeline.core.stories.relate import Decision, Options
from pipeline.core.stories.telling import told
from pipeline.core.stories.window import Entry, Neighbours, Window, features
from pipeline.ports import StateCache
from pipeline.records import Decided, Document, Known, Record, Story, Tagged
from pipeline.stage import Drop, Emit, Message, Out, Outcome, Position, ReadState, Stage
from pipeline.stages.cached import Cached

ANSWERS = 10_000  # decisions kept, of the newest inputs; far more than a broker delivers again after a crash


class Numbering(Protocol):
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

    `known` and `tagged` have one partition.
    """

    name = "relate"
    reads: ClassVar[dict[str, type[Record]]] = {"tagged": Tagged}
    writes = ("documents", "known", "fingerprints", "stories")
    anchor = "tagged"
    owns: ClassVar[dict[str, type[Record]]] = {"known": Known, "fingerprints": Decided, "stories": Story}
    standby = True
    window = 1

    def __init__(
        self,
        known: StateCache[Known],
        stories: StateCache[Story],
        story_window: float,
        options: Options | None = None,
        absorb_every: int = 500,
        numbering: Numbering | None = None,
    ) -> None:
        """`story_window`: how many seconds back stories and copies are looked for. `numbering` None: no documents exist
        but those of the state."""
        self._known = Cached("known", known, absorb_every)
        self._stories = Cached("stories", stories, absorb_every)
        self._numbering = numbering
        self._options = options or Options()
        self._story_window = story_window
        self._read: ReadState | None = None
        self._forget()

    def _forget(self) -> None:
        self._known.forget()
        self._stories.forget()
        self._window = Window(self._story_window)
        self._answers: dict[Position, tuple[str, Decision]] = {}  # by input: its content hash, and what was decided
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
        await self._stories.follow(read)
        self._seq = max(self._seq, self._known.seq)
        self._next_fingerprint = await read("fingerprints", self._take_fingerprint, self._next_fingerprint)

    def _take_fingerprint(self, message: Message, decided: Decided | None) -> None:
        if decided is not None and not message.stale:
            self._remember(decided)
        self._next_fingerprint = message.at.offset + 1

    async def settled(self, outs: Sequence[Out]) -> None:
        await self._known.settled()
        await self._stories.settled()

    async def close(self) -> None:
        self._known.close()
        self._stories.close()

    async def step(self, record: Tagged, at: Position) -> Outcome:
        await self._known.ready()
        await self._stories.ready()
        answer = self._answers.get(at)
        if answer and answer[0] == record.article.content_hash:
            outcome = self._keep_newer(self._outputs(record, at, answer[1]))
        else:
            if not self._numbered:
                await self._number(record, at)
            decision = self._decide(record, at)
            self._remember(_decided(record, at, decision))
            outcome = self._outputs(record, at, decision)
        self._known.sent(outcome.outs, Known)
        self._stories.sent(outcome.outs, Story)
        return outcome

    def _outputs(self, tagged: Tagged, at: Position, decision: Decision) -> Emit | Drop:
        """The outputs of a decision. The document comes first: the state must never be ahead of the outputs."""
        outcome = outputs_of(tagged, at, decision)
        if isinstance(outcome, Drop):
            return outcome
        document = outcome.outs[0].record
        assert isinstance(document, Document)
        stories = [Out("stories", story.id, story) for story in told(document, self._stories.get)]
        return Emit((outcome.outs[0], *stories, *outcome.outs[1:]))

    async def _number(self, record: Tagged, at: Position) -> None:
        """Make sure that new documents get a higher seq than all that exist, even if the state was lost."""
        if self._numbering is not None:
            newest = await self._numbering.newest()
            ahead = [document for document in newest if document.relation.seq > self._seq]
            if not newest or (ahead and not await self._come_again(ahead, at)):
                highest = max([await self._numbering.highest_indexed(), *(doc.relation.seq for doc in ahead)])
                if highest > self._seq:
                    self._numbering.lost(f"`known` ends at document {self._seq}, but there is document {highest}")
                    self._seq = highest
            elif newest and not self._next_fingerprint:
                begin = record.article.seen.timestamp() - self._story_window
                if any(document.article.seen.timestamp() > begin for document in newest if document not in ahead):
                    self._numbering.lost("`fingerprints` is empty, but there are documents of the last days")
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

    def _decide(self, tagged: Tagged, at: Position) -> Decision:
        known = self._lookup(relate.keys(tagged))
        place = str(at)
        for article in known.values():
            noted = article.relation is not None and bool(article.relation.noted)
            if article.at == place and (noted or article.content_hash == tagged.article.content_hash):
                # It was decided before, but the fingerprint did not reach the log.
                known_again = article if noted else None
                return Decision(article.id, article.relation, aliases=article.aliases, known=known_again)

        def near() -> Neighbours:
            return self._window.neighbours(tagged.fingerprint, tagged.article.seen.timestamp())

        return relate.decide(tagged, known, near, self._seq + 1, self._options)

    def _lookup(self, keys: Sequence[str]) -> dict[str, Known]:
        """The articles that `keys` lead to, by key."""
        records = self._known.get(keys)
        articles = {record.alias_of or record.id for record in records.values()}
        articles_known = records | self._known.get([id for id in articles if id not in records])
        found = {key: articles_known.get(record.alias_of or key) for key, record in records.items()}
        return {key: article for key, article in found.items() if article and article.relation}

    def _remember(self, decided: Decided) -> None:
        relation, fingerprint = decided.relation, decided.fingerprint
        decision = Decision(decided.article, relation, decided.drop, decided.aliases, decided.known)
        at = Position(decided.stream, decided.partition, decided.offset)
        seen = decided.seen.timestamp()
        if relation and fingerprint:
            entry = Entry(
                decided.article, seen, relation.seq, relation.story_id, relation.duplicate_of,
                features(decided.source, fingerprint, decided.topics, decided.countries),
            )  # fmt: skip
            self._window.add(entry, fingerprint)  # first: it refuses a damaged fingerprint
        self._seq = max(self._seq, relation.seq if relation else 0)
        self._window.see(seen)
        self._answers[at] = (decided.content_hash, decision)
        self._answered.append(at)
        if len(self._answered) > ANSWERS:
            self._answers.pop(self._answered.popleft(), None)


def outputs_of(tagged: Tagged, at: Position, decision: Decision) -> Emit | Drop:
    """The outputs of a decision; they depend only on it and the input. The document comes first: the state must never
    be ahead of the outputs."""
    article = msgspec.structs.replace(tagged.article, id=decision.article)
    aliases = [Out("known", key, Known(id=key, alias_of=article.id)) for key in decision.aliases]
    decided = Out("fingerprints", article.id, _decided(tagged, at, decision))
    if decision.relation is None:
        return Drop(decision.drop or "", outs=(decided, *aliases))
    known = msgspec.structs.replace(decision.known, at=str(at)) if decision.known else _known(tagged, at, decision)
    document = Document(article=article, tags=tagged.tags, relation=decision.relation)
    return Emit((Out("documents", article.id, document), Out("known", article.id, known), *aliases, decided))


def _known(tagged: Tagged, at: Position, decision: Decision) -> Known:
    """What is remembered of an article that became a document."""
    return Known(
        id=decision.article, at=str(at), content_hash=tagged.article.content_hash, relation=decision.relation,
        traits=tagged.fingerprint.traits, aliases=decision.aliases,
        fetched=tagged.article.fetched.at if tagged.article.fetched else None,
        text_from=tagged.article.text_from, partial=tagged.article.partial,
    )  # fmt: skip


def _decided(tagged: Tagged, at: Position, decision: Decision) -> Decided:
    article = tagged.article
    kept = decision.relation is not None and decision.known is None
    return Decided(
        article=decision.article, source=article.source, seen=article.seen,
        stream=at.stream, partition=at.partition, offset=at.offset, content_hash=article.content_hash,
        fingerprint=tagged.fingerprint if kept else None, relation=decision.relation, drop=decision.drop,
        aliases=decision.aliases,
        topics=tuple(topic.id for topic in tagged.tags.topics) if kept else (),
        countries=tagged.tags.countries if kept else (),
        known=decision.known and msgspec.structs.replace(decision.known, at=str(at)),
    )  # fmt: skip
