"""Completes a query that is being written: finds what its end begins, and puts a name or a value there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.core.documents.fields import QUERY_FIELDS
from pipeline.core.query.tree import Equal
from pipeline.core.query.written import to_text

#: The end of a query: where a word may begin, then a sign, a field with its colon, the group that its values stand in,
#: and what is written so far.
_END = re.compile(
    r"(?:^|(?<=[\s(]))[+-]?(?:(?P<field>[a-z_]+):(?P<group>\((?:[^()\"]|\"[^\"]*\")*(?<=[\s(]))?)?(?P<start>[^\"\s():]*)$"
)
_QUOTED = re.compile(
    r"(?:^|(?<=[\s(]))[+-]?(?P<field>[a-z_]+):(?P<group>\((?:[^()\"]|\"[^\"]*\")*)?\"(?P<start>[^\"]*)$"
)
_OPERATORS = frozenset({"AND", "OR", "NOT", "TO"})


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The end of a query that something can be put in place of. `before`: what stays; `field`: whose value is begun,
    "" if it is the name of a field."""

    before: str
    field: str
    start: str


def unfinished(text: str) -> Unfinished | None:
    """What the end of the query begins; None if that is nothing that has a name or a known value."""
    found = _QUOTED.search(text) or (_END.search(text) if text.count('"') % 2 == 0 else None)
    if found is None or found["start"] in _OPERATORS:
        return None
    field, start = found["field"] or "", found["start"]
    if field and field not in QUERY_FIELDS:
        return None
    before = text[: len(text) - len(start)]
    return Unfinished(before.removesuffix('"') if field else before, field, start)


def completed(found: Unfinished, value: str) -> str:
    """The query with a value, or the name of a field, in place of its unfinished end."""
    if not found.field:
        return f"{found.before}{value}:"
    whole = to_text(Equal(found.field, value))
    return f"{found.before}{whole.removeprefix(f'{found.field}:')}"
