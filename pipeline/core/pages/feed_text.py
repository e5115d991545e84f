"""The feed's own text of an article: when it is used because the page has none, or less of it."""

from __future__ import annotations

import re

from pipeline.core.pages import extract
from pipeline.core.pages.extract import Text
from pipeline.core.pages.metadata import Meta
from pipeline.core.text.tidy import line
from pipeline.records import Item

FULL = 400  # characters; a feed with as much gives the article itself, and not only a teaser
LEAST = 80  # bytes in UTF-8 of a teaser that replaces an unreadable page: about 13 words, or 27 Han characters
LONGER = 1.3  # times the text of the page from which the feed's is used: shorter surpluses are footers
_OPENING = 40  # characters by which a paragraph is found again in the other text
_GAPS = re.compile(r"\W+")


def instead_of_page(item: Item) -> Text | None:
    """The text of the feed for a page that cannot be read; None if the feed has hardly any."""
    text = _read(item)
    return extract.bounded(text, "feed") if len(text.encode()) >= LEAST else None


def without_page(item: Item) -> Text | None:
    """The text of an entry that has no page of its own, however short; that of its title if there is no other."""
    text = _read(item)
    if not text and (item.link == "none" or not item.revisit):
        text = line(item.title or "", 500)
    return extract.bounded(text, "feed") if text else None


def full(item: Item) -> Text | None:
    """The text of the feed, if it is that of a whole article."""
    text = _read(item) if len(item.content or "") >= FULL else ""
    return extract.bounded(text, "feed") if len(text) >= FULL else None


def better_than_page(item: Item, page: Text, meta: Meta) -> Text | None:
    """The text of the feed, if that of the page is only a part of it, such as the free part of a paid article."""
    if len(item.content or "") < max(FULL, LONGER * len(page.text)):
        return None
    text = _read(item)
    if len(text) < max(FULL, LONGER * len(page.text)):
        return None
    part = _share(page.text, text) >= (0.2 if meta.free is False else 0.4)
    return extract.bounded(text, "feed") if part or not page.text else None


def _read(item: Item) -> str:
    return extract.fragment(item.content or item.summary or "")


def _share(part: str, whole: str) -> float:
    """The share of `part`, by length, whose paragraphs begin as one place in `whole`."""
    whole = _bare(whole)
    paragraphs = [bare for paragraph in part.split("\n") if (bare := _bare(paragraph))]
    found = sum(len(bare) for bare in paragraphs if bare[:_OPENING] in whole)
    return found / max(1, sum(map(len, paragraphs)))


def _bare(text: str) -> str:
    return _GAPS.sub("", text).casefold()
