"""Brings queries that mean the same into the same form."""

from __future__ import annotations

from dataclasses import replace

from pipeline.core.query.tree import And, Apart, Near, Node, Not, Or
from pipeline.core.query.written import to_text


def normal(node: Node) -> Node:
    """The query with its parts in order and each once; operands of NEAR in order where theirs does not matter."""
    match node:
        case And(parts) | Or(parts):
            flat: list[Node] = []
            for part in map(normal, parts):
                flat.extend(part.parts if isinstance(part, And | Or) and type(part) is type(node) else (part,))
            unique = sorted(set(flat), key=to_text)
            return unique[0] if len(unique) == 1 else type(node)(tuple(unique))
        case Not(part):
            inner = normal(part)
            return inner.part if isinstance(inner, Not) else Not(inner)
        case Near(left, right):
            left, right = normal(left), normal(right)
            if not node.ordered and to_text(right) < to_text(left):
                left, right = right, left
            return replace(node, left=left, right=right)
        case Apart(left, right):
            return replace(node, left=normal(left), right=normal(right))
    return node
