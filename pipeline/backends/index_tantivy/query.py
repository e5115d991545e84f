"""Translates the query tree into tantivy queries.

A text is two fields: its words by position, and without positions what else they may be written as (schema.other). So a
phrase is sure where its words are side by side, and possible where one of its tokens is among the others. What tantivy
cannot evaluate at all, such as near words, is replaced by conditions that hold wherever it holds (core/query/wider).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import islice, product

from tantivy import FieldType, Occur, Query

from pipeline.backends.index_tantivy.schema import other, schema, term
from pipeline.core.documents.fields import DATE_FIELDS, EPOCH, NUMBER_FIELDS, TEXT_FIELDS, micros
from pipeline.core.query.names import Part, hashtag
from pipeline.core.query.range_ends import resolve
from pipeline.core.query.search import TITLE_BOOST
from pipeline.core.query.tree import And, Equal, Exists, Node, Not, Or, Phrase, Prefix, Range, Stem, Word
from pipeline.core.query.wider import all_parts, simple, wider
from pipeline.core.text.stems import stem_tokens

DEPTH = 150  # the query language allows less; tantivy recurses on the C stack, and 1,000 crash the process

WAYS = 16  # to write a phrase that are looked for one by one

_META = frozenset(r"\.+*?()|[]{}^$#&-~")


def exact(node: Node) -> bool:
    """Whether tantivy's hits for the tree are exactly its matches."""
    return all_parts(node, _is_exact)


def _is_exact(node: Node) -> bool:
    if isinstance(node, Range):
        return not _relative(node)
    return not isinstance(node, Phrase) and simple(node)


def bounded(node: Node) -> bool:
    """Whether `translate` with `upper` False finds most matches: only phrases keep the tree from being exact."""
    return all_parts(node, lambda part: part.slop == 0 if isinstance(part, Phrase) else _is_exact(part))


def translate(node: Node, upper: bool = True) -> Query:
    """A query that finds every match of the tree and perhaps more; if not `upper`, only matches, and perhaps not all.

    Raises ValueError if nested too deep.
    """
    return _translate(node, upper, 0)


def _translate(node: Node, upper: bool, depth: int) -> Query:
    if depth > DEPTH:
        raise ValueError(f"the query is nested more than {DEPTH} deep: simplify it")
    match node:
        case Word(word, field):
            return _anywhere(field, lambda name: _word(name, word))
        case Stem(word, field):
            tokens = stem_tokens(word)
            return _anywhere(field, lambda name: _any([_term(other(name), token) for token in tokens]))
        case Prefix(prefix, field):
            pattern = "".join("\\" + char if char in _META else char for char in prefix) + ".*"
            return _anywhere(field, lambda name: _any([_regex(one, pattern) for one in (name, other(name))]))
        case Phrase(phrase, 0, field):
            return _anywhere(field, lambda name: _phrase(name, phrase, upper))
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
            found = wider(node) if upper else None
            if found is not None:
                return _translate(found, upper, depth + 1)
            return everything() if upper else Query.empty_query()


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


def _term(field: str, token: str) -> Query:
    return Query.term_query(schema(), field, token)


def _regex(field: str, pattern: str) -> Query:
    return Query.regex_query(schema(), field, pattern)


def _word(field: str, token: str) -> Query:
    return _any([_term(field, token), _term(other(field), token)])


def _phrase(field: str, parts: tuple[Part, ...], upper: bool) -> Query:
    """The phrase by its words; with `upper`, also where one of its tokens is a variant and all are somewhere."""
    ways = [sum(way, ()) for way in islice(product(*parts), WAYS + 1)]
    sure = [_side_by_side(field, way) for way in ways[:WAYS]]
    if (tag := hashtag(parts)) is not None:
        sure.append(_word(field, tag))
    if not upper:
        return _any(sure)
    tokens = dict.fromkeys(token for part in parts for way in part for token in way)
    somewhere = [_any([_all([_word(field, token) for token in way]) for way in part]) for part in parts]
    varied = [] if len(ways) > WAYS else [_any([_term(other(field), token) for token in tokens])]
    return _any([*sure, _all([*somewhere, *varied])])


def _side_by_side(field: str, tokens: tuple[str, ...]) -> Query:
    return Query.phrase_query(schema(), field, list(tokens)) if len(tokens) > 1 else _term(field, tokens[0])


def _filled(field: str) -> Query:
    if field in DATE_FIELDS + NUMBER_FIELDS:
        return Query.const_score_query(Query.exists_query(field), 0.0)
    found = _regex(field, ".+")
    if field in TEXT_FIELDS:
        found = _any([_regex(field, ".*[^-].*"), _regex(other(field), ".+")])
    return Query.const_score_query(found, 0.0)


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
