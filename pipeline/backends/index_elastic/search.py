"""Builds the requests of searches and scans, and reads the answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pipeline.backends.index_elastic.query import Dsl, seen_between, translate, within
from pipeline.core.documents.ecs import document_of
from pipeline.core.documents.fields import FACETS, lasting, moment_at
from pipeline.core.query.search import FACET_VALUES, Intervals, Results, Search, hit_of
from pipeline.core.query.verified import BLOCK
from pipeline.records import Document

COUNTED = 10_000  # values a shard returns for a facet; counts are exact for facets with fewer
TIMES = "over_time"  # name of the counts over time among the facets
PAGE = 500  # documents of one request of a scan

KEPT = {"includes": ["record", "news.title", "news.text"]}  # the parts of a source that a document is read from
BY_TIME: list[dict[str, Any]] = [
    {"key.first_seen": {"order": "desc", "unmapped_type": "long"}},
    {"key.seq": {"order": "desc", "unmapped_type": "long"}},
]
BY_SEQ: list[dict[str, Any]] = [
    {"key.seq": {"order": "asc", "unmapped_type": "long"}},
    {"key.id": {"order": "asc", "unmapped_type": "keyword"}},
]
BY_ARRIVAL: list[dict[str, Any]] = [
    {"key.first_seen": {"order": "asc", "unmapped_type": "long"}},
    *BY_SEQ,
]
#: For every search: a missing index is not an error, but a partial answer is.
WHOLE = {"ignore_unavailable": True, "allow_no_indices": True, "allow_partial_search_results": False}
#: Arguments of a search that only counts.
COUNT: dict[str, Any] = {"size": 0, "track_total_hits": True, **WHOLE}


def wanted_by(search: Search, upper: bool = True) -> Dsl:
    """The query within the time bounds of the search: see `translate`. Raises ValueError if it is nested too deep."""
    wanted = None if search.query is None else translate(search.query, upper)
    return within(wanted, seen_between(search.since, search.until))


def search_request(search: Search) -> dict[str, Any]:
    """Arguments of the client's `search` for a search."""
    by_time = search.sort == "time" or search.query is None
    facets = counted({name: FACETS[name].elastic[0] for name in search.facets})
    if search.over_time:
        facets[TIMES] = {"histogram": _intervals(search.over_time)}
    return {
        "query": wanted_by(search),
        "size": search.limit,
        "from_": search.offset,
        "sort": BY_TIME if by_time else ["_score", *BY_TIME],
        "track_total_hits": True,
        "source": KEPT,
        # Without this, scores would depend on how often a word occurs in the month of the hit.
        "search_type": "query_then_fetch" if by_time else "dfs_query_then_fetch",
        **({"aggregations": facets} if facets else {}),
        **WHOLE,
    }


def candidates_request(search: Search) -> dict[str, Any]:
    """Arguments of the client's `search` for the first BLOCK candidates of a search that must be verified."""
    return {**search_request(search), "size": BLOCK, "from_": 0}


def candidates_of(answer: dict[str, Any]) -> list[tuple[float, Document]]:
    """The candidates of one page with their scores."""
    return [(hit["_score"] or 0.0, document_of(hit["_source"])) for hit in answer["hits"]["hits"]]


def counted(fields: Mapping[str, str]) -> dict[str, Any]:
    """The aggregations that count the values of fields, by the names of their facets."""
    return {
        name: {"terms": {"field": field, "size": FACET_VALUES, "shard_size": COUNTED}} for name, field in fields.items()
    }


def facets_of(names: Iterable[str], answer: dict[str, Any]) -> dict[str, dict[str, int]]:
    """The facets with these names in an answer, of everything that was found."""
    found = answer.get("aggregations", {})
    return {
        name: {bucket["key"]: bucket["doc_count"] for bucket in found.get(name, {}).get("buckets", ())}
        for name in names
    }


def _intervals(wanted: Intervals) -> dict[str, Any]:
    every = lasting(wanted.every)
    offset = lasting(wanted.offset) % every
    return {"field": "key.first_seen", "interval": every, "offset": offset, "min_doc_count": 1}


def times_of(search: Search, answer: dict[str, Any]) -> dict[datetime, int]:
    """The counts over time in an answer, of everything that was found."""
    buckets = answer.get("aggregations", {}).get(TIMES, {}).get("buckets", ()) if search.over_time else ()
    return {moment_at(int(bucket["key"])): bucket["doc_count"] for bucket in buckets}


def results_of(search: Search, answer: dict[str, Any]) -> Results:
    """The results in the answer to `search_request`."""
    hits = answer["hits"]
    return Results(
        hits["total"]["value"],
        tuple(hit_of(search, score, document) for score, document in candidates_of(answer)),
        facets_of(search.facets, answer),
        over_time=times_of(search, answer),
    )


def scan_request(search: Search, order: Sequence[dict[str, Any]] = BY_SEQ) -> dict[str, Any]:
    """Arguments of the client's `search` for the first page of a scan.

    It needs no point in time: pages are sorted by `seq` and each starts where the last ended, even if an index was
    replaced in between. Documents replaced meanwhile have a higher `seq` and come later.
    """
    return {
        "query": wanted_by(search),
        "size": PAGE,
        "sort": order,
        "track_total_hits": False,
        "source": KEPT,
        **WHOLE,
    }


def next_request(request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any] | None:
    """The request for the page after `answer`; None after the last."""
    hits = answer["hits"]["hits"]
    return {**request, "search_after": hits[-1]["sort"]} if len(hits) == request["size"] else None


def documents_of(answer: dict[str, Any]) -> Iterator[Document]:
    """The documents of one page."""
    return (document_of(hit["_source"]) for hit in answer["hits"]["hits"])
