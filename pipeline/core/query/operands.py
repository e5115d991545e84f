"""Joins the operands of AND and OR, and refuses what can be read in two ways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from pipeline.core.query.nearness import quoted_beside
from pipeline.core.query.remarks import QueryError
from pipeline.core.query.tree import And, Node, Or
from pipeline.core.query.written import to_text
from pipeline.core.wording import Text


@dataclass(frozen=True, slots=True)
class Operand:
    """An operand of AND and OR. `sign`: the operator before it, "" for none. `bare`: words without sign or field."""

    sign: str
    node: Node
    column: int
    bare: bool
    near: bool


def refuse_loose(operands: list[Operand]) -> None:
    """Raises QueryError for words beside an operand of NEAR, as in `foreign troops NEAR/5 congress`."""
    for left, right in pairwise(operands):
        if right.sign == "" and (left.near or right.near) and left.bare and right.bare:
            separate = f"({to_text(left.node)}) AND ({to_text(right.node)})"
            quoted = quoted_beside(left.node, right.node)
            hint = Text("{}  or  {}", quoted, separate) if quoted else Text("{}", separate)
            raise QueryError("words beside an operator of nearness can be read in two ways", right.column, hint)


def two_readings(operands: list[Operand]) -> QueryError:
    """The error for `a OR b c`, which may mean (a OR b) AND c or a OR (b AND c): shows both readings."""
    loose: list[list[Node]] = []
    tight: list[list[Node]] = []
    for n, one in enumerate(operands):
        (loose.append([one.node]) if n == 0 or one.sign == "OR" else loose[-1].append(one.node))
        (tight.append([one.node]) if n == 0 or one.sign != "OR" else tight[-1].append(one.node))
    both = joined(And, [joined(Or, run) for run in tight]), joined(Or, [joined(And, run) for run in loose])
    hint = Text("{}  or  {}", *map(to_text, both))
    return QueryError("OR beside words without an operator can be read in two ways", operands[0].column, hint)


def joined(kind: Callable[[tuple[Node, ...]], And | Or], parts: list[Node]) -> Node:
    """`parts` under one And or Or; a part of the same kind is replaced by its own parts."""
    flat: list[Node] = []
    for part in parts:
        if isinstance(part, And | Or) and type(part) is kind:
            flat.extend(part.parts)
        else:
            flat.append(part)
    return kind(tuple(flat)) if len(flat) > 1 else flat[0]
