"""Replaces what an index cannot evaluate by simple conditions that hold wherever it holds.

What is left are words, stems, prefixes, phrases without alternatives and moves, conditions on fields, AND, OR and NOT.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pipeline.core.query.names import Part, hashtag
from pipeline.core.query.tree import And, Apart, InList, Near, Node, Not, Or, Phrase, Prefix, Stem, Word


def all_parts(node: Node, holds: Callable[[Node], bool]) -> bool:
    """Whether `holds` is true of everything that AND, OR and NOT combine in the tree."""
    match node:
        case And(parts) | Or(parts):
            return all(all_parts(part, holds) for part in parts)
        case Not(part):
            return all_parts(part, holds)
        case _:
            return holds(node)


def simple(node: Node) -> bool:
    """Whether `wider` leaves the tree as it is."""
    return all_parts(node, _is_simple)


def _is_simple(node: Node) -> bool:
    if isinstance(node, Phrase):
        return node.slop == 0 and all(len(part) == 1 for part in node.parts)
    return not isinstance(node, Near | Apart | InList)


def wider(node: Node) -> Node | None:
    """A simple tree that holds wherever `node` holds; None: everything."""
    match node:
        case And(parts):
            return joined(And, [found for part in parts if (found := wider(part)) is not None])
        case Or(parts):
            every = [wider(part) for part in parts]
            return joined(Or, [part for part in every if part is not None]) if None not in every else None
        case Not(part):
            return node if simple(part) else None
        case Near(left, right, field=field):
            return wider(And((under(field, left), under(field, right))))
        case Apart(left, field=field):
            return wider(under(field, left))
        case InList(names, field):
            return joined(Or, [Word(token, field) for token in sorted(names.anchors)])
        case Phrase(parts, _, field) if not simple(node):
            tag = hashtag(parts) if node.slop == 0 else None
            words = joined(And, [_any(part, field) for part in parts])
            return joined(Or, [words, Word(tag, field)]) if tag and words else words
        case _:
            return node


def under(field: str | None, node: Node) -> Node:
    """`node`, an operand of Near or Apart, with the field that holds for it."""
    if isinstance(node, Or):
        return Or(tuple(under(field, part) for part in node.parts))
    assert isinstance(node, Word | Prefix | Stem | Phrase | InList | Near | Apart)
    return node if field is None else replace(node, field=field)


def joined(kind: type[And] | type[Or], parts: list[Node]) -> Node | None:
    """`parts` under one And or Or; a part of the same kind is replaced by its own parts. None without parts."""
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, And | Or) and type(part) is kind else (part,))
    unique = tuple(dict.fromkeys(flat))
    return unique[0] if len(unique) == 1 else kind(unique) if unique else None


def _any(part: Part, field: str | None) -> Node:
    found = [joined(And, [Word(token, field) for token in alternative]) for alternative in part]
    one = joined(Or, [node for node in found if node is not None])
    assert one is not None
    return one
