"""Removes what is no text of the article from a tree, and unwraps the rest: the order of the steps."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from pipeline.core.pages.tree import breaks, escaped, inline, marks, paragraphs, prompts, raised, shown, tables
from pipeline.core.pages.tree.names import ASIDE, BLOCKS, DEAD, UNWRAP, UNWRAPPED
from pipeline.core.pages.tree.run import in_sentence

_CAPTIONED = etree.XPath("descendant::*[contains(@class, 'aption')]")
_CAPTION = re.compile(
    r"(?:^|\s)(?:(?:wp|image|img|photo|picture|media|gallery|figure|thumb\w*)[-_]+)+caption(?:[-_]+(?:text|dd))?(?:\s|$)",
    re.I,
)
_CAPTION_LENGTH = 300  # characters
_CAPTION_TAGS = ("p", "div", "span", "em", "small", "dd")
_QUOTED = 60  # characters of text in a <figure>, from which it holds more than a picture


def prepare(tree: HtmlElement) -> tuple[int, int]:
    """Change `tree` in place; the number of characters before and after containers without text are removed."""
    prompts.remove(tree)
    etree.strip_elements(tree, *DEAD, with_tail=False)
    text = tree.text_content()
    if "</" in text or "<br" in text:
        escaped.parse_inside(tree)
    marks.replace_joiners(tree, text)
    tags = {element.tag for element in tree.iter()}
    shown.settle(tree, tags)
    _figures(tree, tags)
    _captions(tree)
    _menus(tree, tags)
    inline.name_unknown(tree, tags)
    inline.keep_in_sentences(tree, tags)
    etree.strip_elements(tree, *ASIDE, with_tail=False)
    raised.place(tree, tags)
    _old_blocks(tree, tags)
    etree.strip_tags(tree, *UNWRAP)
    tables.arrange(tree, tags)
    breaks.resolve(tree, tags)
    paragraphs.wrap_bare(tree)
    etree.strip_tags(tree, *UNWRAP)
    return len(text), len(tree.text_content())


def _figures(tree: HtmlElement, tags: set[str]) -> None:
    """Pictures with their captions are no text; tables, quotes and code in a <figure> are."""
    if "figure" not in tags:
        return
    for figure in tree.iter("figure"):
        table = figure.find(".//table") is not None
        quoted = figure.find(".//blockquote")
        if quoted is not None and "pullquote" in (figure.get("class") or ""):
            quoted = None
        held = quoted if quoted is not None else figure.find(".//pre")
        text = table or (held is not None and len(held.text_content()) >= _QUOTED)
        figure.tag = "div" if text else "aside"


def _captions(tree: HtmlElement) -> None:
    """What is called the caption of a picture, outside <figure>, is no text either."""
    named: Any = _CAPTIONED(tree)
    for each in named:
        if each.tag in _CAPTION_TAGS and _CAPTION.search(each.get("class")) and _is_short(each):
            each.tag = "aside"


def _is_short(caption: HtmlElement) -> bool:
    return len(caption.text_content()) <= _CAPTION_LENGTH and next(caption.iter("article", "h1"), None) is None


def _old_blocks(tree: HtmlElement, tags: set[str]) -> None:
    """Blocks that trafilatura unwraps or overlooks become paragraphs, or containers if they hold blocks."""
    if found := tags.intersection(("address", "center")):
        for element in list(tree.iter(*found)):
            if next(element.iterdescendants(*BLOCKS), None) is not None:
                element.tag = "div"
            else:
                element.tag = UNWRAPPED if element.tag == "address" and in_sentence(element) else "p"


def _menus(tree: HtmlElement, tags: set[str]) -> None:
    """A <menu> of sentences is a list; one of links or commands is not."""
    if "menu" in tags:
        for menu in tree.iter("menu"):
            links = sum(len(anchor.text_content()) for anchor in menu.iter("a"))
            items = [item.text_content().strip() for item in menu.iterchildren("li")]
            if (
                items
                and links * 2 < sum(map(len, items))
                and all(item.endswith((".", "!", "?", "。")) for item in items)
            ):
                menu.tag = "ul"
