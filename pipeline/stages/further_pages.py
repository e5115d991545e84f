"""Reads the further pages of an article for the clean stage, within limits of number, bytes and time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from pipeline.core.pages.several import Unfinished, add_page
from pipeline.core.timing.pace import Pace
from pipeline.core.urls import registrable
from pipeline.ports import JobFailed, WorkerPool
from pipeline.records import Article, Item, Page


@dataclass(frozen=True, slots=True)
class SeveralPages:
    """Limits of one article. `pages`: in all; 1: only the first. `seconds` and `size` (bytes): of the others."""

    pages: int = 20
    seconds: float = 90.0
    size: int = 30_000_000


class Site(Protocol):
    """What the clean stage can ask of a site. Both methods raise Unavailable."""

    async def may_read(self, item: Item, url: str) -> bool: ...

    async def get(self, item: Item, url: str) -> Page | None:
        """The page, for which `Pace.enter` was asked; None if it cannot be had."""
        ...


class FurtherPages:
    """Reads on. Every page waits its turn at its site, and is asked of robots.txt, as any other."""

    def __init__(
        self, site: Site, pool: WorkerPool, monotonic: Callable[[], float], sleep: Callable[[float], Awaitable[None]],
        pace: Pace, limits: SeveralPages,
    ) -> None:  # fmt: skip
        self._site, self._pool, self._monotonic, self._sleep = site, pool, monotonic, sleep
        self._pace, self._limits = pace, limits
        self._reading: Counter[str] = Counter()

    def crowded(self, domain: str, most: int) -> bool:
        """Whether `most` articles of a site are already read on: they wait for each other."""
        return self._reading[domain] >= max(1, most)

    async def read(self, found: Unfinished, domain: str) -> Article:
        """The article with all pages that can be had within the limits. Raises Unavailable."""
        self._reading[domain] += 1
        try:
            return await self._read(found)
        finally:
            self._reading[domain] -= 1
            if not self._reading[domain]:
                del self._reading[domain]

    async def _read(self, found: Unfinished) -> Article:
        end, size = self._monotonic() + self._limits.seconds, 0
        while found.pages.read < self._limits.pages and size <= self._limits.size and self._monotonic() < end:
            page = await self._next(found.item, found.ahead[0].url, end)
            size += len(page.body) if page else 0
            try:
                after = await self._pool.run(add_page, found, page)
            except JobFailed:  # the pages before are read
                break
            if isinstance(after, Article):
                return after
            found = after
        return found.article

    async def _next(self, item: Item, url: str, end: float) -> Page | None:
        """The page, when its site is free; None if that is after `end`, or if it cannot be had."""
        try:
            domain = registrable(url)
            if not await self._site.may_read(item, url):
                return None
        except ValueError:
            return None
        while wait := self._pace.enter(domain, self._monotonic()):
            if self._monotonic() + wait > end:
                return None
            await self._sleep(wait)
        return await self._site.get(item, url)
