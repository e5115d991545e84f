"""The words of a heading, as its line is read."""

from __future__ import annotations

from lxml.html import HtmlElement

from pipeline.core.pages.tree.names import BLOCKS

_APART = frozenset((*BLOCKS, "br", "img"))
_SPANS = frozenset(("span", "small"))  # side by side they are a kicker and its headline


def words_of(element: HtmlElement) -> str:
    """The text of `element`; a space where a line or block ends, none where letters are marked inside a word."""
    found: list[str] = []
    _collect(element, found, 0)
    return "".join(found)


def _collect(element: HtmlElement, found: list[str], depth: int) -> None:
    found.append(element.text or "")
    for child in element:
        apart = child.tag in _APART or (child.tag == "sup" and child.find(".//a") is not None)
        following = child.getnext()
        apart = apart or (child.tag == "small" and " " in (child.text or "").strip())  # a line below the headline
        beside = child.tag in _SPANS and following is not None and following.tag in _SPANS and not child.tail
        if apart:
            found.append(" ")
        if depth < 50:
            _collect(child, found, depth + 1)
        if apart or beside:
            found.append(" ")
        found.append(child.tail or "")
