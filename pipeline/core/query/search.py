"""Defines a search on any index: its options, results and limits, and how a document becomes a hit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pipeline.core.documents.fields import FACETS
from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.match import match
from pipeline.core.query.snippets import marked, snippet
from pipeline.core.query.tree import Node
from pipeline.records import Document

DEEPEST = 10_000  # offset + limit; an export has no such limit
FACET_VALUES = 1_000  # of each facet, the most frequent
TITLE_BOOST = 2.0  # a word in the title says more about an article than one in its text


@dataclass(frozen=True, slots=True)
class Search:
    """The options of a search. `query` None: everything. `since` (inclusive) and `until` (exclusive) limit
    `first_seen`."""

    query: Node | None = None
    since: datetime | None = None
    until: datetime | None = None
    sort: str = "relevance"  # or "time", newest first
    limit: int = 20
    offset: int = 0
    facets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A document found. `title` and `snippet` are plain text with the matched words between \\x02 and \\x03."""

    document: Document
    score: float
    title: str
    snippet: str


@dataclass(frozen=True, slots=True)
class Results:
    """`exact` False: total and facets count some documents that may not match; the hits always do.

    `missing`: stored documents that the search could not see, while the index is being built.
    """

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, Mapping[str, int]]  # facet -> value -> how many
    exact: bool = True
    missing: int = 0


def check(search: Search) -> None:
    """Raises ValueError for a page too deep, an unknown sort or facet."""
    if search.offset < 0 or search.limit < 0:
        raise ValueError("offset and limit cannot be negative")
    if search.offset + search.limit > DEEPEST:
        raise ValueError(f"offset and limit together reach at most {DEEPEST:,}: narrow the query, or use export")
    if search.sort not in ("relevance", "time"):
        raise ValueError(f"unknown sort {search.sort!r}: relevance or time")
    if unknown := set(search.facets) - set(FACETS):
        raise ValueError(f"unknown facet {', '.join(sorted(unknown))}: there are {', '.join(FACETS)}")


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
