"""What is said about a query: errors and warnings, each with its column."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.core.wording import Text


@dataclass(frozen=True, slots=True)
class Remark:
    """A warning about something valid that is rarely intended. `column` counts from 1."""

    message: str
    column: int
    hint: str = ""

    @property
    def text(self) -> Text:
        """All of it."""
        return _whole(self.message, self.column, self.hint)

    def __str__(self) -> str:
        return str(self.text)


class QueryError(ValueError):
    """The query is invalid, or would not mean what it seems to. `column` counts from 1."""

    def __init__(self, message: str, column: int, hint: str = "") -> None:
        super().__init__(_whole(message, column, hint))
        self.message, self.column, self.hint = Text(message), column, Text(hint)


def _whole(message: str, column: int, hint: str) -> Text:
    """The message with its place."""
    if hint:
        return Text("column {}: {} ({})", column, Text(message), Text(hint))
    return Text("column {}: {}", column, Text(message))
