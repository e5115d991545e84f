"""A piece of a query."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.core.query.proximity import Proximity


class Lexeme(NamedTuple):
    """A piece of a query. `kind`: word, phrase, range, exists, field, list, stem, capitals, sign, and, or, not, near,
    (, ), end.

    `text`: as written, without quotation marks, sign or colon. `column` counts from 1.
    """

    kind: str
    text: str
    column: int
    number: int = 0  # the moves of a phrase
    ends: tuple[str | None, str | None, bool, bool] = (None, None, True, True)  # of a range
    near: Proximity | None = None
