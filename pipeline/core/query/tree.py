"""The query tree, which `parse` makes of a query. `to_text` (written.py) writes it as text.

Words are tokens in normal form, or extra tokens of core/text such as `=us`. A text field of None means title and text
both. Operands of Near and Apart have no field of their own: that of the outermost Near or Apart holds for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pipeline.core.query.names import NameList, Part

Scope = Literal["paragraph", "sentence"]


@dataclass(frozen=True, slots=True)
class Word:
    word: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Prefix:
    prefix: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Stem:
    """Every form of a word, by the stemmer of the document's language.

    `word` is in lower case, but as typed if it has a capital I, which Turkish reads in another way.
    """

    word: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words side by side in this order; each part is a set of alternatives, each of consecutive tokens.

    `slop`: Lucene's total moves. A part of one alternative has one token: more are more parts.
    """

    parts: tuple[Part, ...]
    slop: int = 0
    field: str | None = None


@dataclass(frozen=True, slots=True)
class InList:
    """One of the names of a list."""

    names: NameList
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Near:
    """An occurrence of `left` and one of `right` that do not overlap, within `distance` words of each other.

    Neighbours are at distance 1; None: anywhere in the paragraph or sentence. `ordered`: `left` comes first.
    """

    left: Node
    right: Node
    distance: int | None
    ordered: bool = False
    within: Scope = "paragraph"
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Apart:
    """An occurrence of `left` that makes Near(left, right, …) true with no occurrence of `right`."""

    left: Node
    right: Node
    distance: int | None
    ordered: bool = False
    within: Scope = "paragraph"
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Equal:
    """A keyword field equals `value`; letter case and accents do not matter."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Range:
    """A value of a date field (ISO 8601 strings, or now-7d) or a number field is within both ends; None is open."""

    field: str
    low: str | None
    high: str | None
    include_low: bool = True
    include_high: bool = True


@dataclass(frozen=True, slots=True)
class Exists:
    """The field has a value."""

    field: str


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Node


Located = Word | Prefix | Stem | Phrase | InList | Near | Apart  # what has places in a text field
Node = Located | Equal | Range | Exists | And | Or | Not


def phrase(tokens: tuple[str, ...], slop: int = 0, field: str | None = None) -> Phrase:
    """A phrase of tokens without alternatives."""
    return Phrase(tuple(((token,),) for token in tokens), slop, field)


def lists_in(node: Node) -> Iterator[NameList]:
    """The lists that a query names."""
    match node:
        case InList(names):
            yield names
        case And(parts) | Or(parts):
            for part in parts:
                yield from lists_in(part)
        case Not(part):
            yield from lists_in(part)
        case Near(left, right) | Apart(left, right):
            yield from lists_in(left)
            yield from lists_in(right)
