"""Makes an Article of a fetched page and its feed item, or a Drop with the reason: all CPU work of the clean stage.

Where feed and page differ in address or language, this module decides which one to use; for title, dates and author,
choices.py does.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

from htmldate import find_date
from lxml.html import HtmlElement

from pipeline.core.decoding.decode import decode
from pipeline.core.decoding.mojibake import garbled
from pipeline.core.pages import extract, feed_text, markup, metadata, partial, walls
from pipeline.core.pages.boilerplate import without_boilerplate
from pipeline.core.pages.choices import (
    TITLE,
    choose_author,
    choose_description,
    choose_published,
    choose_title,
    choose_updated,
)
from pipeline.core.pages.feed_text import Chosen
from pipeline.core.pages.headlines import same
from pipeline.core.pages.metadata import Meta
from pipeline.core.text import detect_language
from pipeline.core.text.date_strings import parse_date
from pipeline.core.text.tidy import line, lines
from pipeline.core.urls import article_id, canonical, registrable
from pipeline.records import Article, Dated, Fetched, Item, Page, Sourced, TextFrom
from pipeline.stage import Drop

#: Content type of plain article text in UTF-8; its encoding is not guessed.
GIVEN_TEXT = "text/x-article; charset=utf-8"
#: Where texts come from that are not of the markup, by what read them.
_TEXT_FROM: dict[str, TextFrom] = {"json-ld": "json-ld", "data": "data"}
#: Walls on the page of the article itself, whose metadata are therefore those of the article.
_OF_THE_ITEM = frozenset({"paywall", "no_text", "too_short", "needs_javascript"})
_END = re.compile(rb"(?i)</(?:html|body)\s*>")
_DATED_PATH = re.compile(r"/((?:19|20)\d\d)(?:/(\d\d)/(\d\d)/|-(\d\d)-(\d\d)\b)")


def clean_page(page: Page, item: Item) -> Article | Drop:
    """The article on `page`, which `item` links to. Something else stands in for a page that is no article, shows only
    a part of the text, or is about something else if several entries link to it (feed_text.py); not for a challenge,
    which may be gone at the next try.

    Drop reasons: not_html, empty, too_large, needs_javascript, no_title, bad_url and those of walls.find_wall.
    """
    try:
        url = _base(page, item)
    except ValueError as error:
        return Drop("bad_url", str(error))
    found = _with_feed(_read(page, item, url), item)
    if isinstance(found, Drop):
        return found
    if page.cut and not ends(page.body) and found.chosen.text_from in ("page", "pdf"):
        found = replace(found, chosen=replace(found.chosen, partial=found.chosen.partial or "cut"))
    fetched = Fetched(at=page.fetched_at, status=page.status, bytes=len(page.body),
                      sha256=hashlib.sha256(page.body).hexdigest(), extractor=found.chosen.text.extractor,
                      cut=bool(page.cut), refused=found.refused)  # fmt: skip
    return _article(item, found, url, page.url, fetched)


def ends(body: bytes) -> bool:
    """Whether a page ends as pages do, although the server sent less than it announced."""
    return _END.search(body[-2_000:]) is not None


def clean_from_feed(item: Item, at: datetime, reason: str = "", whole: bool = False) -> Article | None:
    """The article from its feed alone, if it has no page, or the page could not be fetched at `at` for `reason`; None
    without title and text. `whole`: only from the text of a whole article."""
    if whole:
        chosen = feed_text.full(item)
    else:
        own = item.link == "own"
        chosen = feed_text.instead_of_page(item, reason) if own else feed_text.without_page(item)
    if chosen is None:
        return None
    fetched = Fetched(at=at, status=0, bytes=0, sha256=hashlib.sha256().hexdigest(), extractor=chosen.text.extractor,
                      refused=reason)  # fmt: skip
    try:
        article = _article(item, _Found(chosen), canonical(item.url), item.url, fetched)
    except ValueError:
        return None
    return article if isinstance(article, Article) else None


@dataclass(frozen=True, slots=True)
class _Found:
    """What the article is made of. `date`: guessed. `refused`: why it is not what the page shows."""

    chosen: Chosen
    meta: Meta = field(default_factory=Meta)
    date: Dated | None = None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class _Refused:
    """A page that is not an article for `reason`. `shown`: what a paid one shows. `meta`: if the page is the item's."""

    reason: str
    detail: str = ""
    shown: str = ""
    meta: Meta | None = None


def _read(page: Page, item: Item, url: str) -> _Found | _Refused:
    """Text and metadata of the page, or why it is not an article."""
    if len(page.body) > markup.PAGE_LIMIT:
        return _Refused("too_large", f"{len(page.body)} bytes")
    if page.content_type == GIVEN_TEXT:
        return _plain(page.body.decode("utf-8", "replace"), item, "given")
    kind = markup.kind(page.body, page.content_type)
    if kind == "other":
        return _Refused("not_html" if page.body.strip() else "empty", page.content_type[:100])
    text = decode(page.body, page.content_type, item.language).text
    if kind == "text":
        return _plain(text, item, "page")
    if reason := walls.find_wall_by_address(item.url, page.url):
        return _Refused(reason, page.url)
    body = text.encode("utf-8", "replace")
    tree = markup.parse(body)
    if tree is None:
        return _Refused("empty", "no element")
    return _html(tree, body, page, item, url)


def _html(tree: HtmlElement, body: bytes, page: Page, item: Item, url: str) -> _Found | _Refused:
    meta = metadata.read(tree, url, item.seen, item.language, item.country)
    date = None if meta.published or item.published else _guess(tree, url, item.seen)
    text = extract.from_html(tree, body, meta.body)
    fetched = walls.Fetched(item.url, page.url, meta, text.text, text.page, text.links, page.headers, body[:30_000])
    reason = walls.find_wall(fetched) or ("needs_javascript" if partial.needs_scripts(text.text) else None)
    if reason:
        shown = partial.shown(text.text) if reason == "paywall" else ""
        own = reason in _OF_THE_ITEM and (meta.article or _is_named(meta, item))
        return _Refused(reason, line(meta.window_title or meta.h1, 200), shown, meta if own else None)
    read, lacks = partial.of_page(text.text, meta)
    return _Found(Chosen(replace(text, text=read), _TEXT_FROM.get(text.extractor, "page"), lacks), meta, date)


def _plain(text: str, item: Item, source: TextFrom) -> _Found | _Refused:
    """Plain text of any length, without boilerplate; its first line is the title if the item has none."""
    text = lines(text)
    text = without_boilerplate(text) or text
    if not text:
        return _Refused("no_text")
    first, _, rest = text.partition("\n")
    headlines = () if item.title else (Sourced(first[:TITLE], "given"),)
    titled = not item.title or hashable(first).casefold() == hashable(item.title).casefold()
    read = extract.bounded(rest if titled and rest else text, "text")
    return _Found(Chosen(read, source), Meta(headlines=headlines))


def _with_feed(found: _Found | _Refused, item: Item) -> _Found | Drop:
    """What was found on the page, or what is better, or stands in."""
    if item.link == "shared" and not (isinstance(found, _Found) and _is_named(found.meta, item)):
        chosen = feed_text.without_page(item)
        found = _Refused("other_page", "the page that several entries link to is about something else")
    elif isinstance(found, _Found):
        chosen = feed_text.better_than_page(item, found.chosen, found.meta)
        return found if chosen is None else replace(found, chosen=chosen)
    else:
        wall = found.reason == "challenge"
        chosen = None if wall else feed_text.instead_of_page(item, found.reason, found.shown, found.meta)
    if chosen is None:
        return Drop(found.reason, found.detail)
    return _Found(chosen, found.meta or Meta(), refused=found.reason)


def _is_named(meta: Meta, item: Item) -> bool:
    """Whether a headline of the page is that of the item."""
    if not item.title or item.untitled:
        return False
    return any(same(title.value, item.title) for title in meta.headlines)


def _base(page: Page, item: Item) -> str:
    """The URL of the page after redirects, else of the item. Raises ValueError."""
    try:
        return canonical(page.url)
    except ValueError:
        return canonical(item.url)


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


def _article(item: Item, found: _Found, base: str, page_url: str, fetched: Fetched) -> Article | Drop:
    meta, text = found.meta, found.chosen.text
    title = choose_title(meta, item)
    if title is None:
        return Drop("no_title")
    url = meta.canonical or base
    own, aliases = _ids(item, url, page_url)
    body = _without_title(text.text, title.value)
    published = choose_published(meta.published, found.date, item)
    detected = detect_language.detect(title.value, body, meta.language or item.language)
    return Article(
        id=own, url=url if item.link == "own" else item.url, feed=item.feed, source=item.source, title=title, text=body,
        content_hash=content_hash(title.value, body), seen=item.seen,
        language=detected[0] if detected else None,
        aliases=aliases, guid=item.guid, truncated=text.truncated,
        text_from=found.chosen.text_from, partial=found.chosen.partial, garbled=garbled(f"{title.value}\n{body}"),
        author=choose_author(meta, item), published=published, updated=choose_updated(meta, item, published),
        country=item.country, description=choose_description(meta, item),
        image=meta.image or item.image, section=meta.section, backlog=item.backlog, revisit=item.revisit,
        fetched=fetched, profile=item.profile,
    )  # fmt: skip


def _ids(item: Item, url: str, page_url: str) -> tuple[str, tuple[str, ...]]:
    """The id of the article at `url`, and those of its other addresses."""
    own = article_id(url)
    if item.link != "own":
        return item.article or own, ()
    if item.article and own == article_id(item.url):  # another one than before at this address
        own = item.article
    aliases = _aliases(own, (url, item.url, page_url))
    return own, (*aliases, item.article) if item.article and item.article != own else aliases


def _aliases(own: str, urls: Iterable[str]) -> tuple[str, ...]:
    ids: dict[str, None] = {}
    for url in urls:
        with suppress(ValueError):
            ids[article_id(url)] = None
    ids.pop(own, None)
    return tuple(ids)


def _without_title(text: str, title: str) -> str:
    """`text` without a first line that repeats the title, unless that is the only line."""
    first, _, rest = text.partition("\n")
    return rest if rest and hashable(first) == hashable(title) else text


# --- identity ------------------------------------------------------------------------------------------------------

_QUOTES, _DOUBLE, _DASHES = (re.compile(f"[{marks}]") for marks in ("‘’‚‛′`´ʼ", "“”„‟″«»", "‐‑‒–—―−"))


def hashable(text: str) -> str:
    """`text` with quotes, dashes, dots and white space in one form; letter case is kept."""
    if not text.isascii():
        text = _DASHES.sub("-", _DOUBLE.sub('"', _QUOTES.sub("'", text))).replace("…", "...")
    return " ".join(text.split())


def content_hash(title: str, text: str) -> str:
    """The first 32 hex digits of a SHA-256 of title and text, the same for versions that differ only in typography."""
    return hashlib.sha256(f"{hashable(title)}\n{hashable(text)}".encode()).hexdigest()[:32]


def domain(url: str) -> str:
    """The registrable domain; the URL itself if it has none, so that it can still be a key."""
    try:
        return registrable(url)
    except ValueError:
        return url[:200]
