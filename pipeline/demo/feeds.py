"""Writes the demo site's feeds: RSS 2.0, RSS 1.0 (RDF), Atom 1.0 (RFC 4287), JSON Feed 1.1."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import msgspec

from pipeline.demo.content import Outlet

ATOM, CONTENT = "http://www.w3.org/2005/Atom", "http://purl.org/rss/1.0/modules/content/"
DC, TERMS = "http://purl.org/dc/elements/1.1/", "http://purl.org/dc/terms/"
RDF, RSS1 = "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://purl.org/rss/1.0/"
XML = "http://www.w3.org/XML/1998/namespace"
# The usual namespace prefixes; ElementTree would call them ns0, ns1.
for _prefix, _uri in (("content", CONTENT), ("dc", DC), ("dcterms", TERMS), ("rdf", RDF)):
    ET.register_namespace(_prefix, _uri)

CONTENT_TYPES = {
    "rss": "application/rss+xml", "rdf": "application/rdf+xml", "atom": "application/atom+xml",
    "json": "application/feed+json", "empty": "text/xml",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a feed, ready to be written. `date` is written verbatim in place of the published date."""

    guid: str
    url: str | None
    title: str
    summary: str
    author: str
    section: str
    published: datetime
    updated: datetime | None
    date: str | None
    html: str | None


def write(outlet: Outlet, form: str, url: str, rows: Sequence[Row]) -> bytes:
    """The feed at `url` in the format `form`, in the outlet's charset (JSON is always UTF-8)."""
    if form == "json":
        return _json(outlet, url, rows)
    if form == "empty":
        rows = ()
    root = {"atom": _atom, "rdf": _rdf}.get(form, _rss)(outlet, url, rows)
    ET.indent(root)
    body: bytes = ET.tostring(root, encoding=outlet.charset, xml_declaration=True)
    return body


def _local(moment: datetime, outlet: Outlet) -> datetime:
    return moment.astimezone(timezone(timedelta(minutes=outlet.offset)))


def _rfc822(moment: datetime, outlet: Outlet) -> str:
    text = format_datetime(_local(moment, outlet))
    return f"{text[:-5]}{outlet.zone}" if outlet.zone else text


def _iso(moment: datetime, outlet: Outlet) -> str:
    return _local(moment, outlet).isoformat(timespec="seconds")


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, tag, attributes)
    child.text = text
    return child


def _rss(outlet: Outlet, url: str, rows: Sequence[Row]) -> ET.Element:
    root = ET.Element("rss", version="2.0")
    channel = _add(root, "channel")
    for tag, text in (("title", outlet.name), ("link", outlet.url + "/"), ("description", outlet.name),
                      ("language", f"{outlet.language}-{outlet.country.lower()}"), ("ttl", "15")):  # fmt: skip
        _add(channel, tag, text)
    for row in rows:
        item = _add(channel, "item")
        _add(item, "title", row.title)
        if row.url:
            _add(item, "link", row.url)
        _add(item, "guid", row.guid, isPermaLink="false")
        _add(item, "pubDate", row.date or _rfc822(row.published, outlet))
        if row.updated:
            _add(item, f"{{{TERMS}}}modified", _iso(row.updated, outlet))
        if row.author:
            _add(item, f"{{{DC}}}creator", row.author)
        if row.section:
            _add(item, "category", row.section)
        _add(item, "description", row.summary)
        if row.html and outlet.full_text:
            _add(item, f"{{{CONTENT}}}encoded", row.html)
    return root


def _rdf(outlet: Outlet, url: str, rows: Sequence[Row]) -> ET.Element:
    root = ET.Element(f"{{{RDF}}}RDF")
    channel = _add(root, f"{{{RSS1}}}channel", **{f"{{{RDF}}}about": url})
    for tag, text in (("title", outlet.name), ("link", outlet.url + "/"), ("description", outlet.name)):
        _add(channel, f"{{{RSS1}}}{tag}", text)
    _add(channel, f"{{{DC}}}language", outlet.language)
    order = _add(_add(channel, f"{{{RSS1}}}items"), f"{{{RDF}}}Seq")
    for row in rows:
        about = row.url or row.guid
        _add(order, f"{{{RDF}}}li", **{f"{{{RDF}}}resource": about})
        item = _add(root, f"{{{RSS1}}}item", **{f"{{{RDF}}}about": about})
        for tag, text in (("title", row.title), ("link", about), ("description", row.summary)):
            _add(item, f"{{{RSS1}}}{tag}", text)
        _add(item, f"{{{DC}}}date", row.date or _iso(row.published, outlet))
        if row.author:
            _add(item, f"{{{DC}}}creator", row.author)
    return root


def _atom(outlet: Outlet, url: str, rows: Sequence[Row]) -> ET.Element:
    # An xmlns attribute, as a registered empty prefix would break the formats that have no namespace.
    root = ET.Element("feed", {"xmlns": ATOM, f"{{{XML}}}lang": outlet.language})
    _add(root, "title", outlet.name)
    _add(root, "id", url)
    _add(_add(root, "author"), "name", outlet.name)  # RFC 4287, 4.1.1: or else every entry must have one
    _add(root, "link", rel="self", href=url)
    _add(root, "link", rel="alternate", type="text/html", href=outlet.url + "/")
    changes = [row.updated or row.published for row in rows]
    if changes:
        _add(root, "updated", _iso(max(changes), outlet))
    for row in rows:
        entry = _add(root, "entry")
        _add(entry, "title", row.title)
        _add(entry, "id", row.guid)
        if row.url:
            _add(entry, "link", rel="alternate", type="text/html", href=row.url)
        _add(entry, "published", row.date or _iso(row.published, outlet))
        _add(entry, "updated", _iso(row.updated or row.published, outlet))
        if row.author:
            _add(_add(entry, "author"), "name", row.author)
        if row.section:
            _add(entry, "category", term=row.section)
        _add(entry, "summary", row.summary, type="html")
    return root


def _json(outlet: Outlet, url: str, rows: Sequence[Row]) -> bytes:
    items = []
    for row in rows:
        item = {
            "id": row.guid, "url": row.url, "title": row.title, "summary": row.summary, "content_text": row.summary,
            "date_published": row.date or _iso(row.published, outlet), "language": outlet.language,
            "date_modified": _iso(row.updated, outlet) if row.updated else None,
            "authors": [{"name": row.author}] if row.author else None, "tags": [row.section] if row.section else None,
        }  # fmt: skip
        items.append({name: value for name, value in item.items() if value is not None})
    feed = {
        "version": "https://jsonfeed.org/version/1.1", "title": outlet.name, "home_page_url": outlet.url + "/",
        "feed_url": url, "language": outlet.language, "items": items,
    }  # fmt: skip
    return msgspec.json.format(msgspec.json.encode(feed))
