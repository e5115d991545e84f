"""Builds NEAR and NOT NEAR from their operands."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from pipeline.core.query.proximity import Proximity
from pipeline.core.query.remarks import QueryError
from pipeline.core.query.tree import And, Apart, InList, Near, Node, Not, Or, Phrase, Prefix, Stem, Word, phrase
from pipeline.core.query.written import to_text
from pipeline.core.wording import Text


class Operand(NamedTuple):
    """An operand without its field."""

    node: Node
    field: str | None


def operand(node: Node, column: int, other: Node) -> Operand:
    """`node` as an operand of nearness to `other`. Raises QueryError if it has no place in a text."""
    match node:
        case Or(parts):
            read = [operand(part, column, other) for part in parts]
            fields = {one.field for one in read}
            if len(fields) > 1:
                raise QueryError("words of different fields are never near each other", column)
            return Operand(Or(tuple(one.node for one in read)), fields.pop())
        case Word() | Prefix() | Stem() | Phrase() | InList() | Near() | Apart():
            return Operand(replace(node, field=None) if node.field else node, node.field)
        case And(parts):
            pairs = " AND ".join(f"({to_text(other)} NEAR/5 {_inner(part)})" for part in parts)
            raise QueryError("AND cannot be near something", column, Text("write {}", pairs))
        case Not(part):
            raise QueryError(
                "NOT cannot be near something", column, Text("write {}", f"{_inner(other)} NOT NEAR/5 {_inner(part)}")
            )
        case _:
            raise QueryError(
                "only words of title and text have a place", column, Text("write {}", f"… AND {to_text(node)}")
            )


def near(operator: Proximity, left: Operand, right: Operand, column: int) -> Near | Apart:
    """The operands joined by the operator."""
    if left.field != right.field:
        raise QueryError("words of different fields are never near each other", column, "title:(a NEAR/5 b)")
    kind = Apart if operator.negated else Near
    return kind(left.node, right.node, operator.distance, operator.ordered, operator.within, left.field)


def quoted_beside(left: Node, right: Node) -> str:
    """How to write a word and an operand of NEAR beside it as a phrase; "" if that is not possible."""
    if isinstance(right, Near | Apart) and isinstance(left, Word) and isinstance(right.left, Word):
        words, near = (left.word, right.left.word), replace(right, left=phrase((left.word, right.left.word)))
    elif isinstance(left, Near | Apart) and isinstance(right, Word) and isinstance(left.right, Word):
        words, near = (left.right.word, right.word), replace(left, right=phrase((left.right.word, right.word)))
    else:
        return ""
    return "" if any(word.startswith("=") for word in words) else to_text(near)


def _inner(node: Node) -> str:
    return f"({to_text(node)})" if isinstance(node, And | Or | Near | Apart) else to_text(node)
