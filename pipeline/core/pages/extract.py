"""Extracts the text of an article from its page, with trafilatura (as quick_trafilatura.py runs it).

The page is parsed once (markup.py), brought into one form (tree/) before anything is copied, then
trafilatura runs with `fast=True`. If that finds little, the page's `articleBody` is tried, then trafilatura's whole
cascade. Reader comments, link lists and share bars are removed; embedded posts (blockquotes of tweets and the like)
stay, because a post is often the news itself. `deduplicate=True` is not used: its process-wide cache makes the result
depend on earlier pages.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import count

from lxml import etree
from lxml.html import HtmlElement
from trafilatura.meta import reset_caches
from trafilatura.settings import Extractor

from pipeline.core.pages import markup, quick_trafilatura
from pipeline.core.pages.boilerplate import without_boilerplate
from pipeline.core.pages.embedded import article as embedded
from pipeline.core.pages.tree.linear import linear
from pipeline.core.pages.tree.marks import put_back
from pipeline.core.pages.tree.prepare import prepare
from pipeline.core.text.tidy import lines, unwrapped
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

_FAST = Extractor(output_format="python", fast=True, comments=False)
_WHOLE = Extractor(output_format="python", fast=False, comments=False)
_pages = count(1)


@dataclass(frozen=True, slots=True)
class Text:
    """`text` is in NFC, one paragraph per line. `page` is the number of characters on the page, without navigation, and
    `links` how many of them are in links."""

    text: str
    truncated: bool = False
    extractor: str = EXTRACTOR
    page: int = 0
    links: int = 0


def from_html(tree: HtmlElement, html: bytes, body: str = "") -> Text:
    """The text of a page. `tree` is the parsed `html` and is changed; `body` its JSON-LD articleBody, "" for none."""
    if next(_pages) % RESET_EVERY == 0:
        reset_caches()
    before, shown = prepare(tree)
    links = sum(len(anchor.text_content()) for anchor in tree.iter("a"))
    elements = sum(1 for _ in tree.iter())
    if elements > ELEMENTS:
        return replace(bounded(linear(tree), "linear", shown), links=links)
    text, extractor = _run(tree, _FAST), EXTRACTOR
    if len(text) < SHORT:
        if shown < before / 4 and (whole := markup.parse(html)) is not None:
            tree, shown = whole, before  # an unclosed tag: the article is inside a <nav> or a <label>
        text, extractor = _more(tree, html, text, body, shown if elements <= ELEMENTS_WHOLE else 0)
    return replace(bounded(text, extractor, shown), links=links)


def _more(tree: HtmlElement, html: bytes, text: str, body: str, shown: int) -> tuple[str, str]:
    """A second attempt at a page with little text."""
    own = fragment(body)
    if len(own) > max(1.5 * len(text), 200):
        return own, "json-ld"
    state = fragment(embedded.find(html, text))
    if len(state) > max(1.5 * len(text), 200):
        return state, "data"
    if shown > len(text) * 1.2 + 100:  # otherwise the page has no more text
        text = max(text, _run(tree, _WHOLE), key=len)
    return text, EXTRACTOR


def _run(tree: HtmlElement, options: Extractor) -> str:
    """What trafilatura finds; "" also if it fails on the tree (deep recursion, odd values). `tree` loses comments."""
    try:
        text = quick_trafilatura.text_of(tree, options)
    except (ValueError, TypeError, AttributeError, RecursionError, etree.LxmlError):
        return ""
    return without_boilerplate(lines(put_back(text)))


def fragment(html: str) -> str:
    """The text of an HTML fragment or plain text, such as a feed's content or JSON-LD's articleBody."""
    html = html[: 4 * TEXT_LIMIT]
    if "<" not in html and "&" not in html:
        return lines("\n".join(unwrapped(html)))
    if "&lt;" in html and "<" not in html:
        html = html.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    tree = markup.parse(b"<div>" + html.encode("utf-8", "replace") + b"</div>")
    if tree is None:
        return ""
    prepare(tree)
    return without_boilerplate(linear(tree))


def bounded(text: str, extractor: str, shown: int = 0) -> Text:
    """At most TEXT_LIMIT characters, cut between paragraphs or words if one ends in the last tenth."""
    if len(text) <= TEXT_LIMIT:
        return Text(text, extractor=extractor, page=shown)
    cut = max(text.rfind("\n", 0, TEXT_LIMIT), TEXT_LIMIT - TEXT_LIMIT // 10)
    if cut == TEXT_LIMIT - TEXT_LIMIT // 10:
        cut = max(text.rfind(" ", cut, TEXT_LIMIT), cut)
    return Text(text[:cut].rstrip(), truncated=True, extractor=extractor, page=shown)
