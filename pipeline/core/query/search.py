"""Defines a search on any index: its options, results and limits, and how a document becomes a hit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pipeline.core.documents.fields import EPOCH, FACETS
from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.match import match
from pipeline.core.query.snippets import marked, snippet
from pipeline.core.query.tree import Node
from pipeline.core.wording import Text
from pipeline.records import Document

DEEPEST = 10_000  # offset + limit; an export has no such limit
FACET_VALUES = 1_000  # of each facet, the most frequent
SHORTEST = timedelta(minutes=1)  # interval in which hits are counted
TITLE_BOOST = 2.0  # a word in the title says more about an article than one in its text


@dataclass(frozen=True, slots=True)
class Intervals:
    """Intervals of equal length, one of which begins `offset` after the start of 1970 (UTC)."""

    every: timedelta
    offset: timedelta = timedelta(0)

    def begin(self, moment: datetime) -> datetime:
        """When the interval begins that `moment` is in."""
        return moment - (moment - EPOCH - self.offset) % self.every


@dataclass(frozen=True, slots=True)
class Search:
    """The options of a search. `query` None: everything. `since` (inclusive) and `until` (exclusive) limit
    `first_seen`. `over_time`: count the hits by `first_seen` in such intervals."""

    query: Node | None = None
    since: datetime | None = None
    until: datetime | None = None
    sort: str = "relevance"  # or "time", newest first
    limit: int = 20
    offset: int = 0
    facets: tuple[str, ...] = ()
    over_time: Intervals | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A document found. `title` and `snippet` are plain text with the matched words between \\x02 and \\x03."""

    document: Document
    score: float
    title: str
    snippet: str


@dataclass(frozen=True, slots=True)
class Results:
    """`exact` False: total, facets and counts over time include some documents that may not match; the hits always do.

    `missing`: stored documents that the search could not see, while the index is being built. `over_time`: by the
    beginning of an interval, in their order, how many hits; without empty ones.
    """

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, Mapping[str, int]]  # facet -> value -> how many
    exact: bool = True
    missing: int = 0
    over_time: Mapping[datetime, int] = field(default_factory=dict)


def check(search: Search) -> None:
    """Raises ValueError for a page too deep, an unknown sort or facet, intervals too short to be counted."""
    if search.offset < 0 or search.limit < 0:
        raise ValueError(Text("offset and limit cannot be negative"))
    if search.offset + search.limit > DEEPEST:
        raise ValueError(Text("offset and limit together reach at most {:,}: narrow the query, or use export", DEEPEST))
    if search.sort not in ("relevance", "time"):
        raise ValueError(Text("unknown sort {!r}: relevance or time", search.sort))
    if search.over_time and search.over_time.every < SHORTEST:
        raise ValueError(Text("intervals are at least {:g} minute long", SHORTEST / timedelta(minutes=1)))
    if unknown := set(search.facets) - set(FACETS):
        raise ValueError(Text("unknown facet {}: there are {}", ", ".join(sorted(unknown)), ", ".join(FACETS)))


def hit_of(search: Search, score: float, document: Document) -> Hit:
    """The document as a hit, with the matched words marked; without such words it shows the start of the text."""
    matched = None if search.query is None else match(search.query, DocumentView(document))
    spans = matched.spans if matched else ()
    title, text = document.article.title.value, document.article.text
    return Hit(
        document,
        score,
        marked(title, [span for span in spans if span.field == "title"]),
        snippet(text, [span for span in spans if span.field == "text"]),
    )
