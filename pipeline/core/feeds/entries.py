"""Reads the elements of one RSS or Atom entry."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import urljoin

from pipeline.core.feeds.draft import Draft
from pipeline.core.feeds.pictures import picture
from pipeline.core.feeds.scan import Node, Scanned

_SUMMARY = (
    "summary", "description", "media:description", "dc:description", "dcterms:abstract", "itunes:summary", "abstract",
)  # fmt: skip
_CONTENT = ("content:encoded", "content", "xhtml:body", "body", "fulltext", "full-text", "yandex:full-text")
_TITLE = ("title", "dc:title", "media:title", "itunes:title")
_PUBLISHED = ("pubdate", "published", "issued", "dcterms:issued", "dcterms:created", "created")
_UPDATED = ("updated", "modified", "dcterms:modified")
_OTHER_DATES = ("dc:date", "date", "dcterms:date", "prism:publicationdate")
_TEXTS = ("", "text", "plain", "text/plain")
_MAIL = re.compile(r"^\s*<?[^\s<>()@]+@[^\s<>()@]+>?\s*\((.+)\)\s*$|^\s*(.+?)\s*<[^<>@]+@[^<>]+>\s*$")
#: Text that is HTML in spite of its type.
_FORMATTED = re.compile(r"<(a\s[^<>]+|b|i|em|strong|span|u|sup|sub|p|div|font)>[^<>]{1,2000}</")
_HTTP = re.compile(r"(?i)https?://")


def read_entry(scanned: Scanned, entry: Node, base: str) -> Draft:
    """The entry as it is written. `base`: the xml:base that it inherits."""
    reader = _Entry(scanned, entry)
    own = entry.attributes() if entry.raw else {}
    published, updated = reader.first(*_PUBLISHED), reader.first(*_UPDATED)
    other = reader.first(*_OTHER_DATES)
    if not published and entry.name == "item":
        published, updated = (other, updated) if other else (updated, None)
    return Draft(
        links=tuple(dict.fromkeys(filter(None, reader.links(own)))), base=urljoin(base, own.get("xml:base", "")),
        guid=reader.first("guid", "id") or own.get("about") or reader.first("dc:identifier"),
        title=reader.text(*_TITLE), summary=reader.text(*_SUMMARY), content=reader.text(*_CONTENT),
        author=reader.author(), published=published or other, updated=updated,
        language=own.get("xml:lang") or reader.first("dc:language", "language"),
        image=picture(scanned, entry), cut=entry.cut and all(node.cut for node in entry.all("link")),
    )  # fmt: skip


class _Entry:
    def __init__(self, scanned: Scanned, entry: Node) -> None:
        self.value, self.atom = scanned.value, entry.name == "entry"
        self.scanned = scanned
        self.fields: dict[str, list[Node]] = {}
        for child in entry.children:
            if not child.cut:
                self.fields.setdefault(child.name, []).append(child)
            if child.name == "media:group":
                for inner in child.children:
                    self.fields.setdefault(inner.name, []).append(inner)

    def all(self, *names: str) -> Iterator[Node]:
        for name in names:
            yield from self.fields.get(name, ())

    def first(self, *names: str) -> str | None:
        """The first value that is not empty."""
        return next((value for node in self.all(*names) if (value := self.value(node).strip())), None)

    def text(self, *names: str) -> str | None:
        """The HTML of the first name that has text; of several elements of one name the longest."""
        for name in names:
            found = [html for node in self.fields.get(name, ()) if (html := self._html(node)) and html.strip()]
            if found:
                return max(found, key=len)
        return None

    def _html(self, node: Node) -> str | None:
        """The content of a text element as HTML, by its type (RFC 4287, 3.1; Atom 0.3 for `mode`)."""
        attributes = node.attributes() if self.atom else {}
        kind, mode = attributes.get("type", "").lower(), attributes.get("mode", "").lower()
        value = self.value(node)
        if mode == "base64":
            value = _from_base64(value)
        if not self.atom or node.name not in ("title", "summary", "content", "subtitle"):
            return value
        if "/" in kind and not kind.startswith(("text/", "application/xhtml", "application/xml")):
            return None  # an embedded file
        if kind in _TEXTS and mode != "escaped" and not node.children and not _FORMATTED.search(value):
            return value.replace("<", "&lt;")
        return value

    def links(self, own: dict[str, str]) -> Iterator[str]:
        """Candidates for the address of the article, the most likely first."""
        yield self.first("feedburner:origlink") or ""
        linked, alternate = [], []
        for node in self.all("link", "a"):
            attributes = node.attributes()
            if not attributes.get("href"):
                linked.append(self.value(node).strip() or self._after(node))
            elif attributes.get("rel", "alternate").lower() in ("alternate", ""):
                href = urljoin(attributes.get("xml:base", ""), attributes["href"])
                alternate.append((href, attributes.get("type", "text/html").lower()))
        yield from (href for href, kind in alternate if "html" in kind)
        guid = next(self.all("guid", "id"), None)
        identity = self.value(guid).strip() if guid else ""
        yield from (link for link in linked if link != identity or re.match(r"(?i)https?://|www\.|/", link))
        yield from (href for href, _ in alternate)
        yield from (source for node in self.fields.get("content", ()) if (source := node.attributes().get("src")))
        if guid and (guid.attributes().get("ispermalink", "").lower() != "false" or not (linked or alternate)):
            yield identity if _HTTP.match(identity) else ""
        yield own["about"] if _HTTP.match(own.get("about", "")) else ""
        yield own.get("href", "")

    def _after(self, node: Node) -> str:
        """The address behind an empty <link/>, as HTML serialisers write it."""
        found = re.compile(r"\s*(https?://[^\s<>]+)").match(self.scanned.text, node.end)
        return found[1] if found else ""

    def author(self) -> str | None:
        """Names, separated by commas."""
        for name in ("author", "dc:creator", "itunes:author", "dcterms:creator", "dc:contributor"):
            found = [self._person(node) for node in self.fields.get(name, ())]
            if names := [each for each in dict.fromkeys(found) if each]:
                return ", ".join(names)
        return None

    def _person(self, node: Node) -> str:
        named = [self.value(child).strip() for child in node.all("name")]
        if node.children and not named:
            return ", ".join(self.value(child).strip() for child in node.all("email"))
        value = named[0] if named else self.value(node).strip()
        mail = _MAIL.match(value)
        return (mail[1] or mail[2]) if mail else value


def _from_base64(value: str) -> str:
    try:
        return base64.b64decode(value, validate=False).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return value
