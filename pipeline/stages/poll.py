"""poll: fetches feeds that are due and publishes their new items; puts re-visits of articles on the calendar.

Which feed, when and how is decided in core.schedule; what a body holds, in core.feeds. The driver asks `due`, runs
`poll`, commits what it gives in one transaction, and then calls `apply`: memory never runs ahead of the log.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

import msgspec

from pipeline.core.feeds.parse import Parsed, parse_feed
from pipeline.core.feeds.seed import site_key
from pipeline.core.timing import feed_schedule as schedule
from pipeline.core.timing.delays import put_off
from pipeline.core.timing.feed_schedule import Bad, Good, Pacing
from pipeline.core.timing.pace import Pace
from pipeline.core.timing.pace import retry_after as read_retry_after
from pipeline.core.urls import registrable
from pipeline.log.streams import stream_for
from pipeline.ports import Clock, Fetch, FetchFailed, JobFailed, WorkerPool
from pipeline.records import Alert, Document, Feed, FeedState, Item, Page, Record, decode
from pipeline.stage import Emit, Out, Outcome, Position, Replay, Stage, Unavailable

#: What servers with content negotiation give feeds for; some answer 406 or HTML without it.
ACCEPT = (
    "application/rss+xml, application/atom+xml, application/rdf+xml, application/feed+json, application/json;q=0.9, "
    "application/xml;q=0.9, text/xml;q=0.8, */*;q=0.5"
)


LONGEST_WAIT = 15.0  # seconds a poll stands in line for its host; feeds of a host that is down are put off instead


class _Busy(Exception):
    def __init__(self, domain: str, wait: float) -> None:
        super().__init__(f"{domain} is left alone for {wait:.0f} s")
        self.wait = wait


@dataclass(frozen=True, slots=True)
class PollOptions:
    """`revisit`: seconds after an article was first indexed; `revisit_alerted`: after it raised an alert, 0 never."""

    pacing: Pacing
    revisit: tuple[float, ...]
    revisit_alerted: float


@dataclass(frozen=True, slots=True)
class Report:
    """What happened to one feed, for people. `outcome`: ok, not_modified, unchanged, busy, or the failure's fixed word.

    `error` is the failure's fixed word, also after `busy`; None for a feed that works.
    """

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
    """The outcome of one poll: `outs` and `counts` belong into one transaction; then `Poll.apply`."""

    state: FeedState
    outs: tuple[Out, ...]
    counts: dict[tuple[str, str], int]
    report: Report


class Poll(Stage):
    """Feeds in, items out. Restores itself from `feeds` and `feed-state`; holds nothing else."""

    name: ClassVar[str] = "poll"
    reads: ClassVar[dict[str, type[Record]]] = {"feeds": Feed, "documents": Document, "alerts": Alert}
    writes: ClassVar[tuple[str, ...]] = ("items", "items-backfill", "items-later", "feed-state")
    anchor = "feeds"
    owns = ("feed-state",)
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

    async def restore(self, replay: Replay) -> None:
        self.feeds.clear()
        self.states.clear()
        async for message in replay("feeds"):
            if message.value is None:
                self.feeds.pop(message.key, None)
            else:
                self._keep(decode(Feed, message.value))
        async for message in replay("feed-state"):
            if message.value is None:
                self.states.pop(message.key, None)
                continue
            state = decode(FeedState, message.value)
            known = self.states.get(state.feed)
            if known is None or known.polled_at <= state.polled_at:
                self.states[state.feed] = state

    def _keep(self, feed: Feed) -> None:
        self.feeds[feed.id] = feed

    async def step(self, record: Any, at: Position) -> Outcome:
        match record:
            case Feed():
                self._keep(record)
                return Emit()
            case Document():
                return Emit(self._revisits(record))
            case _:
                return Emit(self._revisit_alerted(record))

    async def gone(self, key: str, at: Position) -> Outcome:
        """The feed has moved to another partition."""
        self.feeds.pop(key, None)
        return Emit()

    def due(self, now: datetime) -> list[Feed]:
        """Feeds to poll now, new ones first, then the longest waiting."""
        return schedule.due(self.states, self.feeds.values(), now)

    def enabled(self) -> list[Feed]:
        """Every feed that is polled at all, by id."""
        return [feed for _, feed in sorted(self.feeds.items()) if feed.enabled and not feed.removed]

    def next_due(self) -> datetime | None:
        """When the next feed is due (perhaps in the past); None without feeds."""
        return min((schedule.next_at(self.states.get(feed.id), feed) for feed in self.enabled()), default=None)

    def apply(self, polled: Polled) -> None:
        """The driver has committed `polled`."""
        self.states[polled.state.feed] = polled.state

    async def poll(self, feed: Feed) -> Polled:
        """Ask one feed. A bad feed is a report, never an exception; raises Unavailable when our own uplink is down."""
        state = self.states.get(feed.id)
        try:
            page = await self._get(schedule.address(state, feed), feed, state)
        except _Busy as busy:
            return self._postponed(feed, busy)
        except FetchFailed as error:
            return self._failed(feed, Bad(self._clock(), error.reason, error.detail, error.retry_after))
        at = page.fetched_at
        refused = _refused(page, conditional=bool(schedule.conditions(state, feed)))
        if refused:
            wait = read_retry_after(page.headers.get("retry-after"), at)
            return self._failed(feed, Bad(at, *refused, wait))
        if page.status == 304:
            return self._unchanged(feed, page, "not_modified")
        body_hash = hashlib.sha256(page.body).hexdigest()
        if schedule.same_body(state, feed, body_hash):
            return self._unchanged(feed, page, "unchanged")
        try:
            parsed = await self._pool.run(parse_feed, page.body, page.content_type, feed, page.url, at)
        except JobFailed as error:
            return self._failed(feed, Bad(at, error.reason.replace("extract", "parse"), str(error)))
        except Unavailable:
            raise
        except Exception as error:  # what a parser may raise for bytes that nobody foresaw
            return self._failed(feed, Bad(at, "parse_error", repr(error)[:500]))
        if parsed.problem:
            return self._failed(feed, Bad(at, parsed.problem, parsed.detail))
        return self._parsed(feed, page, parsed, body_hash)

    async def _get(self, url: str, feed: Feed, state: FeedState | None) -> Page:
        headers = {"Accept": ACCEPT, **schedule.conditions(state, feed)}
        if feed.user_agent:
            headers["User-Agent"] = feed.user_agent
        try:
            domain = registrable(url)
        except ValueError as error:
            raise FetchFailed("bad_url", str(error), temporary=False) from error
        while wait := self._pace.enter(domain, self._monotonic()):
            if wait > LONGEST_WAIT:
                raise _Busy(domain, wait)
            await self._sleep(wait)
        started, asked, failed = self._monotonic(), None, True
        try:
            page = await self._fetch(url, headers)
            failed = page.status in (429, 503)
            asked = read_retry_after(page.headers.get("retry-after"), page.fetched_at) if failed else None
            return page
        except FetchFailed as error:
            failed, asked = error.temporary, error.retry_after  # a body too large is no failure of its host
            raise
        finally:
            self._pace.leave(domain, self._monotonic(), started=started, retry_after=asked, failed=failed)

    # ---- outcomes ----

    def _postponed(self, feed: Feed, busy: _Busy) -> Polled:
        pacing = self._options.pacing
        state = schedule.postponed(self.states.get(feed.id), feed, self._clock(), busy.wait, pacing)
        return self._polled(feed, state, "busy", (), {}, detail=str(busy))

    def _failed(self, feed: Feed, bad: Bad) -> Polled:
        state = schedule.after(self.states.get(feed.id), feed, bad, self._random(), self._options.pacing)
        return self._polled(feed, state, bad.reason, (), {}, detail=bad.detail)

    def _unchanged(self, feed: Feed, page: Page, what: str) -> Polled:
        good = replace(_good(page), modified=False)
        state = schedule.after(self.states.get(feed.id), feed, good, self._random(), self._options.pacing)
        return self._polled(feed, state, what, (), {})

    def _parsed(self, feed: Feed, page: Page, parsed: Parsed, body_hash: str) -> Polled:
        before = self.states.get(feed.id)
        known = frozenset(before.listed) if before else frozenset()
        backlog = schedule.is_backlog(before, page.fetched_at)
        fresh = [entry for entry in parsed.entries if entry.key not in known]
        corrected, noisy = schedule.corrected(before, parsed.entries)
        # Oldest first, as they were published: feeds list the newest first.
        items = [msgspec.structs.replace(entry.item, backlog=backlog) for entry in reversed(fresh)]
        items += [msgspec.structs.replace(entry.item, revisit=1) for entry in corrected]
        outs = [Out(stream_for("items", item.backlog), registrable(item.url), item) for item in items]
        good = replace(
            _good(page), keys=tuple(entry.key for entry in parsed.entries), new=len(fresh), body_hash=body_hash,
            updated={entry.key: entry.item.updated.value for entry in parsed.entries if entry.item.updated},
            hint=max(filter(None, (_max_age(page), parsed.every)), default=None),
        )  # fmt: skip
        if "truncated" in parsed.notes:  # what is missing must come next time, not a 304
            good = replace(good, etag=None, last_modified=None, body_hash=None)
        state = schedule.after(before, feed, good, self._random(), self._options.pacing)
        drops = {f"entry.drop.{reason}": count for reason, count in parsed.drops}
        notes = (*parsed.notes, "redated") if noisy else parsed.notes
        return self._polled(feed, state, "ok", tuple(outs), drops, backlog=backlog, notes=notes)

    def _polled(
        self, feed: Feed, state: FeedState, outcome: str, items: tuple[Out, ...], drops: dict[str, int], *,
        detail: str = "", backlog: bool = False, notes: tuple[str, ...] = (),
    ) -> Polled:  # fmt: skip
        counters = {f"fetch.{outcome}": 1, "entry.item": len(items), **drops}
        report = Report(
            feed.id, feed.name, outcome, len(items), len(state.listed), state.next_at, state.error, detail,
            state.failures, state.failing_since, backlog, notes,
        )  # fmt: skip
        outs = (*items, Out("feed-state", feed.id, state, by=site_key(feed)))
        return Polled(state, outs, {(self.name, counter): n for counter, n in counters.items() if n}, report)

    # ---- re-visits ----

    def _revisits(self, document: Document) -> tuple[Out, ...]:
        """Corrections come in the first hours. Only what is new, read once and nobody's copy is looked at again."""
        article, relation = document.article, document.relation
        first = relation.kind == "new" and relation.version == 1 and not article.revisit
        if not first or relation.duplicate_of or article.backlog:
            return ()
        item = Item(
            feed=article.feed, source=article.source, url=article.url, seen=relation.first_seen, guid=article.guid,
            title=article.title.value, published=article.published, language=article.language, country=article.country,
        )  # fmt: skip
        return tuple(self._revisit(item, n, wait) for n, wait in enumerate(self._options.revisit, 1))

    def _revisit_alerted(self, alert: Alert) -> tuple[Out, ...]:
        """What somebody was alerted to is looked at once more: retractions come late."""
        wait = self._options.revisit_alerted
        if not wait or alert.backlog or alert.version > 1 or alert.duplicate_of:
            return ()
        item = Item(
            feed=alert.feed, source=alert.source, url=alert.url, seen=alert.first_seen, title=alert.title,
            published=alert.published, language=alert.language,
        )  # fmt: skip
        return (self._revisit(item, len(self._options.revisit) + 1, wait),)

    def _revisit(self, item: Item, number: int, wait: float) -> Out:
        now = self._clock()
        item = msgspec.structs.replace(item, revisit=number, seen=now + timedelta(seconds=wait))
        return put_off(item, registrable(item.url), now, wait)


def _refused(page: Page, *, conditional: bool) -> tuple[str, str] | None:
    """Why an answer is no feed, by its status: fixed word and detail."""
    if page.status in (200, 203) or (page.status == 304 and conditional):
        return None
    if page.status == 304:
        return "http_304", "not modified, although the whole feed was asked for"
    return ("gone" if page.status == 410 else f"http_{page.status}"), f"{page.url} answered {page.status}"


def _good(page: Page) -> Good:
    headers = page.headers
    return Good(
        page.fetched_at, modified=True, etag=headers.get("etag"), last_modified=headers.get("last-modified"),
        permanent=page.permanent, hint=_max_age(page),
    )  # fmt: skip


def _max_age(page: Page) -> float | None:
    """Seconds of Cache-Control's max-age (RFC 9111 5.2.2.1)."""
    found = re.search(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})", page.headers.get("cache-control", "").lower())
    return float(found[1]) if found else None
