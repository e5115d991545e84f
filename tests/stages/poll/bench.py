"""A poll stage with its feed, clock and fetched pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.core.timing.pace import Pace
from pipeline.ports import FetchFailed
from pipeline.records import (
    Feed,
    Item,
    Page,
)  # fmt: skip
from pipeline.stage import Position
from pipeline.stages.poll import Poll, Polled
from tests.fakes import FakeFetch, InlinePool, page
from tests.options import poll_options

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FEED = Feed(id="faro", name="El Faro", url="https://www.example.org/rss", language="es", country="VE")
AT = Position("feeds", 0, 0)


def rss(*numbers: int, more: str = "") -> bytes:
    entries = "".join(
        f"<item><title>N {n}</title><link>https://www.example.org/n/{n}</link></item>" for n in sorted(numbers)[::-1]
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{entries}{more}</channel></rss>'.encode()


def answer(body: bytes = b"", minutes: float = 0, status: int = 200, url: str = FEED.url, **more: Any) -> Page:
    return page(url, body, status, "text/xml", fetched_at=NOW + timedelta(minutes=minutes), **more)


class Bench:
    """A Poll on fakes, with a clock that only sleeping moves."""

    def __init__(self, *answers: Page | Exception, pool: Any = None, gap: float = 0.0, feed: Feed = FEED) -> None:
        self.fetch = FakeFetch({feed.url: list(answers) or [FetchFailed("dns", "none", temporary=True)]})
        self.seconds = 0.0
        self.slept: list[float] = []
        self.pace = Pace(gap, 1)
        self.poll = Poll(
            self.fetch, pool or InlinePool(), self.pace, lambda: NOW + timedelta(seconds=self.seconds),
            random=lambda: 0.5, monotonic=lambda: self.seconds, sleep=self.sleep,
            options=poll_options(),
        )  # fmt: skip
        self.feed = feed

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    async def once(self) -> Polled:
        """Poll, and apply as the driver does after its commit."""
        await self.poll.step(self.feed, AT)
        polled = await self.poll.poll(self.feed)
        self.poll.apply(polled)
        return polled


def items(polled: Polled) -> list[Item]:
    return [
        out.record for out in polled.outs if out.stream in ("items", "items-backfill") and isinstance(out.record, Item)
    ]


def numbers(polled: Polled) -> list[str]:
    return [item.url.rsplit("/", 1)[1] for item in items(polled)]
