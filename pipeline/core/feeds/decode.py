"""Reduces the markup in feeds to plain text."""

from __future__ import annotations

import html
import re
from html.entities import html5

#: Characters that XML 1.0 forbids; expat stops at the first one.
FORBIDDEN_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30});")
_KEPT = frozenset(name for name, value in html5.items() if value in ("&", "<", ">", '"', "'"))


def named_entities(text: str) -> str:
    """`text` with HTML's named characters replaced: XML knows only five, and one `&nbsp;` stops a strict parser."""
    if "&" not in text:
        return text
    return _ENTITY.sub(lambda m: m[0] if f"{m[1]};" in _KEPT else html5.get(f"{m[1]};", m[0]), text)


_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]{0,20})(?:[\s/][^<>]*)?>|<[!?][^<>]*>")
_BLOCKS = frozenset({
    "p", "div", "br", "li", "ul", "ol", "dl", "dt", "dd", "tr", "td", "th", "table", "h1", "h2", "h3", "h4", "h5", "h6",
    "blockquote", "hr", "section", "article", "figure", "figcaption", "pre",
})  # fmt: skip
_SPACE = re.compile(r"[\s\u200b\ufeff]+")


def plain(markup: str | None, limit: int) -> str | None:
    """The text of an HTML fragment on one line, at most `limit` characters; None if nothing is left.

    Character references are resolved after the tags are removed; twice if the feed escaped them twice.
    """
    if not markup:
        return None
    text = markup[: 8 * limit + 2000]
    if "<" in text:
        for name in ("script", "style"):
            text = _without(text, f"<{name}", f"</{name}>")
        text = _without(text, "<!--", "-->")
        text = _TAG.sub(lambda m: " " if m[1] is None or m[1].lower() in _BLOCKS else "", text)
    if "&" in text:
        text = html.unescape(text)
        if _ENTITY.search(text) or "&#" in text:
            text = html.unescape(text)
    text = _SPACE.sub(" ", FORBIDDEN_IN_XML.sub("", text)).strip()
    if len(text) > limit:
        text = text[: limit - 1].rstrip() + "…"
    return text or None


def _without(text: str, start: str, end: str) -> str:
    """`text` without each part from `start` to `end`, in one pass; an unclosed part ends with the text."""
    lower = text.lower()
    if start not in lower or len(lower) != len(text):
        return text
    kept, at = [], 0
    while (begin := lower.find(start, at)) >= 0:
        kept.append(text[at:begin])
        close = lower.find(end, begin)
        at = len(text) if close < 0 else close + len(end)
    return "".join((*kept, text[at:]))
