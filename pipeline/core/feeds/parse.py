"""Parses the bytes of a feed into items: RSS and Atom (xmlfeed.py), JSON Feed (jsonfeed.py).

The bytes may be hostile: this module limits size, entries and fields, the worker process limits time.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import msgspec

from pipeline.core.decoding.decode import decode
from pipeline.core.feeds import jsonfeed, xmlfeed
from pipeline.core.feeds.decode import FORBIDDEN_IN_XML, plain
from pipeline.core.feeds.draft import Draft, DraftFeed, NotAFeed
from pipeline.core.text.date_strings import parse_date
from pipeline.core.text.languages import base_code
from pipeline.core.urls import article_id, canonical, join
from pipeline.records import Dated, Feed, Item

BODY_LIMIT = 16_000_000  # bytes; feedparser needs about ten times as much memory
ENTRY_LIMIT = 1_000
TITLE_LIMIT, SUMMARY_LIMIT, AUTHOR_LIMIT, GUID_LIMIT = 500, 2_000, 200, 500
CONTENT_LIMIT = 900_000  # bytes of JSON; a message of the log holds 1,000,000, and the other fields take up to 60,000
KEY_LENGTH = 16  # hex digits; feeds list thousands of entries at most


@dataclass(frozen=True, slots=True)
class Entry:
    """An item, and the key that identifies it at the next poll."""

    key: str
    item: Item


@dataclass(frozen=True, slots=True)
class Parsed:
    """The content of a feed, or with `problem` the reason why it is not a feed.

    `problem` is too_large, empty, not_a_feed, entities or truncated; `detail` is for people. `drops` counts entries
    without an item, by reason: no_url, bad_url, repeated. `notes`: truncated, bad_encoding, cut_entries, bad_dates,
    no_entries. `every`: seconds between changes, as the feed says (ttl, syndication module).
    """

    entries: tuple[Entry, ...] = ()
    title: str | None = None
    every: float | None = None
    drops: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    problem: str | None = None
    detail: str = ""


def parse_feed(body: bytes, content_type: str, feed: Feed, url: str, seen: datetime) -> Parsed:
    """The items of `body`, fetched from `url` at `seen`, in order. Never raises for bad input."""
    if len(body) > BODY_LIMIT:
        return Parsed(problem="too_large", detail=f"{len(body)} bytes, the limit is {BODY_LIMIT}")
    decoded = decode(body, content_type, feed.language)
    text = FORBIDDEN_IN_XML.sub("", decoded.text)
    damaged = decoded.garbled
    text = text.lstrip("\ufeff \t\r\n")
    if not text:
        return Parsed(problem="empty", detail=f"{len(body)} bytes without a character")
    try:
        draft = jsonfeed.read(text) if text[0] == "{" else xmlfeed.read(text)
    except NotAFeed as error:
        return Parsed(problem=error.problem, detail=error.detail)
    notes = [*(["bad_encoding"] if damaged else []), *(["truncated"] if draft.truncated else [])]
    return _collect(draft, feed, url, seen, notes)


def _collect(draft: DraftFeed, feed: Feed, url: str, seen: datetime, notes: list[str]) -> Parsed:
    """The items of a feed, each article once."""
    entries: dict[str, Entry] = {}
    drops: Counter[str] = Counter()
    bad_dates = 0
    for count, entry in enumerate(draft.entries):
        if count >= ENTRY_LIMIT:
            notes = [*notes, "cut_entries"]
            break
        address = _address(entry, url)
        if address is None:
            drops["bad_url" if any(entry.links) else "no_url"] += 1
            continue
        # The id that the article will have. Not the guid: outlets change guids, and use one for many entries.
        key = article_id(address)[:KEY_LENGTH]
        if key in entries:
            drops["repeated"] += 1
            continue
        item = _item(entry, address, feed, draft.language, seen)
        bad_dates += item.published is None and bool(entry.published)
        entries[key] = Entry(key, item)
    if bad_dates:
        notes = [*notes, "bad_dates"]
    if not entries and not drops:
        if draft.truncated:
            return Parsed(problem="truncated", detail="ends before its first entry")
        notes = [*notes, "no_entries"]
    title = plain(draft.title, TITLE_LIMIT)
    return Parsed(tuple(entries.values()), title, draft.every, tuple(drops.items()), tuple(notes))


def _address(draft: Draft, base: str) -> str | None:
    """The first link that is an http(s) address."""
    for link in draft.links:
        if link:
            try:
                return canonical(join(base, link))
            except ValueError:
                continue
    return None


def _item(draft: Draft, address: str, feed: Feed, language: str | None, seen: datetime) -> Item:
    code = base_code(draft.language or language) or ""
    item_language = feed.language or (code if re.fullmatch("[a-z]{2,3}", code) else None)

    def dated(raw: str | None, source: str) -> Dated | None:
        value = parse_date(raw, seen=seen, language=item_language, country=feed.country)
        return Dated(value, source, str(raw)[:200]) if value else None

    updated = dated(draft.updated, "feed")
    published = dated(draft.published, "feed")
    if published is None and not draft.published:
        # Atom: it was published then or earlier; the page may have a better date.
        published = dated(draft.updated, "feed-updated")
    summary = plain(draft.summary, SUMMARY_LIMIT)
    return Item(
        feed=feed.id, source=feed.name, url=address, seen=seen, guid=(draft.guid or "")[:GUID_LIMIT] or None,
        title=plain(draft.title, TITLE_LIMIT), summary=summary, content=_content(draft, summary),
        author=plain(draft.author, AUTHOR_LIMIT), published=published, updated=updated, language=item_language,
        country=feed.country,
    )  # fmt: skip


def _content(draft: Draft, summary: str | None) -> str | None:
    """The feed's own text as written: content or summary, whichever is longer, if it says more than `summary`."""
    longest = max(draft.content or "", draft.summary or "", key=len)
    return bounded(longest, CONTENT_LIMIT) if longest and longest != summary else None


def bounded(text: str, limit: int) -> str:
    """`text`, cut so that it takes at most `limit` bytes of JSON in UTF-8."""
    if 4 * len(text) <= limit or _size(text) <= limit:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _size(text[:middle]) <= limit else (low, middle - 1)
    return text[:low]


def _size(text: str) -> int:
    return len(msgspec.json.encode(text))
