"""Line breaks: a <br> in a running sentence is a space, two of them end a paragraph.

One is enough after a finished sentence in a page that separates its paragraphs so, and before a bullet. Lines of <pre>
are paragraphs, unless they are prose that was wrapped at a width.
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from pipeline.core.pages.tree.names import BLOCKS, BOUNDARY, INLINE, UNWRAPPED
from pipeline.core.pages.tree.paragraphs import open_paragraph, wrap
from pipeline.core.text.tidy import unwrapped

_ENDS = re.compile(r"[.!?…:;。！？।؟۔][\"'”“»’›)\]」』]*\s*$")
_BULLET = re.compile(r"\s*(?:[•●▪■◦‣·*►▶✓+–—-]\s|\d{1,2}[.)]\s)")
_LONG = 60  # characters of a paragraph of running text
_SPLIT = frozenset(("div", "p", "section", "article", "main", "body", "center", "form", "blockquote"))


def resolve(tree: HtmlElement, tags: set[str]) -> None:
    """Replace every <br> by a space or a boundary, and every <pre> by paragraphs."""
    if "pre" in tags or "listing" in tags or "xmp" in tags:
        for element in list(tree.iter("pre", "listing", "xmp")):
            _preformatted(element)
    if "br" not in tags:
        return
    breaks = list(tree.iter("br"))
    finished = sum(_finished(each) for each in breaks)
    enough = finished > 0 and finished > sum(len(p.text_content()) >= _LONG for p in tree.iter("p") if len(p) < 40)
    parents: dict[HtmlElement, bool] = {}
    for each in breaks:
        ends = _is_boundary(each, enough)
        each.set("rend", "end" if ends else "")
        if (above := each.getparent()) is not None:
            parents[above] = parents.get(above, False) or ends
    for above, split in parents.items():
        if split and _splits(above):
            wrap(above)
    for each in tree.iter("br"):
        each.tail = f"{BOUNDARY if each.get('rend') else ' '}{each.tail or ''}"
        each.tag = UNWRAPPED


def _text_before(element: HtmlElement) -> str:
    """The text right before, also that of an inline element in front."""
    previous, above = element.getprevious(), element.getparent()
    text = previous.tail if previous is not None else above.text if above is not None else ""
    if previous is not None and not (text or "").strip() and previous.tag in INLINE:
        return str(previous.text_content())
    return text or ""


def _finished(element: HtmlElement) -> bool:
    return _ENDS.search(_text_before(element)) is not None


def _is_boundary(element: HtmlElement, enough: bool) -> bool:
    following = element.getnext()
    if following is not None and following.tag == "br" and not (element.tail or "").strip():
        return True
    previous = element.getprevious()
    if previous is not None and previous.tag == "br" and not (previous.tail or "").strip():
        return True
    return bool(_BULLET.match(element.tail or "")) or (enough and _finished(element)) or _follows_heading(element)


def _follows_heading(element: HtmlElement) -> bool:
    """Whether the line that ends here is all in bold and the first of its block."""
    bold, above = element.getprevious(), element.getparent()
    return (
        bold is not None
        and bold.tag in ("b", "strong")
        and not (bold.tail or "").strip()
        and bold.getprevious() is None
        and above is not None
        and above.tag in _SPLIT
        and not (above.text or "").strip()
        and bool((element.tail or "").strip())
    )


def _splits(above: HtmlElement) -> bool:
    """Whether the paragraphs of `above` can be elements. A <span> that is all its block has, is made one itself."""
    if above.tag in _SPLIT:
        return True
    outer = above.getparent()
    return (
        above.tag in ("span", "font")
        and outer is not None
        and outer.tag in _SPLIT
        and not (outer.text or "").strip()
        and not any((each.tail or "").strip() for each in outer)
    )


def _preformatted(element: HtmlElement) -> None:
    if next(element.iterdescendants(*BLOCKS), None) is not None:
        element.tag = "div"
        return
    for each in element.iter("br"):
        each.tail = f"\n{each.tail or ''}"
    text = element.text_content()
    for child in list(element):
        element.remove(child)
    element.tag, element.text = "div", None
    for paragraph in unwrapped(text):
        open_paragraph(element, paragraph)
