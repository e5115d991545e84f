"""Reads with feedparser what our own reader finds no entry in: single entries, and formats that we do not know."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from pipeline.core.feeds.draft import Draft, DraftFeed

_DECLARATION = re.compile(r"^<\?xml[^>]*\?>")


def read_unknown(text: str) -> DraftFeed | None:
    """The feed in `text`, which declares no entities; None if feedparser finds no entry either."""
    import feedparser  # rarely needed, and slow to import

    # Never str or bytes: feedparser opens both as a file name or URL. No content-location: it would take every guid for
    # a relative link.
    source = io.BytesIO(
        b'<?xml version="1.0" encoding="utf-8"?>\n' + _DECLARATION.sub("", text).encode(errors="replace")
    )
    headers = {"content-type": "application/xml; charset=utf-8"}
    found = feedparser.parse(source, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    entries = [_draft(entry) for entry in found.entries]
    if not any(any(entry.links) or entry.title for entry in entries):
        return None
    return DraftFeed(entries, found.feed.get("title"), found.feed.get("language"), site=found.feed.get("link") or "")


def _draft(entry: Any) -> Draft:
    def raw(name: str) -> Any:
        """The value without feedparser's aliases, by which `updated` would fall back to `published`."""
        return dict.get(entry, name)

    contents = [content.get("value") or "" for content in raw("content") or ()]
    names = [author["name"] for author in raw("authors") or () if author.get("name")]
    return Draft(
        links=tuple(dict.fromkeys(filter(None, _links(entry)))), guid=raw("id"), title=raw("title"),
        summary=raw("summary"), content=max(contents, key=len, default=None),
        author=", ".join(dict.fromkeys(names)) or raw("author"), published=raw("published") or raw("updated"),
        updated=raw("updated") if raw("published") else None,
    )  # fmt: skip


def _links(entry: Any) -> Iterator[str]:
    """Candidates for the address of the article, the most likely first."""
    links = [link for link in dict.get(entry, "links") or () if link.get("rel", "alternate") == "alternate"]
    yield from (link.get("href") or "" for link in links)
    yield dict.get(entry, "link") or ""
    guid = dict.get(entry, "id") or ""
    if re.match(r"(?i)https?://", guid):
        yield guid
