"""Decides whether a document matches a query, where, and by which branch. Alerts and both indexes share it."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.core.documents.fields import DATE_FIELDS, TEXT_FIELDS, keyword
from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.range_ends import resolve
from pipeline.core.query.tree import And, Equal, Node, Not, Or, Phrase, Prefix, Range, Word
from pipeline.records import Span

SPANS = 100  # kept of one match
SPANS_PER_LEAF = 8


@dataclass(frozen=True, slots=True)
class Match:
    """`spans` in the order title, text, by place; `branch` is the query without what did not match."""

    spans: tuple[Span, ...]
    branch: Node


def match(node: Node, view: DocumentView) -> Match | None:
    """How the document matches `node`; None if it does not."""
    if not holds(node, view):
        return None
    branch = _branch(node, view)
    found: dict[tuple[int, int, int], Span] = {}
    for leaf in _leaves(branch):
        for span in _leaf_spans(leaf, view):
            found[TEXT_FIELDS.index(span.field), span.start, span.end] = span
    return Match(tuple(found[key] for key in sorted(found))[:SPANS], branch)


def holds(node: Node, view: DocumentView) -> bool:
    """Whether `node` is true of the document."""
    match node:
        case And(parts):
            return all(holds(part, view) for part in parts)
        case Or(parts):
            return any(holds(part, view) for part in parts)
        case Not(part):
            return not holds(part, view)
        case Equal(field, value):
            return keyword(value) in view.keywords(field)
        case Range():
            return _within(node, view)
        case _:
            return any(next(_occurrences(node, field, view), None) is not None for field in _text_fields(node.field))


def _text_fields(field: str | None) -> tuple[str, ...]:
    return TEXT_FIELDS if field is None else (field,)


def _within(node: Range, view: DocumentView) -> bool:
    value: Any = view.value(node.field)
    if value is None:
        return False
    low, high = _limit(node, node.low, view), _limit(node, node.high, view)
    above = low is None or value > low or (node.include_low and value == low)
    return above and (high is None or value < high or (node.include_high and value == high))


def _limit(node: Range, end: str | None, view: DocumentView) -> Any:
    if end is None:
        return None
    if node.field not in DATE_FIELDS:
        return int(end)
    now: datetime = view.value("first_seen")
    return resolve(end, now)


def _occurrences(leaf: Word | Phrase | Prefix, field: str, view: DocumentView) -> Iterator[tuple[int, ...]]:
    """Positions of the words of each occurrence, in order of place."""
    places = view.places(field)
    match leaf:
        case Word(word):
            return ((position,) for position in places.get(word, ()))
        case Prefix(prefix):
            found = sorted(position for word in view.starting(field, prefix) for position in places[word])
            return ((position,) for position in found)
        case Phrase(sought, slop):
            return near(sought, slop, places)


def near(sought: tuple[str, ...], slop: int, places: dict[str, list[int]]) -> Iterator[tuple[int, ...]]:
    """Occurrences of the words within `slop` total moves, as Lucene counts: with p(i) the position of the i-th word,
    all p(i) - i lie within `slop` of each other. No position is used twice.

    If m is the lowest p(i) - i, word i must be in [m + i, m + i + slop]. Equal words take the first free position in
    the order of i, which finds an assignment if there is one (earliest deadline first).
    """
    if any(word not in places for word in sought):
        return
    repeated = {word for word, times in Counter(sought).items() if times > 1}
    rarest = min(range(len(sought)), key=lambda i: len(places[sought[i]]))
    tried = -len(sought) - slop - 1
    for position in places[sought[rarest]]:
        for lowest in range(max(tried + 1, position - rarest - slop), position - rarest + 1):
            tried = lowest
            found = _assigned(sought, lowest, slop, places, repeated)
            if found is not None:
                yield found
                tried = max(tried, min(found))
                break


def _assigned(
    sought: tuple[str, ...], lowest: int, slop: int, places: dict[str, list[int]], repeated: set[str]
) -> tuple[int, ...] | None:
    taken: dict[str, int] = {}
    found = []
    for i, word in enumerate(sought):
        at = places[word]
        earliest = lowest + i
        if word in repeated:
            earliest = max(earliest, taken.get(word, -1) + 1)
        n = bisect_left(at, earliest)
        if n == len(at) or at[n] > lowest + i + slop:
            return None
        taken[word] = at[n]
        found.append(at[n])
    return tuple(found)


def _branch(node: Node, view: DocumentView) -> Node:
    """The part of a query that is true, without negations, as it is shown as the reason."""
    match node:
        case And(parts):
            kept = [_branch(part, view) for part in parts if not isinstance(part, Not)]
            return _joined(And, kept) if kept else node
        case Or(parts):
            return _joined(Or, [_branch(part, view) for part in parts if holds(part, view)])
        case _:
            return node


def _joined(kind: type[And] | type[Or], parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else kind(tuple(parts))


def _leaves(node: Node) -> Iterator[Word | Phrase | Prefix]:
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _leaves(part)
        case Word() | Phrase() | Prefix():
            yield node


def _leaf_spans(leaf: Word | Phrase | Prefix, view: DocumentView) -> Iterable[Span]:
    """The first occurrences of a leaf: adjacent words as one span, others as one span each."""
    for field in _text_fields(leaf.field):
        for n, found in enumerate(_occurrences(leaf, field, view)):
            if n == SPANS_PER_LEAF:
                break
            if max(found) - min(found) + 1 == len(found):
                yield view.span(field, min(found), max(found))
            else:
                yield from (view.span(field, position, position) for position in sorted(found))
