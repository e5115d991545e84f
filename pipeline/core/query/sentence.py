"""Says in English what a query finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.core.query.names import Part
from pipeline.core.query.tree import (
    And,
    Apart,
    Equal,
    Exists,
    InList,
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

MOST = 12  # alternatives that are named

_NUMBERS = dict(enumerate((
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)))  # fmt: skip


def sentence(node: Node) -> str:
    """The query as one sentence: Articles with "troops" within five words of "congress", in title or text."""
    return "All articles." if node == And(()) else f"Articles with {_whole(node)}."


def _whole(node: Node) -> str:
    """`node`, with the field that its words are searched in at the end where it is one for all."""
    if not isinstance(node, And):
        return _scoped(node)
    words = [part for part in node.parts if _only_words(part)]
    others = [part for part in node.parts if not _only_words(part) and not isinstance(part, Not)]
    unwanted = [part.part for part in node.parts if isinstance(part, Not)]
    by_field: dict[str | None, list[Node]] = {}
    for part in words:
        by_field.setdefault(next(_leaves(part)).field, []).append(part)
    found = [_scoped(And(tuple(parts)) if len(parts) > 1 else parts[0]) for parts in by_field.values()]
    found += [_scoped(part) for part in others]
    text = ", and ".join(found)
    if unwanted:
        excluded = Or(tuple(unwanted))
        alike = _only_words(excluded) and len(unwanted) > 1
        without = _scoped(excluded) if alike else " or ".join(map(_scoped, unwanted))
        text += f", but not {without}" if text else f"anything but {without}"
    return text


def _scoped(node: Node) -> str:
    scopes = {leaf.field for leaf in _leaves(node)}
    if len(scopes) == 1 and _only_words(node):
        return f"{_clause(node)}, in {scopes.pop() or 'title or text'}"
    match node:
        case And():
            return f"({_whole(node)})"
        case Or(parts):
            if all(isinstance(part, Equal) for part in parts):
                return (
                    _clause(node)
                    if len({part.field for part in parts if isinstance(part, Equal)}) == 1
                    else _grouped(node)
                )
            return f"({_listed([_scoped(part) for part in parts], 'or')})"
        case Not(part):
            return f"not {_scoped(part)}"
    return _clause(node)


def _clause(node: Node) -> str:
    """`node` without the field of its words."""
    match node:
        case And(parts):
            return _listed([_grouped(part) for part in parts], "and")
        case Or(parts):
            first = parts[0]
            if isinstance(first, Equal) and all(
                isinstance(part, Equal) and part.field == first.field for part in parts
            ):
                return f"{first.field} " + _listed(
                    [f'"{part.value}"' for part in parts if isinstance(part, Equal)], "or"
                )
            return _listed([_grouped(part) for part in parts], "or")
        case Not(part):
            return f"not {_grouped(part)}"
        case Near():
            return _near(node)
        case Apart():
            return _apart(node)
        case Equal(field, value):
            return f'{field} "{value}"'
        case Exists(field):
            return f"{_article(field)} {field}"
        case Range():
            return _range(node)
        case _:
            return _leaf(node)


def _leaf(node: Word | Prefix | Stem | Phrase | InList) -> str:
    match node:
        case Word(word):
            return f'"{word[1:].upper()}" in capitals' if word.startswith("=") else f'"{word}"'
        case Prefix(prefix):
            return f'a word that starts with "{prefix}"'
        case Stem(word):
            return f'any form of "{word}"'
        case InList(names):
            return f"one of the {names.size:,} names of the list {names.name}"
        case Phrase(parts, slop):
            text = " ".join(map(_part, parts))
            moves = f" (moved by at most {_number(slop)} word{'s' if slop > 1 else ''})" if slop else ""
            return f'"{text}"{moves}' if len(parts) > 1 or slop else f'"{text}"'


def _part(part: Part) -> str:
    """The spelling of a part that people would write: U.S. for =us, cease-fire for what is joined and apart."""
    tokens = max(part, key=len)
    if tokens[0].startswith("="):
        return "".join(letter + "." for letter in tokens[0][1:].upper())
    return "-".join(tokens)


def _near(node: Near) -> str:
    left, right = _grouped(node.left), _grouped(node.right)
    if node.distance is None:
        order = "before" if node.ordered else "and"
        return f"{left} {order} {right} in one {node.within}"
    if node.ordered:
        return f"{left} {_before(node.distance)} {right}"
    return f"{left} {_beside(node.distance)} {right}"


def _apart(node: Apart) -> str:
    left, right = _grouped(node.left), _grouped(node.right)
    if node.distance is None:
        place = f"later in its {node.within}" if node.ordered else f"in its {node.within}"
        return f"{left} without {right} {place}"
    how = _before(node.distance) if node.ordered else _beside(node.distance)
    return f"{left} not {how} {right}"


def _beside(distance: int) -> str:
    return "right beside" if distance == 1 else f"within {_number(distance)} words of"


def _before(distance: int) -> str:
    return "right before" if distance == 1 else f"at most {_number(distance)} words before"


def _grouped(node: Node) -> str:
    return f"({_clause(node)})" if isinstance(node, And | Or | Near | Apart) else _clause(node)


def _range(node: Range) -> str:
    if node.low == node.high and node.low is not None:
        return f"{node.field} {node.low}"
    ends = []
    if node.low is not None:
        ends.append(f"{'at least' if node.include_low else 'more than'} {node.low}")
    if node.high is not None:
        ends.append(f"{'at most' if node.include_high else 'less than'} {node.high}")
    if node.field in ("published", "first_seen", "period_start", "period_end", "instrument_date"):
        ends = [_moment(end) for end in ends]
    return f"{node.field} {' and '.join(ends)}"


def _moment(end: str) -> str:
    for number, time in (("at least", "from"), ("more than", "after"), ("at most", "until"), ("less than", "before")):
        end = end.replace(number, time)
    return end


def _listed(parts: Sequence[str], joint: str) -> str:
    if len(parts) > MOST:
        left = len(parts) - MOST + 1
        parts = [*parts[: MOST - 1], f"{left:,} more"]
    return f"{', '.join(parts[:-1])} {joint} {parts[-1]}" if len(parts) > 2 else f" {joint} ".join(parts)


def _number(number: int) -> str:
    return _NUMBERS.get(number, f"{number:,}")


def _article(field: str) -> str:
    return "an" if field[0] in "aeiou" else "a"


def _only_words(node: Node) -> bool:
    """Whether the node is about words of title and text alone, all in the same field."""
    match node:
        case And(parts) | Or(parts):
            return all(map(_only_words, parts)) and len({leaf.field for leaf in _leaves(node)}) == 1
        case Not() | Equal() | Exists() | Range():
            return False
        case _:
            return True


def _leaves(node: Node) -> Iterator[Word | Prefix | Stem | Phrase | InList | Near | Apart]:
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _leaves(part)
        case Not(part):
            yield from _leaves(part)
        case Equal() | Exists() | Range():
            return
        case _:
            yield node
