"""Fetches one address as a poll would, and keeps all that can be said about the answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pipeline.core.decoding.decode import decode
from pipeline.core.feeds.parse import Parsed
from pipeline.core.feeds.preview import Preview, preview
from pipeline.core.timing.feed_answers import refused, unusable
from pipeline.core.timing.pace import Pace
from pipeline.core.urls import registrable
from pipeline.ports import Clock, Fetch, FetchFailed
from pipeline.records import Feed, Page
from pipeline.stages.poll import ACCEPT
from pipeline.stages.read_feed import read_feed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Look:
    """What is at `url`. Without `failure` it is a feed, with `preview`; else `failure` is the reason and its detail.

    `page`: None if there was no answer.
    """

    url: str
    page: Page | None = None
    parsed: Parsed | None = None
    preview: Preview | None = None
    failure: tuple[str, str] | None = None

    @property
    def html(self) -> str:
        """The page as text, if there is one."""
        return decode(self.page.body, self.page.content_type).text if self.page else ""


class _SameProcess:
    """Runs jobs at once: a command looks at one feed at a time."""

    async def run(self, job: Callable[..., T], *args: Any) -> T:
        return job(*args)

    async def close(self) -> None:
        pass


class Looker:
    """Looks at addresses, one after the other, as politely as a poll."""

    def __init__(
        self, fetch: Fetch, pace: Pace, clock: Clock, *, monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        self._fetch, self._pace, self.clock, self._monotonic, self._sleep = fetch, pace, clock, monotonic, sleep

    async def get(self, url: str, headers: Mapping[str, str], feed: Feed) -> Page:
        """The answer, paced. Raises FetchFailed, Unavailable."""
        domain = registrable(url)
        while wait := self._pace.enter(domain, self._monotonic()):
            await self._sleep(wait)
        try:
            return await self._fetch(url, {"Accept": ACCEPT, **headers}, feed.profile)
        finally:
            self._pace.leave(domain, self._monotonic())

    async def look(self, feed: Feed) -> Look:
        """What is at the address of `feed`. Raises Unavailable."""
        try:
            page = await self.get(feed.url, {}, feed)
        except (FetchFailed, ValueError) as error:
            reason = error.reason if isinstance(error, FetchFailed) else "bad_url"
            return Look(feed.url, failure=(reason, getattr(error, "detail", str(error))))
        if bad := refused(page):
            return Look(feed.url, page, failure=bad)
        parsed, _ = await read_feed(_SameProcess(), feed, page, None, lambda url, extra: self.get(url, extra, feed))
        if bad := unusable(page, parsed, None):
            return Look(feed.url, page, parsed, failure=bad)
        return Look(feed.url, page, parsed, preview(parsed, self.clock()))
