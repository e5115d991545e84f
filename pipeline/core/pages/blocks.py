"""Reads a page as a sequence of blocks: every run of text between two block elements, with what it is made of.

The tree is copied and marks are written into the copy, so that one pass over its text gives everything; that costs a
fraction of walking the elements in Python.
"""

from __future__ import annotations

import re
from copy import deepcopy
from functools import lru_cache
from typing import NamedTuple
from unicodedata import normalize

from lxml.html import HtmlElement

from pipeline.core.pages.tree.marks import put_back
from pipeline.core.text.tidy import visible

#: Block elements -> the letter of their kind: heading, list item, cell, row, quotation, paragraph, anything else.
_KINDS = {
    "h1": "1", "h2": "h", "h3": "h", "h4": "h", "h5": "h", "h6": "h", "li": "l", "dd": "l", "dt": "l", "td": "d",
    "th": "d", "blockquote": "q", "p": "p", "pre": "p", "div": "o", "section": "o", "article": "o", "main": "o",
    "header": "o", "ul": "o", "ol": "o", "table": "o", "tr": "t", "body": "o", "details": "o", "summary": "o",
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
#: Pictures of control characters: they survive everything that is done to text, and no page uses them.
_LINK, _UNLINK, _BLOCK, _BEGIN, _END = "\u2411", "\u2412", "\u2413", "\u2414", "\u2415"
#: Names of what stands around an article's text and belongs to it: who wrote it, when, and what a picture shows.
_BESIDE = re.compile(
    r"caption|byline|author|credit|meta|dateline|timestamp|pub-?date|tags?\b|subscri|promo|advert", re.I
)
_PICTURE = re.compile("[\u2411-\u241f]")  # ours, and those of tree/
_PLACEHOLDER = re.compile("[\u241d-\u241f]")
_SENTENCE = 60  # characters of a block that can be a lead
_NEAR = 6  # blocks below the headline in which it is looked for: a byline, a date and the like come first


class Block(NamedTuple):
    """A run of text. `kind` is a letter of _KINDS; `bare` is it without white space; `linked` the share of its
    characters that are in links; `foreign` whether it stands in an area for something else, `beside` whether it is
    named as what stands around a text; `rank` is the same for blocks that are named alike, `place` for those in one
    element; `lead` whether it is the first sentence below the headline."""

    text: str
    kind: str
    bare: str
    linked: float
    foreign: bool
    beside: bool
    rank: str
    place: int
    lead: bool = False


def read(tree: HtmlElement) -> list[Block]:
    """The blocks of a page in reading order, without empty ones."""
    tree = deepcopy(tree)
    names: dict[HtmlElement, str] = {}
    places: dict[HtmlElement | None, int] = {}
    ranks: list[tuple[str, int]] = []
    for element in tree.iter(*_KINDS):
        kind = _KINDS[element.tag]
        if kind == "d" and not any(child.tag in _KINDS for child in element):  # a row of data is one block
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
    for anchor in tree.iter("a"):
        if anchor.get("href", "").startswith("#"):
            continue  # a place on this page, such as a post of a live blog
        anchor.text = f"{_LINK}{anchor.text or ''}"
        anchor.tail = f"{_UNLINK}{anchor.tail or ''}"
    blocks = _cut(normalize("NFC", visible(str(tree.text_content()))), ranks)
    return _with_lead(blocks)


def _with_lead(blocks: list[Block]) -> list[Block]:
    """`blocks`; what stands right under the headline is its lead, whatever the area is called."""
    at = next((at for at, block in enumerate(blocks) if block.kind == "1"), len(blocks)) + 1
    for lead in range(at, min(at + _NEAR, len(blocks))):
        block = blocks[lead]
        if len(block.bare) >= _SENTENCE and block.linked < 0.2:
            blocks[lead] = block._replace(lead=True, foreign=False)
            break
    return blocks


@lru_cache(4096)
def _is_foreign(names: str) -> bool:
    return _FOREIGN.search(names) is not None


@lru_cache(4096)
def _is_beside(rank: str) -> bool:
    return _BESIDE.search(rank) is not None


def _cut(marked: str, ranks: list[tuple[str, int]]) -> list[Block]:
    blocks = []
    left, stack = iter(ranks), [("", 0, "o")]
    depth = 0  # of areas for something else
    inside = False  # a link
    for part in marked.split(_BLOCK)[1:]:
        if part[:1] != "-":
            stack.append((*next(left, ("", 0)), part[:1]))
        elif len(stack) > 1:  # a page that has these characters itself cannot get below
            stack.pop()
        words = part[1:].split()
        if not words:
            continue
        text, bare, share, foreign = " ".join(words), "".join(words), float(inside), depth > 0
        if not bare.isascii() and _PICTURE.search(bare):
            if _BEGIN in bare or _END in bare:
                foreign = foreign or _BEGIN in bare
                depth = max(0, depth + bare.count(_BEGIN) - bare.count(_END))
            if _LINK in bare or _UNLINK in bare:
                share = _linked(bare, inside)
                inside = bare.rfind(_LINK) > bare.rfind(_UNLINK)
            for mark in (_LINK, _UNLINK, _BEGIN, _END):
                text = text.replace(mark, "")
            text = put_back(text) if _PLACEHOLDER.search(text) else text
            text, bare = text.strip(), bare_of(text)
        if bare:
            rank, place, kind = stack[-1]
            blocks.append(Block(text, kind, bare, share, foreign, _is_beside(rank), rank, place))
    return blocks


def _linked(bare: str, inside: bool) -> float:
    """The share of the characters of `bare`, which has marks, that are in links; `inside`: it begins in one."""
    linked = whole = 0
    for piece in bare.split(_UNLINK):
        before, link, after = piece.rpartition(_LINK)
        if inside and not link:
            before, after = "", piece
        linked += len(after) if link or inside else 0
        whole += len(before) + len(after)
        inside = False
    return linked / max(1, whole)


def bare_of(text: str) -> str:
    """`text` without white space, which is all that differs between a page and what trafilatura takes from it."""
    return "".join(text.split())
