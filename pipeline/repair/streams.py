"""Brings back what was on lost streams: from the stream before, from what stages remember, or from what was delivered.

Reading or publishing again is harmless: every record has the same id as the first time. Each step can be repeated, and
the streams count as lost until all steps are done.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from msgspec.structs import replace

from pipeline.core.stories.relate import Decision
from pipeline.log.incarnations import remember
from pipeline.log.kinds import BrokerLog
from pipeline.records import Decided, FeedState, Known, Record, SchemaError, Tagged, decode
from pipeline.repair.findings import READ_AGAIN, Findings, readers_of
from pipeline.repair.notification import NotifyRepair
from pipeline.stage import Out, Position
from pipeline.stages.relate import Relate
from pipeline.stages.relate_outputs import document_of

BATCH = 500  # records published at once
OWNER = "repair"  # the name under which state streams are written

R = TypeVar("R", bound=Record)
Say = Callable[[str], None]


class StreamsRepair:
    """Repairs what `findings` lists. The groups concerned must have no members; a worker that was killed is waited for,
    up to `patience` seconds. `rebuild` restores `known`, `fingerprints` and `stories`."""

    def __init__(
        self, log: BrokerLog, findings: Findings, now: datetime, patience: float, say: Say,
        rebuild: Callable[[], Awaitable[str]],
    ) -> None:  # fmt: skip
        self._log, self._findings, self._lost, self._now = log, findings, findings.lost, now
        self._patience, self._say, self._rebuild = patience, say, rebuild

    async def run(self) -> None:
        """Repair. Raises Unavailable; another run continues."""
        delivered = await self._log.groups()  # before anything moves
        for line in await self._log.create():
            self._say(line)
        await self._log.check()
        await self._feeds()
        if set(Relate.owns) & set(self._lost):
            for stream in Relate.owns:
                await self._log.claim(stream, 0, OWNER)
            self._say(f"relate: {await self._rebuild()}")
        if "documents" in self._lost:
            self._say(f"documents: {await self._publish_documents()} published again, as relate decided them")
        await NotifyRepair(self._log, self._lost, self._now, self._say).run(delivered)
        if "dead" in self._lost and "control" not in self._lost:
            await self._log.empty("control")
            self._say("control: emptied, because it names dead records by numbers that others will get")
        await self._move()
        await remember(self._log)
        await remember(self._log, self._lost)

    async def _move(self) -> None:
        """Move groups: to the start of the lost streams that they read, and of what they must read again."""
        starts = await self._log.starts()
        wanted = {group: set(streams) & set(self._lost) for group, streams in readers_of().items()}
        for lost in self._lost:
            if lost == "alerts" and "alert-state" in self._lost:
                self._say("alerts: not published again, because nobody can say any more which were delivered")
                continue
            for group, again in READ_AGAIN.get(lost, {}).items():
                wanted[group].update(again)
        for group, names in wanted.items():
            offsets = {place: at for place, at in starts.items() if place[0] in names}
            if offsets:
                await self._log.move(group, offsets, self._patience)
                self._say(f"{group}: reads {', '.join(sorted(names))} from the beginning")

    # -- poll

    async def _feeds(self) -> None:
        """Make poll list again what the feeds still list. What is older than a feed's first poll is old news again."""
        if "feeds" in self._lost:
            self._say("feeds: apply feeds.toml (`almenara feeds apply`), and import feeds that were added otherwise")
        if not {"items", "items-backfill"} & set(self._lost) or "feed-state" in self._lost:
            return
        for partition in {place for stream, place in await self._log.ends() if stream == "feed-state"}:
            await self._log.claim("feed-state", partition, OWNER)
        outs: dict[tuple[str, int], Out] = {}
        async for message in self._log.replay("feed-state"):
            place = message.at.partition
            if message.value is None:
                outs.pop((message.key, place), None)
            elif not message.stale and (state := _read(FeedState, message.value)):
                outs[message.key, place] = Out("feed-state", message.key, _unread(state, self._now), partition=place)
        await self._publish(list(outs.values()))
        self._say(f"poll: lists again all entries of {len(outs)} feeds")

    # -- relate

    async def _publish_documents(self) -> int:
        """Publish the documents of all inputs that are still on `tagged` and were decided."""
        decisions: dict[str, tuple[str, Decision]] = {}
        async for message in self._log.replay("known"):
            known = _read(Known, message.value)
            if known and known.relation and known.at:
                decision = Decision(known.id, known.relation, aliases=known.aliases)
                decisions[known.at] = (known.content_hash, decision)
        async for message in self._log.replay("fingerprints"):
            decided = _read(Decided, message.value)
            if decided and decided.relation:
                at = Position(decided.stream, decided.partition, decided.offset)
                decision = Decision(decided.article, decided.relation, aliases=decided.aliases)
                decisions[str(at)] = (decided.content_hash, decision)
        outs: list[Out] = []
        async for message in self._log.replay("tagged"):
            tagged, found = _read(Tagged, message.value), decisions.get(str(message.at))
            if tagged and found and found[0] == tagged.article.content_hash:
                document = document_of(tagged, found[1])
                outs += [Out("documents", document.article.id, document)] if document else []
        await self._publish(outs)
        return len(outs)

    async def _publish(self, outs: list[Out]) -> None:
        for first in range(0, len(outs), BATCH):
            await self._log.publish(outs[first : first + BATCH])


def _read(kind: type[R], value: bytes | None) -> R | None:
    """The record; None for a tombstone, and for what cannot be read: the stage that reads it reports that."""
    try:
        return decode(kind, value) if value is not None else None
    except SchemaError:
        return None


def _unread(state: FeedState, now: datetime) -> FeedState:
    """The state of a feed whose entries are all unread. It is polled at once; only what is older than its first poll is
    old news."""
    return replace(state, next_at=now, listed=(), updated={}, etag=None, last_modified=None, body_hash=None)
