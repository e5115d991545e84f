"""Translates the query tree into Elasticsearch's query DSL, never into a `query_string`.

Texts are searched in `words.*` and `others.*`, which core/text/positions.py writes, so nothing is analysed again. A
phrase is sure where its tokens are side by side, and possible where one of them stands for several words; near words
too. What Elasticsearch cannot evaluate is replaced by conditions that hold wherever it holds (core/query/wider);
core/query/verified decides.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice, product
from typing import Any

from pipeline.backends.index_elastic.intervals import intervals
from pipeline.core.documents.ecs import key
from pipeline.core.documents.fields import DATE_FIELDS, TEXT_FIELDS, micros
from pipeline.core.query.names import Part, hashtag
from pipeline.core.query.range_ends import resolve
from pipeline.core.query.search import TITLE_BOOST
from pipeline.core.query.tree import (
    And,
    Equal,
    Exists,
    InList,
    Located,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Range,
    Stem,
    Word,
)
from pipeline.core.query.wider import all_parts, simple, wider
from pipeline.core.text.stems import stem_tokens

Dsl = dict[str, Any]

DEPTH = 30  # queries inside each other: Elasticsearch's default of indices.query.bool.max_nested_depth

TERMS = 60_000  # of one `terms` query: below Elasticsearch's index.max_terms_count
WAYS = 16  # to write a phrase that are looked for one by one

_BASE = datetime(5000, 1, 1, tzinfo=UTC)  # any moment will do: only differences from it are used
_MICROSECOND = timedelta(microseconds=1)


def exact(node: Node) -> bool:
    """Whether Elasticsearch's hits for the tree are exactly its matches."""
    return all_parts(node, _is_exact)


def _is_exact(node: Node) -> bool:
    return not isinstance(node, Phrase) and simple(node)


def bounded(node: Node) -> bool:
    """Whether `translate` with `upper` False finds most matches: only phrases and near words are not exact."""
    return all_parts(node, _is_bounded)


def _is_bounded(node: Node) -> bool:
    match node:
        case Phrase(slop=slop):
            return slop == 0
        case Near():
            return _has_intervals(node)
        case _:
            return _is_exact(node)


def _has_intervals(node: Near) -> bool:
    """Whether Elasticsearch can look for the pair: words in one paragraph. It knows nothing of sentences."""
    return node.within == "paragraph" and bool(_tokens(node.left) and _tokens(node.right))


def translate(node: Node, upper: bool = True) -> Dsl:
    """A query that finds every match of the tree and perhaps more; if not `upper`, only matches, and perhaps not all.

    Conditions on fields do not affect relevance. Raises ValueError for a tree nested deeper than Elasticsearch allows.
    """
    query = _translate(node, upper)
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


def _translate(node: Node, upper: bool) -> Dsl:
    match node:
        case InList() if not upper:
            return {"match_none": {}}
        case Word() | Prefix() | Stem() | Phrase(slop=0) | InList():
            return _anywhere(node.field, lambda name, boost: _located(node, name, boost, upper))
        case Near() if _has_intervals(node):
            return _anywhere(node.field, lambda name, boost: _located(node, name, boost, upper))
        case Equal(field, value):
            return {"term": {f"key.{field}": {"value": key(value), "boost": 0.0}}}
        case Exists(field):
            return {"exists": {"field": f"{'words' if field in TEXT_FIELDS else 'key'}.{field}", "boost": 0.0}}
        case Range():
            return _range(node)
        case And(parts):
            wanted = [_translate(part, upper) for part in parts if not isinstance(part, Not)]
            unwanted = [_translate(part.part, not upper) for part in parts if isinstance(part, Not)]
            return _bool(must=_joined("must", wanted), must_not=unwanted)
        case Or(parts):
            return _bool(should=_joined("should", [_translate(part, upper) for part in parts]))
        case Not(part):
            return _bool(must_not=_joined("should", [_translate(part, not upper)]))
        case _:
            found = wider(node) if upper else None
            if found is not None:
                return _translate(found, upper)
            return {"match_all": {"boost": 0.0}} if upper else {"match_none": {}}


def _anywhere(field: str | None, make: Callable[[str, float], Dsl]) -> Dsl:
    """In `field`, or if it is None in title or text."""
    if field is not None:
        return make(field, 1.0)
    found = [make(name, TITLE_BOOST if name == "title" else 1.0) for name in TEXT_FIELDS]
    return _bool(should=_joined("should", found))


def _located(node: Located, name: str, boost: float, upper: bool) -> Dsl:
    """A word, prefix, stem, phrase, list or pair of near words in one field."""
    match node:
        case Word(word):
            return _word(name, word, boost)
        case Prefix(prefix):
            return _bool(should=[{"prefix": {one: {"value": prefix, "boost": boost}}} for one in _both(name)])
        case Stem(word):
            return {"terms": {f"others.{name}": list(stem_tokens(word)), "boost": boost}}
        case Phrase(parts):
            return _phrase(name, parts, boost, upper)
        case InList(names):
            tokens = sorted(names.anchors)
            some = [tokens[start : start + TERMS] for start in range(0, len(tokens), TERMS)]
            return _bool(should=[{"terms": {one: part, "boost": boost}} for part in some for one in _both(name)])
        case Near():
            return _near(node, name, boost, upper)
    raise TypeError(f"{type(node).__name__} has no query")


def _both(name: str) -> tuple[str, str]:
    """The two fields of a text: its words by position, and what else they are."""
    return f"words.{name}", f"others.{name}"


def _word(name: str, token: str, boost: float) -> Dsl:
    return _bool(should=[{"term": {one: {"value": token, "boost": boost}}} for one in _both(name)])


def _phrase(name: str, parts: tuple[Part, ...], boost: float, upper: bool) -> Dsl:
    """The phrase side by side; with `upper`, also where one of its tokens is of several words and all are somewhere."""
    ways = [sum(way, ()) for way in islice(product(*parts), WAYS + 1)]
    found = [_side_by_side(name, way, boost) for way in ways[:WAYS]]
    if (tag := hashtag(parts)) is not None:
        found.append(_word(name, tag, boost))
    if upper:
        tokens = list(dict.fromkeys(token for part in parts for way in part for token in way))
        somewhere = [_bool(should=[_bool(must=[_word(name, t, 0.0) for t in way]) for way in part]) for part in parts]
        if len(ways) <= WAYS:
            somewhere.append({"terms": {f"others.{name}": tokens, "boost": 0.0}})
        found.append(_bool(must=somewhere))
    return _bool(should=found)


def _side_by_side(name: str, tokens: tuple[str, ...], boost: float) -> Dsl:
    if len(tokens) == 1:
        return {"term": {f"words.{name}": {"value": tokens[0], "boost": boost}}}
    wanted = {"query": " ".join(tokens), "analyzer": "positions", "boost": boost}
    return {"match_phrase": {f"words.{name}": wanted}}


def _near(node: Near, name: str, boost: float, upper: bool) -> Dsl:
    """Two words near each other; with `upper`, also where one of them is of several words and both are somewhere."""
    left, right = _tokens(node.left), _tokens(node.right)
    wanted = intervals(left, right, node.distance, node.ordered)
    found: list[Dsl] = [{"intervals": {f"words.{name}": {**wanted, "boost": boost}}}]
    if upper:
        both = [_bool(should=[_word(name, token, 0.0) for token in side]) for side in (left, right)]
        varied = [{"terms": {f"others.{name}": [*left, *right], "boost": 0.0}}]
        # A paragraph may be longer than intervals reach.
        found.append(_bool(must=both + (varied if node.distance else [])))
    return _bool(should=found)


def _tokens(node: Node) -> list[str]:
    """The tokens of an operand that is a word or several words; empty for any other."""
    if isinstance(node, Word):
        return [node.word]
    words = node.parts if isinstance(node, Or) else ()
    return [word.word for word in words if isinstance(word, Word)] if all(isinstance(w, Word) for w in words) else []


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
