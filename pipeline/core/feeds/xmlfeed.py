"""Reads RSS 0.9x, 1.0, 2.0 and Atom with feedparser, after checks against hostile XML."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import feedparser

from pipeline.core.feeds.decode import named_entities, plain
from pipeline.core.feeds.draft import Draft, DraftFeed, NotAFeed

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


def read(text: str) -> DraftFeed:
    """The feed in `text`. Raises NotAFeed."""
    start = _start(text)
    if start is None:
        raise NotAFeed("not_a_feed", _looks_like(text))
    text = text[start:]
    if _bomb(text):
        raise NotAFeed("entities", "declares entities that a feed does not need")
    text = re.sub(r"^<\?xml[^>]*\?>", "", named_entities(text))
    # No content-location: feedparser would take every guid for a relative link. `join` resolves links instead.
    headers = {"content-type": "application/xml; charset=utf-8"}
    # Never str or bytes: feedparser opens both as a file name or a URL.
    source = io.BytesIO(b'<?xml version="1.0" encoding="utf-8"?>\n' + text.encode("utf-8", "replace"))
    found = feedparser.parse(source, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    version: str = found.get("version") or ""
    if not version:
        raise NotAFeed("not_a_feed", _looks_like(text))
    head = found.feed
    entries = (_draft(entry, version) for entry in found.entries)
    truncated = not _END.search(text[-1000:])
    return DraftFeed(entries, head.get("title"), head.get("language"), _every(head), truncated)


def _start(text: str) -> int | None:
    """Where the XML starts; some servers print warnings or blank lines before it. None if it is not a feed."""
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
    """The position of the root element: after declarations, comments and the document type with its internal subset."""
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
    """Whether the document type declares entities other than short characters, which RSS 0.91 and 1.0 templates do."""
    prolog = text[: _after_prolog(text, 0)]
    declared = len(_DECLARATION.findall(prolog))
    return declared > _ENTITY_LIMIT or declared != len(_HARMLESS.findall(prolog))


def _looks_like(text: str) -> str:
    """A description of a text that is not a feed, for people."""
    head = text[:20_000]
    if re.search(r"<(?:!doctype\s+html|html|head|body)\b", head, re.IGNORECASE):
        title = _HTML_TITLE.search(head)
        return f"an HTML page: {plain(title[1], 100)}" if title else "an HTML page"
    root = _ROOT.match(text, _after_prolog(text, 0))
    return f"XML with root <{root[1]}>" if root else f"starts with {text[:40]!r}"


def _draft(entry: Any, version: str) -> Draft:
    def raw(name: str) -> Any:
        """The value without feedparser's aliases, by which `updated` would fall back to `published`."""
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
    """Candidates for the address of the article, the most likely first."""
    yield dict.get(entry, "feedburner_origlink") or ""
    links = [link for link in dict.get(entry, "links") or () if link.get("href")]
    alternate = [link for link in links if link.get("rel", "alternate") == "alternate"]
    yield from (link["href"] for link in alternate if "html" in link.get("type", "text/html"))
    guid = dict.get(entry, "id") or ""
    link = dict.get(entry, "link") or ""
    if link != guid or re.match(r"(?i)https?://|www\.|/", guid):  # in RSS a guid is a link by default
        yield link
    yield from (link["href"] for link in alternate)
    if re.match(r"(?i)https?://", guid):
        yield guid


_PERIODS = {"hourly": 3600.0, "daily": 86400.0, "weekly": 604800.0, "monthly": 2592000.0, "yearly": 31536000.0}


def _every(head: Any) -> float | None:
    """Seconds between changes, from RSS `ttl` (minutes) or the RSS 1.0 syndication module."""
    try:
        ttl = float(head.get("ttl") or 0) * 60
        period = _PERIODS.get(str(head.get("sy_updateperiod") or "").strip().lower(), 0.0)
        hint = ttl or period / max(float(head.get("sy_updatefrequency") or 1), 1.0)
    except (ValueError, OverflowError):
        return None
    return hint if 0 < hint < 1e9 else None
