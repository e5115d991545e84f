"""How what is typed as a word or phrase may be spelt in texts, and which of its characters would be lost."""

from __future__ import annotations

import unicodedata

from pipeline.core.query.names import Part
from pipeline.core.text.folding import fold
from pipeline.core.text.words import words

__all__ = ["Part", "fold", "part_of", "parts_of", "symbols"]


def part_of(text: str) -> tuple[Part, ...]:
    """The parts of what is typed as one word."""
    return split_up(((tuple(words(text)),),) if words(text) else ())


def parts_of(text: str) -> tuple[Part, ...]:
    """The parts of a phrase."""
    return tuple(((word,),) for word in words(text))


def split_up(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The same parts; one that is only a sequence of tokens becomes a part for each."""
    found: list[Part] = []
    for part in parts:
        found.extend((((token,),) for token in part[0]) if len(part) == 1 else (part,))
    return tuple(found)


def symbols(text: str) -> list[tuple[int, str]]:
    """The symbols in `text`, by index, that are kept neither as words nor as parts of names."""
    return [
        (at, char)
        for at, char in enumerate(text)
        if char in "%*" or (unicodedata.category(char)[0] == "S" and char not in "`´^")
    ]
