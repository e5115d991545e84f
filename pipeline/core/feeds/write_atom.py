"""Writes Atom feeds (RFC 4287): entries with stable ids, the newest first, only so many."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from lxml import etree

NAMESPACE = "http://www.w3.org/2005/Atom"
_PLAIN: Any = {None: NAMESPACE}  # no prefix
_A = f"{{{NAMESPACE}}}"
_OURS = uuid.uuid5(uuid.NAMESPACE_DNS, "atom.almenara")
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 2.2


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `id` is any text that stays the same; `html` is its content."""

    id: str
    title: str
    html: str
    updated: datetime
    author: str
    url: str = ""
    published: datetime | None = None
    categories: tuple[tuple[str, str], ...] = ()  # scheme (rule, severity, topic) and term


def feed_with(before: bytes | None, name: str, title: str, new: Sequence[Entry], most: int) -> bytes | None:
    """The feed with the new entries before those it has, at most `most`; None if it has them all already.

    `before` is the file as it was; one that is no feed of ours is replaced. `name`: what the feed's id follows from.
    """
    old = _entries(before)
    known = {entry.findtext(f"{_A}id") for entry in old}
    fresh = {urn(entry.id): entry for entry in reversed(new) if urn(entry.id) not in known}
    if not fresh and before is not None and old:
        return None
    return _written(name, title, {}, [*(_element(entry) for entry in fresh.values()), *old][:most])


def feed_of(name: str, title: str, links: Mapping[str, str], entries: Iterable[Entry]) -> bytes:
    """A feed with these entries in their order, each id once. `links`: relation (self, alternate) -> address."""
    return _written(name, title, links, [_element(one) for one in {entry.id: entry for entry in entries}.values()])


def _written(name: str, title: str, links: Mapping[str, str], entries: Sequence[etree._Element]) -> bytes:
    root = etree.Element(f"{_A}feed", nsmap=_PLAIN)
    _add(root, "id", urn(f"feed/{name}"))
    _add(root, "title", title)
    for relation, address in links.items():
        etree.SubElement(root, f"{_A}link", rel=relation, href=_iri(address), type=_TYPES[relation])
    _add(root, "generator", "Almenara")
    author = etree.SubElement(root, f"{_A}author")
    _add(author, "name", "Almenara")
    _add(root, "updated", max((entry.findtext(f"{_A}updated") or "" for entry in entries), default=_moment(_ZERO)))
    root.extend(entries)
    etree.indent(root)
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8")
    return content + b"\n"


_TYPES = {"self": "application/atom+xml", "alternate": "text/html"}


_ZERO = datetime(1970, 1, 1, tzinfo=UTC)


def urn(text: str) -> str:
    """The id that stands for a text: always the same."""
    return uuid.uuid5(_OURS, text).urn


def _entries(feed: bytes | None) -> list[etree._Element]:
    if not feed:
        return []
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True, huge_tree=False)
    try:
        root = etree.fromstring(feed, parser)
    except etree.XMLSyntaxError:
        return []
    return root.findall(f"{_A}entry")


def _element(entry: Entry) -> etree._Element:
    element = etree.Element(f"{_A}entry")
    _add(element, "id", urn(entry.id))
    _add(element, "title", entry.title or "Untitled")
    _add(element, "updated", _moment(entry.updated))
    if entry.published:
        _add(element, "published", _moment(entry.published))
    author = etree.SubElement(element, f"{_A}author")
    _add(author, "name", entry.author or "Unknown")
    if iri := _iri(entry.url):
        etree.SubElement(element, f"{_A}link", rel="alternate", href=iri)
    for scheme, term in entry.categories:
        etree.SubElement(element, f"{_A}category", term=_legal(term), scheme=f"urn:almenara:{scheme}")
    _add(element, "content", entry.html, type="html")
    return element


def _add(parent: etree._Element, tag: str, text: str, **attributes: str) -> None:
    etree.SubElement(parent, f"{_A}{tag}", attributes).text = _legal(text)


def _legal(text: str) -> str:
    return _ILLEGAL.sub(" ", text)


def _iri(url: str) -> str:
    """The URL with what no IRI may contain escaped; "" unless it is one of the web."""
    url = quote(_legal(url).strip(), safe="%/:?#[]@!$&'()*+,;=~-._" + "".join(sorted({c for c in url if c > "\x9f"})))
    return url if re.match(r"https?://[^/?#]", url, re.IGNORECASE) else ""


def _moment(at: datetime) -> str:
    """RFC 3339, whole seconds."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
