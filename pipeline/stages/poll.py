"""The poll stage: fetches feeds that are due and publishes their new items; schedules revisits of articles.

It does two things, both counted under `poll`. As a stage it takes records: feeds, which it remembers, and documents and
alerts, for whose articles it schedules revisits (revisits.py). In addition the driver (agents/poller.py) takes feeds
that are due from `agenda`, runs `poll` for each, commits the result, and then calls `apply`, so that memory is never
ahead of the log. Polls are counted as `fetch.OUTCOME`, the entries of a feed as `entry.item` and `entry.drop.REASON`,
what is odd about a feed as `entry.note.NOTE`, and items with unreadable characters as `entry.garbled`; none of these
counts records.

core/timing decides which feed is polled when and how; core/feeds reads its body.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

import msgspec

from pipeline.core.feeds.memory import KEPT, KEPT_OF_PARTS, listed_after, news_of, shared_after
from pipeline.core.feeds.parse import Parsed
from pipeline.core.feeds.seed import site_key
from pipeline.core.timing import feed_schedule
from pipeline.core.timing.agenda import Agenda
from pipeline.core.timing.feed_answers import good_of, max_age, refused, unusable
from pipeline.core.timing.feed_schedule import Bad, Good
from pipeline.core.timing.next_poll import Pacing
from pipeline.core.timing.pace import Pace, retry_after
from pipeline.core.urls import registrable
from pipeline.log.streams import stream_for
from pipeline.ports import Clock, Fetch, FetchFailed, WorkerPool
from pipeline.records import Alert, Document, Feed, FeedState, Page, Part, PollNote, Record, Revisit
from pipeline.stage import Emit, Message, Out, Outcome, Position, ReadState, Stage
from pipeline.stages.read_feed import read_feed
from pipeline.stages.revisits import Revisits

#: Without it, servers with content negotiation answer 406 or HTML.
ACCEPT = (
    "application/rss+xml, application/atom+xml, application/rdf+xml, application/feed+json, application/json;q=0.9, "
    "application/xml;q=0.9, text/xml;q=0.8, */*;q=0.5"
)
HISTORY = 12  # polls that are remembered for people
MAX_WAIT = 15.0  # seconds a poll waits for its host; if it would take longer, the poll is postponed


class _Busy(Exception):
    def __init__(self, domain: str, wait: float) -> None:
        super().__init__(f"no request to {domain} for {wait:.0f} s")
        self.wait = wait


@dataclass(frozen=True, slots=True)
class PollOptions:
    """Seconds after an article was first seen. `revisit_late`: of one with a topic or an alert; 0 for never."""

    pacing: Pacing
    revisit: tuple[float, ...]
    revisit_late: float


@dataclass(frozen=True, slots=True)
class Report:
    """What a poll found, for people. `outcome`: ok, not_modified, unchanged, busy, or the kind of failure. `error`: the
    kind of failure, also after `busy`; None for a feed that works."""

    feed: str
    name: str
    outcome: str
    new: int
    listed: int
    next_at: datetime
    error: str | None = None
    detail: str = ""
    failures: int = 0
    failing_since: datetime | None = None
    backlog: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Polled:
    """The result of one poll: commit `outs` and `counts` together, then call `Poll.apply`."""

    state: FeedState
    outs: tuple[Out, ...]
    counts: dict[tuple[str, str], int]
    report: Report


class Poll(Stage):
    """Feeds in, items out. Its state is read back from `feeds`, `feed-state` and `revisits`."""

    name: ClassVar[str] = "poll"
    reads: ClassVar[dict[str, type[Record]]] = {
        "feeds": Feed, "documents": Document, "alerts": Alert, "revisits-wanted": Revisit,
    }  # fmt: skip
    writes: ClassVar[tuple[str, ...]] = (
        "items", "items-backfill", "items-later", "revisits-wanted", "feed-state", "revisits",
    )  # fmt: skip
    anchor = "feeds"
    owns: ClassVar[dict[str, type[Record]]] = {"feed-state": FeedState, "revisits": Revisit}
    window = 1

    def __init__(
        self, fetch: Fetch, pool: WorkerPool, pace: Pace, clock: Clock, *,
        random: Callable[[], float], monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep, options: PollOptions,
    ) -> None:  # fmt: skip
        self._fetch, self._pool, self._pace, self._clock = fetch, pool, pace, clock
        self._random, self._monotonic, self._sleep, self._options = random, monotonic, sleep, options
        self.feeds: dict[str, Feed] = {}
        self.states: dict[str, FeedState] = {}
        self.agenda = Agenda(options.pacing.per_site)
        self.revisits = Revisits(options.revisit, options.revisit_late)

    async def restore(self, read: ReadState) -> None:
        self.feeds.clear()
        self.states.clear()
        await read("feeds", self._take_feed)
        await read("feed-state", self._take_state)
        await self.revisits.restore(read)
        self.agenda.fill(self.feeds, self.states, self._clock())

    def _take_feed(self, message: Message, feed: Feed | None) -> None:
        if feed is None:
            self.feeds.pop(message.key, None)
        else:
            self.feeds[feed.id] = feed

    def _take_state(self, message: Message, state: FeedState | None) -> None:
        if state is None:
            self.states.pop(message.key, None)
            return
        known = self.states.get(state.feed)
        if known is None or known.polled_at <= state.polled_at:
            self.states[state.feed] = state

    async def step(self, record: Any, at: Position) -> Outcome:
        match record:
            case Feed():
                self.feeds[record.id] = record
                self.put_back(record.id)
                return Emit()
            case _:
                return self.revisits.step(record, at, self._clock())

    async def tick(self, now: datetime) -> Emit | None:
        return self.revisits.tick(now)

    def next_tick(self) -> datetime | None:
        return self.revisits.next_due()

    async def settled(self, outs: Sequence[Out]) -> None:
        self.revisits.settled()

    async def gone(self, key: str, at: Position) -> Outcome:
        """Forget the feed: it has moved to another partition."""
        self.feeds.pop(key, None)
        self.agenda.drop(key)
        return Emit()

    def put_back(self, id: str) -> None:
        """Let a feed that was taken be due again, at its time."""
        if feed := self.feeds.get(id):
            self.agenda.put(feed, self.states.get(id), self._clock())

    def enabled(self) -> list[Feed]:
        """Every feed that is polled, by id."""
        return [feed for _, feed in sorted(self.feeds.items()) if feed.enabled and not feed.removed]

    def apply(self, polled: Polled) -> None:
        """Remember the result of a poll, after the driver has committed it."""
        self.states[polled.state.feed] = polled.state
        self.put_back(polled.state.feed)

    async def poll(self, feed: Feed) -> Polled:
        """Poll one feed. A feed that fails is reported, not raised. Raises Unavailable when our network is down."""
        state = self.states.get(feed.id)
        try:
            conditions = feed_schedule.conditions(state, feed, self._clock())
            page = await self._get(feed_schedule.address(state, feed), feed, conditions)
        except _Busy as busy:
            return self._postponed(feed, busy)
        except FetchFailed as error:
            return self._failed(feed, Bad(self._clock(), error.reason, error.detail, error.retry_after))
        at = page.fetched_at
        if bad := refused(page):
            return self._failed(feed, Bad(at, *bad, retry_after(page.headers.get("retry-after"), at)))
        if page.status == 304:
            return self._unchanged(feed, page, "not_modified")
        body_hash = hashlib.sha256(page.body).hexdigest()
        if feed_schedule.same_body(state, feed, body_hash):
            return self._unchanged(feed, page, "unchanged")
        try:
            parsed, parts = await read_feed(
                self._pool, feed, page, state, lambda url, extra: self._get(url, feed, extra)
            )
        except _Busy as busy:
            return self._postponed(feed, busy)
        if bad := unusable(page, parsed, state):
            return self._failed(feed, Bad(at, *bad))
        return self._parsed(feed, page, parsed, body_hash, parts)

    async def _get(self, url: str, feed: Feed, conditions: Mapping[str, str]) -> Page:
        headers = {"Accept": ACCEPT, **conditions}
        try:
            domain = registrable(url)
        except ValueError as error:
            raise FetchFailed("bad_url", str(error), temporary=False) from error
        while wait := self._pace.enter(domain, self._monotonic()):
            if wait > MAX_WAIT:
                raise _Busy(domain, wait)
            await self._sleep(wait)
        started, asked, failed = self._monotonic(), None, True
        try:
            page = await self._fetch(url, headers, feed.profile)
            if page.status == 304 and not conditions:
                raise FetchFailed("http_304", "not modified, although the whole feed was asked for", temporary=False)
            failed = page.status in (429, 503)
            asked = retry_after(page.headers.get("retry-after"), page.fetched_at) if failed else None
            return page
        except FetchFailed as error:
            # A body that is too large does not count as a failure of its host.
            failed, asked = error.temporary, error.retry_after
            raise
        finally:
            self._pace.leave(domain, self._monotonic(), started=started, retry_after=asked, failed=failed)

    # ---- outcomes ----

    def _after(self, feed: Feed, answer: Good | Bad) -> FeedState:
        state, crowd = self.states.get(feed.id), self.agenda.crowd(feed)
        return feed_schedule.after(state, feed, answer, self._random(), self._options.pacing, crowd)

    def _postponed(self, feed: Feed, busy: _Busy) -> Polled:
        pacing = self._options.pacing
        state = feed_schedule.postponed(self.states.get(feed.id), feed, self._clock(), busy.wait, pacing)
        return self._polled(feed, state, "busy", (), {}, detail=str(busy))

    def _failed(self, feed: Feed, bad: Bad) -> Polled:
        return self._polled(feed, self._after(feed, bad), bad.reason, (), {}, detail=bad.detail)

    def _unchanged(self, feed: Feed, page: Page, what: str) -> Polled:
        return self._polled(feed, self._after(feed, replace(good_of(page), modified=False)), what, (), {})

    def _parsed(self, feed: Feed, page: Page, parsed: Parsed, body_hash: str, parts: tuple[Part, ...] = ()) -> Polled:
        before = self.states.get(feed.id)
        backlog = partial(feed_schedule.is_backlog, before, page.fetched_at)
        news = news_of(before, parsed.entries)
        # In order of publication: feeds list the newest entry first.
        items = [msgspec.structs.replace(item, backlog=backlog(item.published)) for item in reversed(news.fresh)]
        items += [msgspec.structs.replace(item, revisit=1) for item in news.corrected]
        outs = [Out(stream_for("items", item.backlog), registrable(item.url), item) for item in items]
        dates = tuple(item.published.value if item.published else None for item in news.fresh)
        good = replace(
            good_of(page), skips=parsed.skips, oldest_new=min(filter(None, dates), default=None), dates=dates,
            listed=listed_after(before, parsed.entries, KEPT_OF_PARTS if parts else KEPT), new=len(news.fresh),
            body_hash=body_hash,
            shared=shared_after(before.shared if before else (), parsed.shared), entries=parsed.listed,
            drops=dict(parsed.drops),
            updated={entry.key: entry.item.updated.value for entry in parsed.entries if entry.item.updated},
            hint=max(filter(None, (max_age(page), parsed.every)), default=None), parts=parts,
        )  # fmt: skip
        notes = parsed.notes
        if page.cut:
            notes = (*notes, "cut_off")
        if "truncated" in notes:  # otherwise a 304 would hide the missing rest next time
            good = replace(good, etag=None, last_modified=None, body_hash=None)
        state = self._after(feed, good)
        counts = {f"entry.drop.{reason}": count for reason, count in parsed.drops}
        counts["entry.garbled"] = sum(item.garbled for item in items)
        notes = (*notes, "redated") if news.noisy else notes
        if state.false_304 and not (before and before.false_304):
            notes = (*notes, "false_304")
        if feed_schedule.gaps(state) > feed_schedule.gaps(before):
            notes = (*notes, "gap")
        return self._polled(feed, state, "ok", tuple(outs), counts, backlog=backlog(), notes=notes)

    def _polled(
        self, feed: Feed, state: FeedState, outcome: str, items: tuple[Out, ...], drops: dict[str, int], *,
        detail: str = "", backlog: bool = False, notes: tuple[str, ...] = (),
    ) -> Polled:  # fmt: skip
        counters = {f"fetch.{outcome}": 1, "entry.item": len(items), **drops, **{f"entry.note.{n}": 1 for n in notes}}
        report = Report(
            feed.id, feed.name, outcome, len(items), state.entries, state.next_at, state.error, detail,
            state.failures, state.failing_since, backlog, notes,
        )  # fmt: skip
        note = PollNote(
            at=self._clock(), outcome=outcome, new=len(items), next=state.next_at, detail=detail[:200],
            drops={name.removeprefix("entry.drop."): n for name, n in drops.items() if name.startswith("entry.drop.")},
        )  # fmt: skip
        state = msgspec.structs.replace(state, history=(note, *state.history)[:HISTORY])
        outs = (*items, Out("feed-state", feed.id, state, by=site_key(feed)))
        return Polled(state, outs, {(self.name, counter): n for counter, n in counters.items() if n}, report)
