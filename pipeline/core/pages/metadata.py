"""Reads the metadata of a page: headlines, author, dates, description, image, section, address, language.

From JSON-LD, OpenGraph, meta names, <time>, <h1> and <title>; every value keeps its source. article.py chooses among
these and what the feed has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from pipeline.core.pages import jsonld
from pipeline.core.pages.bylines import BETWEEN, read_byline
from pipeline.core.pages.head import AUTHOR, Head, Time, source_of
from pipeline.core.pages.headlines import LOGO, choose_h1, label, rank
from pipeline.core.pages.tree.words import words_of
from pipeline.core.pages.visible import look
from pipeline.core.text.date_phrases import Found
from pipeline.core.text.date_strings import AHEAD
from pipeline.core.text.dated import ZONE_ERROR, Hints, as_dated, hints, read_dated
from pipeline.core.text.languages import base_code
from pipeline.core.text.tidy import line
from pipeline.core.urls import article_id, canonical, join, registrable
from pipeline.records import Dated, Sourced


@dataclass(frozen=True, slots=True)
class Meta:
    """The metadata of a page; of several values the most trusted first."""

    headlines: tuple[Sourced, ...] = ()
    window_title: str = ""  # <title>, with the site's name
    h1: str = ""
    site: str = ""
    author: Sourced | None = None
    byline: str = ""  # what the author was read from, as written
    published: tuple[Dated, ...] = ()
    modified: Dated | None = None
    description: str | None = None
    image: str | None = None
    section: str | None = None
    canonical: str | None = None
    language: str | None = None  # ISO 639-1
    og_type: str = ""
    article: bool = False  # JSON-LD or OpenGraph call it an article, or it has a date of publication
    listing: bool = False  # JSON-LD calls it a collection of pages
    free: bool | None = None  # isAccessibleForFree
    body: str = ""  # articleBody with the updates of a live blog; may hold markup


#: Names of <meta> (property, name or itemprop), lower-case, most trusted first.
_PUBLISHED = ("article:published_time", "og:article:published_time", "og:published_time", "datepublished",
              "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "cxenseparse:publishtime",
              "bt:pubdate", "rbpubdate", "article.published", "article:published", "article_date_original",
              "originalpublicationdate", "published_time", "published-date", "publishdate", "publish-date",
              "publish_date", "publication_date", "pubdate", "pub_date", "citation_publication_date",
              "dcterms.issued", "dc.date.issued", "dcterms.created", "dc.date.created", "dcterms.date", "dc.date",
              "og:pubdate", "og:release_date", "article.created", "date", "ptime", "displaydate",
              "mediator_published_time")  # fmt: skip
_MODIFIED = ("article:modified_time", "og:article:modified_time", "og:updated_time", "datemodified",
             "article:updated_time", "dcterms.modified", "dc.date.modified", "article.updated", "lastmod",
             "last-modified", "revised")  # fmt: skip
_DATES = "descendant::*[@itemprop='datePublished' or @itemprop='dateModified']"


def read(
    tree: HtmlElement,
    url: str,
    seen: datetime,
    language: str | None = None,
    country: str | None = None,
    source: str = "",
) -> Meta:
    """The metadata of the page at `url`.

    `language` and `country` of the outlet help to read dates; `source`: its name.
    """
    head = Head(tree)
    nodes = jsonld.load(head.scripts)
    og_title = head.first("og:title", "twitter:title", "dc.title", "dcterms.title", "title", "headline")
    heading, h1 = _heading(tree, head, og_title)
    node = jsonld.pick(nodes, url, f"{head.title} {og_title.value if og_title else ''} {h1}") or {}
    article = jsonld.is_article(node)
    site = _site(head, node, nodes)
    tag = _language(tree, head, node)
    page_language = base_code(tag) or language
    outlet = hints(seen, page_language, country, url, tag or language)
    author, byline = _author(head, node, nodes, sites := (site, label(url), source))
    published, modified = _dates(tree, head, node, outlet)
    if author is None or not published:
        shown = look(tree, heading, outlet, authors=author is None, dates=not published)
        if author is None and (names := read_byline(shown.authors, *sites)):
            author, byline = Sourced(names, "html"), BETWEEN.join((*shown.authors, *filter(None, (byline,))))
        published, modified = published or _shown(shown.published, outlet), modified or _shown(shown.modified, outlet)
    og_type = (head.meta.get("og:type") or "").strip().lower()
    section = jsonld.text(node.get("articleSection"), 200) if article else None
    meta_section = head.first("article:section", "section", "parsely-section", "cxenseparse:section")
    description = head.first("og:description", "description", "twitter:description", "dc.description")
    image = jsonld.link(node.get("image")) if article else None
    return Meta(
        headlines=rank(_headlines(h1, head.title, node if article else {}, og_title), head.title, h1, site, url,
                       source),
        window_title=head.title, h1=h1, site=site,
        author=author, byline=byline, published=published, modified=next(iter(modified), None),
        description=description.value if description else jsonld.text(node.get("description")),
        image=_address(url, image or head.meta.get("og:image") or head.meta.get("twitter:image")),
        section=_section(section or (meta_section.value if meta_section else "")),
        canonical=_canonical(url, (head.canonical, head.meta.get("og:url"), node.get("url") if article else None)),
        language=page_language,
        og_type=og_type,
        article=article or og_type in ("article", "news") or any(name in head.meta for name in _PUBLISHED[:2]),
        listing=not article and any(jsonld.is_listing(each) for each in nodes[:20]),
        free=_free(head, node),
        body=jsonld.body(node),
    )  # fmt: skip


# --- dates ---------------------------------------------------------------------------------------------------------


def _dates(
    tree: HtmlElement, head: Head, node: jsonld.Node, outlet: Hints
) -> tuple[tuple[Dated, ...], tuple[Dated, ...]]:
    """The dates of publication and the last update in JSON-LD, <meta>, <time> and microdata."""
    times = sorted(head.times, key=lambda time: -time.trust)
    if not times and not node.get("datePublished"):
        times = _microdata(tree)
    created = node.get("dateCreated") if jsonld.is_article(node) else None
    published = _dated((node.get("datePublished"), created), _PUBLISHED, "published", head, times)
    modified = _dated((node.get("dateModified"),), _MODIFIED, "modified", head, times)
    return _parse(published, outlet, limit=3), _parse(modified, outlet, limit=1)


def _dated(
    values: Iterable[Any], names: Iterable[str], kind: str, head: Head, times: Iterable[Time]
) -> list[tuple[str, str]]:
    """(date as written, source) of JSON-LD `values`, of <meta> `names` and of the `times` of a kind."""
    found = [
        *((value, "json-ld") for value in values),
        *((head.meta.get(name), source_of(name)) for name in names),
        *((time.raw, "html") for time in times if time.kind == kind),
    ]
    return [(raw, source) for value, source in found if (raw := jsonld.text(value, 200))]


def _parse(found: list[tuple[str, str]], outlet: Hints, limit: int) -> tuple[Dated, ...]:
    """The first `limit` strings that are dates; those of the page's body only if they are not in the future."""
    dates: list[Dated] = []
    first = dict(reversed(found))  # the same string in several places counts for the most trusted one
    for raw in dict(found):
        source = first[raw]
        if date := read_dated(raw, source, outlet, ZONE_ERROR if source == "html" else AHEAD):
            dates.append(date)
            if len(dates) == limit:
                break
    return tuple(dates)


def _shown(found: Found | None, outlet: Hints) -> tuple[Dated, ...]:
    date = as_dated(found.moment, "html", found.raw, outlet.seen, ZONE_ERROR) if found else None
    return (date,) if date else ()


def _microdata(tree: HtmlElement) -> list[Time]:
    """Dates in attributes of other elements than <time> and <meta>."""
    times = []
    for element in tree.xpath(_DATES)[:40]:
        raw = (element.get("datetime") or element.get("content") or line(" ".join(element.itertext()), 200)).strip()
        times.append(Time(2, "modified" if element.get("itemprop") == "dateModified" else "published", raw))
    return times


def _heading(tree: HtmlElement, head: Head, og_title: Sourced | None) -> tuple[HtmlElement | None, str]:
    """The <h1> with the headline, and its text; in a page without <h1> the lower heading that <title> has whole."""
    place = choose_h1([text for _, text in head.headings], head.title, og_title.value if og_title else "")
    if place is not None:
        return head.headings[place]
    for element in islice(tree.iter("h2", "h3", "h4"), 20):
        text = line(words_of(element), 500)
        if len(text) >= LOGO and text in head.title:
            return element, text
    return None, ""


def _headlines(h1: str, title: str, node: jsonld.Node, og: Sourced | None) -> Iterable[Sourced]:
    """Candidates, most trusted first: JSON-LD, OpenGraph, <h1>, <title>."""
    if headline := jsonld.text(node.get("headline"), 500) or jsonld.text(node.get("name"), 500):
        yield Sourced(headline, "json-ld")
    if og:
        yield og
    for found in filter(None, (h1, title)):
        yield Sourced(found, "html")


def _site(head: Head, node: jsonld.Node, nodes: list[jsonld.Node]) -> str:
    named = head.first("og:site_name", "application-name", "twitter:app:name:iphone")
    if named:
        return named.value[:100]
    return next(iter(jsonld.names(node.get("publisher"), nodes)), "")[:100]


# --- the rest ------------------------------------------------------------------------------------------------------


def _author(
    head: Head, node: jsonld.Node, nodes: list[jsonld.Node], sites: Sequence[str]
) -> tuple[Sourced | None, str]:
    """The author in JSON-LD or <meta>, all of a repeated <meta>; and all that these say of authors."""
    sources = [(jsonld.names(node.get("author") or node.get("creator"), nodes), "json-ld")]
    for name in AUTHOR:
        if named := [content for other, content in head.authors if other == name]:
            sources.append((named, source_of(name)))
    written = BETWEEN.join(dict.fromkeys(one for raw, _ in sources for one in raw))
    found = ((read_byline(raw, *sites), source) for raw, source in sources)
    return next((Sourced(value, source) for value, source in found if value), None), written


def _free(head: Head, node: jsonld.Node) -> bool | None:
    """Whether all can read the article: JSON-LD, else the tier that Facebook's crawler is given."""
    free = jsonld.free(node)
    return False if free is None and head.meta.get("article:content_tier", "").strip().lower() == "locked" else free


def _section(named: str) -> str | None:
    """One section, because some sites list all their keywords."""
    return (named.split(",")[0] if len(named) > 40 else named).strip()[:100] or None


def _address(url: str, link: str | None) -> str | None:
    if not link or link.startswith("data:"):
        return None
    try:
        return join(url, link.strip())[:2048]
    except ValueError:
        return None


def _canonical(url: str, links: Iterable[Any]) -> str | None:
    """The first address that the page gives for itself and that is credible.

    It must have the same registrable domain. It must not be the home page or a section above the page, which some
    templates print on every page, nor a bare path if the query names the article.
    """
    for link in links:
        if not isinstance(link, str) or not link.strip():
            continue
        try:
            own = canonical(join(url, link))
            if article_id(own) == article_id(url) or (registrable(own) == registrable(url) and not _above(own, url)):
                return own
        except ValueError:
            continue
    return None


_NAMES_AN_ARTICLE = re.compile(r"\d{4}|-[^/-]+-[^/]*$|[^/]{20,}$")


def _above(link: str, url: str) -> bool:
    """Whether `link` is the home page, a folder above `url`, or an error page."""
    path, _, query = link.partition("://")[2].partition("/")[2].partition("?")
    own, _, own_query = canonical(url).partition("://")[2].partition("/")[2].partition("?")
    path, own = path.strip("/"), own.strip("/")
    if (not path and not query) or path.rpartition("/")[2] in ("404", "error", "index.html", "index.php", "home"):
        return True
    if path == own:  # "/view" is above "/view?id=7"; "/a-long-name" is not above "/a-long-name?ref=x"
        return bool(own_query) and not query and not _NAMES_AN_ARTICLE.search(path)
    return own.startswith(f"{path}/")


def _language(tree: HtmlElement, head: Head, node: jsonld.Node) -> str | None:
    """The language tag of the page, with the country if it names one: de-AT."""
    for raw in (tree.get("lang"), tree.get("xml:lang"), jsonld.text(node.get("inLanguage"), 20),
                head.meta.get("content-language"), head.meta.get("og:locale")):  # fmt: skip
        code = re.match(r"\s*([a-zA-Z]{2,3})(?:[-_]([a-zA-Z]{2})\b|[-_,;\s]|$)", raw or "")
        if code and code[1].lower() not in ("und", "mul", "zxx"):
            return f"{code[1].lower()}-{code[2].upper()}" if code[2] else code[1].lower()
    return None
