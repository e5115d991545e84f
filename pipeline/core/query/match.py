"""Decides whether a document matches a query, where, and by which branch. Alerts and both indexes share it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from pipeline.core.documents.fields import DATE_FIELDS, KEYWORD_FIELDS, TEXT_FIELDS, keyword, several_values
from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.places import occurrences
from pipeline.core.query.range_ends import resolve
from pipeline.core.query.tree import And, Equal, Exists, Located, Node, Not, Or, Range
from pipeline.records import Span

SPANS = 100  # kept of one match
SPANS_PER_LEAF = 8


@dataclass(frozen=True, slots=True)
class Match:
    """`spans` in the order title, text, by place; `branch` is the query without what did not match. `shown`: of each of
    its leaves, the first occurrences, each with the spans of its words."""

    spans: tuple[Span, ...]
    branch: Node
    shown: tuple[tuple[tuple[Span, ...], ...], ...]


def match(node: Node, view: DocumentView) -> Match | None:
    """How the document matches `node`; None if it does not."""
    if not holds(node, view):
        return None
    branch = _branch(node, view)
    shown = tuple(tuple(_occurrences(leaf, view)) for leaf in _leaves(branch))
    spans = (span for leaf in shown for occurrence in leaf for span in occurrence)
    found = {(TEXT_FIELDS.index(span.field), span.start, span.end): span for span in spans}
    return Match(tuple(found[key] for key in sorted(found))[:SPANS], branch, shown)


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
        case Exists(field):
            return _filled(field, view)
        case _:
            return any(True for field in _text_fields(node.field) for _ in occurrences(node, field, view))


def _text_fields(field: str | None) -> tuple[str, ...]:
    return TEXT_FIELDS if field is None else (field,)


def _filled(field: str, view: DocumentView) -> bool:
    if field in TEXT_FIELDS:
        return bool(view.tokens(field))
    if field in KEYWORD_FIELDS:
        return bool(view.keywords(field))
    return bool(several_values(view.value(field)))


def _within(node: Range, view: DocumentView) -> bool:
    values = several_values(view.value(node.field))
    if not values:
        return False
    low, high = _limit(node, node.low, view), _limit(node, node.high, view)
    return any(
        (low is None or value > low or (node.include_low and value == low))
        and (high is None or value < high or (node.include_high and value == high))
        for value in values
    )


def _limit(node: Range, end: str | None, view: DocumentView) -> Any:
    if end is None:
        return None
    if node.field not in DATE_FIELDS:
        return int(end)
    now: datetime = view.value("first_seen")
    return resolve(end, now)


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


def _leaves(node: Node) -> Iterator[Located]:
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _leaves(part)
        case Not() | Equal() | Range() | Exists():
            pass
        case _:
            yield node


def _occurrences(leaf: Located, view: DocumentView) -> Iterator[tuple[Span, ...]]:
    """The first occurrences of a leaf: adjacent words as one span, others as one span each."""
    for field in _text_fields(leaf.field):
        for found in islice(occurrences(leaf, field, view), SPANS_PER_LEAF):
            yield tuple(view.span(field, first, last) for first, last in found)
