"""Extracts the text of an article from its page, with trafilatura.

The page is parsed once (markup.py), elements that never hold text are removed in C before anything is copied, then
trafilatura runs with `fast=True`. If that finds little, the page's `articleBody` is tried, then trafilatura's whole
cascade. Reader comments, link lists and share bars are removed; embedded posts (blockquotes of tweets and the like)
stay, because a post is often the news itself. `deduplicate=True` is not used: its process-wide cache makes the result
depend on earlier pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from itertools import count

import trafilatura
from lxml import etree
from lxml.html import HtmlElement
from trafilatura.meta import reset_caches
from trafilatura.settings import Document, Extractor

from pipeline.core.pages import markup
from pipeline.core.pages.boilerplate import without_boilerplate
from pipeline.core.text.tidy import lines
from pipeline.records import TEXT_LIMIT

EXTRACTOR = f"trafilatura {version('trafilatura')}"
#: Characters; below this, trafilatura's whole cascade is tried. That recovers half of what the fast mode loses on 990
#: multilingual pages.
SHORT = 600
#: Elements that hold text. Above the first number the linear method is used, because trafilatura takes seconds (12 s
#: for repeated paragraphs); of 1,213 real pages two have more, the median has 270. Above the second number the whole
#: cascade is not tried.
ELEMENTS, ELEMENTS_WHOLE = 8_000, 3_000
RESET_EVERY = 500  # pages; then the caches of trafilatura, htmldate and courlan are emptied

#: Elements without text.
_DEAD = ("script", "style", "svg", "iframe", "template", "head", "object", "embed", "applet", "audio", "video",
         "canvas", "map", "picture", "source", "track", "link", "param", "area", "use")  # fmt: skip
#: Elements without text of the article. trafilatura removes these too, after copying them several times.
_ASIDE = ("aside", "footer", "nav", "noscript", "menu", "button", "select", "textarea", "datalist", "dialog",
          "label", "input", "frameset", "fieldset", "legend", "marquee", "noindex", "progress", "output",
          "fencedframe", "option", "optgroup", "time", "rp", "rt", "rtc", "menuitem")  # fmt: skip
#: Tags that do not matter for the structure; their text stays.
_UNWRAP = ("img", "small", "font", "meta", "wbr", "ins", "abbr", "acronym", "cite", "mark", "tbody", "tfoot",
           "thead", "big", "bdi", "bdo", "dfn", "nobr", "ruby", "data", "address", "hgroup")  # fmt: skip
_BLOCKS = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote", "pre", "td", "dd", "dt", "figcaption", "div",
           "section", "article", "br", "tr", "ul", "ol", "table")  # fmt: skip

_FAST = Extractor(output_format="python", fast=True, comments=False)
_WHOLE = Extractor(output_format="python", fast=False, comments=False)
_pages = count(1)


@dataclass(frozen=True, slots=True)
class Text:
    """`text` is in NFC, one paragraph per line. `page` is the number of characters on the page, without navigation."""

    text: str
    truncated: bool = False
    extractor: str = EXTRACTOR
    page: int = 0


def from_html(tree: HtmlElement, html: bytes, body: str = "") -> Text:
    """The text of a page. `tree` is the parsed `html` and is changed; `body` its JSON-LD articleBody, "" for none."""
    if next(_pages) % RESET_EVERY == 0:
        reset_caches()
    before, shown = _prune(tree)
    elements = sum(1 for _ in tree.iter())
    if elements > ELEMENTS:
        return bounded(linear(tree), "linear", shown)
    text, extractor = _run(tree, _FAST), EXTRACTOR
    if len(text) < SHORT:
        if shown < before / 4 and (whole := markup.parse(html)) is not None:
            tree, shown = whole, before  # an unclosed tag: the article is inside a <nav> or a <label>
        text, extractor = _more(tree, text, body, shown if elements <= ELEMENTS_WHOLE else 0)
    return bounded(text, extractor, shown)


def _more(tree: HtmlElement, text: str, body: str, shown: int) -> tuple[str, str]:
    """A second attempt at a page with little text."""
    own = fragment(body)
    if len(own) > max(1.5 * len(text), 200):
        return own, "json-ld"
    if shown > len(text) * 1.2 + 100:  # otherwise the page has no more text
        text = max(text, _run(tree, _WHOLE), key=len)
    return text, EXTRACTOR


def _run(tree: HtmlElement, options: Extractor) -> str:
    """What trafilatura finds; "" also if it fails on the tree (deep recursion, odd values)."""
    try:
        document = trafilatura.bare_extraction(tree, options=options)
    except (ValueError, TypeError, AttributeError, RecursionError, etree.LxmlError):
        return ""
    return without_boilerplate(lines(document.text or "")) if isinstance(document, Document) else ""


def _prune(tree: HtmlElement) -> tuple[int, int]:
    """Remove what holds no text of the article; the number of characters before and after."""
    etree.strip_elements(tree, *_DEAD, with_tail=False)
    before = len(tree.text_content())
    for figure in tree.iter("figure"):
        figure.tag = "div" if figure.find(".//table") is not None else "aside"
    etree.strip_elements(tree, *_ASIDE, with_tail=False)
    etree.strip_tags(tree, *_UNWRAP)
    return before, len(tree.text_content())


def linear(tree: HtmlElement) -> str:
    """All text in reading order, one paragraph per block, without list items that are links. Linear in size."""
    for element in tree.iter(*_BLOCKS):
        element.text = f"\n{element.text or ''}"
        element.tail = f"\n{element.tail or ''}"
    for anchor in list(tree.iter("a")):
        above = anchor.getparent()
        if above is not None and above.tag == "li" and len(above) == 1:
            anchor.clear()
    return lines("".join(tree.itertext()))


def fragment(html: str) -> str:
    """The text of an HTML fragment or plain text, such as a feed's content or JSON-LD's articleBody."""
    html = html[: 4 * TEXT_LIMIT]
    if "<" not in html and "&" not in html:
        return lines(html)
    if "&lt;" in html and "<" not in html:
        html = html.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    tree = markup.parse(b"<div>" + html.encode("utf-8", "replace") + b"</div>")
    if tree is None:
        return ""
    _prune(tree)
    return without_boilerplate(linear(tree))


def bounded(text: str, extractor: str, shown: int = 0) -> Text:
    """At most TEXT_LIMIT characters, cut between paragraphs or words if one ends in the last tenth."""
    if len(text) <= TEXT_LIMIT:
        return Text(text, extractor=extractor, page=shown)
    cut = max(text.rfind("\n", 0, TEXT_LIMIT), TEXT_LIMIT - TEXT_LIMIT // 10)
    if cut == TEXT_LIMIT - TEXT_LIMIT // 10:
        cut = max(text.rfind(" ", cut, TEXT_LIMIT), cut)
    return Text(text[:cut].rstrip(), truncated=True, extractor=extractor, page=shown)
