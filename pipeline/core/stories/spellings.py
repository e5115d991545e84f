"""Decides whether two names are one, spelled in two ways: Müller and Mueller, Zelensky and Zelenskyy, Kyiv and Kiev."""

from __future__ import annotations

import re
from functools import cache

from pipeline.core.text.folding import fold
from pipeline.core.text.languages import vocabulary

LONG = 5  # letters of a name in which a doubled letter or another ending is only spelling; Jon and John are two

_EXPANDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa", "ø": "oe", "æ": "ae"})
_DOUBLED = re.compile(r"(.)\1+")
_ENDING = re.compile(r"(?:iy|yi|yy|ii|ij|yj|y|i|j)$")


def same_name(one: str, other: str) -> bool:
    """Whether `one` and `other` are spellings of one name."""
    first, second = fold(one), fold(other)
    if first == second or _expanded(one) == second or first == _expanded(other):
        return True
    known = _listed()
    if first in known and known[first] == known.get(second):
        return True
    return min(len(first), len(second)) >= LONG and _plain(first) == _plain(second)


def _expanded(name: str) -> str:
    return fold(name.casefold().translate(_EXPANDED))


def _plain(name: str) -> str:
    return _DOUBLED.sub(r"\1", _ENDING.sub("y", name))


@cache
def _listed() -> dict[str, int]:
    rows = vocabulary("traits")["spellings"]["mul"]
    return {name: number for number, row in enumerate(rows) for name in row.split()}
