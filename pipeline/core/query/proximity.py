"""Reads operators of nearness, as they are written here and in other search languages."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.core.query.remarks import QueryError
from pipeline.core.query.tree import Scope
from pipeline.core.wording import Text

MOST_WORDS = 500  # of the distance; what Factiva allows


@dataclass(frozen=True, slots=True)
class Proximity:
    """Within `distance` words (None: anywhere in the sentence or paragraph); `negated`: NOT NEAR."""

    distance: int | None
    ordered: bool
    within: Scope
    negated: bool = False


_NUMBERED = re.compile(r"(near|w|within|n|around)/(\d+)|(near)(\d+)|/(\d+)|/n(\d+)/", re.IGNORECASE)
_ORDERED = re.compile(r"(?:pre|onear|adj|p)/(\d+)|(?:adj|pre)(\d+)", re.IGNORECASE)
_SCOPED = re.compile(r"((?:near|w|within|pre|onear|adj)?)/(s|sent|sentence|p|para|paragraph|seg)", re.IGNORECASE)
_GLUED = re.compile(r"(.+)/[nN](\d+)/(.*)")
_FIRST_WORDS = re.compile(r".*/f\d+/", re.IGNORECASE)
_SCOPES: dict[str, Scope] = {"SENTENCE": "sentence", "PARAGRAPH": "paragraph", "SAME": "paragraph"}
_BARE = ("NEAR", "WITHIN", "AROUND", "ONEAR", "PRE")


def read(found: str, column: int, negated: bool) -> Proximity | None:
    """The operator that a word is, or None. Raises QueryError for one that is not understood."""
    if number := _NUMBERED.fullmatch(found):
        return Proximity(_distance(number, column), False, "paragraph", negated)
    if number := _ORDERED.fullmatch(found):
        return Proximity(_distance(number, column), True, "paragraph", negated)
    if scoped := _SCOPED.fullmatch(found):
        if scoped[2].lower() == "seg":
            raise QueryError(
                Text("there are no segments, so {} means nothing", found), column, "write title:(a b) OR text:(a b)"
            )
        ordered = scoped[1].lower() in ("pre", "onear", "adj")
        return Proximity(None, ordered, "sentence" if scoped[2][0] in "sS" else "paragraph", negated)
    if found in _SCOPES:
        return Proximity(None, False, _SCOPES[found], negated)
    if found == "ADJ":
        return Proximity(1, True, "paragraph", negated)
    if found in _BARE:
        example = f"{'PRE' if found in ('ONEAR', 'PRE') else 'NEAR'}/5"
        raise QueryError(
            Text("{} needs a number", found), column, Text('write {}, or "{}" for the word', example, found)
        )
    if glued := _GLUED.fullmatch(found):
        raise QueryError("spaces are missing around the operator", column, f"{glued[1]} NEAR/{glued[2]} {glued[3]}")
    if _FIRST_WORDS.fullmatch(found):
        raise QueryError("there is no operator for the first words of an article", column, "use title:…")
    return None


def _distance(found: re.Match[str], column: int) -> int:
    digits = next(group for group in found.groups() if group is not None and group.isdecimal())
    number = int(digits) if len(digits) < 9 else MOST_WORDS + 1
    if not 1 <= number <= MOST_WORDS:
        raise QueryError(Text("the distance must be 1 to {} words", MOST_WORDS), column, "1 is side by side")
    return number
