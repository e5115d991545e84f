"""Finds the next page of an article that is shown on several pages, or the one page that has all of it.

A link counts if its address is that of a page of this article (page_addresses.py) and if it is called so: `rel=next`,
"next page" in many languages, the number of the page, an arrow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from lxml.html import HtmlElement

from pipeline.core.pages.page_addresses import Place, key_of, place_of
from pipeline.core.pages.terms import all_terms, any_of
from pipeline.core.text.languages import vocabulary
from pipeline.core.urls import join

LINKS = 60  # of a page whose addresses are compared
_WORDS = vocabulary("pagination")
_NEXT, _WHOLE = frozenset(all_terms(_WORDS["next"])), frozenset(all_terms(_WORDS["whole"]))
_NAMED_NUMBER = re.compile(
    rf"(?:{any_of(all_terms(_WORDS['page']))}[\s.:]*)*(\d{{1,2}})(?:\s*(?:/|of|von|de|из)\s*\d+)?\W*", re.I
)
_ARROWS = " \t\n\r›»→>▶►⟩⇒❯…·|-–—:。"
_CLASS = re.compile(r"(?:^|[\s_-])(?:next|pag(?:e|er|ing|ination|es)?|siguiente|suivant|weiter|nav-next)", re.I)
_MARKED = re.compile(r"(?<!\d)\d{1,3}(?!\d)|all|full|single|komplett|one|print|view", re.I)
_COMMENTS = re.compile(r"comment|reply|respond|disqus", re.I)


@dataclass(frozen=True, slots=True)
class Following:
    """The page to be read next. `number`: of the page as the address counts; `whole`: it has all of the article."""

    url: str
    number: int
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Pages:
    """What is known of the pages of an article: addresses of the first, the number in the address of the last that was
    read, and how many were read."""

    articles: tuple[str, ...]
    number: int = 1
    read: int = 1


@dataclass(frozen=True, slots=True)
class _Link:
    url: str
    place: Place
    rel: bool  # rel=next
    words: str
    marks: str  # class, id and labels


def following(tree: HtmlElement, at: str, pages: Pages) -> tuple[Following, ...]:
    """What to read after the page at `at`, in order of preference: on the first page the one that has all, then the
    next. Empty: this is the last page, or the only."""
    links = list(_links(tree, at, pages.articles))
    expected = (pages.number + 1, 1) if pages.read == 1 else (pages.number + 1,)  # some sites count from 0
    ahead = [
        each for each in links if each.place.number in expected and not each.place.whole and _leads_on(each, pages)
    ]
    if not ahead:
        return ()
    best = max(ahead, key=lambda link: (link.place.number == expected[0], link.rel, link.place.sure))
    after = Following(best.url, best.place.number)
    whole = next((link for link in links if link.place.whole and _is_whole(link)), None) if pages.read == 1 else None
    return (Following(whole.url, 0, whole=True), after) if whole else (after,)


def _links(tree: HtmlElement, at: str, articles: Sequence[str]) -> Iterator[_Link]:
    """The links of the page to pages of its article."""
    keys = list(dict.fromkeys(key for article in articles if (key := key_of(article))))[:2]
    keys = list(dict.fromkeys(form for key in keys for form in (key, quote(key))))
    compared = 0
    for element in tree.iter("link", "a"):
        href = element.get("href")
        if not href or not _may_be_page(href, keys):
            continue
        rel = (element.get("rel") or "").lower().split()
        if element.tag == "link" and not {"next", "canonical"} & set(rel):
            continue
        compared += 1
        if compared > LINKS:
            return
        if (place := next(filter(None, (_place(at, href, article) for article in articles)), None)) is not None:
            words = " ".join(element.text_content()[:80].split()).casefold() if element.tag == "a" else " ".join(rel)
            marks = " ".join(filter(None, map(element.get, ("class", "id", "title", "aria-label"))))
            yield _Link(join(at, href.strip()), place, "next" in rel, words.strip(_ARROWS), marks)


def _may_be_page(href: str, keys: list[str]) -> bool:
    """A quick test, because a page has hundreds of links: by what stands behind the article's address, or alone."""
    for key in keys:
        if key in href:
            rest = href[href.rfind(key) + len(key) :]
            break
    else:
        if href[0] in "#/" or (href[0] != "?" and (len(href) > 40 or ":" in href)):
            return False
        rest = href
    return _MARKED.search(rest) is not None and not _COMMENTS.search(rest)


def _place(at: str, href: str, article: str) -> Place | None:
    try:
        return place_of(join(at, href.strip()), article)
    except ValueError:
        return None


def _leads_on(link: _Link, pages: Pages) -> bool:
    """Whether the link is called one to the next page."""
    if link.rel or link.words in _NEXT or (not link.words and not link.marks):
        return True
    named = _NAMED_NUMBER.fullmatch(link.words)
    counted = named is not None and int(named[1]) == pages.read + 1
    return (counted and link.place.sure) or (_CLASS.search(link.marks) is not None and (counted or not named))


def _is_whole(link: _Link) -> bool:
    return link.words in _WHOLE or link.words == "canonical" or "all" in link.marks.casefold().split()
