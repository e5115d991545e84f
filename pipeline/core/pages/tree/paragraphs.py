"""Wraps the text that stands directly in a container in <p>, without which trafilatura overlooks it."""

from __future__ import annotations

from lxml import etree
from lxml.html import HtmlElement

from pipeline.core.pages.tree.names import BLOCKS

_BLOCKS = frozenset(BLOCKS)
_CONTAINERS = frozenset(("div", "section", "article", "main", "td", "body"))
_PARTS = frozenset(("p", "span", "font"))
_SENTENCE = 60  # characters of text between elements that are a sentence


def wrap_bare(tree: HtmlElement) -> None:
    """Wrap text that stands in a container beside paragraphs. Without any, trafilatura reads containers itself."""
    for above in dict.fromkeys(paragraph.getparent() for paragraph in tree.iter("p")):
        if above is not None and above.tag in _CONTAINERS and _has_sentence(above):
            wrap(above)


def _has_sentence(above: HtmlElement) -> bool:
    return any(text and len(text.strip()) > _SENTENCE for text in (above.text, *(each.tail for each in above)))


def wrap(above: HtmlElement) -> None:
    """Wrap what stands between the blocks of `above`, and between its <br rend="end">, in <p>."""
    children, text = list(above), above.text
    above.text = None
    if above.tag in _PARTS:
        above.tag = "div"
        above.attrib.clear()  # a container with the name of a text would be taken for the whole of it
    for child in children:
        above.remove(child)
    paragraph = open_paragraph(above, text)
    for child in children:
        tail, child.tail = child.tail, None
        if child.tag == "br" and child.get("rend"):
            paragraph = open_paragraph(above, tail)
        elif child.tag in _BLOCKS or next(child.iter(*BLOCKS), None) is not None:
            above.append(child)
            paragraph = open_paragraph(above, tail)
        else:
            child.tail = tail
            paragraph.append(child)
    for each in list(above.iterchildren("p")):
        if len(each) == 0 and not (each.text or "").strip() and not each.attrib:
            above.remove(each)


def open_paragraph(above: HtmlElement, text: str | None) -> HtmlElement:
    paragraph = etree.SubElement(above, "p")
    paragraph.text = text
    return paragraph
