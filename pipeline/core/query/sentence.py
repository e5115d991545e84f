"""Says in English what a query finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Literal

from pipeline.core.documents.fields import DATE_FIELDS
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
from pipeline.core.wording import Moment, Text, joined

MOST = 12  # alternatives that are named

_NUMBERS = (
    Text("zero"), Text("one"), Text("two"), Text("three"), Text("four"), Text("five"), Text("six"), Text("seven"),
    Text("eight"), Text("nine"), Text("ten"), Text("eleven"), Text("twelve"),
)  # fmt: skip


def sentence(node: Node) -> Text:
    """The query as one sentence: Articles with "troops" within five words of "congress", in title or text."""
    return Text("All articles.") if node == And(()) else Text("Articles with {}.", _whole(node))


def _whole(node: Node) -> Text:
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
    text = reduce(lambda left, right: Text("{}, and {}", left, right), found) if found else None
    if unwanted:
        excluded = Or(tuple(unwanted))
        alike = _only_words(excluded) and len(unwanted) > 1
        without = _scoped(excluded) if alike else reduce(_or, map(_scoped, unwanted))
        return Text("{}, but not {}", text, without) if text else Text("anything but {}", without)
    assert text is not None, "all articles are not asked for here"
    return text


def _or(left: Text, right: Text) -> Text:
    return Text("{} or {}", left, right)


def _scoped(node: Node) -> Text:
    scopes = {leaf.field for leaf in _leaves(node)}
    if len(scopes) == 1 and _only_words(node):
        match scopes.pop():
            case "title":
                return Text("{}, in title", _clause(node))
            case "text":
                return Text("{}, in text", _clause(node))
        return Text("{}, in title or text", _clause(node))
    match node:
        case And():
            return Text("({})", _whole(node))
        case Or(parts):
            if all(isinstance(part, Equal) for part in parts):
                return (
                    _clause(node)
                    if len({part.field for part in parts if isinstance(part, Equal)}) == 1
                    else _grouped(node)
                )
            return Text("({})", _listed([_scoped(part) for part in parts], "or"))
        case Not(part):
            return Text("not {}", _scoped(part))
    return _clause(node)


def _clause(node: Node) -> Text:
    """`node` without the field of its words."""
    match node:
        case And(parts):
            return _listed([_grouped(part) for part in parts], "and")
        case Or(parts):
            first = parts[0]
            if isinstance(first, Equal) and all(
                isinstance(part, Equal) and part.field == first.field for part in parts
            ):
                values = [Text('"{}"', part.value) for part in parts if isinstance(part, Equal)]
                return Text("{} {}", Text(first.field), _listed(values, "or"))
            return _listed([_grouped(part) for part in parts], "or")
        case Not(part):
            return Text("not {}", _grouped(part))
        case Near():
            return _near(node)
        case Apart():
            return _apart(node)
        case Equal(field, value):
            return Text('{} "{}"', Text(field), value)
        case Exists(field):
            return Text("an {}", Text(field)) if field[0] in "aeiou" else Text("a {}", Text(field))
        case Range():
            return _range(node)
        case _:
            return _leaf(node)


def _leaf(node: Word | Prefix | Stem | Phrase | InList) -> Text:
    match node:
        case Word(word):
            return Text('"{}" in capitals', word[1:].upper()) if word.startswith("=") else Text('"{}"', word)
        case Prefix(prefix):
            return Text('a word that starts with "{}"', prefix)
        case Stem(word):
            return Text('any form of "{}"', word)
        case InList(names):
            return Text("one of the {:,} names of the list {}", names.size, names.name)
        case Phrase(parts, slop):
            text = " ".join(map(_part, parts))
            if slop == 1:
                return Text('"{}" (moved by at most one word)', text)
            return Text('"{}" (moved by at most {} words)', text, _number(slop)) if slop else Text('"{}"', text)


def _part(part: Part) -> str:
    """The spelling of a part that people would write: U.S. for =us, cease-fire for what is joined and apart."""
    tokens = max(part, key=len)
    if tokens[0].startswith("="):
        return "".join(letter + "." for letter in tokens[0][1:].upper())
    return "-".join(tokens)


def _near(node: Near) -> Text:
    left, right, distance = _grouped(node.left), _grouped(node.right), node.distance
    match (node.within, node.ordered, distance):
        case ("sentence", True, None):
            return Text("{} before {} in one sentence", left, right)
        case ("sentence", False, None):
            return Text("{} and {} in one sentence", left, right)
        case (_, True, None):
            return Text("{} before {} in one paragraph", left, right)
        case (_, False, None):
            return Text("{} and {} in one paragraph", left, right)
        case (_, True, 1):
            return Text("{} right before {}", left, right)
        case (_, False, 1):
            return Text("{} right beside {}", left, right)
    if node.ordered:
        return Text("{} at most {} words before {}", left, _number(distance), right)
    return Text("{} within {} words of {}", left, _number(distance), right)


def _apart(node: Apart) -> Text:
    left, right, distance = _grouped(node.left), _grouped(node.right), node.distance
    match (node.within, node.ordered, distance):
        case ("sentence", True, None):
            return Text("{} without {} later in its sentence", left, right)
        case ("sentence", False, None):
            return Text("{} without {} in its sentence", left, right)
        case (_, True, None):
            return Text("{} without {} later in its paragraph", left, right)
        case (_, False, None):
            return Text("{} without {} in its paragraph", left, right)
        case (_, True, 1):
            return Text("{} not right before {}", left, right)
        case (_, False, 1):
            return Text("{} not right beside {}", left, right)
    if node.ordered:
        return Text("{} not at most {} words before {}", left, _number(distance), right)
    return Text("{} not within {} words of {}", left, _number(distance), right)


def _grouped(node: Node) -> Text:
    return Text("({})", _clause(node)) if isinstance(node, And | Or | Near | Apart) else _clause(node)


def _range(node: Range) -> Text:
    field, dated = Text(node.field), node.field in DATE_FIELDS
    low, high = (Moment(end) if end is not None and dated else end for end in (node.low, node.high))
    if low == high and low is not None:
        return Text("{} {}", field, low)
    ends = []
    if dated:
        if low is not None:
            ends.append(Text("from {}", low) if node.include_low else Text("after {}", low))
        if high is not None:
            ends.append(Text("until {}", high) if node.include_high else Text("before {}", high))
    else:
        if low is not None:
            ends.append(Text("at least {}", low) if node.include_low else Text("more than {}", low))
        if high is not None:
            ends.append(Text("at most {}", high) if node.include_high else Text("less than {}", high))
    return Text("{} {}", field, _listed(ends, "and"))


def _listed(parts: Sequence[Text], joint: Literal["and", "or"]) -> Text:
    if len(parts) > MOST:
        parts = [*parts[: MOST - 1], Text("{:,} more", len(parts) - MOST + 1)]
    if len(parts) == 1:
        return parts[0]
    before, last = joined(", ", parts[:-1]), parts[-1]
    return Text("{} and {}", before, last) if joint == "and" else Text("{} or {}", before, last)


def _number(number: int | None) -> str:
    assert number is not None
    return _NUMBERS[number] if number < len(_NUMBERS) else Text("{:,}", number)


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
