"""Reads RSS 0.9x, 1.0, 1.1, 2.0, CDF, Atom 0.3 and 1.0, and sitemaps, after checks against hostile XML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.core.feeds import sitemap
from pipeline.core.feeds.draft import Draft, DraftFeed, NotAFeed
from pipeline.core.feeds.entries import read_entry
from pipeline.core.feeds.plain import plain
from pipeline.core.feeds.scan import Node, Scanned, scan
from pipeline.core.feeds.second_reader import read_unknown
from pipeline.core.text.references import unescape

_ROOT = re.compile(r"<([A-Za-z_][\w.:-]{0,60})")
_FEED_ROOTS = ("rss", "rdf", "feed", "channel", *sitemap.ROOTS)
_DECLARATION = re.compile(r"<!ENTITY\s")
_HARMLESS = re.compile(
    r"""<!ENTITY\s+(?:%\s+)?[\w.-]{1,60}\s+(?:PUBLIC\s+["'][^"'<>]{0,200}["']\s+["'][^"'<>]{0,200}["']|"""
    r"""["'](?:&\#\w{1,8};|[^"'&%<>]){0,60}["'])\s*>"""
)
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_HTML_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,200})", re.IGNORECASE)
#: A feed that is escaped as a whole, perhaps inside an element or two.
_ESCAPED = re.compile(r"\s*(?:<[^<>]{0,300}>\s*){0,6}&lt;(?:\?xml|rss|rdf:RDF|feed)\b", re.IGNORECASE)
_BEGIN = re.compile(r"<(?:\?xml|(?:\w+:)?(?:rss|rdf|feed|urlset|sitemapindex)\b)", re.IGNORECASE)
_ENTITY_LIMIT = 300  # HTML has 252
_DOCTYPE_LIMIT = 100_000  # characters
_JUNK_LIMIT = 20_000  # characters before the feed


def read(text: str) -> DraftFeed:
    """The feed in `text`. Raises NotAFeed."""
    start = _start(text)
    if start is None and _ESCAPED.match(text):
        text = unescape(text[text.index("&lt;") :])
        start = _start(text)
    if start is None:
        if (unknown := _unknown(text)) is None:
            raise NotAFeed("not_a_feed", _looks_like(text))
        return unknown
    if _bomb(text, start):
        raise NotAFeed("entities", "declares entities that a feed does not need")
    kind = _root_name(text, start)
    scanned = scan(text, start, sitemap.ENTRIES) if kind in sitemap.ROOTS else scan(text, start)
    if not scanned.top.children:
        raise NotAFeed("truncated", "ends before its first element")
    root = scanned.top.children[0]
    if kind in sitemap.ROOTS:
        return sitemap.read(scanned, root)
    head = next(root.all("channel"), root)
    if not (scanned.entries or head.children or not root.cut):
        raise NotAFeed("truncated", "ends before its first element")
    if not scanned.entries and (unknown := _unknown(text[start:])) is not None:
        return unknown
    own = {**root.attributes(), **head.attributes()}
    return DraftFeed(
        entries=_entries(scanned, own.get("xml:base", "")),
        title=_first(scanned, head, "title"),
        language=_first(scanned, head, "language", "dc:language") or own.get("xml:lang"),
        every=_every(scanned, head),
        site=_site(scanned, head),
        kind=_kind(root),
        truncated=root.cut and (head.cut or root.name.endswith("rdf")),  # entries of RDF stand behind the channel
    )


def _unknown(text: str) -> DraftFeed | None:
    """The feed in a document that `scan` finds no entry in; None if it is not XML, or no feed."""
    at = _after_prolog(text, 0)
    if not _ROOT.match(text, at) or "<!ENTITY" in text or _HTML.search(text[:20_000]):
        return None
    return read_unknown(text)


def _entries(scanned: Scanned, base: str) -> Iterator[Draft | None]:
    for entry in scanned.entries:
        try:
            yield read_entry(scanned, entry, base)
        except (ValueError, LookupError, OverflowError):  # one entry never costs the others
            yield None


def _first(scanned: Scanned, head: Node, *names: str) -> str | None:
    return next((value for node in head.all(*names) if (value := scanned.value(node).strip())), None)


def _site(scanned: Scanned, head: Node) -> str:
    """The address of the site that the feed is of."""
    for node in head.all("link"):
        attributes = node.attributes()
        if attributes.get("rel", "alternate") == "alternate" and (href := attributes.get("href")):
            return href
        if not attributes and (value := scanned.value(node).strip()):
            return value
    return ""


def _start(text: str) -> int | None:
    """Where the XML starts; some servers print warnings or blank lines before it. None if it is not a feed."""
    for begin in (0, *(found.start() for found in re.finditer(_BEGIN, text[:_JUNK_LIMIT]))):
        name = _root_name(text, begin)
        if name in _FEED_ROOTS:
            return begin
        if name in ("html", "head", "body"):
            return None
    return None


def _root_name(text: str, begin: int) -> str:
    """The local name of the root element in lower case, or ""."""
    root = _ROOT.match(text, _after_prolog(text, begin))
    return root[1].lower().split(":")[-1] if root else ""


def _kind(root: Node) -> str:
    """The format, for people: RSS 2.0, Atom 1.0."""
    version = root.attributes().get("version", "")[:10]
    if root.name == "feed":
        return "Atom 0.3" if "purl.org/atom/ns#" in root.raw else "Atom 1.0"
    if root.name.endswith("rdf"):
        return "RSS 1.0" if "purl.org/rss/1.0" in root.raw else "RSS 0.9 (RDF)"
    return f"RSS {version}".strip() if root.name == "rss" else "RSS 1.1 or CDF"


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


def _bomb(text: str, start: int) -> bool:
    """Whether the document type declares entities other than short characters, which RSS 0.91 and 1.0 templates do."""
    prolog = text[start : _after_prolog(text, start)]
    declared = len(_DECLARATION.findall(prolog))
    return declared > _ENTITY_LIMIT or declared != len(_HARMLESS.findall(prolog))


def _looks_like(text: str) -> str:
    """A description of a text that is not a feed, for people."""
    head = text[:20_000]
    if _HTML.search(head):
        title = _HTML_TITLE.search(head)
        return f"an HTML page: {plain(title[1], 100)}" if title else "an HTML page"
    root = _ROOT.match(text, _after_prolog(text, 0))
    return f"XML with root <{root[1]}>" if root else f"starts with {text[:40]!r}"


_PERIODS = {"hourly": 3600.0, "daily": 86400.0, "weekly": 604800.0, "monthly": 2592000.0, "yearly": 31536000.0}


def _every(scanned: Scanned, head: Node) -> float | None:
    """Seconds between changes, from RSS `ttl` (minutes) or the RSS 1.0 syndication module."""
    try:
        ttl = float(_first(scanned, head, "ttl") or 0) * 60
        period = _PERIODS.get((_first(scanned, head, "sy:updateperiod") or "").lower(), 0.0)
        hint = ttl or period / max(float(_first(scanned, head, "sy:updatefrequency") or 1), 1.0)
    except (ValueError, OverflowError):
        return None
    return hint if 0 < hint < 1e9 else None
