"""Makes an Article of a fetched page and its feed item, or a Drop with the reason: all CPU work of the clean stage.

Where feed and page differ in address or language, this module decides which one to use; for title, dates and author,
choices.py does.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from pipeline.core.decoding.mojibake import garbled
from pipeline.core.pages import feed_text, partial
from pipeline.core.pages.bylines import read_byline
from pipeline.core.pages.choices import (
    choose_author,
    choose_byline,
    choose_description,
    choose_published,
    choose_title,
    choose_updated,
)
from pipeline.core.pages.metadata import Meta
from pipeline.core.pages.reading import Found, Refused, hashable, is_named, read
from pipeline.core.text import detect_language
from pipeline.core.urls import article_id, canonical, registrable
from pipeline.records import Article, Fetched, Item, Page
from pipeline.stage import Drop

BYLINE = 120  # characters of a line with the names of authors
_END = re.compile(rb"(?i)</(?:html|body)\s*>|%%EOF")


def clean_page(page: Page, item: Item) -> Article | Drop:
    """The article on `page`, which `item` links to. Something else stands in for a page that is no article, shows only
    a part of the text, or is about something else if several entries link to it (feed_text.py); not for a challenge,
    which may be gone at the next try.

    Drop reasons: not_html, empty, too_large, needs_javascript, pdf_encrypted, pdf_broken, pdf_no_text, no_title,
    bad_url and those of walls.find_wall.
    """
    found = find(page, item)
    return found if isinstance(found, Drop) else make(page, item, found)


def find(page: Page, item: Item) -> Found | Drop:
    """What the article of `item` is made of, with text from `page` or what is better."""
    try:
        url = address_of(page, item)
    except ValueError as error:
        return Drop("bad_url", str(error))
    found = _with_feed(read(page, item, url), item)
    if isinstance(found, Found) and page.cut and not ends(page.body) and found.chosen.text_from in ("page", "pdf"):
        return replace(found, chosen=replace(found.chosen, partial=found.chosen.partial or "cut"))
    return found


def make(page: Page, item: Item, found: Found, pages: int = 1) -> Article | Drop:
    """The article of what was found on `page`, and on others if `pages` is more than 1."""
    fetched = Fetched(at=page.fetched_at, status=page.status, bytes=len(page.body),
                      sha256=hashlib.sha256(page.body).hexdigest(), extractor=found.chosen.text.extractor,
                      cut=bool(page.cut), refused=found.refused, pages=pages)  # fmt: skip
    return _article(item, found, address_of(page, item), page.url, fetched)


def clean_refused(page: Page, item: Item) -> Article | None:
    """The article on a page whose status refuses it (403 and the like), if the page has its headline and its text."""
    found = find(page, item)
    if isinstance(found, Drop) or found.refused or found.chosen.text_from not in ("page", "json-ld", "data"):
        return None
    if not is_named(found.meta, item) or len(found.chosen.text.text) < partial.FULL:
        return None
    article = make(page, item, found)
    return article if isinstance(article, Article) else None


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
        article = _article(item, Found(chosen), canonical(item.url), item.url, fetched)
    except ValueError:
        return None
    return article if isinstance(article, Article) else None


def _with_feed(found: Found | Refused, item: Item) -> Found | Drop:
    """What was found on the page, or what is better, or stands in."""
    if item.link == "shared" and not (isinstance(found, Found) and is_named(found.meta, item)):
        chosen = feed_text.without_page(item)
        found = Refused("other_page", "the page that several entries link to is about something else")
    elif isinstance(found, Found):
        chosen = feed_text.better_than_page(item, found.chosen, found.meta)
        if chosen is None:
            return found
        if is_named(found.meta, item) or not feed_text.is_foreign(
            found.chosen.text.text, chosen.text.text, item, found.meta
        ):
            return replace(found, chosen=chosen)
        found = Refused("other_text", "the page shows something else")
    else:
        wall, shown = found.reason == "challenge", found.shown if found.reason == "paywall" else ""
        chosen = None if wall else feed_text.instead_of_page(item, found.reason, shown, found.meta)
    if chosen is None:
        return Drop(found.reason, found.detail)
    meta = found.meta or Meta()
    if item.title and not item.untitled:  # the title of a page without text may be the only thing that it shares
        meta = replace(meta, headlines=())
    return Found(chosen, meta, refused=found.reason)


def address_of(page: Page, item: Item) -> str:
    """The URL of the page after redirects, else of the item. Raises ValueError."""
    try:
        return canonical(page.url)
    except ValueError:
        return canonical(item.url)


def _article(item: Item, found: Found, base: str, page_url: str, fetched: Fetched) -> Article | Drop:
    meta, text = found.meta, found.chosen.text
    title = choose_title(meta, item)
    if title is None:
        return Drop("no_title")
    url = meta.canonical or base
    own, aliases = _ids(item, url, page_url)
    author = choose_author(meta, item)
    line, body = _byline_and_rest(_without_title(text.text, title.value), author.value if author else "")
    published = choose_published(meta.published, found.date, item)
    detected = detect_language.detect(title.value, body, meta.language or item.language)
    return Article(
        id=own, url=url if item.link == "own" else item.url, feed=item.feed, source=item.source, title=title, text=body,
        content_hash=content_hash(title.value, body), seen=item.seen,
        language=detected[0] if detected else None,
        aliases=aliases, guid=item.guid, truncated=text.truncated,
        text_from=found.chosen.text_from, partial=found.chosen.partial, garbled=garbled(f"{title.value}\n{body}"),
        author=author, byline=choose_byline(meta, item, author, line),
        published=published, updated=choose_updated(meta, item, published),
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


def _byline_and_rest(text: str, author: str) -> tuple[str, str]:
    """A first line that only names the author, such as "By Ana Ruiz", "" without one; and the rest of `text`."""
    first, _, rest = text.partition("\n")
    found = author and rest and len(first) < BYLINE and read_byline([first]) == author
    return (first, rest) if found else ("", text)


def _without_title(text: str, title: str) -> str:
    """`text` without a first line that repeats the title, unless that is the only line."""
    first, _, rest = text.partition("\n")
    return rest if rest and hashable(first) == hashable(title) else text


# --- identity ------------------------------------------------------------------------------------------------------


def content_hash(title: str, text: str) -> str:
    """The first 32 hex digits of a SHA-256 of title and text, the same for versions that differ only in typography."""
    return hashlib.sha256(f"{hashable(title)}\n{hashable(text)}".encode()).hexdigest()[:32]


def domain(url: str) -> str:
    """The registrable domain; the URL itself if it has none, so that it can still be a key."""
    try:
        return registrable(url)
    except ValueError:
        return url[:200]
