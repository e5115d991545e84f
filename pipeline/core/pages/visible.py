"""Finds the bylines and dates that a page shows to its readers, for pages that do not also say them in their metadata.

The page is walked once. What stands in a part named after authors or dates counts, and short lines around the headline
("Von Ana Ruiz", "12 de mayo de 2026, 14:30 h"); link lists, comments, related articles and footers do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache

from lxml.html import HtmlElement

from pipeline.core.pages.bylines import BY, is_personal, read_byline
from pipeline.core.text.date_phrases import Found, find_dates, labelled
from pipeline.core.text.dated import Hints
from pipeline.core.text.tidy import line

ELEMENTS = 6_000  # walked of one page
NEAR = 30  # elements with text behind the headline
TODAY = timedelta(hours=36)
SHORT = 160  # characters of a line that is read

_WORDS = re.compile(r"[a-zà-ÿ]+")
_CAMEL = re.compile(r"([a-z])([A-Z])")
_SKIPPED = frozenset(("script", "style", "noscript", "svg", "head", "template", "nav", "aside", "form", "button",
                      "select", "iframe", "option", "textarea"))  # fmt: skip
#: Words in the names of elements (class, id, itemprop, rel) that hold authors, dates, or other things than the article.
_AUTHOR = frozenset(("author", "authors", "byline", "bylines", "autor", "autora", "autores", "autoren", "auteur",
                     "auteurs", "autore", "autori", "verfasser", "redakteur", "writer", "writers", "journalist",
                     "reporter", "contributor", "contributors", "columnist", "firma", "firmante", "schrijver", "yazar",
                     "forfatter", "skribent", "kirjoittaja", "szerzo", "penulis", "authorname", "bylinename",
                     "postauthor", "createdby", "vcard", "fn"))  # fmt: skip
_DATE = frozenset(("date", "datum", "datetime", "fecha", "time", "timestamp", "published", "publish", "publication",
                   "pubdate", "posted", "postdate", "created", "dateline", "dated", "datepublished", "publishdate",
                   "postedon", "entrydate", "articledate", "datestamp", "tarih", "dato", "veroeffentlicht", "zeit",
                   "pubtime", "publishtime", "tanggal", "kiado", "fechas", "hora", "heure"))  # fmt: skip
_UPDATED = frozenset(("updated", "modified", "lastmod", "datemodified", "lastupdate", "lastupdated", "aktualisiert",
                      "actualizado", "modification", "guncelleme"))  # fmt: skip
_ASIDE = frozenset(("related", "comment", "comments", "respond", "sidebar", "aside", "footer", "teaser", "teasers",
                    "recommend", "recommended", "recommendations", "promo", "widget", "widgets", "menu", "popular",
                    "trending", "newsletter", "carousel", "outbrain", "taboola", "disqus", "kommentar", "kommentare",
                    "comentarios", "commentaires", "breadcrumb", "breadcrumbs", "navigation", "navbar", "copyright",
                    "weather", "similar", "ticker", "mostread", "readmore", "slider", "upnext", "quote"))  # fmt: skip
_PROFILE = re.compile(
    r"/(?:authors?|autor(?:es|en|e)?|auteurs?|profile?s?|people|staff|team|by|journalist(?:en)?|writers?|columnist)/",
    re.I,
)


#: What the names of an element say about its text; bits, because this is asked for every element.
_NAMES_AUTHOR, _NAMES_DATE, _NAMES_UPDATE, _IS_ASIDE, _ENDS_POST = 1, 2, 4, 8, 16


@dataclass(slots=True)
class Shown:
    """What is shown: authors as written, and dates with what they are."""

    authors: list[str] = field(default_factory=list)
    published: Found | None = None
    modified: Found | None = None


def look(tree: HtmlElement, heading: HtmlElement | None, outlet: Hints, authors: bool, dates: bool) -> Shown:
    """The authors and dates that are shown on a page, as far as they are asked for. `heading`: its headline."""
    reader = _Reader(outlet, authors, dates)
    behind, prose = -1, 0  # short elements and paragraphs since the headline
    for element, role in _walk(tree, heading):
        if element is heading:
            behind = 0
            continue
        near = 0 <= behind < NEAR and prose < 2  # a first paragraph may stand above the byline
        if not (near or role or element.tag == "time") and not reader.labels(element):
            continue
        text = _short(element)
        if not text:
            prose += behind >= 0 and element.tag == "p"
            continue
        behind += behind >= 0
        reader.read(element, role, text, near)
    return reader.shown()


def _walk(tree: HtmlElement, heading: HtmlElement | None) -> Iterator[tuple[HtmlElement, int]]:
    """The elements in document order, with their roles, without those in which there is nothing about the article."""
    above = set(heading.iterancestors()) if heading is not None else set()
    todo, walked = [tree], 0
    while todo and walked < ELEMENTS:
        element = todo.pop()
        if not isinstance(element.tag, str) or element.tag in _SKIPPED:
            continue
        walked += 1
        get = element.get
        role = _role(get("class"), get("id"), get("itemprop"), get("rel")) if element.attrib else 0
        if (
            (role & _IS_ASIDE or (element.tag == "footer" and not role))
            and element not in above
            and element is not heading
        ):
            continue
        yield element, role
        todo.extend(reversed(element))


@lru_cache(maxsize=4096)
def _role(*names: str | None) -> int:
    words = frozenset(_WORDS.findall(_CAMEL.sub(r"\1 \2", " ".join(filter(None, names))).lower()))
    tables = ((_AUTHOR, _NAMES_AUTHOR), (_DATE, _NAMES_DATE), (_UPDATED, _NAMES_UPDATE), (_ASIDE, _IS_ASIDE))
    role = sum(meant for table, meant in tables if not words.isdisjoint(table))
    if "footer" in words and not words.isdisjoint(("post", "entry")):
        return role & ~_IS_ASIDE | _ENDS_POST  # blogs have author and date there
    named = role & (_NAMES_AUTHOR | _NAMES_DATE) and "comment" not in words  # "author-widget", but not "comment-author"
    return role & ~_IS_ASIDE if named else role


def _short(element: HtmlElement) -> str:
    """The text of an element that is a short line; "" for containers of more."""
    parts: list[str] = []
    length = 0
    for part in element.itertext():
        length += len(part.strip())
        if length > SHORT:
            return ""
        parts.append(part)
    return line(" ".join(parts)) if length > 1 else ""


class _Reader:
    """Collects what is found, the most certain first."""

    def __init__(self, outlet: Hints, authors: bool, dates: bool) -> None:
        self._outlet, self._authors, self._dates = outlet, authors, dates
        self._names: list[tuple[int, HtmlElement, str]] = []
        self._found: dict[str, tuple[int, Found]] = {}

    def labels(self, element: HtmlElement) -> bool:
        """Whether the element begins with the label of a date."""
        text = element.text
        return self._dates and text is not None and 2 < len(text) < SHORT and not text.isspace() and labelled(text)

    def read(self, element: HtmlElement, role: int, text: str, near: bool) -> None:
        if self._authors and len(self._names) < 20:
            self._author(element, role, text, near)
        if self._dates and any(map(str.isdigit, text)):
            self._date(element, role, text, near)

    def _author(self, element: HtmlElement, role: int, text: str, near: bool) -> None:
        rel = element.get("rel") == "author" or element.get("itemprop") == "author"
        profile = element.tag == "a" and near and _PROFILE.search(element.get("href") or "") is not None
        if rel or profile:
            self._names.append((3, element, text))
        elif role & _NAMES_AUTHOR:
            self._names.append((2, element, text))
        elif near and len(text) <= 90 and BY.match(text):
            self._names.append((1, element, text))

    def _date(self, element: HtmlElement, role: int, text: str, near: bool) -> None:
        named = bool(role & (_NAMES_DATE | _NAMES_UPDATE)) or element.tag == "time"
        if not (named or near or labelled(text)):
            return
        for found in find_dates(text, self._outlet):
            kind = found.kind or ("modified" if role & _NAMES_UPDATE and not role & _NAMES_DATE else None)
            if kind is None and not near and abs(found.moment.value - self._outlet.seen) < TODAY:
                continue  # the day of the visit, at the top of the page
            trust = 4 * (kind is not None) + 2 * near + named
            known = self._found.get(kind or "published")
            if known is None or known[0] < trust:
                self._found[kind or "published"] = trust, found

    def shown(self) -> Shown:
        published, modified = self._found.get("published"), self._found.get("modified")
        return Shown(self._best(), published and published[1], modified and modified[1])

    def _best(self) -> list[str]:
        """The names of the most certain kind that stand together with the first of them."""
        for trust in (3, 2, 1):
            found = [(element, text) for known, element, text in self._names if known == trust]
            named = [(element, text) for element, text in found if _is_name(text, trust)]
            if named:
                around = named[0][0].getparent()
                around = around.getparent() if around is not None and around.getparent() is not None else around
                together = [text for element, text in named if around is None or around in element.iterancestors()]
                return list(dict.fromkeys(together[:1] if trust == 1 else together))
        return []


def _is_name(text: str, trust: int) -> bool:
    names = read_byline([text])
    return bool(names) and (trust == 3 or is_personal(names.split(", ")[0]))
