"""What is said about a query: errors and warnings, each with its column."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remark:
    """A warning about something valid that is rarely intended. `column` counts from 1."""

    message: str
    column: int
    hint: str = ""

    def __str__(self) -> str:
        return f"column {self.column}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class QueryError(ValueError):
    """The query is invalid, or would not mean what it seems to. `column` counts from 1."""

    def __init__(self, message: str, column: int, hint: str = "") -> None:
        super().__init__(f"column {column}: {message}" + (f" ({hint})" if hint else ""))
        self.message, self.column, self.hint = message, column, hint
