"""Pages held in memory, behind `ports.MemoryPages`: they answer in place of the network."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping

from pipeline.ports import FetchFailed
from pipeline.records import Page


class PagesInMemory:
    """Answers each URL with the pages put there, in order; every page is handed out once."""

    def __init__(self) -> None:
        self._pages: defaultdict[str, deque[Page]] = defaultdict(deque)

    def put(self, page: Page) -> None:
        """Answer the page's URL with it, after pages that were put there before."""
        self._pages[page.url].append(page)

    async def __call__(self, url: str, headers: Mapping[str, str] | None = None) -> Page:
        waiting = self._pages.get(url)
        if not waiting:
            raise FetchFailed("not_given", url, temporary=False)
        page = waiting.popleft()
        if not waiting:
            del self._pages[url]
        return page
