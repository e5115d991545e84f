"""Unwraps elements that stand in a sentence, whatever their tag, and gives unknown elements a known one."""

from __future__ import annotations

from lxml import etree
from lxml.html import HtmlElement

from pipeline.core.pages.tree.names import BLOCKS, INLINE, KNOWN, LOOSE, UNWRAPPED
from pipeline.core.pages.tree.run import in_sentence

_OPENING = ("“", '"', "«", "„", "‘", "'", "「", "『")
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "dt", "summary"))
_HOLDERS = frozenset((*INLINE, "p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "dt"))


def keep_in_sentences(tree: HtmlElement, tags: set[str]) -> None:
    """Elements such as <time> or <output> in running text become text; elsewhere they stay as they are."""
    if loose := tags.intersection(LOOSE):
        for element in list(tree.iter(*loose)):
            copies = element.tag == "button" and element.getparent().tag in _HEADINGS
            if _is_heading(element) or (in_sentence(element) and not copies):
                element.tag = UNWRAPPED
    if "q" in tags:
        for quote in list(tree.iter("q")):
            _quote(quote)


def _is_heading(element: HtmlElement) -> bool:
    """Whether the element has all words of a heading, as a button that unfolds what follows does."""
    above = element.getparent()
    while above is not None and above.tag in ("span", "a", "b", "strong"):
        above = above.getparent()
    if above is None or above.tag not in _HEADINGS:
        return False
    return bool(words := element.text_content().split()) and words == above.text_content().split()


def _quote(quote: HtmlElement) -> None:
    """A browser shows <q> with quotation marks, unless the words have their own."""
    words = quote.text_content().strip()
    if words and not words.startswith(_OPENING):
        quote.text = f"“{quote.text or ''}"
        if len(quote):
            quote[-1].tail = f"{quote[-1].tail or ''}”"
        else:
            quote.text += "”"
    quote.tag = UNWRAPPED


def name_unknown(tree: HtmlElement, tags: set[str]) -> None:
    """Custom and unknown elements become containers, paragraphs or words of the sentence around them."""
    if "math" in tags:
        for formula in tree.iter("math"):
            etree.strip_tags(formula, "*")
    unknown = tags - KNOWN
    if not unknown:
        return
    for element in reversed(list(tree.iter(*unknown))):  # inner ones first
        if "-" in element.tag:
            element.set("class", f"{element.get('class', '')} {element.tag}")  # trafilatura goes by names
        above = element.getparent()
        while above is not None and above.tag in unknown:
            above = above.getparent()
        if next(element.iter(*BLOCKS), None) is not None:
            element.tag = "div"
        elif (above is not None and above.tag in _HOLDERS) or _beside_words(element):
            element.tag = UNWRAPPED
        else:
            element.tag = "p" if element.text_content().strip() else "div"


def _beside_words(element: HtmlElement) -> bool:
    previous, above = element.getprevious(), element.getparent()
    left = previous.tail if previous is not None else above.text if above is not None else ""
    inline = [each for each in (previous, element.getnext()) if each is not None and each.tag in INLINE]
    return bool((left or "").strip() or (element.tail or "").strip() or any(each.text_content() for each in inline))
