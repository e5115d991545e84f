"""Joins the pages of an article that is shown on several: the next one is read as long as it is of the same article.

A page is of the same article if its address is (page_addresses.py), and its headline. Nothing is joined twice: pages
repeat the beginning of the article, its author, or everything but the comments.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from msgspec.structs import replace as with_fields

from pipeline.core.pages import extract
from pipeline.core.pages.article import find, make
from pipeline.core.pages.metadata import Meta
from pipeline.core.pages.page_addresses import place_of
from pipeline.core.pages.pagination import Following, Pages
from pipeline.core.pages.reading import Found, Refused, read
from pipeline.core.urls import canonical
from pipeline.records import Article, Item, Page
from pipeline.stage import Drop

REPEATED = 60  # letters of a block inside a page that is not joined again; shorter ones may be meant, as questions are
_GAPS = re.compile(r"[\W_]+")
_MARK = re.compile(
    r"(?:[-–—|:(\[,]|\s)*(?:page|seite|página|pagina|pag|part|parte|teil|strona|страница|сторінка|sayfa|side|sida|sivu|"
    r"halaman|trang|第)?[\s.]*\d{1,2}\s*(?:(?:/|of|de|von|di|из|z)\s*\d{1,2}|页|頁|ページ)?[\s)\]]*$",
    re.I,
)
#: Why a page of the article has no text of an article.
_HARMLESS = frozenset({"too_short", "no_text", "section_page"})


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An article of which more pages are to be read, the first of `ahead` next. `article`: as it is without them."""

    article: Article
    found: Found
    item: Item
    first: Page  # without its body
    ahead: tuple[Following, ...]
    pages: Pages


def clean_first(page: Page, item: Item) -> Article | Drop | Unfinished:
    """As `article.clean_page`, but an article with more pages is Unfinished."""
    found = find(page, item)
    if isinstance(found, Drop):
        return found
    article = make(page, item, found)
    if isinstance(article, Drop) or not found.ahead or found.chosen.text_from not in ("page", "data"):
        return article
    if found.chosen.partial:  # paid or cut: the rest would not follow on what is missing
        return article
    addresses = tuple(dict.fromkeys((page.url, article.url, item.url)))
    article = with_fields(article, partial="pages")
    return Unfinished(article, found, item, with_fields(page, body=b""), found.ahead, Pages(addresses))


def add_page(before: Unfinished, page: Page | None) -> Article | Unfinished:
    """The article with the page that `before.ahead` names; None if that could not be fetched."""
    wanted, others = before.ahead[0], before.ahead[1:]
    if page is None or not 200 <= page.status < 300:
        return replace(before, ahead=others) if others else before.article
    place = next(filter(None, (place_of(page.url, address) for address in before.pages.articles)), None)
    led_off = page.url != wanted.url and (place is None or (place.number, place.whole) != (wanted.number, wanted.whole))
    more = (
        None
        if led_off
        else read(
            page,
            before.item,
            canonical(page.url),
            replace(before.pages, number=wanted.number, read=before.pages.read + 1),
        )
    )
    if wanted.whole:
        return _whole(before, more, others)
    if more is None:
        return _finished(before)  # a redirect to the first page, or to another article: there was no more
    if isinstance(more, Refused) and more.reason not in _HARMLESS:
        return before.article
    if more.meta is not None and not _of_same_article(more.meta, before):
        return _finished(before)
    return _joined(before, wanted, more)


def _joined(before: Unfinished, at: Following, more: Found | Refused) -> Article | Unfinished:
    text = more.chosen.text.text if isinstance(more, Found) else more.shown
    old = before.found.chosen.text
    whole = join_blocks(old.text.split("\n"), text.split("\n"), before.article.title.value)
    if len(whole) <= old.text.count("\n") + 1:
        return _finished(before)  # it is a page of comments, or the first again
    joined = replace(old, text="\n".join(whole))
    joined = replace(joined, text=(cut := extract.bounded(joined.text, old.extractor)).text, truncated=cut.truncated)
    lacks = "" if isinstance(more, Refused) else more.chosen.partial
    found = replace(before.found, chosen=replace(before.found.chosen, text=joined, partial=lacks))
    read_now = replace(before.pages, number=at.number, read=before.pages.read + 1)
    after = replace(before, found=found, pages=read_now)
    ahead = more.ahead if isinstance(more, Found) and not lacks and not cut.truncated else ()
    article = _article(after)
    if not ahead:
        return article
    return replace(after, article=with_fields(article, partial="pages"), ahead=ahead)


def _whole(before: Unfinished, more: Found | Refused | None, others: tuple[Following, ...]) -> Article | Unfinished:
    """The article from the page that has all of it, if that is so."""
    if isinstance(more, Found) and _of_same_article(more.meta, before):
        text, old = more.chosen.text.text, before.found.chosen.text.text
        shared = sum(len(block) for block in old.split("\n") if _bare(block) in _bare(text))
        if len(text) > len(old) and shared > 0.5 * len(old):
            return _article(replace(before, found=replace(before.found, chosen=more.chosen)))
    return replace(before, ahead=others) if others else before.article


def _finished(before: Unfinished) -> Article:
    return with_fields(before.article, partial=before.found.chosen.partial)


def _article(after: Unfinished) -> Article:
    article = make(after.first, after.item, after.found, after.pages.read)
    assert isinstance(article, Article)  # it has a title
    fetched = after.article.fetched and with_fields(after.article.fetched, pages=after.pages.read)
    return with_fields(article, fetched=fetched)


def _of_same_article(meta: Meta, before: Unfinished) -> bool:
    """Whether a headline of the page is that of the article, but for the number of the page."""
    theirs = {
        _headline(title) for title in (*(each.value for each in meta.headlines), meta.h1, meta.window_title) if title
    }
    known = before.found.meta
    ours = {
        _headline(title) for title in (*(each.value for each in known.headlines), known.h1, before.article.title.value)
    }
    return not theirs or any(
        one == other or (len(one) > 15 and other.startswith(one)) for one in ours - {""} for other in theirs
    )


def _headline(title: str) -> str:
    return _bare(_MARK.sub("", title))


def join_blocks(old: Sequence[str], new: Sequence[str], title: str) -> list[str]:
    """The blocks of two pages, without those that the second repeats. What ends both stays at the end."""
    known = {_bare(block) for block in (*old, title)}
    end = 0
    while end < min(len(old), len(new)) - 1 and _bare(old[-1 - end]) == _bare(new[-1 - end]):
        end += 1
    tail = list(new[len(new) - end :])
    rest = list(new[: len(new) - end])
    while rest and _bare(rest[0]) in known:
        rest.pop(0)
    while rest and _bare(rest[-1]) in known:
        rest.pop()
    rest = [block for block in rest if len(block) < REPEATED or _bare(block) not in known]
    return [*old[: len(old) - end], *rest, *tail]


def _bare(text: str) -> str:
    return _GAPS.sub("", text).casefold()
