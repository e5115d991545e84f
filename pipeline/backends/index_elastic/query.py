"""Translates the query tree into Elasticsearch's query DSL, never into a `query_string`.

The words of the tree and the fields `key.*` are folded already, so nothing is analysed again; a phrase is only split at
its spaces. Elasticsearch finds exactly what core/query/match accepts, also for sloppy phrases: both count as Lucene
does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.core.documents.ecs import key
from pipeline.core.documents.fields import DATE_FIELDS, TEXT_FIELDS, micros
from pipeline.core.query.range_ends import resolve
from pipeline.core.query.search import TITLE_BOOST
from pipeline.core.query.tree import And, Equal, Exists, Node, Not, Or, Phrase, Prefix, Range, Word
from pipeline.core.query.wider import wider

Dsl = dict[str, Any]

DEPTH = 30  # queries inside each other: Elasticsearch's default of indices.query.bool.max_nested_depth

_BASE = datetime(5000, 1, 1, tzinfo=UTC)  # any moment will do: only differences from it are used
_MICROSECOND = timedelta(microseconds=1)


def translate(node: Node) -> Dsl:
    """A query whose hits are the matches of the tree. Conditions on fields do not affect relevance.

    Raises ValueError for a tree nested deeper than Elasticsearch allows.
    """
    query = _translate(node)
    if _depth(query) >= DEPTH:  # `within` adds one
        raise ValueError(f"the query is nested more than {DEPTH} deep, which Elasticsearch does not allow: simplify it")
    return query


def within(query: Dsl | None, *filters: Dsl | None) -> Dsl:
    """A query for the hits of `query` (None: everything) that match all of `filters`."""
    conditions = [part for part in filters if part is not None]
    if not conditions:
        return query or {"match_all": {}}
    return {"bool": {"filter": conditions} | ({"must": [query]} if query else {})}


def seen_between(since: datetime | None, until: datetime | None) -> Dsl | None:
    """first_seen in [since, until); None without bounds."""
    ends = {"gte": since, "lt": until}
    bounds = {end: micros(moment) for end, moment in ends.items() if moment is not None}
    return {"range": {"key.first_seen": bounds}} if bounds else None


def _translate(node: Node) -> Dsl:
    match node:
        case Word(word, field):
            return _anywhere(field, lambda name, boost: {"term": {name: {"value": word, "boost": boost}}})
        case Prefix(prefix, field):
            return _anywhere(field, lambda name, boost: {"prefix": {name: {"value": prefix, "boost": boost}}})
        case Phrase(parts, slop, field) if all(len(part) == 1 for part in parts):
            folded = {"query": " ".join(part[0][0] for part in parts), "slop": slop, "analyzer": "positions"}
            return _anywhere(field, lambda name, boost: {"match_phrase": {name: folded | {"boost": boost}}})
        case Equal(field, value):
            return {"term": {f"key.{field}": {"value": key(value), "boost": 0.0}}}
        case Exists(field):
            return _filled(field)
        case Range():
            return _range(node)
        case And(parts):
            wanted = [_translate(part) for part in parts if not isinstance(part, Not)]
            unwanted = [_translate(part.part) for part in parts if isinstance(part, Not)]
            return _bool(must=_joined("must", wanted), must_not=unwanted)
        case Or(parts):
            return _bool(should=_joined("should", [_translate(part) for part in parts]))
        case Not(part):
            return _bool(must_not=_joined("should", [_translate(part)]))
        case _:
            found = wider(node)
            return {"match_all": {"boost": 0.0}} if found is None else _translate(found)


def _anywhere(field: str | None, make: Callable[[str, float], Dsl]) -> Dsl:
    """In `field`, or if it is None in title or text."""
    if field is not None:
        return make(f"words.{field}", 1.0)
    return _bool(should=[make(f"words.{name}", TITLE_BOOST if name == "title" else 1.0) for name in TEXT_FIELDS])


def _filled(field: str) -> Dsl:
    """The field has a value; a text field has a word, which `exists` does not look at."""
    match field:
        case "text":
            return {"range": {"key.word_count": {"gt": 0, "boost": 0.0}}}
        case "title":
            return {"regexp": {"news.title": {"value": ".+", "boost": 0.0}}}
    return {"exists": {"field": f"key.{field}", "boost": 0.0}}


def _range(node: Range) -> Dsl:
    """A range. In an end relative to `now`, now is when the article was first seen, as in core/query/match."""
    conditions: list[Dsl] = []
    bounds: dict[str, int] = {}  # one clause: a field may have several values, of which one must be within both ends
    for end, operator in (
        (node.low, "gte" if node.include_low else "gt"),
        (node.high, "lte" if node.include_high else "lt"),
    ):
        if end is None:
            continue
        if node.field in DATE_FIELDS and end.startswith("now"):
            conditions.append(_relative(node.field, operator, (resolve(end, _BASE) - _BASE) // _MICROSECOND))
        else:
            bounds[operator] = micros(resolve(end, _BASE)) if node.field in DATE_FIELDS else int(end)
    if bounds:
        conditions.append(_compared(node.field, bounds))
    if not conditions:
        return {"exists": {"field": f"key.{node.field}", "boost": 0.0}}
    return _bool(must=conditions) if len(conditions) > 1 else conditions[0]


def _relative(field: str, operator: str, shift: int) -> Dsl:
    """`field` compared with `first_seen` plus `shift` microseconds."""
    if field != "first_seen":
        return _compared(f"{field}_after", {operator: shift})
    holds = {"gte": shift <= 0, "gt": shift < 0, "lte": shift >= 0, "lt": shift > 0}[operator]
    return {"match_all": {"boost": 0.0}} if holds else {"match_none": {}}


def _compared(field: str, bounds: dict[str, int]) -> Dsl:
    return {"range": {f"key.{field}": bounds | {"boost": 0.0}}}


def _bool(**clauses: list[Dsl]) -> Dsl:
    return {"bool": {occur: queries for occur, queries in clauses.items() if queries}}


def _joined(occur: str, queries: list[Dsl]) -> list[Dsl]:
    """Merge in those of `queries` that are only a list of the same kind: less nesting, same score."""
    joined: list[Dsl] = []
    for query in queries:
        inner = query.get("bool", {})
        joined += inner[occur] if inner.keys() == {occur} else [query]
    return joined


def _depth(query: Dsl) -> int:
    """How deep queries are nested, as Elasticsearch counts."""
    return 1 + max((_depth(part) for parts in query.get("bool", {}).values() for part in parts), default=0)
