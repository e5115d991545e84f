"""The query tree, which `parse` makes of a query, and its form as text.

Words are tokens of core/text/words, folded. A text field of None means title and text both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.core.text.folding import ASCII


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
    """A keyword field equals `value`; letter case and accents do not matter."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Range:
    """On a date field (ISO 8601 strings, or now-7d) or a number field. An end of None is open."""

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


_PLAIN = re.compile(r"\w[\w.]*(?:-[\w.]+)*")  # a value that needs no quotation marks


def to_text(node: Node) -> str:
    """The query as people write it: `parse` reads it back as the same tree."""
    match node:
        case And(parts) | Or(parts):
            return f" {type(node).__name__.upper()} ".join(_inner(part) for part in parts)
        case Not(part):
            return f"NOT {_inner(part)}"
        case Word(word, field):
            return _under(field, f'"{word}"' if word in ("and", "or", "not") else _unfolded(word))
        case Phrase(words, slop, field):
            return _under(field, f'"{" ".join(map(_unfolded, words))}"' + (f"~{slop}" if slop else ""))
        case Prefix(prefix, field):
            return _under(field, _unfolded(prefix) + "*")
        case Equal(field, value):
            return f"{field}:{_bare(value)}"
        case Range(field, low, high, include_low, include_high):
            if low == high:
                return f"{field}:{_bare(low or '*')}"
            opening, closing = "[" if include_low else "{", "]" if include_high else "}"
            return f"{field}:{opening}{low or '*'} TO {high or '*'}{closing}"


def _inner(node: Node) -> str:
    return f"({to_text(node)})" if isinstance(node, And | Or) else to_text(node)


def _under(field: str | None, text: str) -> str:
    return text if field is None else f"{field}:{text}"


def _bare(value: str) -> str:
    """A value, without quotation marks where it needs no quoting."""
    if _PLAIN.fullmatch(value) and value.upper() not in ("AND", "OR", "NOT", "TO"):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


#: What a word folds to, where that is not letters and digits -> a character that folds to it, the longest first.
#: ⑴ folds to (1), which as a query would be a group.
_UNFOLDED = {
    target: chars[0] for target, chars in sorted(ASCII.items(), key=lambda pair: -len(pair[0])) if not target.isalnum()
}


def _unfolded(word: str) -> str:
    """The word with such characters restored."""
    if word.isalnum():
        return word
    for target, char in _UNFOLDED.items():
        word = word.replace(target, char)
    return word
