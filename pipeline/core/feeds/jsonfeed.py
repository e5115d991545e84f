"""Reads JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1). Missing values are left empty.

A document that is not valid JSON is read item by item, as far as it goes.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from pipeline.core.feeds.draft import Draft, DraftFeed, NotAFeed
from pipeline.core.feeds.pictures import inline
from pipeline.core.text.references import joined

_VERSION = "https://jsonfeed.org/version/"
_ITEMS = re.compile(r'"items"\s*:\s*\[')
_NAMED = re.compile(r'"(version|title|language|home_page_url)"\s*:\s*("(?:[^"\\]|\\.){0,500}")')
_NEXT = re.compile(r"\{")
_TRAILING = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])')
_FAULTS = 200  # items that cannot be read, after which reading stops
_IMAGES = ("image", "banner_image")


def read(text: str) -> DraftFeed:
    """The feed in `text`. Raises NotAFeed."""
    truncated, items = False, None
    try:
        feed = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        feed, items, truncated = _tolerant(text, error)
    if not isinstance(feed, dict) or not isinstance(items or feed.get("items"), list):
        raise NotAFeed("not_a_feed", "JSON, but not a JSON Feed: it has no list of items")
    version = feed.get("version")
    if str(version) not in ("1", "1.0", "1.1") and not str(version).replace("http:", "https:").startswith(_VERSION):
        raise NotAFeed("not_a_feed", f"JSON, but not a JSON Feed: its version is {str(version)[:100]!r}")
    entries = [_entry(item) if isinstance(item, dict) else None for item in items or feed["items"]]
    return DraftFeed(
        entries, _escaped(feed.get("title")), _text(feed.get("language")), site=_text(feed.get("home_page_url")) or "",
        truncated=truncated, kind=f"JSON Feed {str(version).strip('/').rpartition('/')[2]}",
    )  # fmt: skip


def _tolerant(text: str, error: Exception) -> tuple[dict[str, Any], list[Any], bool]:
    """Head and items of a document with faults: control characters, lone surrogates, trailing commas, a cut end.

    An item that cannot be read is None. Raises NotAFeed.
    """
    text = _TRAILING.sub(lambda found: found[1] or "", text)
    start = _ITEMS.search(text)
    if not start:
        raise NotAFeed("not_a_feed", f"not JSON: {error}") from error
    decoder = json.JSONDecoder(strict=False)
    items: list[Any] = []
    at, faults = start.end(), 0
    while at < len(text) and faults < _FAULTS:
        at = len(text) - len(text[at : at + 200].lstrip(", \t\r\n")) - len(text[at + 200 :])
        if text[at : at + 1] == "]":
            break
        try:
            item, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            item, faults = None, faults + 1
            following = re.compile(r"\}\s*,\s*(?=\{)").search(text, at)
            at = following.end() if following else len(text)
        items.append(item)
    closed = text[at : at + 1] == "]"
    if not closed and items and items[-1] is None:
        items.pop()  # the item within which the document ends
    if not any(isinstance(item, dict) for item in items):
        raise NotAFeed("not_a_feed", f"not JSON: {error}") from error
    head = text[: start.start()] + (text[at:] if closed else "")
    return {name: json.loads(value, strict=False) for name, value in _NAMED.findall(head)}, items, not closed


def _entry(item: dict[str, Any]) -> Draft:
    guid = _text(item.get("id"))
    html = _text(item.get("content_html"))
    content = html or _escaped(item.get("content_text"))
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
        image=_image(item) or (inline(html) if html else None),
    )


def _image(item: dict[str, Any]) -> str | None:
    """Its picture, else an attached one."""
    attached = item.get("attachments")
    files = [each for each in attached if isinstance(each, dict)] if isinstance(attached, list) else []
    pictures = (each.get("url") for each in files if str(each.get("mime_type")).startswith("image/"))
    return next((address for value in (*map(item.get, _IMAGES), *pictures) if (address := _text(value))), None)


def _authors(item: dict[str, Any]) -> str | None:
    """Names. 1.1 has a list `authors`, 1.0 one `author`; publishers also write strings, one object, lists and null."""
    names = [name for key in ("authors", "author") for name in _names(item.get(key))]
    return ", ".join(dict.fromkeys(names)) or None


def _names(value: Any) -> list[str]:
    if isinstance(value, list):
        return [name for each in value[:50] for name in ([] if isinstance(each, list) else _names(each))]
    if isinstance(value, dict):
        value = value.get("name") or value.get("email")
    text = _text(value) if isinstance(value, str) else None
    return [text] if text else []


def _text(value: Any) -> str | None:
    """A string; also numbers, because some publishers forget the quotes."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    return joined(str(value)).strip() or None


def _escaped(value: Any) -> str | None:
    """Plain text escaped as markup, so that `a < b` does not look like a tag."""
    text = _text(value)
    return text.replace("&", "&amp;").replace("<", "&lt;") if text else None
