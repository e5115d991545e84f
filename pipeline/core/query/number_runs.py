"""Joins the groups of digits of a number that is typed with spaces: 3 500 000."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.core.query.lexeme import Lexeme
from pipeline.core.text.typed import number_run


def with_numbers(found: list[Lexeme]) -> list[Lexeme]:
    """The lexemes, with such groups as one phrase."""
    if not any(one.text.isdecimal() for one in found):
        return found
    joined: list[Lexeme] = []
    at = 0
    while at < len(found):
        run = _run(found, at)
        if run > 1:
            text = " ".join(one.text for one in found[at : at + run])
            joined.append(found[at]._replace(kind="phrase", text=text))
        else:
            joined.append(found[at])
        at += max(run, 1)
    return joined


def _run(found: Sequence[Lexeme], at: int) -> int:
    if found[at].kind != "word" or not found[at].text.isdecimal():
        return 1
    typed = []
    for one in found[at : at + 8]:
        if one.kind != "word":
            break
        typed.append(one.text)
    return number_run(typed) if len(typed) > 1 else 1
