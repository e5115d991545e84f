"""Keeps in memory what streams of the log say, and notices what is new; one follower for all readers.

Reads each stream from where it was, several times a second. What is new is announced when the index has it, so that a
reader who then asks for it finds it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import structlog

from pipeline.ports import Clock, Index, Log
from pipeline.records import (
    Alert,
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
from pipeline.reports.fired import LedgerFold, SentMessage
from pipeline.reports.kept import Keeping
from pipeline.reports.matched import Matched
from pipeline.stage import Message, Unavailable

EVERY = 0.25  # seconds between looks at the ends of the streams, while pages are read that hear of news
IDLE = 1.0  # else: a look costs a broker some requests
AGAIN = 2.0  # seconds after which a log that did not answer is asked again
KEPT_NEWS = 400  # documents and alerts that are kept, so that who comes back learns how many came meanwhile
MOVING = frozenset({"feeds", "feed-state"})  # streams whose keys can move to another partition
PATIENCE = timedelta(seconds=5)  # after which a document is announced although the index does not have it

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


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """Up to where a reader knows what is new: the `seq` of a document, and the offset after an alert."""

    seq: int = 0
    alerts: int = 0

    def __str__(self) -> str:
        return f"{self.seq}-{self.alerts}"

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        """The cursor in the text; None if it is not a cursor."""
        first, _, second = text[:40].partition("-")
        plain = all(part.isascii() and part.isdigit() for part in (first, second))
        return cls(int(first), int(second)) if plain else None


@dataclass
class News:
    """The newest documents and alerts, and up to where they have been announced."""

    documents: deque[Document] = field(default_factory=lambda: deque(maxlen=KEPT_NEWS))
    alerts: deque[tuple[int, Alert]] = field(default_factory=lambda: deque(maxlen=KEPT_NEWS))
    cursor: Cursor = Cursor()

    def since(self, cursor: Cursor) -> tuple[list[Document], list[Alert], bool]:
        """What came after the cursor, and whether that is all: older news are forgotten."""
        documents = [one for one in self.documents if one.relation.seq > cursor.seq]
        alerts = [alert for offset, alert in self.alerts if offset >= cursor.alerts]
        whole = not documents or min(one.relation.seq for one in documents) <= cursor.seq + 1
        whole = whole or len(self.documents) < KEPT_NEWS
        return documents, alerts, whole


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
    stopped: bool = False
    readers: int = 0  # pages that hear of news
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
            "mutes": (Mute, self.mutes.take), "alert-state": (AlertState, self._take_state),
            "messages": (SentMessage, self.ledger.take_message), "deliveries": (Delivery, self.ledger.take_delivery),
            "readers": (Kept, self.kept.take),
        }  # fmt: skip

    def _take_state(self, key: str, state: AlertState | None) -> None:
        self.matched.take(key, state)
        self.ledger.take_state(key, state)

    # -- following

    async def run(self) -> None:
        """Follow until cancelled. A log that does not answer is asked again."""
        said = ""
        while True:
            try:
                await self.look()
                said, pause = "", EVERY if self.readers else IDLE
            except Unavailable as error:
                pause = AGAIN
                if said != (said := str(error)):
                    logger.warning("unavailable", job="console", error=said)
            await asyncio.sleep(pause)

    async def look(self) -> None:
        """Read what was added to the streams since the last look. Raises Unavailable."""
        async with self._looking:
            await self._look()

    async def _look(self) -> None:
        ends, folds = await self.log.ends(), self._folds()
        for (stream, partition), end in ends.items():
            tail = stream in ("documents", "alerts")
            if stream not in folds and not tail:
                continue
            start = self._positions.get((stream, partition), max(0, end - KEPT_NEWS) if tail else 0)
            if start < end:
                await self._read(stream, partition, start)
            self._positions[stream, partition] = end
        await self._announce()
        self.caught_up.set()

    async def _read(self, stream: str, partition: int, start: int) -> None:
        async with aclosing(self.log.replay(stream, start, [partition])) as messages:
            async for message in messages:
                if not message.stale and not message.fault:
                    with suppress(SchemaError):  # the owner of the stream makes a dead record of it
                        self._take(stream, message)

    def _take(self, stream: str, message: Message) -> None:
        if stream == "documents":
            del self._pending[:-KEPT_NEWS]
            self._pending.append((self.clock(), decode(Document, message.value or b"")))
        elif stream == "alerts":
            self.news.alerts.append((message.at.offset, decode(Alert, message.value or b"")))
            self._move(Cursor(self.news.cursor.seq, message.at.offset + 1))
        else:
            kind, take = self._folds()[stream]
            record = None if message.value is None else decode(kind, message.value)
            take(message.key, record, *((message.at.partition,) if stream in MOVING else ()))

    async def _announce(self) -> None:
        """Announce the documents that the index has."""
        if not self._pending:
            return
        try:
            has = await (await self.index()).max_seq()
        except Unavailable:
            return
        late = self.clock() - PATIENCE
        ready, waiting = [], []
        for since, one in self._pending:
            if one.relation.seq <= has or since <= late:
                ready.append(one)
            else:
                waiting.append((since, one))
        self._pending = waiting
        if ready:
            ready.sort(key=lambda one: one.relation.seq)
            self.news.documents.extend(ready)
            self._move(Cursor(max(self.news.cursor.seq, ready[-1].relation.seq), self.news.cursor.alerts))

    def _move(self, cursor: Cursor) -> None:
        self.news.cursor = cursor
        self._changed.set()
        self._changed = asyncio.Event()

    # -- waiting

    async def moved(self, cursor: Cursor, patience: float) -> bool:
        """Wait until there are news after the cursor; False after `patience` seconds, or when it is stopped."""
        if self.news.cursor == cursor and not self.stopped:
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
