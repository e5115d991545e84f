"""Markup that a page shows as text because it was escaped twice."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from pipeline.core.pages import markup

_TEXTS = etree.XPath("descendant::text()[contains(., '</') or contains(., '<br')]")
_CODE = ("code", "pre", "kbd", "samp", "xmp", "listing")
_MARKUP = re.compile(r"</(?:p|div|em|strong|b|i|a|span|li|ul|h[1-6]|blockquote)>|<br\s*/?>", re.I)
_LIMIT = 50  # texts of a page


def parse_inside(tree: HtmlElement) -> None:
    """Replace texts that are escaped markup by the elements that they describe. Those in code stay."""
    texts: Any = _TEXTS(tree)
    for text in texts[:_LIMIT]:
        holder = text.getparent()
        if holder is None or not _MARKUP.search(text) or _is_code(holder):
            continue
        inner = markup.parse(f"<div>{text}</div>".encode("utf-8", "replace"))
        body = inner.find(".//div") if inner is not None else None
        if body is not None:
            etree.strip_elements(body, "script", "style", with_tail=False)
            _put(holder, text.is_tail, body)


def _is_code(holder: HtmlElement) -> bool:
    return holder.tag in _CODE or next(holder.iterancestors(*_CODE), None) is not None


def _put(holder: HtmlElement, tail: bool, body: HtmlElement) -> None:
    children, words = list(body), body.text
    if tail:
        holder.tail = None
        for child in reversed(children):
            holder.addnext(child)
        holder.tail = words  # only now, because addnext puts an element before the tail
        return
    holder.text = words
    for position, child in enumerate(children):
        holder.insert(position, child)
