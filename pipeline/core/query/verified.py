"""Checks the candidates of an index on their stored text, for queries that it can only narrow down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from pipeline.core.documents.fields import FACETS, several
from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.match import holds
from pipeline.core.query.search import FACET_VALUES, Hit, Results, Search, hit_of
from pipeline.records import Document

VERIFIED = 2_000  # candidates checked one by one, at about half a millisecond each
BLOCK = 500  # candidates fetched at a time
FIRST = 100  # of the first block: it often fills the page


def matches(search: Search, document: Document) -> bool:
    """Whether the document matches the query of the search."""
    return search.query is None or holds(search.query, DocumentView(document))


def facets(document: Document) -> dict[str, list[str]]:
    """Facet -> the values that a document is counted under, as they are shown."""
    return {name: list(several(field.get(document))) for name, field in FACETS.items()}


class Verified:
    """The matches among the candidates taken so far, which come in the order of the search."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._hits: list[Hit] = []
        self._total = self._taken = 0
        self._counts: dict[str, Counter[str]] = {name: Counter() for name in search.facets}
        self._times = Counter[datetime]()

    def take(self, candidates: Iterable[tuple[float, Document]]) -> None:
        """Check candidates with their scores."""
        for score, document in candidates:
            self._taken += 1
            if not matches(self._search, document):
                continue
            if self._search.offset <= self._total < self._search.offset + self._search.limit:
                self._hits.append(hit_of(self._search, score, document))
            self._total += 1
            values = facets(document) if self._counts else {}
            for name, count in self._counts.items():
                count.update(values[name])
            if self._search.over_time:
                self._times[self._search.over_time.begin(document.relation.first_seen)] += 1

    @property
    def full(self) -> bool:
        """Whether the page has all the hits that it can have: further candidates only count."""
        return len(self._hits) >= self._search.limit

    def results(self, missing: int = 0) -> Results:
        """The results, after all candidates."""
        shown = {name: dict(count.most_common(FACET_VALUES)) for name, count in self._counts.items()}
        times = dict(sorted(self._times.items()))
        return Results(self._total, tuple(self._hits), shown, missing=missing, over_time=times)

    def estimate(
        self, unchecked: int, facets_of_all: Mapping[str, Mapping[str, int]], missing: int = 0,
        over_time: Mapping[datetime, int] | None = None,
    ) -> Results:  # fmt: skip
        """The results if so many candidates were not checked: they are counted as matches. `over_time`: of all."""
        return Results(
            self._total + unchecked, tuple(self._hits), facets_of_all, exact=False, missing=missing,
            over_time=over_time or {},
        )  # fmt: skip
