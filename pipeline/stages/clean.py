"""The clean stage: fetches the page of an item and turns it into an Article, or drops it with a reason.

An item waits at most two seconds for a busy host; items of busy or failing hosts go to `items-later`. core/pages reads
the page, in another process.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from datetime import datetime, timedelta
from typing import Any, ClassVar

from msgspec.structs import replace

from pipeline.core.pages import firewalls
from pipeline.core.pages.article import clean_from_feed, clean_refused, ends
from pipeline.core.pages.removal import GONE, removed_article, sign_of_removal
from pipeline.core.pages.several import Unfinished, clean_first
from pipeline.core.timing.delays import later
from pipeline.core.timing.pace import Pace, retry_after
from pipeline.core.urls import registrable
from pipeline.log.streams import stream_for
from pipeline.ports import Clock, Fetch, FetchFailed, JobFailed, WorkerPool
from pipeline.records import Article, Dropped, Item, Page, Record, SiteLines
from pipeline.stage import Drop, Emit, Later, Out, Outcome, Position, ReadState, Stage
from pipeline.stages.further_pages import FurtherPages, SeveralPages
from pipeline.stages.robots import RobotsCache
from pipeline.stages.site_lines import Sites

TEMPORARY = frozenset({408, 425, 429, 500, 502, 503, 504, *range(520, 531)})
REFUSED = frozenset({401, 402, 403, 451})  # some servers send the article with it
DELETED = 410  # by the outlet: the text of the feed is not used instead
CHALLENGES = 4  # times that an item behind a challenge is fetched: firewalls that doubt us today will do so tomorrow
SMALL = 5_000  # bytes
LOOK_AGAIN = 900.0  # seconds after which a page that seems to be gone is fetched once more
BUSY = 15.0  # seconds, when enough articles of a site are read that have several pages
ACCEPT = "text/html, application/xhtml+xml, text/plain;q=0.8, */*;q=0.1"


@dataclass(frozen=True, slots=True)
class CleanOptions:
    """`window`: items processed at once in one partition. `attempts`: fetches of an item before it is dropped.
    `patience`: seconds an item waits for its host before it is delayed. `waits`: seconds to the retry after the
    first, second … failure."""

    window: int
    attempts: int
    patience: float = 2.0
    waits: tuple[float, ...] = (15, 120, 900, 3600, 6 * 3600)
    several: SeveralPages = field(default_factory=SeveralPages)


class Clean(Stage):
    """Items in, articles out. Its state is what each site repeats (site_lines.py)."""

    name: ClassVar[str] = "clean"
    reads: ClassVar[dict[str, type[Record]]] = {"items": Item, "items-later": Item, "items-backfill": Item}
    writes: ClassVar[tuple[str, ...]] = ("articles", "articles-backfill", "items-later", "dropped", "site-lines")
    anchor = "items"
    owns: ClassVar[dict[str, type[Record]]] = {"site-lines": SiteLines}

    def __init__(
        self, fetch: Fetch, pool: WorkerPool, pace: Pace, clock: Clock, *, monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep, options: CleanOptions,
        robots: RobotsCache | None = None,
    ) -> None:  # fmt: skip
        self._fetch, self._pool, self._pace, self._clock = fetch, pool, pace, clock
        self._monotonic, self._sleep, self._options = monotonic, sleep, options
        self.window, self._robots = options.window, robots
        self._waiting: Counter[str] = Counter()
        self.sites = Sites()
        self._further = FurtherPages(self, pool, monotonic, sleep, pace, options.several)

    async def step(self, record: Any, at: Position) -> Outcome:
        """Raises JobFailed when the page hangs or kills the extractor, Unavailable when our network is down."""
        item: Item = record
        outcome = self._without_site_lines(await self._article(item), item, at)
        if not isinstance(outcome, Drop) or item.revisit:
            return outcome
        dropped = Dropped(
            feed=item.feed, url=item.url, title=item.title, reason=outcome.reason, detail=outcome.detail[:200],
            at=self._clock(),
        )  # fmt: skip
        return replaced(outcome, outs=(Out("dropped", item.feed, dropped),))

    def _without_site_lines(self, outcome: Outcome, item: Item, at: Position) -> Outcome:
        match outcome:
            case Emit((Out(stream, key, Article() as article),)):
                return Emit((Out(stream, key, self.sites.read(article, item, at, self._clock())),))
        return outcome

    async def restore(self, read: ReadState) -> None:
        await self.sites.restore(read)

    async def tick(self, now: datetime) -> Emit | None:
        outs = self.sites.tick(now)
        return Emit(outs) if outs else None

    async def _article(self, item: Item) -> Outcome:
        if item.link != "own":
            article = await self._pool.run(clean_from_feed, item, self._clock(), "", item.link == "shared")
            if article is not None or item.link == "none":
                return _outcome(article or Drop("no_text", "neither a link nor a text of its own"))
        try:
            domain = registrable(item.url)
        except ValueError as error:
            return Drop("bad_url", str(error))
        now = self._clock()
        if item.not_before is not None and item.not_before > now:
            return later(item, domain, now, (item.not_before - now).total_seconds(), "early")
        if (stop := await self._forbidden(item, item.url, domain)) is not None:
            return stop
        if wait := await self._enter(domain):
            return later(item, domain, self._clock(), wait, "busy")
        try:
            page = await self._get(item, domain)
            if page.url != item.url and 200 <= page.status < 300:  # where the redirect leads may be forbidden
                stop = await self._forbidden(item, page.url, registrable(page.url))
        except FetchFailed as error:
            return await self._failed(
                item, domain, f"fetch_{error.reason}", str(error), error.temporary, error.retry_after
            )
        return stop if stop is not None else await self._read(item, domain, page)

    async def _forbidden(self, item: Item, url: str, domain: str) -> Outcome | None:
        """The end of the step, if the site's robots.txt does not allow `url`, or has to be asked later; else None."""
        if self._robots is None:
            return None
        try:
            verdict = self._robots.known(url)
        except ValueError as error:
            return Drop("bad_url", str(error))
        if verdict is None:
            if wait := await self._enter(domain):
                return later(item, domain, self._clock(), wait, "busy")
            try:
                verdict = await self._robots.ask(url, item.profile)
            finally:
                self._pace.leave(domain, self._monotonic())
        if verdict.delay:
            self._pace.slow(domain, verdict.delay)
        if verdict.allowed:
            return None
        if verdict.unreachable_until is None:
            return await self._failed(item, domain, "robots", verdict.why, False, None)
        reason = f"fetch_{verdict.failure[0]}" if verdict.failure else "robots_unreachable"
        ended = await self._failed(item, domain, reason, verdict.why, True, None)
        if verdict.failure is None and isinstance(ended, Drop):  # nothing is lost: in a day at most it is allowed
            now = self._clock()
            wait = (verdict.unreachable_until - now).total_seconds()
            return later(replace(item, not_before=verdict.unreachable_until), domain, now, wait, reason)
        return ended

    async def _enter(self, domain: str) -> float:
        """Wait for the item's turn at its host. Returns 0, or the seconds after which to try again.

        At most a quarter of the window waits for one host.
        """
        left = self._options.patience
        while wait := self._pace.enter(domain, self._monotonic()):
            if wait > left or self._waiting[domain] >= max(1, self.window // 4):
                return wait
            left -= wait
            self._waiting[domain] += 1
            try:
                await self._sleep(wait)
            finally:
                self._waiting[domain] -= 1
                if not self._waiting[domain]:
                    del self._waiting[domain]
        return 0.0

    async def _get(self, item: Item, domain: str) -> Page:
        started = self._monotonic()
        failed, asked = True, None
        try:
            page = await self._fetch(item.url, {"accept": ACCEPT}, item.profile)
            asked = retry_after(page.headers.get("retry-after"), self._clock()) if page.status in TEMPORARY else None
            failed = page.status in TEMPORARY
            return page
        except FetchFailed as error:
            failed, asked = error.temporary, error.retry_after
            raise
        finally:
            self._pace.leave(domain, self._monotonic(), started=started, retry_after=asked, failed=failed)

    async def _read(self, item: Item, domain: str, page: Page) -> Outcome:
        status, asked = page.status, retry_after(page.headers.get("retry-after"), self._clock())
        firewall = firewalls.named_in_headers(page.headers)
        if status == 202 and len(page.body) < SMALL:  # no site answers so with an article, but several firewalls do
            firewall = firewall or firewalls.named(page.headers, page.body) or "a firewall"
        if 200 <= status < 300 and not firewall:
            if page.cut and item.attempt + 1 < self._options.attempts and not ends(page.body):
                return await self._failed(item, domain, "fetch_cut_off", page.cut, True, asked)
            found = await self._cleaned(page, item)
            if sign := sign_of_removal(item, page, found.article if isinstance(found, Unfinished) else found):
                return self._removed(item, domain, sign)
            if isinstance(found, Unfinished):
                if self._further.crowded(domain, self.window // 4):
                    return later(item, domain, self._clock(), BUSY, "busy")
                found = await self._further.read(found, domain)
            if not (isinstance(found, Drop) and found.reason == "challenge"):
                return _outcome(found)
            firewall = firewalls.named(page.headers, page.body) or "a firewall"
        if status in GONE and (other := self._elsewhere(item)):
            return other
        if sign := sign_of_removal(item, page, None):
            return self._removed(item, domain, sign)
        if status in GONE and item.revisit:
            return Drop("gone")
        if status == DELETED:
            return Drop(f"http_{status}")
        if firewall := firewall or firewalls.named(page.headers, page.body):
            again = item.attempt + 1 < CHALLENGES
            return await self._failed(item, domain, "challenge", f"of {firewall}, status {status}", again, asked)
        if status in REFUSED and (article := await self._in_spite(page, item)):
            return _outcome(article)
        return await self._failed(item, domain, f"http_{status}", f"status {status}", status in TEMPORARY, asked)

    async def may_read(self, item: Item, url: str) -> bool:
        """Whether robots.txt of its site allows a further page of the item's article."""
        return await self._forbidden(item, url, registrable(url)) is None

    async def get(self, item: Item, url: str) -> Page | None:
        """A further page of the item's article, whose turn it is; None if it cannot be had."""
        try:
            page = await self._get(replace(item, url=url), registrable(url))
            return page if page.url == url or await self.may_read(item, page.url) else None
        except (FetchFailed, ValueError):
            return None

    async def _cleaned(self, page: Page, item: Item) -> Article | Drop | Unfinished:
        """The article on `page`. If the page hangs or kills its process, that of the feed; raises JobFailed if the feed
        has none."""
        try:
            return await self._pool.run(clean_first, page, item)
        except JobFailed as error:
            article = await self._pool.run(clean_from_feed, item, self._clock(), error.reason)
            if article is None:
                raise
            return article

    async def _in_spite(self, page: Page, item: Item) -> Article | None:
        """The article that a page with the status of a refusal shows."""
        try:
            return await self._pool.run(clean_refused, page, item)
        except JobFailed:
            return None

    async def _failed(
        self, item: Item, domain: str, reason: str, detail: str, temporary: bool, asked: float | None
    ) -> Outcome:
        """Retry later, use the text of the feed, or drop the item."""
        now = self._clock()
        if temporary and item.attempt + 1 < self._options.attempts:
            wait = self._wait(item.attempt, asked)
            again = replace(item, attempt=item.attempt + 1, not_before=now + timedelta(seconds=wait))
            return later(again, domain, now, wait, reason)
        article = None if item.revisit else await self._pool.run(clean_from_feed, item, now, reason)
        return _outcome(article or Drop(reason, detail))

    def _removed(self, item: Item, domain: str, sign: str) -> Outcome:
        """Look once more later; if the page is still gone, say so."""
        now = self._clock()
        if not item.gone:
            return later(replace(item, gone=1, attempt=0, not_before=None), domain, now, LOOK_AGAIN, "gone")
        return _outcome(removed_article(item, sign, now))

    def _elsewhere(self, item: Item) -> Later | None:
        """The item with the next address that its relative link may mean; None if there is no other."""
        if not item.also or item.revisit:
            return None
        other = replace(item, url=item.also[0], also=item.also[1:])
        return later(other, registrable(other.url), self._clock(), 0.0, "other_address")

    def _wait(self, failures: int, asked: float | None) -> float:
        """Seconds until the next try: after the first failure what the site asks for, later at least our own delay."""
        waits = self._options.waits
        if asked is None:
            return waits[min(failures, len(waits) - 1)]
        return max(asked, waits[min(failures, len(waits)) - 1] if failures else 0.0)


def _outcome(found: Article | Drop) -> Emit | Drop | Later:
    if isinstance(found, Drop):
        return found
    return Emit((Out(stream_for("articles", found.backlog), found.id, found),))
