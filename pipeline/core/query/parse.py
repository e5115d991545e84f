"""Parses the query language into a query tree. docs/queries.md describes it.

query     := sequence
sequence  := operand ((AND | OR | nothing) operand)*      AND binds before OR; OR beside nothing is refused
operand   := item (NEAR/n item)*                          all operators of nearness, from left to right
item      := NOT item | sign item | field: item | ( sequence ) | word | phrase | range | ~word | =WORD | @list
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from pipeline.core.documents.fields import DATE_FIELDS, KEYWORD_FIELDS, NUMBER_FIELDS, QUERY_FIELDS, TEXT_FIELDS
from pipeline.core.query.leaves import bounded, capitals, stem, term, unescaped, value
from pipeline.core.query.lexeme import Lexeme
from pipeline.core.query.names import NameList
from pipeline.core.query.nearness import near, operand
from pipeline.core.query.number_runs import with_numbers
from pipeline.core.query.operands import Operand, joined, refuse_loose, two_readings
from pipeline.core.query.remarks import QueryError, Remark
from pipeline.core.query.scan import DEPTH, scan
from pipeline.core.query.tree import And, Exists, InList, Node, Not, Or
from pipeline.core.query.written import to_text
from pipeline.core.wording import Text

LEAVES = 3_000
SLOP = 100
FIELDS = TEXT_FIELDS + KEYWORD_FIELDS + DATE_FIELDS + NUMBER_FIELDS

Lists = Mapping[str, NameList]


@dataclass(frozen=True, slots=True)
class Parsed:
    node: Node
    warnings: tuple[Remark, ...] = ()


def parse(text: str, now: datetime | None = None, lists: Lists | None = None) -> Parsed:
    """The tree of `text`, and warnings. Raises QueryError.

    `now` (aware) is the moment that the word now means in dates. Without it, now stays in the tree and means the moment
    the article was first seen, as alerts need it. `lists` are those that @name may name.
    """
    found, warnings = scan(text)
    reader = _Reader(with_numbers(found), warnings, now, lists or {})
    node = reader.query()
    if not _asserts(node, True):
        raise QueryError(
            "the query only excludes, so nearly everything matches", 1, "add a word or value that must be there"
        )
    return Parsed(node, tuple(sorted(reader.warnings, key=lambda remark: remark.column)))


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
    """Reads lexemes by recursive descent. `field` is the field that an item is searched in."""

    def __init__(self, found: list[Lexeme], warnings: list[Remark], now: datetime | None, lists: Lists) -> None:
        self.found, self.at = found, 0
        self.warnings, self.now, self.lists = warnings, now, lists
        self.leaves = 0
        self.depth = 0

    @property
    def next(self) -> Lexeme:
        return self.found[self.at]

    def take(self) -> Lexeme:
        self.at += 1
        return self.found[self.at - 1]

    def query(self) -> Node:
        node = self.sequence(None)
        if self.next.kind != "end":
            raise _unexpected(self.next)
        return node

    # -- AND and OR

    def sequence(self, field: str | None) -> Node:
        operands = [self.operand("", field)]
        while self.next.kind not in ("end", ")"):
            sign = ""
            if self.next.kind in ("and", "or"):
                sign = self.take().kind.upper()
            operands.append(self.operand(sign, field))
        signs = {one.sign for one in operands[1:]}
        if signs >= {"", "OR"}:
            raise two_readings(operands)
        refuse_loose(operands)
        runs: list[list[Operand]] = [[operands[0]]]
        for one in operands[1:]:
            if one.sign == "OR":
                runs.append([one])
            else:
                runs[-1].append(one)
        parts = [joined(And, [one.node for one in run]) for run in runs]
        node = joined(Or, parts)
        if len(signs) > 1 and "OR" in signs:
            column = next(run[0].column for run in runs if len(run) > 1)
            self.warnings.append(Remark("AND binds before OR", column, Text("read as {}", to_text(node))))
        return node

    def operand(self, sign: str, field: str | None) -> Operand:
        first = self.next
        node = self.item(field)
        bare = first.kind in ("word", "phrase", "list", "stem", "capitals")
        is_near = False
        while self.next.kind == "near":
            node = self.nearness(node, first.column, field)
            is_near = True
        return Operand(sign, node, first.column, bare, is_near)

    def nearness(self, left: Node, column: int, field: str | None) -> Node:
        operator = self.take()
        assert operator.near is not None
        start = self.next.column
        right = self.item(field)
        follows = self.next
        if follows.kind == "near" and follows.near != operator.near:
            raise QueryError(
                "different operators of nearness in a row", follows.column, "put parentheses around the inner pair"
            )
        return near(operator.near, operand(left, column, right), operand(right, start, left), operator.column)

    # -- items

    def item(self, field: str | None) -> Node:
        self.depth += 1
        if self.depth > 4 * DEPTH:
            raise QueryError("too many nested operators", self.next.column)
        node = self.read(self.take(), field)
        self.depth -= 1
        return node

    def read(self, found: Lexeme, field: str | None) -> Node:
        match found.kind:
            case "not":
                return self.negated(field)
            case "sign":
                return self.item(field) if found.text == "+" else self.negated(field)
            case "field":
                return self.searched(found, field)
            case "(":
                return self.group(found, field)
            case "word" | "phrase" | "range" | "list" | "stem" | "capitals" | "exists":
                return self.leaf(found, field)
        raise _unexpected(found)

    def negated(self, field: str | None) -> Node:
        part = self.item(field)
        return part.part if isinstance(part, Not) else Not(part)

    def group(self, opening: Lexeme, field: str | None) -> Node:
        if self.next.kind == ")":
            raise QueryError("nothing between the parentheses", self.next.column)
        node = self.sequence(field)
        closing = self.take()
        assert closing.kind == ")", "scan has matched them"
        return node

    def searched(self, found: Lexeme, outer: str | None) -> Node:
        name = found.text
        if name == "_exists_":
            return self.exists(found)
        if outer is not None:
            raise QueryError(Text("{}: inside {}:(…)", name, outer), found.column, "one field at a time")
        if name not in QUERY_FIELDS:
            raise _unknown(name, found.column)
        if self.next.kind not in ("word", "phrase", "range", "list", "stem", "capitals", "exists", "("):
            hint = Text('write {0}:value, or quote "{0}" for the word', name)
            raise QueryError(Text("{}: has no value", name), self.next.column, hint)
        return self.item(name)

    def exists(self, found: Lexeme) -> Node:
        value = self.take()
        if value.kind not in ("word", "phrase"):
            raise QueryError("_exists_: takes the name of a field", value.column, "_exists_:author")
        if value.text not in QUERY_FIELDS:
            raise _unknown(value.text, value.column)
        return Exists(value.text)

    def leaf(self, found: Lexeme, field: str | None) -> Node:
        self.leaves += 1
        if self.leaves > LEAVES:
            raise QueryError(Text("more than {} words and conditions", LEAVES), found.column, "split the query in two")
        match found.kind:
            case "word":
                return self.word(found, field)
            case "phrase":
                return self.phrase(found, field)
            case "stem":
                return stem(found.text, found.column, field)
            case "capitals":
                return capitals(found.text, found.column, field)
            case "exists":
                assert field is not None
                return Exists(field)
            case "list":
                return self.listed(found, field)
        low, high, include_low, include_high = found.ends
        low, high = low and unescaped(low), high and unescaped(high)
        return bounded(field, found.column, low, high, include_low, include_high, self.now)

    def word(self, found: Lexeme, field: str | None) -> Node:
        node = term(found.text, found.column, field, self.now)
        if found.text.endswith("!") and not found.text.endswith("\\!"):
            self.warnings.append(Remark(Text("{} is read as {}", found.text, to_text(node)), found.column))
        return node

    def phrase(self, found: Lexeme, field: str | None) -> Node:
        text, slop = unescaped(found.text), found.number
        if slop > SLOP:
            raise QueryError(Text("at most ~{}", SLOP), found.column)
        if slop and field is not None and field not in TEXT_FIELDS:
            raise QueryError(Text("~ cannot be used with {}", field), found.column)
        if "*" in text and field in (None, *TEXT_FIELDS):
            hint = (
                Text("{}", " PRE/1 ".join(text.split()))
                if text.count("*") == 1 and text.endswith("*")
                else Text("a PRE/2 b for a gap")
            )
            raise QueryError("* means nothing inside quotation marks", found.column, hint)
        return value(text, found.column, field, slop, self.now)

    def listed(self, found: Lexeme, field: str | None) -> Node:
        if field is not None and field not in TEXT_FIELDS:
            raise QueryError(Text("@ cannot be used with {}", field), found.column, "lists are of words and phrases")
        if found.text not in self.lists:
            close = get_close_matches(found.text, self.lists, 1)
            known = ", ".join("@" + name for name in sorted(self.lists)[:20])
            hint = (
                Text("did you mean {}?", f"@{close[0]}")
                if close
                else Text("lists: {}", known)
                if known
                else Text("lists are in config/lists/")
            )
            hint = Text('{}, or "{}" for the name itself', hint, f"@{found.text}")
            raise QueryError(Text("there is no list {}", f"@{found.text}"), found.column, hint)
        return InList(self.lists[found.text], field)


def _unknown(name: str, column: int) -> QueryError:
    if name == "_missing_":
        return QueryError("there is no _missing_ here", column, "NOT _exists_:author")
    close = get_close_matches(name.lower().removeprefix("news.").removesuffix(".keyword"), FIELDS, 1)
    hint = Text("did you mean {}?", f"{close[0]}:") if close else Text("fields: {}", ", ".join(FIELDS))
    return QueryError(
        Text("there is no field {}", name), column, Text("{}; quote it if you search for the words", hint)
    )


def _unexpected(found: Lexeme) -> QueryError:
    if found.kind == "end":
        return QueryError("the query ends too early", found.column, "is something missing after the last operator?")
    if found.kind == ")":
        return QueryError("an operator before the closing parenthesis", found.column, "a word is missing")
    return QueryError(
        Text("{} is not expected here: a word is missing", found.text),
        found.column,
        Text('to search for the word, write "{}"', found.text),
    )
