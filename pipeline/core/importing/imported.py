"""What an import makes of a file: rules as keys of alerts.toml, lists of names, and what could not be carried over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LONGEST_NAME = 80
_UNFIT = re.compile(r"[^\w .,:()/'&+-]+")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Left:
    """Something that was not carried over: an option, a line, a condition. `place`: a line, or the name of a rule."""

    what: str
    why: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """`rules`: key -> value as in alerts.toml, without channels. `lists`: name -> entries, used as @name."""

    rules: tuple[Mapping[str, Any], ...] = ()
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    left: tuple[Left, ...] = ()


def rule_name(text: str, otherwise: str = "Imported") -> str:
    """The text as the name of a rule: 1 to 80 letters, digits and the signs that names may have."""
    name = _BLANKS.sub(" ", _UNFIT.sub(" ", text)).strip()
    name = re.sub(r"^[\W_]+", "", name)[:LONGEST_NAME]
    name = re.sub(r"[^\w.)]+$", "", name)
    return name or otherwise


def list_name(text: str) -> str:
    """The text as the name of a list: letters, digits and hyphens."""
    return re.sub(r"[\W_]+", "-", text.casefold()).strip("-")[:60] or "imported"


#: Words that mean something in a query.
_OPERATORS = frozenset(
    (
        "and", "or", "not", "near", "pre", "within", "sentence", "paragraph", "same", "before", "after", "to", "andnot",
        "butnot", "xor", "next", "atleast", "adj", "onear",
    )
)  # fmt: skip
_SIMPLE = re.compile(r"[^\W\d_]{3,}")


def quoted(text: str) -> str:
    """A word or phrase of a query that is found as it stands."""
    text = _BLANKS.sub(" ", text).strip()
    if _SIMPLE.fullmatch(text) and text.lower() not in _OPERATORS and not text.isupper():
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def any_of(parts: list[str]) -> str:
    """A query that needs one of the parts, each once."""
    parts = list(dict.fromkeys(parts))
    return parts[0] if len(parts) == 1 else "(" + " OR ".join(parts) + ")"


def grouped(query: str) -> str:
    """The query in parentheses if it has several parts."""
    return query if " " not in query or _is_one(query) else f"({query})"


def _is_one(query: str) -> bool:
    """Whether the query is one phrase, one group or one range."""
    if re.fullmatch(r'(?:\w+:)?(?:"(?:[^"\\]|\\.)*"(?:~\d+)?|[\[{][^\]}]*[\]}])', query):
        return True
    depth = 0
    for number, character in enumerate(query):
        depth += (character == "(") - (character == ")")
        if depth == 0 and number < len(query) - 1:
            return False
    return query.startswith("(")
