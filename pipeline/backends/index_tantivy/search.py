"""Runs a search or scan on the text index and the store.

If tantivy's hits are exactly the matches, it also counts, pages and facets. If it may find more (near words),
core/query/match checks up to VERIFIED candidates on the stored text. If there are more candidates, total and facets
count the unchecked ones too, `Results.exact` is false, and no more are checked than the page needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from pipeline.backends.index_tantivy.query import (
    both,
    bounded,
    everything,
    exact,
    number_between,
    number_is,
    seen_between,
    translate,
)
from pipeline.backends.index_tantivy.store import Store
from pipeline.backends.index_tantivy.text import Searcher
from pipeline.core.documents.fields import lasting, micros, moment_at
from pipeline.core.query.search import FACET_VALUES, Results, Search, check, hit_of
from pipeline.core.query.verified import BLOCK, FIRST, VERIFIED, Verified, matches
from pipeline.records import Document

SCANNED = 5_000  # documents per tantivy query of a scan
FAR = 1 << 62  # microseconds: before and after everything


def run(search: Search, searcher: Searcher, store: Store) -> Results:
    """The results of a search. Raises ValueError for a page too deep, an unknown facet or sort."""
    check(search)
    found = _Candidates(search, searcher, store)
    missing = _missing(searcher, store)
    if search.query is None or exact(search.query) or (bounded(search.query) and found.are_sure()):
        total, page = found.page(search.limit, search.offset)
        hits = tuple(hit_of(search, score, document) for score, document in page)
        return Results(total, hits, found.facets(), missing=missing, over_time=found.over_time())
    return _verified(search, found, missing)


class _Candidates:
    """What tantivy finds for a search, in the order that it asks for."""

    def __init__(self, search: Search, searcher: Searcher, store: Store) -> None:
        self._search, self._searcher, self._store = search, searcher, store
        wanted = everything() if search.query is None else translate(search.query)
        self._query = both(wanted, seen_between(search.since, search.until))
        self._by = "when" if search.sort == "time" or search.query is None else ""

    def page(self, limit: int, offset: int) -> tuple[int, list[tuple[float, Document]]]:
        """How many candidates there are, and a page of them with their scores. Documents deleted since are left out."""
        found = self._searcher.find(self._query, limit, offset, by=self._by)
        documents = ((score, self._store.by_num(num)) for score, num in found.hits)
        return found.total, [(score, document) for score, document in documents if document is not None]

    def are_sure(self) -> bool:
        """Whether all candidates are matches for sure."""
        assert self._search.query is not None
        sure = both(translate(self._search.query, upper=False), seen_between(self._search.since, self._search.until))
        return self._searcher.find(sure, 0).total == self._searcher.find(self._query, 0).total

    def facets(self) -> dict[str, dict[str, int]]:
        """The facets of all candidates, counted by tantivy."""
        return {name: self._searcher.counts(self._query, f"facet_{name}", FACET_VALUES) for name in self._search.facets}

    def over_time(self) -> dict[datetime, int]:
        """The number of candidates in each interval that the search counts by."""
        if self._search.over_time is None:
            return {}
        every, offset = lasting(self._search.over_time.every), lasting(self._search.over_time.offset)
        counted = self._searcher.histogram(self._query, "first_seen", every, offset)
        return {moment_at(begin): n for begin, n in counted.items()}


def _verified(search: Search, found: _Candidates, missing: int) -> Results:
    verified = Verified(search)
    candidates, page = found.page(FIRST, 0)
    verified.take(page)
    looked = FIRST
    while looked < min(candidates, VERIFIED) and not (candidates > VERIFIED and verified.full):
        _, page = found.page(BLOCK, looked)
        looked += BLOCK
        verified.take(page)
    if looked < candidates:
        return verified.estimate(candidates - looked, found.facets(), missing, found.over_time())
    return verified.results(missing)


def _missing(searcher: Searcher, store: Store) -> int:
    """How many stored documents the searcher does not see: just written, missed in a crash, or not built yet."""
    newest, unbuilt = store.newest(), int(store.state("unbuilt", 0))
    if unbuilt == 0 and (newest == 0 or searcher.find(number_is("change", newest), 0).total):
        return 0
    return store.count_changes(max(searcher.last_change(), unbuilt), unbuilt)


def scan(search: Search, searcher: Searcher, store: Store) -> Iterator[Document]:
    """Every match in order of `seq`, a block at a time; without tantivy as long as it lacks documents."""
    if search.query is None or _missing(searcher, store):
        for document in store.scan():
            if _in_time(search, document) and matches(search, document):
                yield document
        return
    query = both(translate(search.query), seen_between(search.since, search.until))
    after = -1
    while (last := store.last_of_block(after, SCANNED)) is not None:
        block = both(query, number_between("seq", after, last, include_low=False))
        for _, num in searcher.find(block, 2 * SCANNED, by="seq", rising=True).hits:
            found = store.by_num(num)
            if found is not None and (exact(search.query) or matches(search, found)):
                yield found
        after = last


def arrivals(search: Search, searcher: Searcher, store: Store) -> Iterator[Document]:
    """What may match, in order of `first_seen`: tantivy finds numbers, a block of time at a time, and the store gives
    their order. Documents that tantivy lacks are among them."""
    try:
        query = None if search.query is None else translate(search.query)
    except ValueError:  # nested too deep: every article may match
        query = None
    unbuilt = int(store.state("unbuilt", 0))
    unseen = store.changes(max(searcher.last_change(), unbuilt), unbuilt) if query is not None else set[int]()
    rank = (-FAR if search.since is None else micros(search.since), -1)
    until = FAR if search.until is None else micros(search.until)
    while block := store.arrived(rank, until, SCANNED):
        rank = block[-1]
        nums: Iterable[int] = (num for _, num in block)
        if query is not None:
            inside = both(query, number_between("first_seen", block[0][0], rank[0]))
            found = searcher.find(inside, 2 * SCANNED)
            wanted = {num for _, num in found.hits} | unseen
            if found.total == len(found.hits):  # else more than a block were first seen in one moment
                nums = (num for num in nums if num in wanted)
        yield from (document for document in map(store.by_num, nums) if document is not None)


def _in_time(search: Search, document: Document) -> bool:
    seen = document.relation.first_seen
    return (search.since is None or search.since <= seen) and (search.until is None or seen < search.until)
