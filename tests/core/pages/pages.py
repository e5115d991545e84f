"""Pages for the tests of clean: files of tests/data/pages and short ones made here, with their items."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.core.pages.article import clean_page
from pipeline.records import Article, Item, Page
from pipeline.stage import Drop

PAGES = Path(__file__).parents[2] / "data" / "pages"
SEEN = datetime(2026, 3, 1, 18, tzinfo=UTC)
URL = "https://news.example.org/2026/03/01/harbour-budget"
SENTENCE = "The council met on Tuesday and voted for the new budget of the harbour town. "
HEAD = "<html><head><title>Harbour budget approved</title></head><body>"


def stored(name: str) -> bytes:
    return (PAGES / name).read_bytes()


def an_item(url: str = URL, **more: Any) -> Item:
    fields: dict[str, Any] = {"feed": "f", "source": "Coastwire", "url": url, "seen": SEEN}
    return Item(**fields | more)


def a_page(body: bytes | str, url: str = URL, content_type: str = "text/html", **more: Any) -> Page:
    body = body.encode() if isinstance(body, str) else body
    fields: dict[str, Any] = {"status": 200, "fetched_at": SEEN, "content_type": content_type}
    return Page(url=url, body=body, **fields | more)


def clean(body: bytes | str, url: str = URL, content_type: str = "text/html", **item: Any) -> Article | Drop:
    return clean_page(a_page(body, url, content_type), an_item(item.pop("asked", url), **item))


def article(body: bytes | str, url: str = URL, content_type: str = "text/html", **item: Any) -> Article:
    """As `clean`, where the outcome must be an article."""
    found = clean(body, url, content_type, **item)
    assert isinstance(found, Article), found
    return found


def html(meta: str, text: str) -> str:
    return f"<html><head>{meta}<title>Una nota</title></head><body><article><p>{text}</p></article></body></html>"
