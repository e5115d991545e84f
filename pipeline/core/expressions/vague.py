"""Finds vague numbers: "dozens", "decenas de miles", "mehrere Hundert", "数十".

The words are data: vocabulary/vague.toml.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from pipeline.core.expressions.number_words import Table, table
from pipeline.core.expressions.numbers import numbers
from pipeline.core.expressions.phrases import Phrase, ending
from pipeline.core.text.languages import base_code, vocabulary
from pipeline.core.text.reading import Reading
from pipeline.core.text.words import words

LEAST, MOST = 0.8, 20  # times what the word stands for: 80 may be "hundreds", 2,001 are more than that
_LONGEST = 3  # words of an entry
_BOUNDS = ("at_most", "at_least", "about")


class Vague(NamedTuple):
    """A vague number in the words first to last (exclusive): from `low` to `high` by all that is meant by it."""

    low: int
    high: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a language. `openers`: first words of all entries, which rule out most places quickly."""

    bases: Mapping[Phrase, int] = field(default_factory=dict)
    of: frozenset[Phrase] = frozenset()
    several: frozenset[Phrase] = frozenset()
    openers: frozenset[str] = frozenset()
    also_singular: bool = False


def vague_numbers(reading: Reading, first: int, last: int, language: str | None) -> list[Vague]:
    """The vague numbers in the words first to last (exclusive) of one sentence, in order."""
    known, spoken = _known(base_code(language) or "en"), table(language)
    among: Sequence[str] = reading.words
    if spoken.prefix:
        among = [*among[:first], *spoken.bare(among[first:last], known.openers)]
    if known.openers.isdisjoint(among[first:last]):
        return []
    counted = [(one.first, one.last) for one in numbers(reading, first, last, language)]
    found, at = [], first
    while at < last:
        base, end = _base(among, at, last, known, spoken)
        inside = any(begin < at < end_of for begin, end_of in counted)  # "two hundreds"
        if base and not inside and not (known.also_singular and _bounded(among, first, at, spoken)):
            found.append(Vague(int(base * LEAST), base * MOST, at, end))
        at = end if base else at + 1
    return found


def bounds(written: str, language: str | None) -> tuple[int, int] | None:
    """What a vague number stands for, from a number to another one; None if it is something else."""
    known, spoken = _known(base_code(language) or "en"), table(language)
    folded = spoken.bare(words(written), known.openers)
    base, end = _base(folded, 0, len(folded), known, spoken) if folded else (0, 0)
    return (int(base * LEAST), base * MOST) if base and end == len(folded) else None


def _bounded(among: Sequence[str], first: int, at: int, known: Table) -> bool:
    """Whether it is "about a hundred" or "more than a hundred"."""
    return any(name in known.bounds and ending(among, first, at, known.bounds[name]) for name in _BOUNDS)


def _base(among: Sequence[str], at: int, last: int, known: _Words, spoken: Table) -> tuple[int, int]:
    """What the vague number at a word stands for, 0 without one, and the word after it."""
    if among[at] not in known.openers:
        return 0, at
    start = at + _length(among, at, last, known.several)
    base, end = _word(among, start, last, known)
    if not base and start > at and start < last:
        piece = spoken.pieces.get(among[start])
        base, end = (piece.value, start + 1) if piece and piece.multiplies and piece.value >= 10 else (0, at)
    if not base:
        return 0, at
    behind = end + _length(among, end, last, known.of)
    more, after = _word(among, behind, last, known)
    if not more and behind < last and (piece := spoken.pieces.get(among[behind])) and piece.multiplies:
        more, after = piece.value, behind + 1  # "decenas de mil", "puluhan ribu"
    return (base * more, after) if more > base and more >= 1000 else (base, end)


def _word(among: Sequence[str], at: int, last: int, known: _Words) -> tuple[int, int]:
    for length in range(min(_LONGEST, last - at), 0, -1):
        if base := known.bases.get(tuple(among[at : at + length])):
            return base, at + length
    return 0, at


def _length(among: Sequence[str], at: int, last: int, known: frozenset[Phrase]) -> int:
    for length in range(min(2, last - at), 0, -1):
        if tuple(among[at : at + length]) in known:
            return length
    return 0


def after(reading: Reading, vague: Vague, last: int, language: str | None) -> int:
    """The word with which begins what a vague number counts: "dozens of" is followed by it."""
    known = _known(base_code(language) or "en")
    return vague.last + _length(reading.words, vague.last, last, known.of)


@cache
def _known(language: str) -> _Words:
    data = vocabulary("vague")
    bases = {
        phrase: int(base)
        for base, listed in data["words"].items()
        for phrase in _phrases(listed.get(language, ""))
    }  # fmt: skip
    several = _phrases(data["several"].get(language, ""))
    openers = frozenset(phrase[0] for phrase in (*bases, *several))
    of, singular = _phrases(data["of"].get(language, "")), data["also_singular"]["languages"].split()
    return _Words(bases, of, several, openers, language in singular)


def _phrases(listed: str) -> frozenset[Phrase]:
    return frozenset(tuple(words(entry.replace("_", " "))) for entry in listed.split())
