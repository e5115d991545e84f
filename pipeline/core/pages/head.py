"""Collects what a page's elements say about it: <meta>, <link>, <title>, <h1>, <time> and JSON-LD scripts."""

from __future__ import annotations

from typing import NamedTuple

from lxml.html import HtmlElement

from pipeline.core.pages.tree.words import words_of
from pipeline.core.text.tidy import line
from pipeline.records import Sourced

_TAGS = ("script", "meta", "link", "title", "h1", "time", "abbr")
_DRAWN = ("svg", "symbol", "math", "object")
#: Names of <meta> that hold authors, lower-case, most trusted first.
AUTHOR = ("author", "article:author", "parsely-author", "sailthru.author", "byl", "dc.creator", "dcterms.creator",
          "citation_author", "cxenseparse:author", "mediator_author", "article:author_name", "creator")  # fmt: skip
_OPENGRAPH = ("og:", "article:")


class Time(NamedTuple):
    """A date on the page as it is written. `trust`: the higher, the surer is `kind`."""

    trust: int
    kind: str  # "published" or "modified"
    raw: str


def source_of(name: str) -> str:
    """Where the <meta> `name` comes from: "opengraph" or "meta"."""
    return "opengraph" if name.startswith(_OPENGRAPH) else "meta"


class Head:
    """The elements of a page that carry metadata, collected in one walk over the tree."""

    def __init__(self, tree: HtmlElement) -> None:
        self.meta: dict[str, str] = {}
        self.scripts: list[str] = []
        self.canonical = self.title = ""
        self.headings: list[tuple[HtmlElement, str]] = []  # <h1> with text
        self.authors: list[tuple[str, str]] = []  # names of <meta> and their content, repeated ones too
        self.times: list[Time] = []
        for element in tree.iter(*_TAGS):
            getattr(self, f"_{element.tag}")(element)

    def _script(self, element: HtmlElement) -> None:
        if "ld+json" in (element.get("type") or "") and element.text:
            self.scripts.append(element.text)

    def _meta(self, element: HtmlElement) -> None:
        content = element.get("content")
        if content and content.strip():
            for attribute in ("property", "name", "itemprop", "http-equiv"):
                for name in (element.get(attribute) or "").lower().split():
                    self.meta.setdefault(name, content)
                    if name in AUTHOR:
                        self.authors.append((name, content))

    def _link(self, element: HtmlElement) -> None:
        if not self.canonical and "canonical" in (element.get("rel") or "").lower().split():
            self.canonical = (element.get("href") or "").strip()

    def _title(self, element: HtmlElement) -> None:
        """The first <title> that is not of a picture, whatever unknown elements it stands in."""
        if not self.title and not any(above.tag in _DRAWN for above in element.iterancestors()):
            self.title = line("".join(element.itertext()), 500)

    def _h1(self, element: HtmlElement) -> None:
        if len(self.headings) < 8 and (text := line(words_of(element), 500)):
            self.headings.append((element, text))

    @property
    def h1(self) -> str:
        return self.headings[0][1] if self.headings else ""

    def _time(self, element: HtmlElement) -> None:
        """A <time> that is marked as publication or update, or stands after the headline."""
        raw = (element.get("datetime") or element.get("content") or "").strip()
        if len(self.times) >= 20 or not raw:
            return
        above = element.getparent()
        around = above.get("class") or "" if above is not None else ""
        words = f"{element.get('itemprop') or ''} {element.get('class') or ''} {around}".lower()
        if "modif" in words or "update" in words:
            self.times.append(Time(2, "modified", raw))
        elif "publi" in words or element.get("pubdate") is not None:
            self.times.append(Time(2, "published", raw))
        elif self.headings or "entry-date" in words:
            self.times.append(Time(1, "published", raw))

    def _abbr(self, element: HtmlElement) -> None:
        """A date as the hAtom microformat writes it: <abbr class="published" title="2026-03-01T09:00:00Z">."""
        name, raw = element.get("class") or "", (element.get("title") or "").strip()
        if raw[:4].isdigit() and len(self.times) < 20 and ("published" in name or "updated" in name):
            self.times.append(Time(2, "published" if "published" in name else "modified", raw))

    def first(self, *names: str) -> Sourced | None:
        """The first <meta> of these names that has text."""
        for name in names:
            if (content := self.meta.get(name)) and (value := line(content)):
                return Sourced(value, source_of(name))
        return None
