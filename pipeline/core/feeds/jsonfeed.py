"""Reads JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1). Missing values are left empty."""

from __future__ import annotations

from typing import Any

import msgspec

from pipeline.core.feeds.draft import Draft, DraftFeed, NotAFeed

_VERSION = "https://jsonfeed.org/version/"


def read(text: str) -> DraftFeed:
    """The feed in `text`. Raises NotAFeed."""
    try:
        feed = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotAFeed("not_a_feed", f"not JSON: {error}") from error
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise NotAFeed("not_a_feed", "JSON, but not a JSON Feed: it has no list of items")
    version = feed.get("version")
    if str(version) not in ("1", "1.0", "1.1") and not str(version).replace("http:", "https:").startswith(_VERSION):
        raise NotAFeed("not_a_feed", f"JSON, but not a JSON Feed: its version is {str(version)[:100]!r}")
    entries = [_entry(item) for item in feed["items"] if isinstance(item, dict)]
    return DraftFeed(entries, _text(feed.get("title")), _text(feed.get("language")))


def _entry(item: dict[str, Any]) -> Draft:
    guid = _text(item.get("id"))
    content = _text(item.get("content_html")) or _escaped(item.get("content_text"))
    links = [_text(item.get("url")), _text(item.get("external_url")), guid if guid and "://" in guid else None]
    return Draft(
        links=tuple(link for link in links if link),
        guid=guid,
        title=_escaped(item.get("title")),
        summary=_escaped(item.get("summary")) or content,
        content=content,
        author=_authors(item),
        published=_text(item.get("date_published")),
        updated=_text(item.get("date_modified")),
        language=_text(item.get("language")),
    )


def _authors(item: dict[str, Any]) -> str | None:
    people = item.get("authors")
    people = people if isinstance(people, list) else [item.get("author")]  # 1.0 had one
    names = [_text(person.get("name")) for person in people if isinstance(person, dict)]
    return ", ".join(name for name in names if name) or None


def _text(value: Any) -> str | None:
    """A string; also numbers, because some publishers forget the quotes."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    return str(value).strip() or None


def _escaped(value: Any) -> str | None:
    """Plain text escaped as markup, so that `a < b` does not look like a tag."""
    text = _text(value)
    return text.replace("&", "&amp;").replace("<", "&lt;") if text else None
