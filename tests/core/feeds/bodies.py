"""Feed bodies for tests, and what they are parsed into."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pipeline.core.feeds.parse import Parsed, parse_feed
from pipeline.records import Feed, Item

DATA = Path(__file__).parents[2] / "data" / "feeds"
SEEN = datetime(2026, 11, 22, 6, tzinfo=UTC)
FEED = Feed(id="faro", name="El Faro", url="https://faro.example/rss", country="VE")


def read(body: bytes | str, content_type: str = "", feed: Feed = FEED, url: str = "https://faro.example/rss") -> Parsed:
    return parse_feed(body.encode() if isinstance(body, str) else body, content_type, feed, url, SEEN)


def items(parsed: Parsed) -> list[Item]:
    assert parsed.problem is None, parsed.detail
    return [entry.item for entry in parsed.entries]


def rss(*entries: str, head: str = "", more: str = "") -> str:
    channel = f"<channel><title>T</title>{more}{''.join(entries)}</channel>"
    return f'<?xml version="1.0"?>{head}<rss version="2.0">{channel}</rss>'


def entry(n: int, extra: str = "") -> str:
    return f"<item><title>Nota {n}</title><link>https://faro.example/{n}</link>{extra}</item>"
