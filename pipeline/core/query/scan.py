"""Checks the text of a query before it is parsed, for faults without a clear message of the parser.

Time is linear in the length of the query.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LENGTH = 20_000  # characters of a query; one of 3,000 words parses in 0.1 s
DEPTH = 40  # nested groups

_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"?|[()]|[\[{][^\[\]{}]*[\]}]?|[\]}]|(?:[^\s()\[\]{}"\\]|\\.?)+|\s+', re.DOTALL)
_PHRASE = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SCHEME = re.compile(r"[+-]?(?:(?:https?|ftp|file):|[a-z][a-z0-9+.-]*://|www\.)", re.IGNORECASE)
_APOSTROPHE = re.compile(r"(^[+-]*|:)'")
_SIGNS = {"&&": "AND", "||": "OR", "&": "AND", "|": "OR"}


@dataclass(frozen=True, slots=True)
class Remark:
    """A warning about something valid that is rarely intended. `column` counts from 1."""

    message: str
    column: int
    hint: str = ""


class QueryError(ValueError):
    """The query is invalid, or would not mean what it seems to. `column` counts from 1."""

    def __init__(self, message: str, column: int, hint: str = "") -> None:
        super().__init__(f"column {column}: {message}" + (f" ({hint})" if hint else ""))
        self.message, self.column, self.hint = message, column, hint


def scan(text: str) -> list[Remark]:
    """Check the text; returns warnings. Raises QueryError for the first fault."""
    if not text.strip():
        raise QueryError("the query is empty", 1)
    if len(text) > LENGTH:
        raise QueryError(f"the query has {len(text)} characters, {LENGTH} are allowed", LENGTH)
    warnings: list[Remark] = []
    opened: list[int] = []
    single = 0  # column of a word that begins with one, as in 'so and so'
    for piece in _PIECE.finditer(text):
        column, found = piece.start() + 1, piece[0]
        if found == "(":
            opened.append(column)
            if len(opened) > DEPTH:
                raise QueryError(f"more than {DEPTH} nested groups", column)
        elif found == ")":
            if not opened:
                raise QueryError("this parenthesis closes nothing", column)
            opened.pop()
        elif found[0] == '"':
            _scan_phrase(text, found, column)
        elif found[0] in "[{]}":
            if found[0] in "]}" or found[-1] not in "]}":
                raise QueryError("this bracket is not closed or not opened", column, "a range is written [from TO to]")
        elif not found.isspace():
            _scan_word(found, column, warnings)
            single = column if found[0] in "'‘" else single
            if single and found[-1] in "'’" and len(found) > 1:
                warnings.append(Remark("single quotation marks make no phrase", single, 'write "…"'))
                single = 0
    if opened:
        raise QueryError("this parenthesis is never closed", opened[-1])
    return warnings


def _scan_phrase(text: str, found: str, column: int) -> None:
    if not _PHRASE.fullmatch(found):
        raise QueryError("this quotation mark is never closed", column)
    before, after = text[: column - 1][-1:], text[column - 1 + len(found) :][:1]
    if before and not before.isspace() and before not in "(:+-[{=<>":
        raise QueryError("a quotation mark inside a word", column, "put a space before it")
    if after and not after.isspace() and after not in ")~^]}":
        raise QueryError("a word stuck to the end of a phrase", column + len(found), "put a space before it")


def _scan_word(found: str, column: int, warnings: list[Remark]) -> None:
    word = found.lstrip("+-")
    if _SCHEME.match(found):
        raise QueryError("an address must be in quotation marks", column, f'"{word}", or site:… for a whole site')
    if word.startswith("/"):
        raise QueryError("regular expressions are not supported", column, "use prefix*, or quote the words")
    if found in _SIGNS or (word.startswith("!") and len(word) > 1):
        sign = _SIGNS.get(found, "NOT")
        raise QueryError(f"{found} is not an operator here", column, f"write {sign}, or quote it")
    if found[0] in "–—−":
        raise QueryError("a long dash is not a minus sign", column, "write - or NOT")
    if word in ("and", "or", "not"):
        warnings.append(
            Remark(f"'{word}' is searched as a word", column, f"write {word.upper()} if you mean the operator")
        )


def with_apostrophes(text: str) -> str:
    """`text` with the apostrophes that start a word ('ndrangheta) made curly: luqum accepts no straight ones there."""
    return _PIECE.sub(lambda piece: piece[0] if piece[0][0] == '"' else _APOSTROPHE.sub(r"\1’", piece[0]), text)
