"""Reads and writes lists of feeds as OPML 1.0 and 2.0 (opml.org/spec2). Nested outlines are groups."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import msgspec
from lxml import etree

from pipeline.core.decoding.decode import decode
from pipeline.core.feeds.plain import FORBIDDEN_IN_XML
from pipeline.core.text.languages import base_code
from pipeline.core.urls import address_id, canonical
from pipeline.records import Feed, Profile

LIMIT = 20_000_000  # bytes


def read_opml(body: bytes) -> list[Feed]:
    """The feeds, each URL once, with the groups of all its outlines. Raises ValueError if `body` is not OPML.

    An outline without a valid `xmlUrl` is a group or ignored. The case of attribute names does not matter.
    """
    if len(body) > LIMIT:
        raise ValueError(f"larger than {LIMIT} bytes")
    text = FORBIDDEN_IN_XML.sub("", decode(body, repair=False).text)
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ValueError(f"not XML: {error}") from error
    if root is None or not isinstance(root.tag, str) or root.tag.lower() != "opml":
        raise ValueError("not OPML: the root element is not <opml>")
    feeds: dict[str, Feed] = {}
    ids: set[str] = set()
    for outline in root.iter("outline"):
        feed = _feed(outline, feeds, ids)
        if feed:
            feeds[address_id(feed.url)] = feed
            ids.add(feed.id)
    return list(feeds.values())


def _feed(outline: etree._Element, feeds: dict[str, Feed], ids: set[str]) -> Feed | None:
    """The feed of one outline, merged with an earlier one of the same URL."""
    attributes = {str(name).lower(): str(value).strip() for name, value in outline.attrib.items()}
    try:
        url = canonical(attributes.get("xmlurl", ""))
    except ValueError:
        return None
    groups = _groups(outline, attributes)
    known = feeds.get(address_id(url))
    if known:
        merged = tuple(dict.fromkeys((*known.groups, *groups)))
        return msgspec.structs.replace(known, groups=merged)
    name = attributes.get("text") or attributes.get("title") or url
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


def _groups(outline: etree._Element, attributes: dict[str, str]) -> tuple[str, ...]:
    """The names of the enclosing outlines, outermost first, and `category` of OPML 2.0 (comma-separated, slashes
    nest)."""
    around = []
    for ancestor in outline.iterancestors("outline"):
        named = {str(name).lower(): str(value).strip() for name, value in ancestor.attrib.items()}
        if "xmlurl" not in named:
            around.append(named.get("text") or named.get("title") or "")
    categories = [part.strip().strip("/") for part in attributes.get("category", "").split(",")]
    return tuple(dict.fromkeys(name[:100] for name in (*reversed(around), *categories) if name))


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
