"""The article's text in a page: trafilatura, led the fast way. Reads no metadata and judges no page.

How: one parse (core.markup), elements that never hold text cut out in C before anything is copied, `fast=True`; where
that gives little, the page's own `articleBody`, then trafilatura's whole cascade. Reader comments, link lists and share
bars go; embedded posts (blockquotes of tweets and the like) stay, because what was posted is often the news itself.
Not used: `deduplicate=True`, whose process-wide cache makes the result depend on the pages before.
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
from pipeline.core.pages.boilerplate import furnished
from pipeline.core.text.tidy import lines
from pipeline.records import TEXT_LIMIT

EXTRACTOR = f"trafilatura {version('trafilatura')}"
#: Below this trafilatura's whole cascade is tried: half of what the fast way alone loses on 990 multilingual pages.
SHORT = 600
#: Elements that hold text. Above these the linear method is used (trafilatura takes seconds, repeated paragraphs 12 s;
#: of 1,213 real pages two have more, the median has 270), and over the second its whole cascade is not tried.
ELEMENTS, ELEMENTS_WHOLE = 8_000, 3_000
RESET_EVERY = 500  # pages; trafilatura, htmldate and courlan keep what they saw in caches of their own

#: Never text.
_DEAD = ("script", "style", "svg", "iframe", "template", "head", "object", "embed", "applet", "audio", "video",
         "canvas", "map", "picture", "source", "track", "link", "param", "area", "use")  # fmt: skip
#: Never text of the article. trafilatura deletes these too, after copying them several times.
_ASIDE = ("aside", "footer", "nav", "noscript", "menu", "button", "select", "textarea", "datalist", "dialog",
          "label", "input", "frameset", "fieldset", "legend", "marquee", "noindex", "progress", "output",
          "fencedframe", "option", "optgroup", "time", "rp", "rt", "rtc", "menuitem")  # fmt: skip
#: Tags without meaning for the structure; their text stays.
_UNWRAP = ("img", "small", "font", "meta", "wbr", "ins", "abbr", "acronym", "cite", "mark", "tbody", "tfoot",
           "thead", "big", "bdi", "bdo", "dfn", "nobr", "ruby", "data", "address", "hgroup")  # fmt: skip
_BLOCKS = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote", "pre", "td", "dd", "dt", "figcaption", "div",
           "section", "article", "br", "tr", "ul", "ol", "table")  # fmt: skip

_FAST = Extractor(output_format="python", fast=True, comments=False)
_WHOLE = Extractor(output_format="python", fast=False, comments=False)
_pages = count(1)


@dataclass(frozen=True, slots=True)
class Text:
    """`text` is in NFC, one paragraph to a line. `page` is how many characters the page shows, navigation aside."""

    text: str
    truncated: bool = False
    extractor: str = EXTRACTOR
    page: int = 0


def from_html(tree: HtmlElement, html: bytes, body: str = "") -> Text:
    """The text of a page. `tree` is `html` parsed, and is used up; `body` its JSON-LD articleBody, "" for none."""
    if next(_pages) % RESET_EVERY == 0:
        reset_caches()
    before, shown = _prune(tree)
    elements = sum(1 for _ in tree.iter())
    if elements > ELEMENTS:
        return bounded(linear(tree), "linear", shown)
    text, extractor = _run(tree, _FAST), EXTRACTOR
    if len(text) < SHORT:
        if shown < before / 4 and (whole := markup.parse(html)) is not None:
            tree, shown = whole, before  # a tag left open: the article is inside a <nav> or a <label>
        text, extractor = _more(tree, text, body, shown if elements <= ELEMENTS_WHOLE else 0)
    return bounded(text, extractor, shown)


def _more(tree: HtmlElement, text: str, body: str, shown: int) -> tuple[str, str]:
    """A second look at a page that gave little."""
    own = fragment(body)
    if len(own) > max(1.5 * len(text), 200):
        return own, "json-ld"
    if shown > len(text) * 1.2 + 100:  # else the page has no more to give
        text = max(text, _run(tree, _WHOLE), key=len)
    return text, EXTRACTOR


def _run(tree: HtmlElement, options: Extractor) -> str:
    """What trafilatura finds; "" too where it fails on the tree (deep recursion, odd values)."""
    try:
        document = trafilatura.bare_extraction(tree, options=options)
    except (ValueError, TypeError, AttributeError, RecursionError, etree.LxmlError):
        return ""
    return furnished(lines(document.text or "")) if isinstance(document, Document) else ""


def _prune(tree: HtmlElement) -> tuple[int, int]:
    """Cut what holds no text of the article. Answers the characters that the page showed before and after."""
    etree.strip_elements(tree, *_DEAD, with_tail=False)
    before = len(tree.text_content())
    for figure in tree.iter("figure"):
        figure.tag = "div" if figure.find(".//table") is not None else "aside"
    etree.strip_elements(tree, *_ASIDE, with_tail=False)
    etree.strip_tags(tree, *_UNWRAP)
    return before, len(tree.text_content())


def linear(tree: HtmlElement) -> str:
    """All text in reading order, each block a paragraph, without paragraphs that are mostly links. Linear in size."""
    for element in tree.iter(*_BLOCKS):
        element.text = f"\n{element.text or ''}"
        element.tail = f"\n{element.tail or ''}"
    for anchor in list(tree.iter("a")):
        above = anchor.getparent()
        if above is not None and above.tag == "li" and len(above) == 1:
            anchor.clear()
    return lines("".join(tree.itertext()))


def fragment(html: str) -> str:
    """The text of a piece of HTML or of plain text, as in a feed's content or JSON-LD's articleBody."""
    html = html[: 4 * TEXT_LIMIT]
    if "<" not in html and "&" not in html:
        return lines(html)
    if "&lt;" in html and "<" not in html:
        html = html.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    tree = markup.parse(b"<div>" + html.encode("utf-8", "replace") + b"</div>")
    if tree is None:
        return ""
    _prune(tree)
    return furnished(linear(tree))


def bounded(text: str, extractor: str, shown: int = 0) -> Text:
    """At most TEXT_LIMIT characters, cut between paragraphs or words where one ends in the last tenth."""
    if len(text) <= TEXT_LIMIT:
        return Text(text, extractor=extractor, page=shown)
    cut = max(text.rfind("\n", 0, TEXT_LIMIT), TEXT_LIMIT - TEXT_LIMIT // 10)
    if cut == TEXT_LIMIT - TEXT_LIMIT // 10:
        cut = max(text.rfind(" ", cut, TEXT_LIMIT), cut)
    return Text(text[:cut].rstrip(), truncated=True, extractor=extractor, page=shown)
