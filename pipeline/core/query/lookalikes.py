"""Words that are operators elsewhere, or rarely meant as typed: refused, or searched with a warning."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from pipeline.core.query.lexeme import Lexeme
from pipeline.core.query.remarks import QueryError, Remark
from pipeline.core.text.languages import every_word
from pipeline.core.wording import Text

_UNFINISHED = re.compile(r"(?:near|w|within|pre|onear|adj|around)/.*|/\+\d+", re.IGNORECASE)
_SHORT = re.compile(r"[NW](\d{1,3})")  # EBSCO
_DATED = frozenset(("after", "before", "aft", "bef", "from", "geq", "leq", "is"))
_GROUPING = frozenset(("(", "phrase", "field", "range"))
_NAMED = frozenset(("source", "author", "section", "place", "body", "unit", "instrument"))  # values of several words
_COUNTED = frozenset(("near", "within", "adj"))
#: Whether `in_a_row` may find anything in a query.
IN_A_ROW = re.compile(rf"\b(?:(?:near|within|adj)\s+\d|date\s|(?:{'|'.join(sorted(_NAMED))}):)", re.IGNORECASE)
_NEAR = Text("write {} if you mean the operator", "NEAR/5")
_ELSEWHERE = {
    "near": _NEAR,
    "within": _NEAR,
    "same": Text("write {} if you mean the operator", "PARAGRAPH"),
    "adj": Text("write {} if you mean the operator", "PRE/1"),
}
#: Words in lower case that deserve a look.
LOWER = ("and", "or", "not", *_ELSEWHERE)
_AMBIGUOUS = every_word("variants", "ambiguous")


def refuse(found: str, column: int) -> None:
    """Raises QueryError for an operator of nearness that is not understood."""
    if _UNFINISHED.fullmatch(found):
        number = re.search(r"\d+", found)
        operator = "PRE" if found[0] in "pPoOaA/" else "NEAR"
        rewrite = f"{operator}/{number[0] if number else 5}"
        raise QueryError(
            Text("{} is no operator", found), column, Text('write {}, or "{}" for the words', rewrite, found)
        )


def remark(found: str, column: int) -> Remark | None:
    """A warning about a word that is rarely meant so."""
    if found in ("and", "or", "not"):
        return Remark(
            Text("'{}' is searched as a word", found), column, Text("write {} if you mean the operator", found.upper())
        )
    if found in _ELSEWHERE:
        return Remark(Text("'{}' is searched as a word", found), column, _ELSEWHERE[found])
    if short := _SHORT.fullmatch(found):
        hint = Text("write {} if you mean the operator", f"{'NEAR' if found[0] == 'N' else 'PRE'}/{short[1]}")
        return Remark(Text("{} is searched as a word", found), column, hint)
    if found.isupper() and found.lower() in _AMBIGUOUS:
        return Remark(
            Text("{} also finds {}", found, found.lower()), column, Text("{} finds it in capitals only", f"={found}")
        )
    return None


def groups(found: Sequence[Lexeme]) -> bool:
    """Whether a query has groups, phrases or fields: then nobody means and, or, not in it as words."""
    return any(one.kind in _GROUPING for one in found)


def in_a_row(found: Sequence[Lexeme], warnings: list[Remark]) -> None:
    """Refuses or remarks what several words in a row mean elsewhere: within 5, date after …, source:El País."""
    for one, other in pairwise(found):
        if one.kind == "word" and one.text.lower() in _COUNTED and other.text.isdecimal():
            raise QueryError(
                Text("{} {} is no operator", one.text, other.text), one.column, Text("write {}", f"NEAR/{other.text}")
            )
        if one.kind == "word" and one.text.lower() == "date" and other.text.lower() in _DATED and _dates(found, other):
            sign = "<" if other.text.lower() in ("before", "bef", "leq") else ">"
            raise QueryError("dates are written otherwise", one.column, f"published:{sign}2026-01-31")
    for field, one, other in zip(found, found[1:], found[2:], strict=False):
        words = one.kind == other.kind == "word"
        if field.kind == "field" and field.text in _NAMED and words and one.text[:1].isupper() and _name(other.text):
            whole = Text("write {} if that is the name", f'{field.text}:"{one.text} {other.text}"')
            warnings.append(Remark(Text("{}: applies to {} only", field.text, one.text), field.column, whole))


def _name(text: str) -> bool:
    return text[:1].isupper() and not text.isupper()


def _dates(found: Sequence[Lexeme], sign: Lexeme) -> bool:
    """Whether a date follows."""
    after = [one for one in found if one.column > sign.column and one.kind == "word"]
    return bool(after) and after[0].text[:1].isdigit()
