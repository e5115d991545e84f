"""Keeps in memory what streams of the log say, and notices what is new; one follower for all readers.

Reads each stream from where it was, several times a second. What is new is announced when the index has it, so that a
reader who then asks for it finds it.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import structlog

from pipeline.core.wording import words_of
from pipeline.ports import Clock, Index, Log
from pipeline.records import (
    AlertState,
    Delivery,
    Document,
    Feed,
    FeedState,
    Kept,
    Mute,
    Record,
    SchemaError,
    decode,
)
from pipeline.reports.fired import FiredAlert, LedgerFold, SentMessage
from pipeline.reports.kept import Keeping
from pipeline.reports.matched import Matched
from pipeline.reports.stories import Lookup
from pipeline.stage import Message, Unavailable

EVERY = 0.25  # seconds between looks at the ends of the streams, while pages are read that hear of news
IDLE = 1.0  # else: a look costs a broker some requests
AGAIN = 2.0  # seconds after which a log that did not answer is asked again
_LONGEST = 1_000  # characters of a cursor
KEPT_NEWS = 400  # documents and states of alerts that are kept, so that who comes back learns how many came meanwhile
MOVING = frozenset({"feeds", "feed-state"})  # streams whose keys can move to another partition
PATIENCE = timedelta(seconds=60)  # after which a document is announced although the index does not have it

R = TypeVar("R", bound=Record)
logger = structlog.get_logger("almenara")


class Newest(Generic[R]):
    """The newest record of each key. A key that moved to another partition left a tombstone in the first, which may be
    read later than the record that has taken its place."""

    def __init__(self) -> None:
        self.by_key: dict[str, R] = {}
        self._places: dict[str, dict[int, R]] = {}

    def take(self, key: str, record: R | None, partition: int = 0) -> None:
        """Take the newest record of a key in a partition; None: it is there no longer."""
        places = self._places.setdefault(key, {})
        places.pop(partition, None)
        if record is not None:
            places[partition] = record
        if places:
            self.by_key[key] = next(reversed(places.values()))
        else:
            del self._places[key]
            self.by_key.pop(key, None)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Up to where a reader knows what is new: the `seq` of a document, and for each partition of alert-state the offset
    of the next record."""

    seq: int = 0
    alerts: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{self.seq}-{'.'.join(map(str, self.alerts))}"

    def at(self, partition: int) -> int:
        """The offset of the next record of a partition."""
        return self.alerts[partition] if partition < len(self.alerts) else 0

    def after(self, partition: int, offset: int) -> Cursor:
        """The cursor after a record of alert-state."""
        size = max(len(self.alerts), partition + 1)
        return Cursor(self.seq, tuple(offset + 1 if n == partition else self.at(n) for n in range(size)))

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        """The cursor in the text; None if it is not a cursor."""
        first, _, second = text[:_LONGEST].partition("-")
        parts = second.split(".") if second else []
        plain = _ == "-" and all(part.isascii() and part.isdigit() for part in (first, *parts))
        return cls(int(first), tuple(map(int, parts))) if plain else None


@dataclass(frozen=True, slots=True)
class Change:
    """A new state of an alert, at its place in alert-state. `before`: the former one, None of a new alert."""

    partition: int
    offset: int
    id: str
    story: str
    before: FiredAlert | None


@dataclass
class News:
    """The newest documents and states of alerts, and up to where they have been announced."""

    documents: deque[Document] = field(default_factory=lambda: deque(maxlen=KEPT_NEWS))
    changes: deque[Change] = field(default_factory=deque)
    cursor: Cursor = Cursor()
    forgotten: Cursor = Cursor()  # states of alerts before it are no longer kept

    def take(self, change: Change) -> None:
        """Keep a new state of an alert, and forget the oldest if there are too many."""
        self.changes.append(change)
        if len(self.changes) > KEPT_NEWS:
            old = self.changes.popleft()
            self.forgotten = self.forgotten.after(old.partition, old.offset)

    def since(self, cursor: Cursor) -> tuple[list[Document], list[Change], bool]:
        """What came after the cursor, and whether that is all: older news are forgotten."""
        documents = [one for one in self.documents if one.relation.seq > cursor.seq]
        changes = [one for one in self.changes if one.offset >= cursor.at(one.partition)]
        whole = not documents or min(one.relation.seq for one in documents) <= cursor.seq + 1
        whole = whole or len(self.documents) < KEPT_NEWS
        known = all(cursor.at(n) >= offset for n, offset in enumerate(self.forgotten.alerts))
        return documents, changes, whole and known


@dataclass
class Follower:
    """Follows the log. `news` and the folds are for pages to read."""

    log: Log
    index: Callable[[], Awaitable[Index]]
    clock: Clock
    feeds: Newest[Feed] = field(default_factory=Newest)
    feed_states: Newest[FeedState] = field(default_factory=Newest)
    mutes: Newest[Mute] = field(default_factory=Newest)
    matched: Matched = field(default_factory=Matched)
    kept: Keeping = field(default_factory=Keeping)
    ledger: LedgerFold = field(init=False)
    news: News = field(default_factory=News)
    caught_up: asyncio.Event = field(default_factory=asyncio.Event)
    trouble: str = ""  # why nothing new comes at present: what the log or the index said
    stopped: bool = False
    readers: Counter[str] = field(default_factory=Counter)  # by reader, pages that hear of news
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _positions: dict[tuple[str, int], int] = field(default_factory=dict)
    _pending: list[tuple[datetime, Document]] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.ledger = LedgerFold(mutes=self.mutes.by_key)

    def _folds(self) -> Mapping[str, tuple[type[Record], Callable[..., None]]]:
        """Stream -> its records, and what becomes of them."""
        return {
            "feeds": (Feed, self.feeds.take), "feed-state": (FeedState, self.feed_states.take),
            "mutes": (Mute, self.mutes.take),
            "messages": (SentMessage, self.ledger.take_message), "deliveries": (Delivery, self.ledger.take_delivery),
            "readers": (Kept, self.kept.take),
        }  # fmt: skip

    def _take_state(self, message: Message) -> None:
        key, place = message.key, message.at
        state = None if message.value is None else decode(AlertState, message.value)
        before = self.ledger.alerts.get(key)
        self.matched.take(key, state)
        self.ledger.take_state(key, state)
        if now := self.ledger.alerts.get(key):
            self.news.take(Change(place.partition, place.offset, key, now.story, before))
        self._move(self.news.cursor.after(place.partition, place.offset))

    # -- following

    async def run(self) -> None:
        """Follow until cancelled. A log that does not answer is asked again."""
        while True:
            try:
                wrong, pause = await self.look(), EVERY if self.readers else IDLE
            except Unavailable as error:
                wrong, pause = words_of(error), AGAIN
            if wrong != self.trouble:
                if wrong:
                    logger.warning("unavailable", job="console", error=str(wrong))
                self.trouble = wrong
                self._wake()
            await asyncio.sleep(pause)

    async def look(self) -> str:
        """Read what was added to the streams since the last look. Raises Unavailable for the log; returns why the index
        does not answer, "" if it does or was not asked."""
        async with self._looking:
            return await self._look()

    async def _look(self) -> str:
        ends, folds = await self.log.ends(), self._folds()
        for (stream, partition), end in ends.items():
            tail = stream == "documents"
            if stream not in folds and stream not in ("documents", "alert-state"):
                continue
            start = self._positions.get((stream, partition), max(0, end - KEPT_NEWS) if tail else 0)
            if start < end:
                await self._read(stream, partition, start)
            self._positions[stream, partition] = end
        wrong = await self._announce()
        self.caught_up.set()
        return wrong

    async def _read(self, stream: str, partition: int, start: int) -> None:
        async with aclosing(self.log.replay(stream, start, [partition])) as messages:
            async for message in messages:
                if not message.stale and not message.fault:
                    with suppress(SchemaError):  # the owner of the stream makes a dead record of it
                        self._take(stream, message)
                self._positions[stream, partition] = message.at.offset + 1  # if the log goes away, nothing comes twice

    def _take(self, stream: str, message: Message) -> None:
        if stream == "documents":
            del self._pending[:-KEPT_NEWS]
            self._pending.append((self.clock(), decode(Document, message.value or b"")))
        elif stream == "alert-state":
            self._take_state(message)
        else:
            kind, take = self._folds()[stream]
            record = None if message.value is None else decode(kind, message.value)
            take(message.key, record, *((message.at.partition,) if stream in MOVING else ()))

    async def _announce(self) -> str:
        """Announce the documents that the index has, with the stories that they came to: who then loads a page sees
        both. Returns why the index does not answer."""
        if not self._pending:
            return ""
        try:
            index = await self.index()
            has, lookup = await index.max_seq(), Lookup(index)
            await lookup.read(one.relation.story_id for _, one in self._pending if one.relation.seq <= has)
        except Unavailable as error:
            self._pending = [(self.clock(), one) for _, one in self._pending]  # what is not there yet comes after it
            return words_of(error)
        late = self.clock() - PATIENCE
        ready, waiting = [], []
        for since, one in self._pending:
            if since <= late or (one.relation.seq <= has and _is_in_story(one, lookup)):
                ready.append(one)
            else:
                waiting.append((since, one))
        self._pending = waiting
        if ready:
            ready.sort(key=lambda one: one.relation.seq)
            self.news.documents.extend(ready)
            self._move(Cursor(max(self.news.cursor.seq, ready[-1].relation.seq), self.news.cursor.alerts))
        return ""

    def _move(self, cursor: Cursor) -> None:
        self.news.cursor = cursor
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    # -- waiting

    async def moved(self, cursor: Cursor, trouble: str, patience: float) -> bool:
        """Wait until there are news after the cursor, or another trouble, or none any more; at most `patience` seconds.
        Returns whether there are news; False when it is stopped."""
        if (self.news.cursor, self.trouble) == (cursor, trouble) and not self.stopped:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), patience)
        return self.news.cursor != cursor and not self.stopped

    def stop(self) -> None:
        """End what waits: the process ends."""
        self.stopped = True
        self._changed.set()


def stories_of(documents: Iterable[Document]) -> tuple[str, ...]:
    """The stories that the documents came to, each once, the newest last."""
    return tuple(dict.fromkeys(one.relation.story_id for one in documents if not one.relation.noted))


def _is_in_story(document: Document, lookup: Lookup) -> bool:
    if document.relation.noted:
        return True
    story = lookup.now(document)
    return story is not None and story.seq >= document.relation.seq
