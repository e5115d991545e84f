"""Reads how many people a report counts as killed, hurt, missing, arrested or displaced, if that is clear.

Only numbers in digits in the title and the first sentences count. If these give two numbers of one kind, neither
counts: one of them is of another event, of a part, or of a year ago. The words are data: vocabulary/tolls.toml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from pipeline.core.text.folding import fold
from pipeline.core.text.languages import vocabulary

READ = 700  # characters of the text
_SENTENCE = re.compile(r"[^.!?\n]*(?:[.!?](?=\S)[^.!?\n]*)*[.!?\n]?")
_NUMBER = r"(?<![\w.,-])(\d{1,3}(?:[., ]\d{3})+|\d{1,6})(?![\w%]|[.,:-]\d)"


class Toll(NamedTuple):
    """What is counted (killed, injured, …), how many, and the sentence that says so."""

    field: str
    value: int
    sentence: str


def tolls(title: str, text: str, language: str | None) -> tuple[Toll, ...]:
    """The tolls of an article. Empty for a language without words."""
    patterns = _patterns(language or "")
    if not patterns:
        return ()
    found: dict[str, dict[int, str]] = {}
    for sentence in (title, *_SENTENCE.findall(text[:READ])):
        folded = fold(sentence)
        for field, number in _counted(folded, patterns):
            found.setdefault(field, {}).setdefault(number, sentence.strip())
    return tuple(Toll(field, *one) for field, values in found.items() if len(values) == 1 for one in values.items())


def _counted(folded: str, patterns: tuple[tuple[str, re.Pattern[str]], ...]) -> Iterator[tuple[str, int]]:
    for field, pattern in patterns:
        for match in pattern.finditer(folded):
            digits = next(group for group in match.groups() if group)
            number = int(re.sub(r"\D", "", digits))
            if number and not 1900 <= number <= 2100:
                yield field, number


@cache
def _patterns(language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """For each kind: the number before its words, with a word for people between them ("17 people were killed"), or
    right after them ("killed at least 17 people")."""
    table = vocabulary("tolls")
    if language not in table["people"]:
        return ()
    people = _words(table["people"][language])
    between = rf"(?:{people}\s+)?(?:{_words(table['between'][language])}\s+){{0,2}}"
    least = rf"(?:{_words(table['least'][language])}\s+){{0,2}}"
    found = []
    for field, kind in table["kinds"].items():
        if words := kind.get(language):
            pattern = rf"{_NUMBER}\s+{between}{_words(words)}\b"
            if ahead := table["ahead"].get(field, {}).get(language):
                pattern += rf"|\b{_words(ahead)}\s+{least}{_NUMBER}\s+{people}\b"
            found.append((field, re.compile(pattern)))
    return tuple(found)


def _words(listed: str) -> str:
    """Words, or beginnings of words with `*`, as one regular expression; `_` is a blank."""
    entries = sorted((fold(entry.rstrip("*")), entry.endswith("*")) for entry in listed.split())
    parts = (re.escape(entry).replace("_", r"\s+") + (r"\w*" if open_ else "") for entry, open_ in reversed(entries))
    return f"(?:{'|'.join(parts)})"
