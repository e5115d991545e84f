"""Reads a page as a sequence of blocks: every run of text between two block elements, with what it is made of.

The tree is copied and marks are written into the copy, so that one pass over its text gives everything; that costs a
fraction of walking the elements in Python.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree
from lxml.html import HtmlElement

from pipeline.core.text.tidy import visible

#: Block elements -> the letter of their kind: heading, list item, table cell, quotation, paragraph, anything else.
_KINDS = {
    "h1": "1", "h2": "h", "h3": "h", "h4": "h", "h5": "h", "h6": "h", "li": "l", "dd": "l", "dt": "l", "td": "t",
    "th": "t", "blockquote": "q", "p": "p", "pre": "p", "div": "o", "section": "o", "article": "o", "main": "o",
    "header": "o", "ul": "o", "ol": "o", "table": "o", "tr": "o", "body": "o", "details": "o", "summary": "o",
    "figcaption": "c", "form": "o", "center": "o", "dl": "o", "aside": "o", "hr": "o",
}  # fmt: skip
#: Areas that are not the article, by id or class; the words are those of trafilatura's own lists of comments, shares
#: and related stories that name an area and not a style.
_FOREIGN = re.compile(
    r"(?:^|[\s_-])(?:comments?(?!ary)|disqus|replies|respond|related|recommend\w*|teasers?|promos?|newsletter|share|social"
    r"|sidebar|footer|breadcrumbs?|nav|menu|cookies?|consent|outbrain|taboola|most-?(?:popular|read)|author-?(?:bio|box))"
    r"(?:$|[\s_-])",
    re.I,
)
#: Non-characters of Unicode, which XML allows and no page means.
_LINK, _UNLINK, _BLOCK, _BEGIN, _END = "\ufdd1", "\ufdd2", "\ufdd3", "\ufdd4", "\ufdd5"
_MARKS = re.compile(f"[{_LINK}-{_END}]")


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text. `kind` is a letter of _KINDS; `bare` is it without white space; `linked` the share of its
    characters that are in links; `foreign` whether it stands in an area for something else."""

    text: str
    kind: str
    bare: str
    linked: float
    foreign: bool
    rank: str
    place: int


def read(tree: HtmlElement) -> list[Block]:
    """The blocks of a page in reading order, without empty ones."""
    tree = deepcopy(tree)
    names: dict[HtmlElement, str] = {}
    places: dict[HtmlElement | None, int] = {}
    ranks: list[tuple[str, int]] = []
    for element in tree.iter(*_KINDS):
        kind = _KINDS[element.tag]
        if kind == "t" and not any(child.tag in _KINDS for child in element):  # a row of data is one block
            element.tail = f" | {element.tail or ''}" if element.getnext() is not None else element.tail
            continue
        own = f"{element.get('id', '')} {element.get('class', '')}"
        names[element] = name = f"{element.tag} {own}"
        above = element.getparent()
        outer = names.get(above, "")
        foreign = kind == "o" and len(own) > 1 and _is_foreign(own)
        ranks.append((f"{outer}>{name}", places.setdefault(above, len(places))))
        element.text = f"{_BLOCK}{kind}{_BEGIN if foreign else ''}{element.text or ''}"
        element.tail = f"{_END if foreign else ''}{_BLOCK}-{element.tail or ''}"
    etree.strip_tags(tree, "span", "b", "strong", "em", "i", "u")
    for line_break in tree.iter("br"):
        following = line_break.getnext()
        twice = following is not None and following.tag == "br" and not (line_break.tail or "").strip()
        line_break.tail = f"{_BLOCK}+" if twice else f" {line_break.tail or ''}"
    for anchor in tree.iter("a"):
        anchor.text = f"{_LINK}{anchor.text or ''}"
        anchor.tail = f"{_UNLINK}{anchor.tail or ''}"
    return _cut(visible("".join(tree.itertext())), ranks)


@lru_cache(4096)
def _is_foreign(names: str) -> bool:
    return _FOREIGN.search(names) is not None


def _cut(marked: str, ranks: list[tuple[str, int]]) -> list[Block]:
    blocks = []
    left, stack = iter(ranks), [("", 0, "o")]
    depth = 0  # of areas for something else
    inside = False  # a link
    for part in marked.split(_BLOCK)[1:]:
        if part[0] == "-" and len(stack) > 1:
            stack.pop()
        elif part[0] != "+":
            stack.append((*next(left), part[0]))
        words = part[1:].split()
        if not words:
            continue
        text, before, share, foreign = " ".join(words), inside, 1.0 if inside else 0.0, depth > 0
        if not text.isascii() and _MARKS.search(text):
            if _BEGIN in text or _END in text:
                foreign = foreign or _BEGIN in text
                depth = max(0, depth + text.count(_BEGIN) - text.count(_END))
                text = text.replace(_BEGIN, "").replace(_END, "")
            if _LINK in text or _UNLINK in text:
                inside = text.rfind(_LINK) > text.rfind(_UNLINK)
                linked, text = _linked(text, before)
                share = linked / max(1, len(text))
        if bare := bare_of(text):
            rank, place, kind = stack[-1]
            blocks.append(Block(text.strip(), kind, bare, share, foreign, rank, place))
    return blocks


def _linked(text: str, inside: bool) -> tuple[int, str]:
    """The number of characters of `text` that are in links, and `text` without marks; `inside`: it begins in a link."""
    pieces = [piece.rpartition(_LINK) for piece in text.split(_UNLINK)]
    if inside and not pieces[0][1]:
        pieces[0] = ("", _LINK, pieces[0][2])
    linked = sum(len(after) for _, mark, after in pieces if mark)
    return linked, text.replace(_LINK, "").replace(_UNLINK, "")


def bare_of(text: str) -> str:
    """`text` without white space, which is all that differs between a page and what trafilatura takes from it."""
    return "".join(text.split())
