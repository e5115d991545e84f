"""Finds the feeds of a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec
from protego import Protego

from pipeline.core.feeds import discover
from pipeline.core.feeds.discover import Candidate
from pipeline.core.robots import LIMIT, robots_url
from pipeline.discovery.look import Look, Looker
from pipeline.ports import FetchFailed
from pipeline.records import Feed

MOST = 40  # addresses that are looked at


@dataclass(slots=True)
class Found:
    """What is at an address. `first`: the look at it; if it is a feed, it is the only one of `feeds`.

    `feeds`: with how each was found, those of articles with entries first. `tried`: how many addresses were looked at.
    """

    first: Look
    feeds: list[tuple[Look, Candidate]] = field(default_factory=list)
    tried: int = 1

    def best(self) -> list[tuple[Look, Candidate]]:
        """Those that a person most likely means: with entries, and not of comments."""
        return [each for each in self.feeds if each[0].preview and each[0].preview.items and not each[1].comments]


async def find(looker: Looker, feed: Feed) -> Found:
    """The feeds at the address of `feed`: itself, or those of the page there. Raises Unavailable.

    The kinds of places are tried in turn until one has a feed: those that the page names, those of its platform, usual
    ones, sitemaps.
    """
    first = await looker.look(feed)
    found = Found(first)
    if first.preview:
        found.feeds.append((first, Candidate(feed.url, first.preview.title or "", "the address itself")))
        return found
    if first.page is None or first.page.status in (401, 407, 429) or (first.failure or ("",))[0] == "challenge":
        return found
    page, html = first.page.url, first.html
    seen = {first.page.url, feed.url}
    tried = _Tried(looker, feed, found, seen)
    for candidates in (discover.linked(html, first.page.headers, page), discover.offered(html, page)):
        await tried.all(candidates)
    if not found.best():
        await tried.first(discover.usual(page))
    if not found.best():
        await tried.first(discover.sitemaps(await _named_sitemaps(looker, feed, page), page))
    found.feeds.sort(key=lambda each: each not in found.best())
    return found


class _Tried:
    """Looks at candidates, each address and each content once."""

    def __init__(self, looker: Looker, feed: Feed, found: Found, seen: set[str]) -> None:
        self._looker, self._feed, self._found, self._seen = looker, feed, found, seen
        self._contents: set[tuple[str, ...]] = set()

    async def all(self, candidates: Iterable[Candidate]) -> None:
        for each in candidates:
            await self._try(each)

    async def first(self, candidates: Iterable[Candidate]) -> None:
        """Only up to the first that is a feed with entries."""
        for each in candidates:
            if await self._try(each):
                return

    async def _try(self, candidate: Candidate) -> bool:
        if candidate.url in self._seen or self._found.tried >= MOST:
            return False
        self._seen.add(candidate.url)
        self._found.tried += 1
        look = await self._looker.look(msgspec.structs.replace(self._feed, url=candidate.url))
        if look.preview is None or look.parsed is None or (look.page and look.page.url in self._seen - {candidate.url}):
            return False
        content = (look.parsed.title or "", *(entry.key for entry in look.parsed.entries))
        if content in self._contents and look.parsed.entries:
            return False
        self._contents.add(content)
        title = candidate.title or look.preview.title or ""
        self._found.feeds.append((look, Candidate(candidate.url, title, candidate.how)))
        return bool(look.preview.items)


async def _named_sitemaps(looker: Looker, feed: Feed, page: str) -> list[str]:
    """The sitemaps that robots.txt names (sitemaps.org/protocol.html)."""
    try:
        answer = await looker.get(robots_url(page), {}, feed)
    except (FetchFailed, ValueError):
        return []
    if answer.status != 200:
        return []
    return list(Protego.parse(answer.body[:LIMIT].decode("utf-8", "replace")).sitemaps)[:50]
