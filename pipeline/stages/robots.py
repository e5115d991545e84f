"""Asks sites for their robots.txt, and remembers the answers for a day."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

import msgspec
from protego import Protego

from pipeline.core import robots
from pipeline.core.robots import Robots, Verdict
from pipeline.core.urls import registrable
from pipeline.ports import NO_PROFILE, Clock, Fetch, FetchFailed, RobotsStore
from pipeline.records import Profile

MEMORY = 2_000  # sites whose rules are kept in memory
ACCEPT = "text/plain, */*;q=0.1"


@dataclass(frozen=True, slots=True)
class RobotsOptions:
    """`exempt`: sites (registrable domains or hosts) whose robots.txt is not asked for. `max_delay`: seconds of
    crawl-delay that are honoured at most."""

    exempt: Collection[str] = ()
    max_delay: float = 10.0


class RobotsCache:
    """The robots.txt files of all sites that pages are fetched from. `store` keeps them over a restart."""

    def __init__(self, fetch: Fetch, store: RobotsStore, clock: Clock, options: RobotsOptions) -> None:
        self._fetch, self._store, self._clock, self._options = fetch, store, clock, options
        self._known: dict[str, tuple[Robots, Protego]] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}

    def known(self, page: str) -> Verdict | None:
        """Whether `page` may be fetched; None if the site has to be asked first. Raises ValueError for a bad URL."""
        if self._exempt(page):
            return Verdict(allowed=True)
        found = self._held(robots.robots_url(page))
        now = self._clock()
        return self._judged(*found, page) if found and found[0].until > now else None

    async def ask(self, page: str, profile: Profile = NO_PROFILE) -> Verdict:
        """Whether `page` may be fetched, after asking its site. Several who ask at once share one request.

        Raises Unavailable.
        """
        if verdict := self.known(page):
            return verdict
        url = robots.robots_url(page)
        task = self._asking.get(url)
        if task is None:
            task = self._asking[url] = asyncio.create_task(self._request(url, profile))
            task.add_done_callback(lambda _: self._asking.pop(url, None))
        await asyncio.shield(task)
        return self._judged(*self._known[url], page)

    async def _request(self, url: str, profile: Profile) -> None:
        held = self._held(url)
        before = held[0] if held else None
        try:
            page = await self._fetch(url, {"accept": ACCEPT}, profile)
            now = robots.answered(before, page.status, page.body, self._clock())
        except FetchFailed as error:
            now = robots.failed(before, error.reason, error.detail, self._clock())
        self._store.put(url, msgspec.json.encode(now))
        self._remember(url, now)

    def _held(self, url: str) -> tuple[Robots, Protego] | None:
        """What was answered last, however old."""
        if url in self._known:
            self._known[url] = self._known.pop(url)  # the least recently used is forgotten first
            return self._known[url]
        value = self._store.get(url)
        if value is None:
            return None
        try:
            return self._remember(url, msgspec.json.decode(value, type=Robots))
        except msgspec.MsgspecError:  # of another version
            return None

    def _remember(self, url: str, found: Robots) -> tuple[Robots, Protego]:
        self._known[url] = found, robots.parsed(found)
        while len(self._known) > MEMORY:
            del self._known[next(iter(self._known))]
        return self._known[url]

    def _judged(self, found: Robots, rules: Protego, page: str) -> Verdict:
        verdict = robots.verdict(found, rules, page, self._clock())
        if verdict.delay is None:
            return verdict
        return msgspec.structs.replace(verdict, delay=min(verdict.delay, self._options.max_delay))

    def _exempt(self, page: str) -> bool:
        if not self._options.exempt:
            return False
        host = robots.robots_url(page).split("/")[2].rpartition("@")[2]
        return bool({registrable(page), host, host.partition(":")[0]} & set(self._options.exempt))
