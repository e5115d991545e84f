"""Feed bytes to items: RSS 0.9x, 1.0, 2.0 and Atom by feedparser, JSON Feed by jsonfeed.py. Fetches nothing.

Hostile bytes are expected: size, entries and fields are bounded here, time by the process slot it runs in.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import feedparser

from pipeline.core.feeds import jsonfeed
from pipeline.core.feeds.decode import decode, named_entities, plain
from pipeline.core.text.date_strings import parse_date
from pipeline.core.urls import article_id, canonical, join
from pipeline.records import Dated, Feed, Item

BODY_LIMIT = 16_000_000  # bytes; feedparser needs some ten times as much memory
ENTRY_LIMIT = 1_000
TITLE_LIMIT, SUMMARY_LIMIT, AUTHOR_LIMIT, GUID_LIMIT = 500, 2_000, 200, 500
CONTENT_LIMIT = 150_000  # characters: 600 kB of the 1 MB that a Kafka message holds, if each takes four bytes
KEY_LENGTH = 16  # hex digits; feeds list thousands of entries at most


@dataclass(frozen=True, slots=True)
class Entry:
    """What one place in the feed gave. `key` tells it again at the next poll."""

    key: str
    item: Item


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a body holds. `problem`: why it is no feed (a fixed word), else None; `detail` is for people.

    drops: reason -> entries that gave no item. `notes`: truncated, bad_encoding, cut_entries, bad_dates, no_entries.
    `every`: seconds between changes, as the feed itself says (ttl, syndication module).
    """

    entries: tuple[Entry, ...] = ()
    title: str | None = None
    every: float | None = None
    drops: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    problem: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry as a format's reader found it, nothing cleaned yet."""

    links: tuple[str, ...]
    guid: str | None = None
    title: str | None = None
    summary: str | None = None
    content: str | None = None
    author: str | None = None
    published: str | None = None
    updated: str | None = None
    language: str | None = None


def parse_feed(body: bytes, content_type: str, feed: Feed, url: str, seen: datetime) -> Parsed:
    """The items that `body`, an answer from `url` seen at `seen`, lists; in its order. Raises nothing for bad input."""
    if len(body) > BODY_LIMIT:
        return Parsed(problem="too_large", detail=f"{len(body)} bytes, the limit is {BODY_LIMIT}")
    text, damaged = decode(body, content_type)
    notes = ["bad_encoding"] if damaged else []
    text = text.lstrip("\ufeff \t\r\n")
    if not text:
        return Parsed(problem="empty", detail=f"{len(body)} bytes without a character")
    if text[0] == "{":
        return _parse_json(text, feed, url, seen, notes)
    return _parse_xml(text, feed, url, seen, notes)


def _parse_json(text: str, feed: Feed, url: str, seen: datetime, notes: list[str]) -> Parsed:
    try:
        found = jsonfeed.read(text)
    except ValueError as error:
        return Parsed(problem="not_a_feed", detail=str(error))
    drafts = (Draft(**entry) for entry in found.entries)
    return _collect(drafts, found.title, None, found.language, feed, url, seen, notes)


# ---- XML ----

_ROOT = re.compile(r"<([A-Za-z_][\w.:-]{0,60})")
_END = re.compile(r"</(?:\w+:)?(?:rss|rdf|feed|channel)\s*>", re.IGNORECASE)
_FEED_ROOTS = ("rss", "rdf", "feed", "channel")
_DECLARATION = re.compile(r"<!ENTITY\s")
_HARMLESS = re.compile(
    r"""<!ENTITY\s+(?:%\s+)?[\w.-]{1,60}\s+(?:PUBLIC\s+["'][^"'<>]{0,200}["']\s+["'][^"'<>]{0,200}["']|"""
    r"""["'](?:&\#\w{1,8};|[^"'&%<>]){0,60}["'])\s*>"""
)
_HTML_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,200})", re.IGNORECASE)
_ENTITY_LIMIT = 300  # HTML has 252
_DOCTYPE_LIMIT = 100_000  # characters


def _parse_xml(text: str, feed: Feed, url: str, seen: datetime, notes: list[str]) -> Parsed:
    start = _start(text)
    if start is None:
        return Parsed(problem="not_a_feed", detail=_looks_like(text))
    text = text[start:]
    if _bomb(text):
        return Parsed(problem="entities", detail="declares entities that a feed has no use for")
    text = re.sub(r"^<\?xml[^>]*\?>", "", named_entities(text))
    # No content-location: feedparser would take every guid for a relative link. `join` resolves links instead.
    headers = {"content-type": "application/xml; charset=utf-8"}
    # Never str or bytes: feedparser opens both as a file name or a URL.
    source = io.BytesIO(b'<?xml version="1.0" encoding="utf-8"?>\n' + text.encode("utf-8", "replace"))
    found = feedparser.parse(source, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    version: str = found.get("version") or ""
    if not version:
        return Parsed(problem="not_a_feed", detail=_looks_like(text))
    if not _END.search(text[-1000:]):
        notes = [*notes, "truncated"]
    head = found.feed
    drafts = (_draft(entry, version) for entry in found.entries)
    return _collect(drafts, head.get("title"), _every(head), head.get("language"), feed, url, seen, notes)


def _start(text: str) -> int | None:
    """Where the XML starts: some servers put warnings or blank lines of a script before it. None: no feed here."""
    for begin in (0, *(found.start() for found in re.finditer(r"<(?:\?xml|rss|rdf:RDF|feed)\b", text[:4000]))):
        at = _after_prolog(text, begin)
        root = _ROOT.match(text, at)
        name = root[1].lower().split(":")[-1] if root else ""
        if name in _FEED_ROOTS:
            return begin
        if name in ("html", "head", "body"):
            return None
    return None


def _after_prolog(text: str, at: int) -> int:
    """Position of the root element: past declarations, comments and the document type with its internal part."""
    while True:
        if text.startswith("<?", at):
            end = text.find("?>", at)
            skip = 2
        elif text.startswith("<!--", at):
            end = text.find("-->", at)
            skip = 3
        elif text[at : at + 9].upper() == "<!DOCTYPE":
            end, skip = _doctype_end(text, at), 0
        elif at < len(text) and text[at].isspace():
            end, skip = at + 1, 0
        else:
            return at
        if end < 0:
            return len(text)
        at = end + skip


def _doctype_end(text: str, at: int) -> int:
    close, bracket = text.find(">", at), text.find("[", at)
    if close < 0 or bracket < 0 or close < bracket:
        return close + 1 if close >= 0 else -1
    last = at + _DOCTYPE_LIMIT
    end = text.find("]", bracket, last)
    while end >= 0 and not text[end + 1 : end + 100].lstrip().startswith(">"):
        end = text.find("]", end + 1, last)
    return text.find(">", end) + 1 if end >= 0 else -1


def _bomb(text: str) -> bool:
    """Whether the document type declares entities other than short characters (RSS 0.91 and 1.0 templates did)."""
    prolog = text[: _after_prolog(text, 0)]
    declared = len(_DECLARATION.findall(prolog))
    return declared > _ENTITY_LIMIT or declared != len(_HARMLESS.findall(prolog))


def _looks_like(text: str) -> str:
    head = text[:20_000]
    if re.search(r"<(?:!doctype\s+html|html|head|body)\b", head, re.IGNORECASE):
        title = _HTML_TITLE.search(head)
        return f"an HTML page: {plain(title[1], 100)}" if title else "an HTML page"
    root = _ROOT.match(text, _after_prolog(text, 0))
    return f"XML with root <{root[1]}>" if root else f"starts with {text[:40]!r}"


def _draft(entry: Any, version: str) -> Draft:
    def raw(name: str) -> Any:
        """Past feedparser's aliases: its `updated` falls back to `published`, with a warning."""
        return dict.get(entry, name)

    contents = [c.get("value") or "" for c in raw("content") or ()]
    published, updated = raw("published"), raw("updated")
    if not published and not version.startswith("atom"):
        published, updated = updated, None  # dc:date, the only date RSS 1.0 has
    names = [a["name"] for a in raw("authors") or () if a.get("name")]
    return Draft(
        links=tuple(_links(entry)), guid=raw("id"), title=raw("title"), summary=raw("summary"),
        content=max(contents, key=len, default=None), author=", ".join(dict.fromkeys(names)) or raw("author"),
        published=published, updated=updated,
    )  # fmt: skip


def _links(entry: Any) -> Iterator[str]:
    """The likeliest page of the article first."""
    yield dict.get(entry, "feedburner_origlink") or ""
    links = [link for link in dict.get(entry, "links") or () if link.get("href")]
    alternate = [link for link in links if link.get("rel", "alternate") == "alternate"]
    yield from (link["href"] for link in alternate if "html" in link.get("type", "text/html"))
    guid = dict.get(entry, "id") or ""
    link = dict.get(entry, "link") or ""
    if link != guid or re.match(r"(?i)https?://|www\.|/", guid):  # RSS: a guid is a link unless it says otherwise
        yield link
    yield from (link["href"] for link in alternate)
    if re.match(r"(?i)https?://", guid):
        yield guid


_PERIODS = {"hourly": 3600.0, "daily": 86400.0, "weekly": 604800.0, "monthly": 2592000.0, "yearly": 31536000.0}


def _every(head: Any) -> float | None:
    """Seconds, from RSS `ttl` (minutes) or the RSS 1.0 syndication module."""
    try:
        ttl = float(head.get("ttl") or 0) * 60
        period = _PERIODS.get(str(head.get("sy_updateperiod") or "").strip().lower(), 0.0)
        hint = ttl or period / max(float(head.get("sy_updatefrequency") or 1), 1.0)
    except (ValueError, OverflowError):
        return None
    return hint if 0 < hint < 1e9 else None


# ---- drafts to items ----


def _collect(
    drafts: Iterable[Draft], title: str | None, every: float | None, language: str | None,
    feed: Feed, url: str, seen: datetime, notes: list[str],
) -> Parsed:  # fmt: skip
    entries: dict[str, Entry] = {}
    drops: dict[str, int] = {}
    bad_dates = 0
    for count, draft in enumerate(drafts):
        if count >= ENTRY_LIMIT:
            notes = [*notes, "cut_entries"]
            break
        address = _address(draft, url)
        if address is None:
            reason = "bad_url" if any(draft.links) else "no_url"
            drops[reason] = drops.get(reason, 0) + 1
            continue
        # The same identity that the article will have. A guid is none: outlets change them, and share one among many.
        key = article_id(address)[:KEY_LENGTH]
        if key in entries:
            drops["repeated"] = drops.get("repeated", 0) + 1
            continue
        item = _item(draft, address, feed, language, seen)
        bad_dates += item.published is None and bool(draft.published)
        entries[key] = Entry(key, item)
    if bad_dates:
        notes = [*notes, "bad_dates"]
    if not entries and not drops:
        if "truncated" in notes:
            return Parsed(problem="truncated", detail="ends before its first entry")
        notes = [*notes, "no_entries"]
    return Parsed(tuple(entries.values()), plain(title, TITLE_LIMIT), every, tuple(drops.items()), tuple(notes))


def _address(draft: Draft, base: str) -> str | None:
    for link in draft.links:
        if link:
            try:
                return canonical(join(base, link))
            except ValueError:
                continue
    return None


def _item(draft: Draft, address: str, feed: Feed, language: str | None, seen: datetime) -> Item:
    told = (draft.language or language or "").replace("_", "-").split("-")[0].lower()
    tongue = feed.language or (told if re.fullmatch("[a-z]{2,3}", told) else None)

    def dated(raw: str | None, source: str) -> Dated | None:
        value = parse_date(raw, seen=seen, language=tongue, country=feed.country)
        return Dated(value, source, str(raw)[:200]) if value else None

    updated = dated(draft.updated, "feed")
    published = dated(draft.published, "feed")
    if published is None and not draft.published:
        published = dated(draft.updated, "feed-updated")  # Atom: not after this; clean may find better in the page
    summary = plain(draft.summary, SUMMARY_LIMIT)
    return Item(
        feed=feed.id, source=feed.name, url=address, seen=seen, guid=(draft.guid or "")[:GUID_LIMIT] or None,
        title=plain(draft.title, TITLE_LIMIT), summary=summary, content=_content(draft, summary),
        author=plain(draft.author, AUTHOR_LIMIT), published=published, updated=updated, language=tongue,
        country=feed.country,
    )  # fmt: skip


def _content(draft: Draft, summary: str | None) -> str | None:
    """The longest markup the entry carries, where it says clearly more than the summary."""
    longest = max(draft.content or "", draft.summary or "", key=len)
    if len(longest) <= len(summary or ""):
        return None
    text = plain(longest, SUMMARY_LIMIT * 10)
    return longest[:CONTENT_LIMIT] if text and len(text) > 1.2 * len(summary or "") else None
