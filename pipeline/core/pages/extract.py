"""Extracts the text of an article from its page: trafilatura's choice, corrected by a judgement of every block.

The page is parsed once (markup.py), brought into one form (tree/) before anything is copied, then trafilatura runs with
`fast=True` (as quick_trafilatura.py runs it). What it chose is one observation among others: judgement.py decides by
them, block by block, what is text of the article, and says how good that can be expected to be. If that is doubtful,
trafilatura's whole cascade gives a second choice, which is judged in the same way; the better one is taken, not the
longer one. The `articleBody` of JSON-LD and the state of scripts are taken if the markup has much less. Embedded posts
(blockquotes of tweets and the like) stay, because a post is often the news itself. `deduplicate=True` is not used: its
process-wide cache makes the result depend on earlier pages.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import count
from operator import attrgetter

from lxml import etree
from lxml.html import HtmlElement
from trafilatura.meta import reset_caches
from trafilatura.settings import Extractor

from pipeline.core.pages import markup, quick_trafilatura
from pipeline.core.pages.blocks import read
from pipeline.core.pages.boilerplate import without_boilerplate
from pipeline.core.pages.embedded import article as embedded
from pipeline.core.pages.judgement import judge
from pipeline.core.pages.signals import Evidence, share
from pipeline.core.pages.tree import cards, others
from pipeline.core.pages.tree import shown as shown_or_not
from pipeline.core.pages.tree.linear import linear, resolved
from pipeline.core.pages.tree.marks import put_back
from pipeline.core.pages.tree.names import DEAD
from pipeline.core.pages.tree.prepare import prepare
from pipeline.core.text.date_phrases import is_dateline
from pipeline.core.text.tidy import lines, unwrapped
from pipeline.records import TEXT_LIMIT

EXTRACTOR = f"trafilatura {version('trafilatura')}"
DATELINES = 3  # lines of a text that may say when it was published
SHORT = 600  # characters of a text that may be only a part
#: The whole cascade is run for texts below this expected F1: about 2 % of pages.
DOUBTFUL = 0.6
#: Elements that hold text. Above the first number the linear method is used, because trafilatura takes seconds (12 s
#: for repeated paragraphs); of 1,213 real pages two have more, the median has 270. Above the second number the whole
#: cascade is not tried.
ELEMENTS, ELEMENTS_WHOLE = 8_000, 3_000
RESET_EVERY = 500  # pages; then the caches of trafilatura, htmldate and courlan are emptied

_FAST = Extractor(output_format="python", fast=True, comments=False)
_WHOLE = Extractor(output_format="python", fast=False, comments=False)
NO_EVIDENCE = Evidence()
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


def from_html(tree: HtmlElement, html: bytes, evidence: Evidence = NO_EVIDENCE) -> Text:
    """The text of a page. `tree` is the parsed `html` and is changed; `evidence` what else is known of the article."""
    if next(_pages) % RESET_EVERY == 0:
        reset_caches()
    before, shown = prepare(tree)
    links = sum(len(anchor.text_content()) for anchor in tree.iter("a"))
    elements = sum(1 for _ in tree.iter())
    if elements > ELEMENTS:
        return replace(bounded(linear(tree), "linear", shown), links=links)
    others.remove(tree, evidence.headline)
    cards.remove(tree, evidence.headline)
    text, extractor = _choose(tree, evidence, elements)
    if len(text) < SHORT and shown < before / 4 and (whole := markup.parse(html)) is not None:
        shown_or_not.remove_dialogs(whole)
        etree.strip_elements(whole, *DEAD, with_tail=False)  # an unclosed tag: the article is in a <nav> or a <label>
        other, label = _choose(whole, evidence, elements)
        if len(other) > len(text):
            text, extractor, shown = other, label, before
    if _lacks(text, evidence.body):
        text, extractor = evidence.body, "json-ld"
    elif len(text) < SHORT and _lacks(text, state := fragment(embedded.find(html, text))):
        text, extractor = state, "data"
    return replace(bounded(text, extractor, shown), links=links)


def _choose(tree: HtmlElement, evidence: Evidence, elements: int) -> tuple[str, str]:
    """The text of a prepared tree, and what extracted it: "… full" if the whole cascade was run."""
    blocks = read(tree)
    found = judge(blocks, fast(tree), evidence)
    if found.f1 >= DOUBTFUL or elements > ELEMENTS_WHOLE or not blocks:
        return _tidy(found.text), EXTRACTOR
    second = judge(blocks, _run(tree, _WHOLE), evidence)
    return _tidy(max(found, second, key=attrgetter("f1")).text), f"{EXTRACTOR} full"


def _tidy(text: str) -> str:
    return without_boilerplate(_without_dateline(lines(resolved(text))))


def _without_dateline(text: str) -> str:
    """`text` without a line about its publication among its first, unless that is all."""
    rows = text.split("\n", DATELINES)
    kept = [row for row in rows[:DATELINES] if not is_dateline(row)] + rows[DATELINES:]
    return "\n".join(kept) if kept else text


def _lacks(text: str, body: str) -> bool:
    """Whether the markup has much less than `body`: a part of it, or hardly anything."""
    if len(body) <= max(1.5 * len(text), 200):
        return False
    return len(text) < SHORT or share(text, body) > 0.5


def fast(tree: HtmlElement) -> str:
    """What the fast pass alone finds on a prepared tree."""
    return _run(tree, _FAST)


def _run(tree: HtmlElement, options: Extractor) -> str:
    """What trafilatura finds; "" also if it fails on the tree (deep recursion, odd values). `tree` loses comments."""
    try:
        text = quick_trafilatura.text_of(tree, options)
    except (ValueError, TypeError, AttributeError, RecursionError, etree.LxmlError):
        return ""
    return lines(put_back(text))


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
