"""Translates the query tree into tantivy queries.

What tantivy cannot evaluate, such as sloppy phrases, is replaced by conditions that hold wherever it holds
(core/query/wider). Such a query finds every match and perhaps more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from tantivy import FieldType, Occur, Query

from pipeline.backends.index_tantivy.schema import schema, term
from pipeline.core.documents.fields import DATE_FIELDS, EPOCH, NUMBER_FIELDS, TEXT_FIELDS, micros
from pipeline.core.query.range_ends import resolve
from pipeline.core.query.search import TITLE_BOOST
from pipeline.core.query.tree import And, Equal, Exists, Node, Not, Or, Phrase, Prefix, Range, Word
from pipeline.core.query.wider import simple, wider

DEPTH = 150  # the query language allows less; tantivy recurses on the C stack, and 1,000 crash the process

_META = frozenset(r"\.+*?()|[]{}^$#&-~")


def exact(node: Node) -> bool:
    """Whether tantivy's hits for the tree are exactly its matches."""
    match node:
        case And(parts) | Or(parts):
            return all(exact(part) for part in parts)
        case Not(part):
            return exact(part)
        case Range():
            return not _relative(node)
        case _:
            return simple(node)


def translate(node: Node) -> Query:
    """A query that finds every match of the tree; if `exact`, nothing else. Raises ValueError if nested too deep."""
    found = wider(node)
    return everything() if found is None else _translate(found, True, 0)


def _translate(node: Node, upper: bool, depth: int) -> Query:
    if depth > DEPTH:
        raise ValueError(f"the query is nested more than {DEPTH} deep: simplify it")
    match node:
        case Word(word, field):
            return _anywhere(field, lambda name: Query.term_query(schema(), name, word))
        case Prefix(prefix, field):
            pattern = "".join("\\" + char if char in _META else char for char in prefix) + ".*"
            return _anywhere(field, lambda name: Query.regex_query(schema(), name, pattern))
        case Phrase(words, _, field):
            tokens = [word[0][0] for word in words]
            return _anywhere(field, lambda name: _phrase(name, tokens))
        case Equal(field, value):
            return Query.const_score_query(Query.term_query(schema(), field, term(value)), 0.0)
        case Exists(field):
            return _filled(field)
        case Range():
            if _relative(node):
                return everything() if upper else Query.empty_query()
            return _range(node)
        case And(parts):
            return _all([_translate(part, upper, depth + 1) for part in parts])
        case Or(parts):
            return _any([_translate(part, upper, depth + 1) for part in parts])
        case Not(part):
            return Query.boolean_query(
                [(Occur.Must, everything()), (Occur.MustNot, _translate(part, not upper, depth + 1))]
            )
        case _:
            raise TypeError(f"{type(node).__name__} is not simple")


def seen_between(since: datetime | None, until: datetime | None) -> Query | None:
    """first_seen in [since, until); None without bounds."""
    return number_between("first_seen", _micros(since), _micros(until), include_high=False)


def number_between(
    field: str, low: int | None, high: int | None, *, include_low: bool = True, include_high: bool = True
) -> Query | None:
    """A number field within bounds; None without bounds."""
    if low is None and high is None:
        return None
    return Query.const_score_query(
        Query.range_query(
            schema(), field, FieldType.Integer, low, high, include_low or low is None, include_high or high is None
        ),
        0.0,
    )


def number_is(field: str, number: int) -> Query:
    """A number field equals `number`."""
    return Query.term_query(schema(), field, number)


def both(query: Query, *filters: Query | None) -> Query:
    """The hits of `query` that match all of `filters`."""
    return _all([query, *(part for part in filters if part is not None)])


def everything() -> Query:
    return Query.const_score_query(Query.all_query(), 0.0)


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else micros(moment)


def _anywhere(field: str | None, make: Callable[[str], Query]) -> Query:
    """In `field`, or if it is None in title or text."""
    if field is not None:
        return make(field)
    return _any([Query.boost_query(make(name), TITLE_BOOST if name == "title" else 1.0) for name in TEXT_FIELDS])


def _phrase(field: str, words: list[str]) -> Query:
    if len(words) > 1:
        return Query.phrase_query(schema(), field, list(words))
    return Query.term_query(schema(), field, words[0])


def _filled(field: str) -> Query:
    if field in DATE_FIELDS + NUMBER_FIELDS:
        return Query.const_score_query(Query.exists_query(field), 0.0)
    return Query.const_score_query(Query.regex_query(schema(), field, ".+"), 0.0)


def _relative(node: Range) -> bool:
    """Whether an end depends on when each article was first seen: a `now` that parsing did not resolve."""
    return any(end is not None and end.startswith("now") for end in (node.low, node.high))


def _range(node: Range) -> Query:
    low, high = _limit(node.field, node.low), _limit(node.field, node.high)
    found = number_between(node.field, low, high, include_low=node.include_low, include_high=node.include_high)
    return Query.exists_query(node.field) if found is None else found


def _limit(field: str, end: str | None) -> int | None:
    if end is None:
        return None
    return micros(resolve(end, EPOCH)) if field in DATE_FIELDS else int(end)


def _all(parts: list[Query]) -> Query:
    return parts[0] if len(parts) == 1 else Query.boolean_query([(Occur.Must, part) for part in parts])


def _any(parts: list[Query]) -> Query:
    return parts[0] if len(parts) == 1 else Query.boolean_query([(Occur.Should, part) for part in parts])
