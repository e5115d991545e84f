"""Reads and writes lists of feeds as OPML 1.0 and 2.0 (opml.org/spec2). Nested outlines are groups."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec
from lxml import etree

from pipeline.core.decoding.decode import decode
from pipeline.core.feeds.outlines import Outline, outlines
from pipeline.core.feeds.plain import FORBIDDEN_IN_XML
from pipeline.core.text.languages import base_code
from pipeline.core.urls import address_id, canonical, join
from pipeline.core.wording import Text, words_of
from pipeline.records import Feed, Profile

LIMIT = 20_000_000  # bytes
_ADDRESSES = ("xmlurl", "feedurl", "rssurl")
_FEED_TYPES = ("rss", "atom", "rss1", "feed", "json", "podcast", "")
_ROOT = re.compile(r"(?is)(?:\s|\ufeff|<\?[^>]*>|<!--.*?-->|<!doctype[^\[>]*(?:\[.*?\]\s*)?>)*<(?:opml|outline|body)\b")
_NOWHERE = "https://relative.invalid/"


@dataclass(frozen=True, slots=True)
class Named:
    """An outline to report. `why`: the reason, or what was done with it; for people."""

    line: int
    name: str
    why: str


@dataclass(slots=True)
class Opml:
    """What a file holds: each outline is a feed, one of `groups`, or named in `merged` (an address again) or `refused`.

    `changed`: feeds whose address was not taken as it stands. `repaired`: outlines that are not well-formed.
    """

    feeds: list[Feed] = field(default_factory=list)
    groups: int = 0
    merged: list[Named] = field(default_factory=list)
    refused: list[Named] = field(default_factory=list)
    changed: list[Named] = field(default_factory=list)
    repaired: int = 0


def read_opml(body: bytes) -> Opml:
    """The feeds, each address once, with the groups of all its outlines. Raises ValueError if `body` is not OPML.

    The case of attribute names does not matter, nor does it whether the XML is well-formed.
    """
    if len(body) > LIMIT:
        raise ValueError(Text("larger than {} bytes", LIMIT))
    text = FORBIDDEN_IN_XML.sub("", decode(body, repair=False).text)
    if not _ROOT.match(text):
        raise ValueError(Text("not OPML: it does not start with <opml>"))
    reader = _Reader()
    for outline in outlines(text):
        reader.take(outline)
    reader.opml.feeds = list(reader.feeds.values())
    return reader.opml


class _Reader:
    """Sorts one outline after the other, and remembers addresses and ids to find duplicates."""

    def __init__(self) -> None:
        self.opml = Opml()
        self.feeds: dict[str, Feed] = {}  # by id of the address
        self.lines: dict[str, int] = {}
        self.ids: set[str] = set()

    def take(self, outline: Outline) -> None:
        attributes = outline.attributes
        self.opml.repaired += outline.repaired
        name = (attributes.get("text") or attributes.get("title") or "")[:200]
        written = _written(attributes)
        if not written and not outline.leaf:
            self.opml.groups += 1
            return
        try:
            url = _address(written)
        except ValueError as error:
            why = Text("{}: {}", written[:200], words_of(error)) if written else _without(attributes)
            self.opml.refused.append(Named(outline.line, name, why))
            return
        if url != written:
            self.opml.changed.append(Named(outline.line, name, f"{written[:200]} is read as {url}"))
        self._keep(outline, name, url)

    def _keep(self, outline: Outline, name: str, url: str) -> None:
        key, groups = address_id(url), _groups(outline)
        known = self.feeds.get(key)
        if known:
            self.feeds[key] = msgspec.structs.replace(known, groups=tuple(dict.fromkeys((*known.groups, *groups))))
            self.opml.merged.append(Named(outline.line, name, f"{url} is also in line {self.lines[key]}"))
            return
        feed = _feed(outline.attributes, name or url, url, groups, self.ids)
        self.feeds[key], self.lines[key] = feed, outline.line
        self.ids.add(feed.id)


def _written(attributes: dict[str, str]) -> str:
    """The address of the feed as it stands, or ""."""
    found = next((value for name in _ADDRESSES if (value := attributes.get(name))), "")
    return found or (attributes.get("url", "") if attributes.get("type", "-").lower() in _FEED_TYPES else "")


def _without(attributes: dict[str, str]) -> str:
    """Why an outline has no address of a feed."""
    kind, site = attributes.get("type", "").lower(), attributes.get("htmlurl") or attributes.get("url")
    if kind == "include" and site:
        return Text("includes the list {}, which is not followed: import it by itself", site)
    if site:
        return Text("has only the address of a page: `almenara feeds add {}` looks for its feeds", site)
    return Text("has no address (xmlUrl)") if attributes else Text("is empty")


def _address(written: str) -> str:
    """The address of a feed, with errors repaired that leave no doubt. Raises ValueError."""
    if not written:
        raise ValueError(Text("no address"))
    link = re.sub(r"(?i)^(?:feed|rss):(?://)?(?=https?:)|^pcast:(?://)?(?=https?:)", "", written)
    link = re.sub(r"(?i)^(?:rss|pcast|itpc)://", "http://", link)
    if re.match(r"[\w-]+(?:\.[\w-]+)+(?:[:/?]|$)", link):
        link = f"https://{link}"
    url = join(_NOWHERE, link)
    if url.startswith(_NOWHERE):
        raise ValueError(Text("not a whole address"))
    canonical(url)
    return url


def _feed(attributes: dict[str, str], name: str, url: str, groups: tuple[str, ...], ids: set[str]) -> Feed:
    language = base_code(attributes.get("language")) or ""
    country = attributes.get("country", "").upper()
    return Feed(
        id=_id(attributes.get("id") or name, url, ids), name=name[:200], url=url, groups=groups, origin="opml",
        language=language if re.fullmatch("[a-z]{2,3}", language) else None,
        country=country if re.fullmatch("[A-Z]{2}", country) else None,
        listed_in=attributes.get("listedin") or None, profile=Profile(user_agent=attributes.get("useragent") or None),
        every=_seconds(attributes.get("every", "")), enabled=attributes.get("enabled") != "false",
        ignore_validators=attributes.get("ignorevalidators") == "true",
    )  # fmt: skip


def _groups(outline: Outline) -> tuple[str, ...]:
    """The names of the enclosing outlines, outermost first, and `category` of OPML 2.0 (comma-separated, slashes
    nest)."""
    around = [each.get("text") or each.get("title") or "" for each in outline.around if not _written(each)]
    categories = [part.strip().strip("/") for part in outline.attributes.get("category", "").split(",")]
    return tuple(dict.fromkeys(name[:100] for name in (*around, *categories) if name))


def _seconds(value: str) -> float | None:
    return float(value) if re.fullmatch(r"[1-9]\d{1,6}", value) else None


def _id(name: str, url: str, taken: set[str]) -> str:
    """A readable id from the name, else from the URL; with a number if it is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9.]+", "-", plain).strip("-.")[:48]
    base = base or re.sub(r"[^a-z0-9.]+", "-", url.partition("://")[2].lower()).strip("-.")[:48] or "feed"
    identity, n = base, 1
    while identity in taken:
        n += 1
        identity = f"{base}-{n}"
    return identity


def write_opml(feeds: Iterable[Feed], title: str = "Almenara") -> bytes:
    """The feeds as OPML 2.0.

    A feed is in the outline of its first group; `category` has all groups (except one with a comma in its name, which
    it cannot hold). Settings that OPML does not have become attributes of our own.
    """
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = _legal(title)
    body = etree.SubElement(root, "body")
    folders: dict[str, etree._Element] = {}
    for feed in feeds:
        folder = body
        if feed.groups:
            first = _legal(feed.groups[0])
            if first not in folders:
                folders[first] = etree.SubElement(body, "outline", text=first)
            folder = folders[first]
        _write(folder, feed)
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return written


def _write(folder: etree._Element, feed: Feed) -> None:
    values = {
        "type": "rss", "text": feed.name, "title": feed.name, "xmlUrl": feed.url, "id": feed.id,
        "language": feed.language, "country": feed.country, "category": ",".join(feed.groups),
        "listedIn": feed.listed_in, "userAgent": feed.profile.user_agent,
        "every": f"{feed.every:.0f}" if feed.every else None,
        "enabled": None if feed.enabled else "false", "ignoreValidators": "true" if feed.ignore_validators else None,
    }  # fmt: skip
    etree.SubElement(folder, "outline", {name: _legal(value) for name, value in values.items() if value})


def _legal(text: str) -> str:
    return FORBIDDEN_IN_XML.sub("", text)
