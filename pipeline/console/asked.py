"""A query that a reader wrote: read, said back as a sentence, or refused with the place of the mistake."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.console.desk import Desk
from pipeline.core.query.parse import parse
from pipeline.core.query.remarks import QueryError
from pipeline.core.query.sentence import sentence
from pipeline.core.query.tree import Node
from pipeline.core.wording import words_of


@dataclass(frozen=True, slots=True)
class Asked:
    """A query. `node` None: it is empty, or has a mistake, which `error` says; `column` counts from 1."""

    text: str
    node: Node | None = None
    sentence: str = ""
    warnings: tuple[str, ...] = ()
    error: str | None = None
    column: int = 0

    @property
    def before(self) -> str:
        """The part of the query before the mistake."""
        return self.text[: max(0, self.column - 1)]

    @property
    def at(self) -> str:
        """What stands at the mistake: up to the next space."""
        return self.text[len(self.before) :].partition(" ")[0]

    @property
    def after(self) -> str:
        return self.text[len(self.before) + len(self.at) :]


def asked_of(text: str, desk: Desk) -> Asked:
    """The query, read as alert rules and commands read it."""
    if not text:
        return Asked(text)
    try:
        parsed = parse(text, now=desk.clock(), lists=desk.configuration().lists)
    except QueryError as error:
        return Asked(text, error=words_of(error), column=error.column)
    return Asked(text, parsed.node, sentence(parsed.node), tuple(one.text for one in parsed.warnings))
