"""Fixed phrases that end or begin at a place among words. Knows none itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.core.reading import Reading
from pipeline.core.words import words

Phrases = frozenset[tuple[str, ...]]  # folded words
_LONGEST = 5  # words of a phrase


def phrases(listed: Iterable[str]) -> Phrases:
    """Of phrases as they are written."""
    return frozenset(tuple(words(phrase)) for phrase in listed)


def pairs(listed: Iterable[str]) -> frozenset[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Of "between … and": what stands before the first and before the second."""
    split = (phrase.split("…") for phrase in listed)
    return frozenset((tuple(words(one)), tuple(words(other))) for one, other in split)


def ending(among: Sequence[str], first: int, at: int, known: Phrases) -> int:
    """Length of the longest of `known` that ends before word `at`, none of it before `first`; 0 when there is none."""
    for length in range(min(_LONGEST, at - first), 0, -1):
        if tuple(among[at - length : at]) in known:
            return length
    return 0


def beginning(among: Sequence[str], at: int, last: int, known: Phrases) -> int:
    """Length of the longest of `known` that begins at word `at` and ends before `last`; 0 when there is none."""
    for length in range(min(_LONGEST, last - at), 0, -1):
        if tuple(among[at : at + length]) in known:
            return length
    return 0


def gap(reading: Reading, word: int) -> str:
    """What stands before `word` and after the word before it, four characters at most; a new line for the first of a
    field."""
    if word in (0, reading.split):
        return "\n"
    text = reading.title if word < reading.split else reading.text
    return text[reading.places[word - 1][1] : reading.places[word][0]][:4]
