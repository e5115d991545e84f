"""How what is typed as a word or phrase may be spelt in texts: the parts of phrases."""

from __future__ import annotations

from pipeline.core.query.names import Part
from pipeline.core.text.typed import alternatives, phrase_parts


def part_of(text: str) -> tuple[Part, ...]:
    """The parts of what is typed as one word."""
    found = alternatives(text)
    return _split((found,)) if found else ()


def parts_of(text: str, slop: int = 0) -> tuple[Part, ...]:
    """The parts of a phrase."""
    return _split(phrase_parts(text, loose=slop > 0))


def _split(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The same parts; one that is only a sequence of tokens becomes a part for each. Alternatives are in order."""
    found: list[Part] = []
    for part in parts:
        found.extend((((token,),) for token in part[0]) if len(part) == 1 else (tuple(sorted(part)),))
    return tuple(found)
