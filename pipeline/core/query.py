"""The query tree: what a query is once it is understood. No parsing here (dialect.py) and no matching (match.py).

Words are tokens of core.words, folded. A text field of None means title and text both.
"""

from __future__ import annotations

from dataclasses import dataclass

TEXT_FIELDS = ("title", "text")
KEYWORD_FIELDS = ("id", "source", "feed", "language", "country", "outlet_country", "topic", "place", "author",
                  "section", "story", "duplicate_of", "kind", "site")  # fmt: skip
DATE_FIELDS = ("published", "first_seen")
NUMBER_FIELDS = ("version", "seq")


@dataclass(frozen=True, slots=True)
class Word:
    word: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Phrase:
    """`slop`: Lucene's total moves; 0 is side by side, in order."""

    words: tuple[str, ...]
    slop: int = 0
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Prefix:
    prefix: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Equal:
    """A keyword field equals `value`, letter case aside."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Range:
    """On a date (ISO 8601 strings) or number field. None is open; `low` is included, `high` as told."""

    field: str
    low: str | None
    high: str | None
    include_low: bool = True
    include_high: bool = True


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Node


Node = Word | Phrase | Prefix | Equal | Range | And | Or | Not
