"""Parses the query language into a query tree. docs/queries.md describes it.

luqum parses Lucene's syntax (no other module imports it). The meaning differs where Lucene's is surprising: whitespace
means AND, OR beside whitespace needs parentheses, nothing is ignored.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

import luqum.tree as lq
from luqum.exceptions import ParseError
from luqum.thread import parse as luqum_parse

from pipeline.core.documents.fields import DATE_FIELDS, KEYWORD_FIELDS, NUMBER_FIELDS, TEXT_FIELDS
from pipeline.core.query.leaves import bounded, term, unescaped, value
from pipeline.core.query.scan import DEPTH, QueryError, Remark, scan, with_apostrophes
from pipeline.core.query.tree import And, Node, Not, Or
from pipeline.core.query.written import to_text

LEAVES = 3_000
SLOP = 100
FIELDS = TEXT_FIELDS + KEYWORD_FIELDS + DATE_FIELDS + NUMBER_FIELDS

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"') | {"\u3000": " "})
_SYNTAX = re.compile(r"Syntax error in input : unexpected\s+'(.*)' at position (\d+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Parsed:
    node: Node
    warnings: tuple[Remark, ...] = ()


def parse(text: str, now: datetime | None = None) -> Parsed:
    """The tree of `text`, and warnings. Raises QueryError.

    `now` (aware) is the moment that the word now means in dates. Without it, now stays in the tree and means the moment
    the article was first seen, as alerts need it.
    """
    text = unicodedata.normalize("NFC", text).translate(_QUOTES)  # articles are in NFC too
    warnings = scan(text)
    try:
        tree = luqum_parse(with_apostrophes(text))
    except ParseError as error:
        raise _syntax(str(error), text) from None
    except ValueError:  # luqum: int("2.5") for the distance of a phrase
        raise QueryError("the number after ~ must be whole", text.find("~") + 1, '"near words"~5') from None
    reader = _Reader(now, warnings)
    node = reader.node(tree, None)
    if not _asserts(node, True):
        raise QueryError(
            "the query only excludes, so nearly everything matches", 1, "add a word or value that must be there"
        )
    return Parsed(node, tuple(sorted(reader.warnings, key=lambda remark: remark.column)))


def _syntax(error: str, text: str) -> QueryError:
    found = _SYNTAX.match(error)
    if found is None:
        return QueryError("the query ends too early", len(text) + 1, "is something missing after the last operator?")
    what, column = found[1], int(found[2]) + 1
    if what in ("AND", "OR", "NOT", "TO"):
        return QueryError(
            f"{what} is not expected here: a word is missing", column, f'to search for the word, write "{what}"'
        )
    if what == ")":
        return QueryError("nothing between the parentheses, or an operator before the closing one", column)
    return QueryError(f"'{what}' is not expected here", column, "quote it if you search for it")


def _asserts(node: Node, wanted: bool) -> bool:
    """Whether something must be present for `node` to be `wanted`. Under a NOT, AND and OR swap (De Morgan)."""
    match node:
        case Not(part):
            return _asserts(part, not wanted)
        case And(parts) | Or(parts):
            every = isinstance(node, Or) == wanted
            return (all if every else any)(_asserts(part, wanted) for part in parts)
        case _:
            return wanted


class _Reader:
    """Converts luqum's tree to ours. `field` is the field that an item is searched in."""

    def __init__(self, now: datetime | None, warnings: list[Remark]) -> None:
        self.now = now
        self.warnings = warnings
        self.leaves = 0
        self.depth = 0

    def node(self, item: lq.Item, field: str | None) -> Node:
        self.depth += 1
        if self.depth > 4 * DEPTH:
            raise QueryError("too many nested operators", _column(item))
        node = self.read(item, field)
        self.depth -= 1
        return node

    def read(self, item: lq.Item, field: str | None) -> Node:
        match item:
            case lq.Group() | lq.FieldGroup() | lq.Plus():
                return self.node(item.children[0], field)
            case lq.Not() | lq.Prohibit():
                part = self.node(item.children[0], field)
                return part.part if isinstance(part, Not) else Not(part)
            case lq.UnknownOperation() | lq.AndOperation() | lq.OrOperation():
                return self.operation(item, field)
            case lq.SearchField():
                return self.searched(item, field)
            case _:
                return self.leaf(item, field)

    def operation(self, item: lq.BaseOperation, field: str | None) -> Node:
        if _mixed(item):
            raise _two_readings(item, _column(item), lambda child: self.node(child, field))
        parts = [self.node(child, field) for child in item.children]
        if isinstance(item, lq.OrOperation):
            mixed = next((c for c in item.children if isinstance(c, lq.AndOperation)), None)
            if mixed is not None:
                self.warnings.append(
                    Remark("AND binds before OR", _column(mixed), f"read as {to_text(_joined(Or, parts))}")
                )
            return _joined(Or, parts)
        return _joined(And, parts)

    def searched(self, item: lq.SearchField, outer: str | None) -> Node:
        name, column = item.name, _column(item)
        if outer is not None:
            raise QueryError(f"{name}: inside {outer}:(…)", column, "one field at a time")
        if name not in FIELDS:
            near = get_close_matches(name.lower(), FIELDS, 1)
            hint = f"did you mean {near[0]}:?" if near else "fields: " + ", ".join(FIELDS)
            raise QueryError(f"there is no field {name}", column, f"{hint}; quote it if you search for the words")
        return self.node(item.expr, name)

    def leaf(self, item: lq.Item, field: str | None) -> Node:
        self.leaves += 1
        if self.leaves > LEAVES:
            raise QueryError(f"more than {LEAVES} words and conditions", _column(item), "split the query in two")
        match item:
            case lq.Word():
                return term(str(item.value), _column(item), field, self.now)
            case lq.Phrase():
                return self.phrase(item, field, 0)
            case lq.Proximity():
                return self.phrase(item.term, field, int(item.degree))
            case lq.Range() | lq.From() | lq.To():
                return self.range(item, field)
            case lq.Fuzzy():
                raise QueryError("misspelt words (~) cannot be searched", _column(item), 'only "near phrase"~5 exists')
            case lq.Boost():
                raise QueryError("^ is not supported", _column(item), "words have no weights")
            case lq.Regex():
                raise QueryError("regular expressions are not supported", _column(item))
        raise QueryError(f"{type(item).__name__} is not supported", _column(item))

    def phrase(self, item: lq.Phrase, field: str | None, slop: int) -> Node:
        text, column = unescaped(str(item.value)[1:-1]), _column(item)
        if slop > SLOP:
            raise QueryError(f"at most ~{SLOP}", column)
        if slop and field is not None and field not in TEXT_FIELDS:
            raise QueryError(f"~ cannot be used with {field}", column)
        if text.endswith("*") and field in (None, *TEXT_FIELDS):
            self.warnings.append(Remark("* means nothing inside quotation marks", column))
        return value(text, column, field, slop, self.now)

    def range(self, item: lq.Range | lq.From | lq.To, field: str | None) -> Node:
        match item:
            case lq.From():
                low, high, include_low, include_high = _end(item.a), None, item.include, True
            case lq.To():
                low, high, include_low, include_high = None, _end(item.a), True, item.include
            case _:
                low, high = _end(item.low), _end(item.high)
                include_low, include_high = item.include_low, item.include_high
        return bounded(field, _column(item), low, high, include_low, include_high, self.now)


def _mixed(item: lq.BaseOperation) -> bool:
    """Whether OR and whitespace meet in `item` without parentheses; luqum nests them one way or the other."""
    other = {lq.UnknownOperation: lq.OrOperation, lq.OrOperation: lq.UnknownOperation}.get(type(item))
    return other is not None and any(isinstance(child, other) for child in item.children)


def _two_readings(item: lq.BaseOperation, column: int, read: Callable[[lq.Item], Node]) -> QueryError:
    """The error for `a OR b c`, which may mean (a OR b) AND c or a OR (b AND c): shows both readings."""
    sequence = _sequence(item, "", read)
    loose: list[list[Node]] = []
    tight: list[list[Node]] = []
    for sign, node in sequence:
        (loose.append([node]) if sign != "AND" else loose[-1].append(node))
        (tight.append([node]) if sign != "OR" else tight[-1].append(node))
    one = _joined(And, [_joined(Or, run) for run in tight])
    other = _joined(Or, [_joined(And, run) for run in loose])
    hint = f"{to_text(one)}  or  {to_text(other)}"
    return QueryError("OR beside words without an operator can be read in two ways", column, hint)


def _sequence(item: lq.Item, sign: str, read: Callable[[lq.Item], Node]) -> list[tuple[str, Node]]:
    """The operands from left to right, each with the operator before it."""
    if not isinstance(item, lq.UnknownOperation | lq.OrOperation):
        return [(sign, read(item))]
    inner = "OR" if isinstance(item, lq.OrOperation) else "AND"
    first, *rest = item.children
    return _sequence(first, sign, read) + [pair for child in rest for pair in _sequence(child, inner, read)]


def _joined(kind: Callable[[tuple[Node, ...]], And | Or], parts: list[Node]) -> Node:
    """`parts` under one And or Or; a part of the same kind is replaced by its own parts."""
    flat: list[Node] = []
    for part in parts:
        if isinstance(part, And | Or) and type(part) is kind:
            flat.extend(part.parts)
        else:
            flat.append(part)
    return kind(tuple(flat)) if len(flat) > 1 else flat[0]


def _end(item: lq.Item) -> str | None:
    """The end of a range as written; None for the open end *."""
    text = str(item.value)
    text = unescaped(text[1:-1] if isinstance(item, lq.Phrase) else text)
    return None if text == "*" else text


def _column(item: lq.Item) -> int:
    """The column of the first word of `item`; luqum gives operations that of the space before them."""
    while isinstance(item, lq.BaseOperation):
        item = item.children[0]
    return int(item.pos or 0) + 1
