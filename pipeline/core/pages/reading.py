"""Reads one page: its text and metadata, or why it is not an article."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

from htmldate import find_date
from lxml.html import HtmlElement

from pipeline.core.decoding.decode import decode
from pipeline.core.pages import extract, markup, metadata, partial, pdf, walls
from pipeline.core.pages.boilerplate import without_boilerplate
from pipeline.core.pages.choices import TITLE, choose_title
from pipeline.core.pages.feed_text import Chosen
from pipeline.core.pages.headlines import same
from pipeline.core.pages.metadata import Meta
from pipeline.core.pages.pagination import Following, Pages, following
from pipeline.core.pages.prose import Passage, longest_passage
from pipeline.core.pages.signals import Evidence
from pipeline.core.text.date_strings import parse_date
from pipeline.core.text.tidy import line, lines
from pipeline.records import Dated, Item, Page, Sourced, TextFrom

#: Content type of plain article text in UTF-8; its encoding is not guessed.
GIVEN_TEXT = "text/x-article; charset=utf-8"
#: Where texts come from that are not of the markup, by what read them.
_TEXT_FROM: dict[str, TextFrom] = {"json-ld": "json-ld", "data": "data"}
#: Reasons for which a page may be that of the article: then its metadata are those of the article.
_OF_THE_ITEM = frozenset({"no_text", "too_short", "needs_javascript"})
_DATED_PATH = re.compile(r"/((?:19|20)\d\d)(?:/(\d\d)/(\d\d)/|-(\d\d)-(\d\d)\b)")


@dataclass(frozen=True, slots=True)
class Found:
    """What an article is made of. `date`: guessed. `refused`: why it is not what the page shows."""

    chosen: Chosen
    meta: Meta = field(default_factory=Meta)
    date: Dated | None = None
    refused: str = ""
    ahead: tuple[Following, ...] = ()  # further pages of the article


@dataclass(frozen=True, slots=True)
class Refused:
    """A page that is not an article for `reason`. `shown`: its text. `meta`: if the page is the item's."""

    reason: str
    detail: str = ""
    shown: str = ""
    meta: Meta | None = None


def read(page: Page, item: Item, url: str, pages: Pages | None = None) -> Found | Refused:
    """Text and metadata of the page at `url`, or why it is not an article. `pages`: those read before, if it is not the
    first of its article."""
    if pdf.is_pdf(page.body, page.content_type):
        return _pdf(page, item)
    if len(page.body) > markup.PAGE_LIMIT:
        return Refused("too_large", f"{len(page.body)} bytes")
    if page.content_type == GIVEN_TEXT:
        return _plain(page.body.decode("utf-8", "replace"), item, "given")
    kind = markup.kind(page.body, page.content_type)
    if kind == "other":
        return Refused("not_html" if page.body.strip() else "empty", page.content_type[:100])
    text = decode(page.body, page.content_type, item.language).text
    if kind == "text":
        return _plain(text, item, "page")
    if reason := walls.find_wall_by_address(item.url, page.url):
        return Refused(reason, page.url)
    body = text.encode("utf-8", "replace")
    tree = markup.parse(body)
    if tree is None:
        return Refused("empty", "no element")
    return _html(tree, body, page, item, url, pages)


def _html(tree: HtmlElement, body: bytes, page: Page, item: Item, url: str, pages: Pages | None) -> Found | Refused:
    kept = list(tree.iter())  # lxml would otherwise make the Python object of a node again in every pass over the tree
    meta = metadata.read(tree, url, item.seen, item.language, item.country, item.source)
    date = None if meta.published or item.published else _guess(tree, url, item.seen)
    passage = longest_passage(tree) if walls.may_be_list(meta) else Passage()
    own = tuple(dict.fromkeys(filter(None, (url, page.url, meta.canonical, item.url))))
    ahead = following(tree, page.url, pages or Pages(own))
    text = extract.from_html(tree, body, _evidence(meta, item))
    del kept
    fetched = walls.Fetched(item.url, page.url, meta, text.text, text.page, text.links, page.headers, body[:30_000],
                            passage, is_named(meta, item))  # fmt: skip
    reason = walls.find_wall(fetched) or ("needs_javascript" if partial.needs_scripts(text.text) else None)
    if reason:
        shown = partial.shown(text.text) if reason == "paywall" else text.text
        named = reason == "paywall" or (reason in _OF_THE_ITEM and (meta.article or is_named(meta, item)))
        return Refused(reason, line(meta.window_title or meta.h1, 200), shown, meta if named or pages else None)
    read, lacks = partial.of_page(text.text, meta)
    return Found(
        Chosen(replace(text, text=read), _TEXT_FROM.get(text.extractor, "page"), lacks), meta, date, ahead=ahead
    )


def _evidence(meta: Meta, item: Item) -> Evidence:
    """What is known of the article beside the blocks of its page."""
    title = choose_title(meta, item)
    feed = extract.fragment(item.content or "") if len(item.content or "") >= partial.FULL else ""
    return Evidence(title.value if title else "", meta.description or "", extract.fragment(meta.body), feed)


def _plain(text: str, item: Item, source: TextFrom) -> Found | Refused:
    """Plain text of any length, without boilerplate; its first line is the title if the item has none."""
    text = lines(text)
    text = without_boilerplate(text) or text
    if not text:
        return Refused("no_text")
    first, _, rest = text.partition("\n")
    headlines = () if item.title else (Sourced(first[:TITLE], "given"),)
    titled = not item.title or hashable(first).casefold() == hashable(item.title).casefold()
    read = extract.bounded(rest if titled and rest else text, "text")
    return Found(Chosen(read, source), Meta(headlines=headlines))


def _pdf(page: Page, item: Item) -> Found | Refused:
    """A PDF file. Its own title and author are used only if the feed has none: they are often those of a template."""
    try:
        found = pdf.read(page.body, item.seen)
    except pdf.Unreadable as error:
        return Refused(error.reason, error.detail)
    titled = item.title and not item.untitled
    headlines = (Sourced(found.title, "pdf"),) if found.title and not titled else ()
    author = Sourced(found.author, "pdf") if found.author and not item.author else None
    text = extract.bounded(without_boilerplate(found.text) or found.text, found.extractor)
    text = replace(text, truncated=text.truncated or found.cut)
    return Found(Chosen(text, "pdf"), Meta(headlines=headlines, author=author), found.created)


def is_named(meta: Meta, item: Item) -> bool:
    """Whether a headline of the page is that of the item."""
    if not item.title or item.untitled:
        return False
    return any(same(title.value, item.title) for title in meta.headlines)


def _guess(tree: HtmlElement, url: str, seen: datetime) -> Dated | None:
    """The day of a page without metadata, by htmldate, else from the address.

    htmldate's extensive search is off: of 357 dates that it found on real pages a quarter were years of copyright
    notices and dates of other articles, and its parser takes ten seconds to warm up. Its reading of addresses is not
    used either: for it, /2026/11/5-lessons is the fifth of November.
    """
    try:
        raw = find_date(tree, original_date=True, max_date=seen.strftime("%Y-%m-%d"), extensive_search=False)
    except (ValueError, TypeError, AttributeError, RecursionError):
        raw = None
    moment = parse_date(raw, seen=seen) if raw else None
    return Dated(moment, "htmldate", raw) if moment and raw else _date_in(url, seen)


def _date_in(url: str, seen: datetime) -> Dated | None:
    """The day in an address such as /2026/11/05/… or /2026-11-05-rain."""
    found = _DATED_PATH.search(urlsplit(url).path)
    day = "-".join(filter(None, found.groups())) if found else ""
    moment = parse_date(day, seen=seen) if day else None
    return Dated(moment, "url", day) if moment and moment <= seen else None


# --- comparing ----------------------------------------------------------------------------------------------------

_FORMS = {
    mark: form
    for marks, form in (("‘’‚‛′`´ʼ", "'"), ("“”„‟″«»", '"'), ("‐‑‒–—―−", "-"), ("…", "..."))
    for mark in marks
}
_MARKS = re.compile(f"[{''.join(_FORMS)}]")


def hashable(text: str) -> str:
    """`text` with quotes, dashes, dots and white space in one form; letter case is kept."""
    if not text.isascii():
        text = _MARKS.sub(lambda mark: _FORMS[mark[0]], text)
    return " ".join(text.split())
