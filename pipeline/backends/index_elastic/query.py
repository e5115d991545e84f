"""The query tree as Elasticsearch's query DSL. Holds no documents, sends nothing, and never writes a `query_string`.

Words of the tree are folded already, and the fields of `key.*` too, so nothing is analysed again but a phrase, which is
split at its spaces. Elasticsearch's hits for a tree are its matches, but for a sloppy phrase that has one word twice: Lucene
looks for its places in another order than core.match and misses some. There `translate` finds every document with
the words, and who asks must judge each (see `exact`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.core import moments
from pipeline.core.ecs import key, micros
from pipeline.core.query import DATE_FIELDS, TEXT_FIELDS, And, Equal, Node, Not, Or, Phrase, Prefix, Range, Word

Dsl = dict[str, Any]

TITLE_BOOST = 2.0  # a word in the title says more about an article than one in its text

DEPTH = 30  # boolean queries inside each other; Elasticsearch's default of indices.query.bool.max_nested_depth

_BASE = datetime(5000, 1, 1, tzinfo=UTC)  # any moment: only distances from it are used
_MICROSECOND = timedelta(microseconds=1)


def exact(node: Node) -> bool:
    """Whether Elasticsearch's hits for the tree are its matches, neither more nor fewer."""
    match node:
        case And(parts) | Or(parts):
            return all(exact(part) for part in parts)
        case Not(part):
            return exact(part)
        case Phrase(words, slop):
            return slop == 0 or len(set(words)) == len(words)
        case _:
            return True


def translate(node: Node) -> Dsl:
    """A query that finds every match of the tree, and only those where `exact`. ValueError: nested too deep."""
    query = _translate(node, True)
    if _depth(query) > DEPTH:
        raise ValueError(f"the query is nested more than {DEPTH} deep, which Elasticsearch refuses: simplify it")
    return query


def within(query: Dsl | None, *filters: Dsl | None) -> Dsl:
    """`query` (None: everything) under all of `filters`."""
    given = [part for part in filters if part is not None]
    if not given:
        return query or {"match_all": {}}
    return {"bool": {"filter": given} | ({"must": [query]} if query else {})}


def seen_between(since: datetime | None, until: datetime | None) -> Dsl | None:
    """first_seen in [since, until); None when neither bound is given."""
    ends = {"gte": since and micros(since), "lt": until and micros(until)}
    given = {end: value for end, value in ends.items() if value is not None}
    return {"range": {"key.first_seen": given}} if given else None


def _translate(node: Node, upper: bool) -> Dsl:
    match node:
        case Word(word, field):
            return _anywhere(field, lambda name, boost: {"term": {name: {"value": word, "boost": boost}}})
        case Prefix(prefix, field):
            return _anywhere(field, lambda name, boost: {"prefix": {name: {"value": prefix, "boost": boost}}})
        case Phrase(words, slop, field):
            if not exact(node) and upper:
                return _all([_translate(Word(word, field), upper) for word in dict.fromkeys(words)]) if field else _any(
                    [_translate(Phrase(words, slop, name), upper) for name in TEXT_FIELDS]
                )
            strict = slop if exact(node) else 0
            return _anywhere(field, lambda name, boost: _phrase(name, words, strict, boost))
        case Equal(field, value):
            return {"constant_score": {"filter": {"term": {f"key.{field}": key(value)}}, "boost": 0.0}}
        case Range():
            return {"constant_score": {"filter": _range(node), "boost": 0.0}}
        case And(parts):
            return _all([_translate(part, upper) for part in parts])
        case Or(parts):
            return _any([_translate(part, upper) for part in parts])
        case Not(part):
            return {"bool": {"must_not": [_translate(part, not upper)]}}


def _anywhere(field: str | None, make: Callable[[str, float], Dsl]) -> Dsl:
    """In `field`, or for None in title or text."""
    if field is not None:
        return make(f"news.{field}", 1.0)
    return _any([make(f"news.{name}", TITLE_BOOST if name == "title" else 1.0) for name in TEXT_FIELDS])


def _phrase(field: str, words: tuple[str, ...], slop: int, boost: float) -> Dsl:
    return {"match_phrase": {field: {"query": " ".join(words), "slop": slop, "analyzer": "folded", "boost": boost}}}


def _range(node: Range) -> Dsl:
    """An end that goes by `now` goes by the moment each article was first seen, as in core.match."""
    conditions = []
    for end, operator in ((node.low, "gte" if node.include_low else "gt"), (node.high, "lte" if node.include_high else "lt")):
        if end is None:
            continue
        if node.field in DATE_FIELDS and end.startswith("now"):
            conditions.append(_relative(node.field, operator, (moments.resolve(end, _BASE) - _BASE) // _MICROSECOND))
        else:
            value = micros(moments.resolve(end, _BASE)) if node.field in DATE_FIELDS else int(end)
            conditions.append({"range": {f"key.{node.field}": {operator: value}}})
    if not conditions:
        return {"exists": {"field": f"key.{node.field}"}}
    return conditions[0] if len(conditions) == 1 else {"bool": {"filter": conditions}}


def _relative(field: str, operator: str, shift: int) -> Dsl:
    if field == "published":
        return {"range": {"key.published_after": {operator: shift}}}
    holds = {"gte": shift <= 0, "gt": shift < 0, "lte": shift >= 0, "lt": shift > 0}[operator]
    return {"match_all": {}} if holds else {"match_none": {}}


def _all(parts: list[Dsl]) -> Dsl:
    return parts[0] if len(parts) == 1 else {"bool": {"must": parts}}


def _any(parts: list[Dsl]) -> Dsl:
    return parts[0] if len(parts) == 1 else {"bool": {"should": parts}}


def _depth(query: Any) -> int:
    if isinstance(query, dict):
        inner = max((_depth(value) for value in query.values()), default=0)
        return inner + ("bool" in query)
    if isinstance(query, list):
        return max((_depth(part) for part in query), default=0)
    return 0
