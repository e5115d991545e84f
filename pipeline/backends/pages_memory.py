"""Answers fetches from pages in memory, without the network (`ports.MemoryPages`)."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping

from pipeline.ports import NO_PROFILE, FetchFailed
from pipeline.records import Page, Profile


class PagesInMemory:
    """Answers each URL with the pages that were `put` for it, in order, each once."""

    def __init__(self) -> None:
        self._pages: defaultdict[str, deque[Page]] = defaultdict(deque)

    def put(self, page: Page) -> None:
        """Add a page to the answers of its URL."""
        self._pages[page.url].append(page)

    async def __call__(self, url: str, headers: Mapping[str, str] | None = None, profile: Profile = NO_PROFILE) -> Page:
        waiting = self._pages.get(url)
        if not waiting:
            raise FetchFailed("not_given", url, temporary=False)
        page = waiting.popleft()
        if not waiting:
            del self._pages[url]
        return page
