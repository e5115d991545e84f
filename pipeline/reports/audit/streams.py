"""Audits the streams: finds records without an outcome, missing results, and results that contradict each other.

Reads first how far the groups have committed, and then checks only earlier records, so workers may run meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from pipeline.core.urls import article_id
from pipeline.log.incarnations import remembered_since
from pipeline.log.kinds import BrokerLog
from pipeline.log.reading import read_all
from pipeline.log.streams import OWNERS, is_delayed, without_backfill
from pipeline.ports import Lag
from pipeline.records import Outcomes
from pipeline.reports.audit.accounts import (
    DEAD,
    DROP,
    LATER,
    OK,
    PartitionAccount,
    Rows,
    absent,
    digest,
    place,
    repeats,
    unequal,
    where,
)
from pipeline.reports.audit.parts import (
    AlertPart,
    ArticlePart,
    DeadPart,
    DecidedPart,
    DeliveryPart,
    DocumentPart,
    ItemPart,
    StatePart,
    StoryPart,
    TaggedPart,
    Unreadable,
    decoded,
)
from pipeline.reports.audit.report import AuditReport
from pipeline.stage import Message, Position
from pipeline.stages.ageing import STAYS

ALWAYS = datetime.min.replace(tzinfo=UTC)
MARGIN = timedelta(minutes=10)  # before retention ends: clocks differ, and Kafka deletes whole segments


class StreamsAudit:
    """Reads every stream once and compares the records. `present`: what is on each stream, by key."""

    def __init__(self, log: BrokerLog, report: AuditReport, now: datetime) -> None:
        self.log, self.report, self.now = log, report, now
        self.born: dict[str, datetime] = {}  # by stream, since when it is there
        self.accounts: dict[tuple[str, str, int], PartitionAccount] = {}
        self.present: dict[str, Rows] = {}
        self.expected: dict[tuple[str, str], Rows] = {}  # (stream, stream that must have the result) -> keys of results
        self.old: dict[tuple[str, str], Rows] = {}  # the same of results that may only be in the index
        self.unique: dict[tuple[str, str], Rows] = {}  # (stream, what must be unique) -> keys with their values
        self.to_index = Rows()
        self.stories_to_index = Rows()
        self.lowest_seq = 0  # of the documents that retention cannot have deleted yet
        self.missing: Counter[str] = Counter()
        self.ended: set[Position] = set()  # records of state streams that have a dead record

    async def run(self) -> None:
        """Read every stream once and compare. Raises Unavailable."""
        self.born = await remembered_since(self.log)
        groups, starts, lags = await self.log.groups(), await self.log.starts(), await self.log.lag(self.now, {})
        for (group, stream, partition), at in groups.items():
            stage = without_backfill(group)
            self.accounts[stage, stream, partition] = PartitionAccount(starts[stream, partition], at)
            lag = lags.get((group, stream, partition), Lag())
            row = self.report.stages.setdefault(stage, {"taken": 0, "waiting": 0, "planned": 0})
            row["taken"] += at
            row["waiting"] += lag.waiting
            row["planned"] += lag.planned
        await self._read_outcomes()
        for stream in READ:
            await self._read(stream)
        self._compare()
        for stage, row in self.report.stages.items():
            accounts = [account for key, account in self.accounts.items() if key[0] == stage]
            row["outcomes"] = dict(sum((account.counts for account in accounts), Counter[str]()))
            row["repeated"] = sum(account.repeated for account in accounts)
            row["missing"] = self.missing[stage]

    async def _read_outcomes(self) -> None:
        records, unreadable = await read_all(self.log, "outcomes", Outcomes)
        for one in unreadable:
            self.report.cannot_read(one.at)
        for record in records.values():
            account = self.accounts.get((record.stage, record.stream, record.partition))
            if account:
                for offset, ending in zip(record.offsets, record.endings, strict=False):
                    account.note(offset, ending)

    async def _read(self, stream: str) -> None:
        stages = sorted({stage for stage, read, _ in self.accounts if read == stream})
        since = self._since("outcomes")
        self.report.since[stream] = _iso(self._since(stream))
        async for message in self.log.replay(stream):
            self.report.records[stream] += 1
            if stream in OWNERS and message.at in self.ended:
                self.report.passed_over[stream] += 1
                continue
            if message.stale:
                continue
            at, bits = message.at, 0
            for stage in stages:
                account = self.accounts.get((stage, stream, at.partition))
                if account and account.covers(at.offset):
                    bits = account.of(at.offset)
                    if not bits and message.written >= since:
                        self.missing[stage] += 1
                        self.report.fault(f"did not end in {stage}", where(stream, place(at.partition, at.offset)))
                    if bits & DEAD:
                        self._expect(message, "dead", digest(stage, stream, at.partition, at.offset))
            if message.value is not None or stream in ("alert-state", "messages"):
                self._take(message, bits)

    def _take(self, message: Message, bits: int) -> None:
        stream, at = message.at.stream, message.at
        try:
            READ[stream](self, message)
        except Unreadable:
            if stream in OWNERS or stream == "dead":
                self.report.cannot_read(at)
            elif bits & ~DEAD:
                self.report.fault("cannot be read, but is not dead", str(at))

    def _since(self, stream: str) -> datetime:
        """The moment since which messages of the stream are there: none was deleted by retention, or with the stream
        before it was created again."""
        keep = self.log.streams[stream].keep
        kept = ALWAYS if keep is None else self.now - timedelta(seconds=keep) + MARGIN
        return max(kept, self.born.get(stream, ALWAYS))

    def _bits(self, stage: str, message: Message) -> int:
        account = self.accounts.get((stage, message.at.stream, message.at.partition))
        return account.of(message.at.offset) if account else 0

    def _expect(self, message: Message, target: str, key: int, old: bool = False) -> None:
        """Note that the result `key` of the message must be on the stream `target`. `old`: or in the index."""
        if message.written >= self._since(target):
            at = message.at
            wanted = self.old if old else self.expected
            wanted.setdefault((at.stream, target), Rows()).add(key, place(at.partition, at.offset))

    def _note_present(self, stream: str, key: int) -> None:
        """Note that `key` is on the stream."""
        self.present.setdefault(stream, Rows()).add(key, 0)

    def _expect_unique(self, message: Message, what: str, key: int, value: int) -> None:
        """Note that `key` must not have another value than `value`. `what`: the values, for the fault."""
        at = message.at
        self.unique.setdefault((at.stream, what), Rows()).add(key, place(at.partition, at.offset), value)

    def item(self, message: Message) -> None:
        item = decoded(message, ItemPart)
        with suppress(ValueError):  # an invalid URL: the record was dropped for it
            key = digest(item.article or article_id(item.url))
            later = is_delayed(message.at.stream)
            self._note_present("items-later" if later else "items", key)
            bits = self._bits("later" if later else "clean", message)
            if bits & OK:
                self._expect(message, "items" if later else "articles", key)
            if bits & LATER and not item.also:  # it may have been put off with another of its addresses
                self._expect(message, "items-later", key)

    def article(self, message: Message) -> None:
        article = decoded(message, ArticlePart)
        for id in (article.id, *article.aliases):
            self._note_present("articles", digest(id))
        if self._bits("tag", message) & OK:
            self._expect(message, "tagged", digest(article.id))

    def tagged(self, message: Message) -> None:
        self._note_present("tagged", digest(decoded(message, TaggedPart).article.id))
        if self._bits("relate", message) & (OK | DROP):
            self._expect(message, "fingerprints", digest(message.at))

    def decided(self, message: Message) -> None:
        decided = decoded(message, DecidedPart)
        answered = digest(Position(decided.stream, decided.partition, decided.offset))
        relation = decided.relation
        self._note_present("fingerprints", answered)
        if message.written >= self.born.get("tagged", ALWAYS):  # else offsets are those of a stream that was deleted
            self._expect_unique(
                message, "decisions", answered, digest(decided.article, relation and relation.seq, decided.drop)
            )
        if relation:
            self._expect(message, "documents", digest(decided.article, relation.seq))
            old = message.written < self.now - STAYS + MARGIN
            self._expect(message, "stories", digest(relation.story_id), old)

    def story(self, message: Message) -> None:
        story = decoded(message, StoryPart)
        self._note_present("stories", digest(story.id))
        if self._bits("index", message) & (OK | DROP):
            self.stories_to_index.add(digest(story.id), place(message.at.partition, message.at.offset), story.seq)
        if story.redirect:
            self._expect(message, "stories", digest(story.redirect), old=True)

    def document(self, message: Message) -> None:
        document, at = decoded(message, DocumentPart), message.at
        id, relation = document.article.id, document.relation
        self._note_present("documents", digest(id, relation.seq))
        self._expect_unique(message, "documents of one seq", digest(relation.seq), digest(id, relation.version))
        if not relation.noted:
            self._expect_unique(message, "seqs of one version", digest(id, relation.version), relation.seq)
        if self._bits("index", message) & (OK | DROP):
            self.to_index.add(digest(id), place(at.partition, at.offset), relation.seq)
        # Older decisions are published again on a stream that was created again, but not all of them.
        first = (document.article.seen or ALWAYS) >= self.born.get("documents", ALWAYS)
        if first and message.written >= self._since("documents"):
            self.lowest_seq = min(self.lowest_seq or relation.seq, relation.seq)

    def alert(self, message: Message) -> None:
        alert = decoded(message, AlertPart)
        reason = digest(alert.article, alert.version, alert.rule)
        self._expect_unique(message, "alerts of one version and rule", reason, digest(alert.id))
        # Later versions that say nothing new, old articles and rules that only count may leave no state.
        decided = self._bits("notify", message) == OK and alert.version == 1
        if decided and not alert.old and not alert.counted:
            self._expect(message, "alert-state", digest(alert.id))

    def state(self, message: Message) -> None:
        self._note_present("alert-state", digest(message.key))
        if message.value is not None and (said_by := decoded(message, StatePart).message):
            self._expect(message, "messages", digest(said_by))

    def notice(self, message: Message) -> None:
        self._note_present("messages", digest(message.key))

    def delivery(self, message: Message) -> None:
        delivery = decoded(message, DeliveryPart)
        self._expect(message, "messages", digest(delivery.message))
        if delivery.status == "sent":  # twice only if it was asked for again
            what = digest(delivery.message, delivery.channel, delivery.resent and delivery.resent.isoformat())
            self._expect_unique(message, "times of sending", what, int(delivery.at.timestamp() * 1000))

    def dead(self, message: Message) -> None:
        dead = decoded(message, DeadPart)
        self._note_present("dead", digest(dead.stage, dead.stream, dead.partition, dead.offset))
        if OWNERS.get(dead.stream) == dead.stage:
            self.ended.add(Position(dead.stream, dead.partition, dead.offset))

    def _compare(self) -> None:
        for (stream, target), rows in self.expected.items():
            self._compare_with(stream, target, rows)
        for (stream, what), rows in self.unique.items():
            for at in unequal(rows):
                self.report.fault(f"conflicting {what}", where(stream, at))
            self.report.repeated[f"{stream} ({what})"] = repeats(rows)

    def old_stories(self, indexed: Rows) -> None:
        """Report stories that may have been deleted from their stream, but are not in the index either."""
        for (stream, target), rows in self.old.items():
            self._compare_with(stream, target, rows, indexed)

    def _compare_with(self, stream: str, target: str, rows: Rows, *elsewhere: Rows) -> None:
        for at in absent(rows, [self.present.get(target, Rows()), *elsewhere]):
            self.report.fault(f"result missing on {target}", where(stream, at))


#: The streams in the order in which they are read, and the method that takes each message.
READ: dict[str, Callable[[StreamsAudit, Message], None]] = {
    "dead": StreamsAudit.dead,  # first: what is dead there is not expected elsewhere
    "feeds": lambda audit, message: None,
    "items": StreamsAudit.item,
    "items-backfill": StreamsAudit.item,
    "items-later": StreamsAudit.item,
    "articles": StreamsAudit.article,
    "articles-backfill": StreamsAudit.article,
    "tagged": StreamsAudit.tagged,
    "fingerprints": StreamsAudit.decided,
    "stories": StreamsAudit.story,
    "documents": StreamsAudit.document,
    "alerts": StreamsAudit.alert,
    "alert-state": StreamsAudit.state,
    "deliveries": StreamsAudit.delivery,
    "messages": StreamsAudit.notice,  # after the records that must have one
}


def _iso(moment: datetime) -> str | None:
    return None if moment == ALWAYS else moment.isoformat(timespec="seconds")
