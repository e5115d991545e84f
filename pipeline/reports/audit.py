"""Reads the streams and the index, and finds what did not end, what was lost and what was doubled.

Begins with how far the groups have committed and looks only at what lies before, so workers may run meanwhile.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import msgspec

from pipeline.assembly.backends import clock, open_index, open_kafka
from pipeline.config.settings import Settings
from pipeline.core.urls import article_id
from pipeline.log.streams import is_delayed, without_backfill
from pipeline.records import Outcomes as EndingsRecord
from pipeline.records import decode
from pipeline.reports import reconcile as account
from pipeline.reports.reconcile import DEAD, DROP, LATER, OK, Endings, Fault, Rows, digest, place, where
from pipeline.stage import Position

if TYPE_CHECKING:
    from pipeline.backends.log_kafka import KafkaLog
    from pipeline.records import Document
    from pipeline.stage import Message

T = TypeVar("T")

ALWAYS = datetime.min.replace(tzinfo=UTC)
MARGIN = timedelta(minutes=10)  # from the end of a stream's retention: clocks differ, and segments go as a whole
LISTED = 100  # faults of one kind that are listed
SEEN = 2.0  # seconds until what was written to an index is found in it


# What is needed of each record; the rest is not decoded.


class _Item(msgspec.Struct):
    url: str


class _Article(msgspec.Struct):
    id: str
    aliases: tuple[str, ...] = ()


class _Relation(msgspec.Struct):
    seq: int
    version: int


class _Tagged(msgspec.Struct):
    article: _Article


class _Decided(msgspec.Struct):
    article: str
    partition: int
    offset: int
    relation: _Relation | None = None
    drop: str | None = None


class _Document(msgspec.Struct):
    article: _Article
    relation: _Relation


class _Alert(msgspec.Struct):
    id: str
    rule: str
    article: str
    version: int


class _State(msgspec.Struct):
    id: str
    status: str
    at: datetime


class _Dead(msgspec.Struct):
    stage: str
    stream: str
    partition: int
    offset: int


class Scanned(Protocol):
    """What either index gives."""

    async def get(self, article: str) -> Document | None: ...

    def scan(self) -> Iterator[Document]: ...


@dataclass
class Report:
    """What was found; `faults` has the first of each kind, `found` counts them all."""

    stages: dict[str, dict[str, Any]] = field(default_factory=dict)
    records: Counter[str] = field(default_factory=Counter)
    repeated: dict[str, int] = field(default_factory=dict)  # harmless: the same said twice after a crash
    since: dict[str, str | None] = field(default_factory=dict)  # stream -> what is older may be gone
    found: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, kind: str, at: str) -> None:
        self.found[kind] += 1
        if self.found[kind] <= LISTED:
            self.faults.append(Fault(kind, at))

    def plain(self) -> dict[str, Any]:
        faults = [{"kind": fault.kind, "at": fault.at} for fault in self.faults]
        return {
            "agrees": not self.found, "stages": self.stages, "records": dict(self.records), "repeated": self.repeated,
            "since": self.since, "found": dict(self.found), "faults": faults,
        }  # fmt: skip


async def look(settings: Settings) -> Report:
    """Compare streams and index. Raises Unavailable."""
    log = await open_kafka(settings)
    try:
        looking = _Look(log, Report(), clock())
        await looking.streams()
        index = await open_index(settings, write=False)
        try:
            await looking.index(index)
        finally:
            await index.close()
        return looking.report
    finally:
        await log.close()


class _Look:
    """One audit. `there`: what is on each stream, by the key under which it is looked for."""

    def __init__(self, log: KafkaLog, report: Report, now: datetime) -> None:
        self.log, self.report, self.now = log, report, now
        self.endings: dict[tuple[str, str, int], Endings] = {}
        self.there: dict[str, Rows] = {}
        self.wanted: dict[tuple[str, str], Rows] = {}  # (stream, stream on which what came of it must be)
        self.same: dict[tuple[str, str], Rows] = {}  # (stream, what must not be said in two ways)
        self.to_index = Rows()
        self.least_seq = 0  # of documents that are surely still on the log
        self.missing: Counter[str] = Counter()

    # -- the streams ---------------------------------------------------------------------------------------------

    async def streams(self) -> None:
        groups, begins, ends = await self.log.groups(), await self.log.begins(), await self.log.ends()
        for (group, stream, partition), at in groups.items():
            stage = without_backfill(group)
            self.endings[stage, stream, partition] = Endings(begins[stream, partition], at)
            row = self.report.stages.setdefault(stage, {"taken": 0, "waiting": 0})
            row["taken"] += at
            row["waiting"] += ends[stream, partition] - at
        await self._read_endings()
        for stream in READ:
            await self._read(stream)
        self._compare()
        for stage, row in self.report.stages.items():
            mine = [one for key, one in self.endings.items() if key[0] == stage]
            row["outcomes"] = dict(sum((one.counts for one in mine), Counter[str]()))
            row["repeated"] = sum(one.repeated for one in mine)
            row["missing"] = self.missing[stage]

    async def _read_endings(self) -> None:
        async for message in self.log.replay("outcomes"):
            record = decode(EndingsRecord, message.value or b"")
            kept = self.endings.get((record.stage, record.stream, record.partition))
            if kept:
                for offset, ending in zip(record.offsets, record.endings, strict=True):
                    kept.note(offset, ending)

    async def _read(self, stream: str) -> None:
        stages = sorted({stage for stage, read, _ in self.endings if read == stream})
        since = self._since("outcomes")
        self.report.since[stream] = _iso(self._since(stream))
        async for message in self.log.replay(stream):
            self.report.records[stream] += 1
            if message.stale:
                continue
            at, bits = message.at, 0
            for stage in stages:
                kept = self.endings.get((stage, stream, at.partition))
                if kept and kept.covers(at.offset):
                    bits = kept.of(at.offset)
                    if not bits and message.written >= since:
                        self.missing[stage] += 1
                        self.report.fault(f"did not end in {stage}", where(stream, place(at.partition, at.offset)))
                    if bits & DEAD:
                        self._want(message, "dead", digest(stage, stream, at.partition, at.offset))
            if message.value is not None or stream == "alert-state":
                READ[stream](self, message)

    def _since(self, stream: str) -> datetime:
        """What was written later is still there."""
        keep = self.log.streams[stream].keep
        return ALWAYS if keep is None else self.now - timedelta(seconds=keep) + MARGIN

    def _bits(self, stage: str, message: Message) -> int:
        kept = self.endings.get((stage, message.at.stream, message.at.partition))
        return kept.of(message.at.offset) if kept else 0

    def _want(self, message: Message, target: str, key: int) -> None:
        if message.written >= self._since(target):
            at = message.at
            self.wanted.setdefault((at.stream, target), Rows()).add(key, place(at.partition, at.offset))

    def _have(self, stream: str, key: int) -> None:
        self.there.setdefault(stream, Rows()).add(key, 0)

    def _once(self, message: Message, what: str, key: int, value: int) -> None:
        at = message.at
        self.same.setdefault((at.stream, what), Rows()).add(key, place(at.partition, at.offset), value)

    def item(self, message: Message) -> None:
        with suppress(ValueError):  # no URL: dropped as that
            key = digest(article_id(_decoded(message, _Item).url))
            later = is_delayed(message.at.stream)
            self._have("items-later" if later else "items", key)
            bits = self._bits("later" if later else "clean", message)
            if bits & OK:
                self._want(message, "items" if later else "articles", key)
            if bits & LATER:
                self._want(message, "items-later", key)

    def article(self, message: Message) -> None:
        article = _decoded(message, _Article)
        for id in (article.id, *article.aliases):
            self._have("articles", digest(id))
        if self._bits("tag", message) & OK:
            self._want(message, "tagged", digest(article.id))

    def tagged(self, message: Message) -> None:
        self._have("tagged", digest(_decoded(message, _Tagged).article.id))
        if self._bits("relate", message) & (OK | DROP):
            self._want(message, "fingerprints", digest(message.at.partition, message.at.offset))

    def decided(self, message: Message) -> None:
        decided = _decoded(message, _Decided)
        answered, relation = digest(decided.partition, decided.offset), decided.relation
        self._have("fingerprints", answered)
        self._once(message, "decision", answered, digest(decided.article, relation and relation.seq, decided.drop))
        if relation:
            self._want(message, "documents", digest(decided.article, relation.seq))

    def document(self, message: Message) -> None:
        document, at = _decoded(message, _Document), message.at
        id, relation = document.article.id, document.relation
        self._have("documents", digest(id, relation.seq))
        self._once(message, "document of one seq", digest(relation.seq), digest(id, relation.version))
        self._once(message, "seq of one version", digest(id, relation.version), relation.seq)
        if self._bits("index", message) & (OK | DROP):
            self.to_index.add(digest(id), place(at.partition, at.offset), relation.seq)
        if message.written >= self._since("documents"):
            self.least_seq = min(self.least_seq or relation.seq, relation.seq)

    def alert(self, message: Message) -> None:
        alert = _decoded(message, _Alert)
        reason = digest(alert.article, alert.version, alert.rule)
        self._once(message, "alert of one version and rule", reason, digest(alert.id))
        if self._bits("notify", message) & (OK | DROP):
            self._want(message, "alert-state", digest(alert.id))

    def state(self, message: Message) -> None:
        self._have("alert-state", digest(message.key))
        if message.value is not None:
            state = _decoded(message, _State)
            if state.status == "sent":
                self._once(message, "time it was sent", digest(state.id), int(state.at.timestamp() * 1000))

    def dead(self, message: Message) -> None:
        dead = _decoded(message, _Dead)
        self._have("dead", digest(dead.stage, dead.stream, dead.partition, dead.offset))

    def _compare(self) -> None:
        for (stream, target), rows in self.wanted.items():
            for at in account.absent(rows, [self.there.get(target, Rows())]):
                self.report.fault(f"nothing of it on {target}", where(stream, at))
        for (stream, what), rows in self.same.items():
            for at in account.unequal(rows):
                self.report.fault(f"another {what} than before", where(stream, at))
            self.report.repeated[f"{stream} ({what})"] = account.repeats(rows)

    # -- the index ----------------------------------------------------------------------------------------------

    async def index(self, index: Scanned) -> None:
        indexed = await asyncio.to_thread(_scanned, index)
        self.report.records["index"] = len(indexed)
        await self._all_indexed(index, indexed)
        await self._known_and_once(index, indexed)

    async def _all_indexed(self, index: Scanned, indexed: Rows) -> None:
        late = account.behind(account.newest(self.to_index), indexed)
        if late:
            await asyncio.sleep(SEEN)
        for number, at in enumerate(late):
            name = where("documents", at)
            if number < LISTED and await self._is_indexed(index, name):
                continue
            self.report.fault("not in the index", name)

    async def _is_indexed(self, index: Scanned, name: str) -> bool:
        at = Position.parse(name)
        for message in await self.log.read(at.stream, at.partition, at.offset, 1):
            wanted = _decoded(message, _Document)
            found = await index.get(wanted.article.id)
            return found is not None and found.relation.seq >= wanted.relation.seq
        return True  # its retention ended meanwhile

    async def _known_and_once(self, index: Scanned, indexed: Rows) -> None:
        documents = Rows()
        async for message in self.log.replay("documents"):
            if message.value is not None:
                document = _decoded(message, _Document)
                documents.add(digest(document.article.id), 0, document.relation.seq)
        strange = set(account.unknown(indexed, documents, self.least_seq)) if self.least_seq else set()
        twice = {key for key, count in Counter(indexed.keys).items() if count > 1}
        if strange or twice:
            await asyncio.to_thread(self._name, index, {indexed.keys[n] for n in strange}, twice)

    def _name(self, index: Scanned, strange: set[int], twice: set[int]) -> None:
        """What was replaced during the first look may have been seen twice then."""
        seen: Counter[int] = Counter()
        for document in index.scan():
            key = digest(document.article.id)
            seen[key] += 1
            if key in strange:
                at = f"{document.article.id} seq {document.relation.seq}"
                self.report.fault("in the index, but not on documents", at)
            if key in twice and seen[key] == 2:
                self.report.fault("twice in the index", document.article.id)


#: The streams in the order in which they are read, and what is noted of a message of each.
READ: dict[str, Callable[[_Look, Message], None]] = {
    "feeds": lambda look, message: None,
    "items": _Look.item,
    "items-backfill": _Look.item,
    "items-later": _Look.item,
    "articles": _Look.article,
    "articles-backfill": _Look.article,
    "tagged": _Look.tagged,
    "fingerprints": _Look.decided,
    "documents": _Look.document,
    "alerts": _Look.alert,
    "alert-state": _Look.state,
    "dead": _Look.dead,
}


def _scanned(index: Scanned) -> Rows:
    rows = Rows()
    for number, document in enumerate(index.scan()):
        rows.add(digest(document.article.id), number, document.relation.seq)
    return rows


def _decoded(message: Message, kind: type[T]) -> T:
    return msgspec.json.decode(message.value or b"", type=kind)


def _iso(moment: datetime) -> str | None:
    return None if moment == ALWAYS else moment.isoformat(timespec="seconds")
