"""Finds the picture that a feed gives with an entry."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.core.feeds.scan import Node, Scanned

_PICTURE = re.compile(r"(?i)\.(?:jpe?g|png|webp|gif|avif)(?:[?#]|$)")
_IMG = re.compile(r"<img\b([^<>]{0,2000})>", re.IGNORECASE)
_SIZE = re.compile(r"""(?i)\b(?:width|height)\s*=\s*["']?\s*[0-3](?:px)?["'\s/]""")
_TEXTS = ("content:encoded", "content", "description", "summary")


def picture(scanned: Scanned, entry: Node) -> str | None:
    """Its address as written: of Media RSS the largest, an enclosure, an image element, else the first <img>."""
    for source in (_media, _enclosures, _elements, _inline):
        found = next(source(scanned, entry), "")
        if found:
            return found
    return None


def _media(scanned: Scanned, entry: Node) -> Iterator[str]:
    groups = [entry, *entry.all("media:group")]
    found = []
    for node in (node for group in groups for node in group.all("media:content")):
        attributes = node.attributes()
        if attributes.get("url") and _is_picture(attributes):
            found.append((_number(attributes.get("width")), attributes["url"]))
        groups.append(node)
    if found:
        yield max(found, key=lambda each: each[0])[1]
    for group in groups:
        yield from (node.attributes().get("url", "") for node in group.all("media:thumbnail"))


def _enclosures(scanned: Scanned, entry: Node) -> Iterator[str]:
    for node in entry.all("enclosure", "link"):
        attributes = node.attributes()
        address = attributes.get("url") or attributes.get("href") or ""
        if (node.name == "enclosure" or attributes.get("rel") == "enclosure") and address and _is_picture(attributes):
            yield address


def _elements(scanned: Scanned, entry: Node) -> Iterator[str]:
    for node in entry.all("itunes:image", "image", "thumbnail", "post-thumbnail"):
        attributes = node.attributes()
        inner = next((scanned.value(child).strip() for child in node.all("url")), "")
        yield (
            attributes.get("href")
            or attributes.get("url")
            or inner
            or ("" if node.children else scanned.value(node).strip())
        )


def _inline(scanned: Scanned, entry: Node) -> Iterator[str]:
    """The first picture of the text that is not a pixel for counting."""
    for node in entry.all(*_TEXTS):
        if not node.cut:
            html = scanned.value(node)
            yield inline(html)


def inline(html: str) -> str:
    """The address of the first <img> in `html` that is not a pixel for counting; "" for none."""
    for tag in _IMG.finditer(html, 0, 200_000):
        source = Node("img", "img", tag[1], 0, 0).attributes().get("src", "")
        if source and not _SIZE.search(tag[1] + " ") and not source.startswith("data:"):
            return source
    return ""


def _is_picture(attributes: dict[str, str]) -> bool:
    kind = attributes.get("medium") or attributes.get("type") or ""
    if kind:
        return kind.lower().startswith("image")
    return bool(_PICTURE.search(attributes.get("url") or attributes.get("href") or ""))


def _number(value: str | None) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 6 else 0
