"""Chooses between the text of a page and that of the feed, and what stands in for a page that has none.

A short document that is marked as partial is better than none; but a page that is not there any more, or that is about
something else, is not replaced by a headline.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.core.decoding.mojibake import garbled
from pipeline.core.pages import extract, partial
from pipeline.core.pages.boilerplate import without_boilerplate
from pipeline.core.pages.extract import Text
from pipeline.core.pages.metadata import Meta
from pipeline.core.pages.partial import FULL, letters
from pipeline.core.text.tidy import line
from pipeline.core.text.words import words
from pipeline.records import Item, Partial, TextFrom

LEAST = 80  # bytes in UTF-8 of a text that shows what an absent article says: about 13 words, or 27 Han characters
LONGER = 1.3  # times the text of the page from which the feed's is used: shorter surpluses are footers
#: Reasons to believe that the address leads to no article: then a headline alone is not one either.
ABSENT = frozenset({"http_404", "http_410", "soft_404", "home_page", "section_page", "fetch_refused_address",
                    "fetch_bad_url", "other_page"})  # fmt: skip
MORE = 300  # letters in paragraphs that only the feed has, while it has all of the page's
_SMALL = 1_500  # letters of a page that may show only a notice, a promotion or a menu
_OPENING = 40  # characters by which a paragraph is found again in the other text
_STEM = 5  # letters by which words are compared, whatever their endings
_STOPS, _QUOTES = ".!?…。！？؟।", "\"'”’»)]"
_GAPS = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A text, where it was read, and what it lacks."""

    text: Text
    text_from: TextFrom
    partial: Partial = ""


def of_feed(item: Item) -> Chosen | None:
    """The text of the feed; None if it has none."""
    html = item.content or item.summary or ""
    text, lacks = partial.of_feed(without_boilerplate(extract.fragment(html)), html, item.content is None)
    return Chosen(extract.bounded(text, "feed"), "feed", lacks) if text else None


def of_title(item: Item) -> Chosen | None:
    """The headline in the feed as the text; None on a revisit, when it is no news."""
    title = "" if item.revisit or not item.feed else line(item.title or "", 500)
    return Chosen(extract.bounded(title, "feed"), "title", "teaser") if title else None


def instead_of_page(item: Item, reason: str, shown: str = "", meta: Meta | None = None) -> Chosen | None:
    """What stands in for a page that cannot be read for `reason`: the longest of the text of the feed, of what a paid
    page shows (`shown`) and of the page's own summary; else the headline. None if nothing does."""
    found = [chosen for chosen in (of_feed(item), _of_page(shown, "page"), _of_summary(meta)) if chosen]
    if found:
        best = max(found, key=lambda chosen: letters(chosen.text.text))
        if reason in ABSENT and len(best.text.text.encode()) < LEAST:
            return None
        return best
    return None if reason in ABSENT else of_title(item)


def without_page(item: Item) -> Chosen | None:
    """The text of an entry that has no page of its own, however short; that of its title if there is no other."""
    if found := of_feed(item):
        return found if item.link != "none" else Chosen(found.text, "feed")
    if item.link != "none" and item.revisit:
        return None
    title = line(item.title or "", 500)
    return Chosen(extract.bounded(title, "feed"), "title") if title else None


def full(item: Item) -> Chosen | None:
    """The text of the feed, if it is that of a whole article."""
    found = of_feed(item) if letters(item.content or "") >= FULL else None
    return found if found and letters(found.text.text) >= FULL else None


def better_than_page(item: Item, page: Chosen, meta: Meta) -> Chosen | None:
    """The text of the feed, if that of the page is only a part of it, such as the free part of a paid article, is about
    something else, such as an offer of the site, or cannot be read."""
    feed = of_feed(item)
    if feed is None or item.revisit:
        return None
    own, other = page.text.text, feed.text.text
    short = bool(page.partial) or partial.is_open(own)
    longer = len(other) > len(own) if short else len(other) >= LONGER * len(own)
    share = _share(own, other)
    part = longer and share >= (0.2 if short or meta.free is False else 0.4)
    part = part or (share >= 0.9 and _surplus(other, own) >= MORE)
    if feed.partial and not short:
        foreign = letters(own) < _SMALL and letters(other) >= LEAST and is_foreign(own, other, item, meta)
        better = part or foreign
    elif letters(other) < FULL:
        better = False
    else:
        foreign = letters(own) < _SMALL and 2 * len(other) > len(own) and is_foreign(own, other, item, meta)
        better = part or foreign or (garbled(own) and not garbled(other) and 1.5 * len(other) > len(own))
    if not better:
        return None
    return Chosen(feed.text, "feed", page.partial if feed.partial and page.partial else feed.partial)


def _of_page(shown: str, source: TextFrom) -> Chosen | None:
    return Chosen(extract.bounded(shown, extract.EXTRACTOR), source, "paid") if shown else None


def _of_summary(meta: Meta | None) -> Chosen | None:
    text = (meta.description if meta and meta.article else None) or ""
    return Chosen(extract.bounded(line(text), "description"), "description", "teaser") if text else None


def is_foreign(page: str, feed: str, item: Item, meta: Meta) -> bool:
    """Whether the page has next to no word of the headline in the feed, nor of the feed's text."""
    own = _stems(page)
    headline = _stems(item.title or " ".join(title.value for title in meta.headlines))
    theirs = _stems(feed)
    return bool(theirs) and len(headline & own) <= 0.2 * len(headline) and len(theirs & own) < 0.15 * len(theirs)


def _stems(text: str) -> set[str]:
    """The beginnings of words that may carry the meaning."""
    return {word[:_STEM] for word in words(text) if len(word) > 3 or ord(word[0]) > 0x2E7F}


def _share(part: str, whole: str) -> float:
    """The share of `part`, by length, whose paragraphs begin as one place in `whole`."""
    whole = _bare(whole)
    paragraphs = [bare for paragraph in part.split("\n") if (bare := _bare(paragraph))]
    found = sum(len(bare) for bare in paragraphs if bare[:_OPENING] in whole)
    return found / max(1, sum(map(len, paragraphs)))


def _surplus(feed: str, page: str) -> int:
    """The letters of the paragraphs of `feed` that `page` does not have; of sentences, not of lists of links."""
    whole = _bare(page)
    rows = [row for row in feed.split("\n") if len(row) >= 2 * _OPENING and row.rstrip(_QUOTES)[-1:] in _STOPS]
    return sum(letters(row) for row in rows if _bare(row)[:_OPENING] not in whole)


def _bare(text: str) -> str:
    return _GAPS.sub("", text).casefold()
