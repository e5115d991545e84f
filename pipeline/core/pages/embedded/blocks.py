"""Writes documents of blocks as HTML, in the many shapes in which editors and servers keep them.

Read are those of Contentful, Portable Text, ProseMirror, Slate, Lexical, Draft.js, Editor.js, Gutenberg, Arc, the BBC's
and others of the same kind: objects with a type, a text or children.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

DEPTH = 40
NODES = 100_000  # values written for one state
CHARACTERS = 20_000_000


def _ranks(keys: str) -> dict[str, int]:
    return {key: rank for rank, key in enumerate(keys.split())}


_TYPES = _ranks("type _type nodeType __typename blockType component kind name tag tagName")
_TEXTS = _ranks(
    "html innerHTML textHtml bodyHtml saveContent originalContent content text value markup copy rendered body "
    "paragraph richText code data raw"
)
_CHILDREN = _ranks(
    "children content blocks nodes items elements content_elements contentElements paragraphs body model data "
    "attributes attrs value fields props json document root innerBlocks listItems list_items rows cells text richText "
    "sections components parts spans inlines leaves paragraph html"
)
_SKIPPED = re.compile(
    r"image|photo|picture|figure|video|audio|gallery|slideshow|embed|iframe|\bad\b|^ads?_|advert|relat|recommend|"
    r"teaser|promo|newsletter|poll|quiz|widget|script|social|share|map$|chart|graphic|caption|credit|button|"
    r"inline_?link_?box|read_?more|signup|interstitial",
    re.I,
)
_INLINE = re.compile(
    r"^(?:text|span|link|a|strong|em|b|i|u|bold|italic|underline|fragment|leaf|hyperlink|inline\w*|mark|emphasis|"
    r"url_?link|internal_?link|external_?link|entry-hyperlink|asset-hyperlink|code_?inline|linebreak|hard_?break|br)$",
    re.I,
)
_HEADING = re.compile(r"head|^h[1-6]$|title", re.I)
_ITEM = re.compile(r"list_?-?item|^li$", re.I)
_BREAK = re.compile(r"^(?:linebreak|hard_?break|br)$", re.I)
_HTML = frozenset(("p", "div", "span", "a", "b", "i", "em", "strong", "u", "s", "h1", "h2", "h3", "h4", "h5", "h6",
                   "ul", "ol", "li", "blockquote", "section", "article"))  # fmt: skip
_CARD_TITLES = ("headline", "title", "name")
_CARD_LINKS = ("url", "slug", "href", "link", "canonicalUrl", "canonical_url", "publishedAt", "published_at",
               "datePublished", "publishDate", "publishDateTime", "path", "permalink", "uri")  # fmt: skip
_TAG = re.compile(r"<[a-zA-Z/][^<>]{0,2000}>")
_MARKUP = re.compile(
    r"<(?:p|br|div|h[1-6]|ul|ol|li|blockquote|table|section|article|strong|em|a|b|i|span)\b[^<>]*>", re.I
)
_BLOCK = re.compile(r"<(?:p|div|h[1-6]|ul|ol|li|blockquote|table|section|article|pre)\b", re.I)
_ENDS = re.compile(r"[.!?…。！？।؟][\"”’»)\]]*(?:\s|<|$)")
_CODE = re.compile(r"function\s*\(|=>|\{[\w-]+\s*:|;\s*\}|@media|[A-Za-z0-9+/]{200,}")


def prose(html: str) -> int:
    """The number of characters of running text; 0 for code, addresses and lists of words."""
    text = _TAG.sub("", html)
    if not _ENDS.search(text) or _CODE.search(text[:5000]):
        return 0
    head = text[:2000]
    words = sum(each.isalpha() or each.isspace() or each in "\u200c\u200d" or not each.isascii() for each in head)
    return len(text) if words > 0.8 * len(head) else 0


class Blocks:
    """Writes values of one state; `references` has the objects of a normalised cache."""

    def __init__(self, references: dict[str, Any]) -> None:
        self._references = references
        self._nodes, self._characters = NODES, CHARACTERS

    def resolved(self, value: Any) -> Any:
        """The object that `value` refers to (Apollo), or `value`."""
        if isinstance(value, dict) and self._references:
            key = value.get("__ref") or (value.get("id") if value.get("type") == "id" else None)
            if isinstance(key, str):
                return self._references.get(key, value)
        return value

    def text(self, text: str) -> str:
        """A text with markup as it is; plain text as paragraphs."""
        if _MARKUP.search(text):
            return text
        return "".join(f"<p>{escape(part)}</p>" for part in text.splitlines() if part.strip())

    def render(self, values: list[Any]) -> str:
        """A list of blocks, or of the inline parts of one."""
        return self._list(values, 0)

    def _list(self, values: list[Any], depth: int) -> str:
        if values and values[0] == "$" and len(values) >= 4:
            return self._element(values[1], values[3].get("children") if isinstance(values[3], dict) else None, depth)
        if (
            len(values) > 1 and isinstance(values[0], str) and values[0] in _HTML
        ):  # JsonML: ["p", {…}, "text", ["b", …]]
            return self._element(values[0], [each for each in values[1:] if not isinstance(each, dict)], depth)
        written = [self._write(each, depth + 1) for each in values]
        if any(_BLOCK.search(each) for each in written):
            return "".join(written)
        whole = [each for each in written if each.strip()]
        sentences = sum(len(each) > 40 and _ENDS.search(each[-6:]) is not None for each in whole)
        if len(whole) > 1 and sentences * 2 > len(whole):
            return "".join(f"<p>{each}</p>" for each in whole)  # each is a paragraph without a type
        return "".join(written)

    def _element(self, tag: Any, children: Any, depth: int) -> str:
        """An element as React (["$", tag, key, {"children": …}]) or JsonML writes it."""
        inner = self._write(children, depth + 1)
        return f"<{tag}>{inner}</{tag}>" if isinstance(tag, str) and tag.isalnum() and inner else inner

    def _write(self, value: Any, depth: int) -> str:
        self._nodes -= 1
        if depth > DEPTH or self._nodes < 0 or self._characters < 0:
            return ""
        if isinstance(value, str):
            self._characters -= len(value)
            return value if _MARKUP.search(value) else escape(value, quote=False)
        if isinstance(value, list):
            return self._list(value, depth)
        value = self.resolved(value)
        return self._object(value, depth) if isinstance(value, dict) else ""

    def _object(self, block: dict[str, Any], depth: int) -> str:
        kind = _kind(block)
        if _BREAK.match(kind):
            return "<br>"
        if _SKIPPED.search(kind) or _is_card(block):
            return ""
        inner = self._inner(block, depth)
        if not inner.strip() or _BLOCK.search(inner):
            return inner
        if not kind or _INLINE.match(kind):
            return inner
        tag = "h2" if _HEADING.search(kind) else "li" if _ITEM.search(kind) else "p"
        return f"<{tag}>{inner}</{tag}>"

    def _inner(self, block: dict[str, Any], depth: int) -> str:
        own = next(
            (block[key] for key in _ranked(block, _TEXTS) if isinstance(block[key], str) and block[key].strip()), ""
        )
        if own:
            return self._write(own, depth)
        seen: dict[str, None] = {}
        for key in _ranked(block, _CHILDREN):
            if isinstance(block[key], dict | list) and (written := self._write(block[key], depth + 1)):
                seen.setdefault(written)
        return "".join(seen)


def is_aside(value: Any) -> bool:
    """Whether a value in a list is a picture, a card or anything else that is no block of text."""
    if not isinstance(value, dict):
        return not isinstance(value, list)
    return bool(_SKIPPED.search(_kind(value))) or _is_card(value)


def _kind(block: dict[str, Any]) -> str:
    return next((block[key] for key in _ranked(block, _TYPES) if isinstance(block[key], str)), "")


def _ranked(block: dict[str, Any], ranks: dict[str, int]) -> list[str]:
    """The keys of `block` that have a rank, in that order."""
    found = [key for key in block if key in ranks]
    return sorted(found, key=ranks.__getitem__) if len(found) > 1 else found


def _is_card(block: dict[str, Any]) -> bool:
    """Whether `block` is another article in a list: it has a headline and an address or a date of its own."""
    return any(isinstance(block.get(key), str | dict) and block.get(key) for key in _CARD_TITLES) and any(
        block.get(key) for key in _CARD_LINKS
    )
