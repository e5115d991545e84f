"""Reads sitemaps (sitemaps.org/protocol.html), Google News sitemaps, and indexes of sitemaps.

A sitemap lists pages for years, so of each one only the pages of the last days become items. An index is read through
its sitemaps: `ranked` puts those that promise news first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from pipeline.core.feeds.draft import Child, Draft, DraftFeed
from pipeline.core.feeds.scan import Node, Scanned
from pipeline.core.text.date_strings import parse_date
from pipeline.core.urls import canonical, join

ROOTS = ("urlset", "sitemapindex")
ENTRIES = frozenset({"url", "sitemap"})
RECENT = timedelta(days=7)  # how old a page may be; Google News itself takes two days
CHILDREN_LIMIT = 50  # sitemaps of an index that are kept, the best of them
_CHILDREN_READ = 50_000  # as many as the protocol allows
_ISO = re.compile(r"\s*(\d{4})-(\d\d)-(\d\d)")
_NEWS = re.compile(r"news(?!letter)|noticias|actu|nachrichten|notizie|latest|recent|today|breaking", re.IGNORECASE)
_ARTICLES = re.compile(r"post|article|artikel|articulo|story|stories|content", re.IGNORECASE)
_OTHERS = re.compile(
    r"categor|tags?\b|taxonom|author|autor|page-sitemap|section|image|video|product|user|archive|static|topics?\b",
    re.IGNORECASE,
)
_DATED = re.compile(r"(?<!\d)(20\d\d)[-_/.]?(0[1-9]|1[0-2])(?:[-_/.]?(0[1-9]|[12]\d|3[01]))?(?!\d)")
_NUMBERS = re.compile(r"\d{1,9}")


def read(scanned: Scanned, root: Node) -> DraftFeed:
    """The sitemap or index with the root element `root`."""
    if root.name == "sitemapindex":
        children = tuple(_child(scanned, node) for node in scanned.entries[:_CHILDREN_READ] if node.name == "sitemap")
        return DraftFeed((), kind="sitemap index", children=ranked(children), truncated=root.cut)
    news = any(True for node in scanned.entries[:100] for _ in node.all("news:news"))
    return DraftFeed(
        (_entry(scanned, node) for node in scanned.entries), title=_publication(scanned) if news else None,
        kind="news sitemap" if news else "sitemap", truncated=root.cut,
    )  # fmt: skip


def _entry(scanned: Scanned, node: Node) -> Draft:
    news = next(node.all("news:news"), None)
    image = next(node.all("image:image"), None)
    publication = next(news.all("news:publication"), None) if news else None
    return Draft(
        links=tuple(filter(None, (_first(scanned, node, "loc"),))),
        title=_first(scanned, news, "news:title"),
        published=_first(scanned, news, "news:publication_date"),
        updated=_first(scanned, node, "lastmod"),
        language=_first(scanned, publication, "news:language") or _first(scanned, news, "news:language"),
        image=_first(scanned, image, "image:loc"),
        cut=node.cut and not any(True for _ in node.all("loc")),
    )  # fmt: skip


def _child(scanned: Scanned, node: Node) -> Child:
    return Child(_first(scanned, node, "loc") or "", _first(scanned, node, "lastmod") or "")


def _publication(scanned: Scanned) -> str | None:
    """The name of the publication, from the first entry that has it."""
    publications = (
        publication
        for node in scanned.entries[:100]
        for news in node.all("news:news")
        for publication in news.all("news:publication")
    )
    return next((name for each in publications if (name := _first(scanned, each, "news:name"))), None)


def _first(scanned: Scanned, node: Node | None, name: str) -> str | None:
    if node is None:
        return None
    return next((value for each in node.all(name) if not each.cut and (value := scanned.value(each).strip())), None)


def unwanted(draft: Draft | None, seen: datetime) -> str | None:
    """Why a page of a sitemap is no item: old (published and changed before the last days), home_page. None if it is
    one. A page without a date may be new."""
    if draft is None or not draft.links:
        return None
    dates = [value for raw in (draft.published, draft.updated) if raw and (value := _date(raw, seen))]
    if dates and max(dates) < seen - RECENT:
        return "old"
    try:
        parts = urlsplit(draft.links[0])
    except ValueError:
        return None
    return "home_page" if parts.path in ("", "/") and not parts.query and not parts.fragment else None


def _date(raw: str, seen: datetime) -> datetime | None:
    """The moment of a W3C date; of one that is clearly old, only the day, which is many times quicker."""
    iso = _ISO.match(raw)
    if iso:
        try:
            day = datetime(int(iso[1]), int(iso[2]), int(iso[3]), tzinfo=UTC)
        except ValueError:
            day = None
        if day and day < seen - RECENT - timedelta(days=2):
            return day
    return parse_date(raw, seen=seen)


def ranked(children: tuple[Child, ...]) -> tuple[Child, ...]:
    """The children of an index that promise news, the most promising first.

    In order: named after news, changed last, with the latest date or number in the name, listed last. Those of
    categories, authors and the like count only if there are no others.
    """
    named = [child for child in children if child.url]
    articles = [child for child in named if not _OTHERS.search(_path(child.url)) or _NEWS.search(_path(child.url))]
    order = sorted(enumerate(articles or named), key=lambda each: _promise(*each), reverse=True)
    return tuple(child for _, child in order[:CHILDREN_LIMIT])


def _promise(place: int, child: Child) -> tuple[bool, str, bool, tuple[int, ...], tuple[int, ...], int]:
    path = _path(child.url)
    dated = _DATED.findall(path)
    day = tuple(int(part or 0) for part in dated[-1]) if dated else ()
    numbers = tuple(int(number) for number in _NUMBERS.findall(path)[-2:])
    return bool(_NEWS.search(path)), _sortable(child.changed), bool(_ARTICLES.search(path)), day, numbers, place


def _sortable(changed: str) -> str:
    """A W3C date in a form whose order is that of time: in UTC. "" for another form."""
    try:
        value = datetime.fromisoformat(changed)
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return changed if _ISO.match(changed) else ""


def _path(url: str) -> str:
    return url.partition("://")[2].partition("/")[2]


def precise(changed: str) -> bool:
    """Whether a date of change names a time of day, so that the same date means no change."""
    return bool(re.search(r"T\d\d:\d\d", changed)) and not re.search(r"T00:00(:00)?(\.0+)?(Z|[+-]00:?00)?$", changed)


def absolute(children: tuple[Child, ...], base: str) -> Iterator[Child]:
    """The children with absolute addresses, each once; those without a usable one are left out."""
    seen: set[str] = set()
    for child in children:
        try:
            url = canonical(join(base, child.url))
        except ValueError:
            continue
        if url not in seen:
            seen.add(url)
            yield Child(url, child.changed)
