"""Matches fixed phrases that start or end at a position in a list of words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.core.text.words import words

Phrase = tuple[str, ...]  # folded words
_LONGEST = 5  # maximum words in a phrase


@dataclass(frozen=True, slots=True)
class Phrases:
    """A set of phrases. `openers` and `closers`: their first and last words, which rule out most positions quickly."""

    every: frozenset[Phrase] = frozenset()
    openers: frozenset[str] = frozenset()
    closers: frozenset[str] = frozenset()

    def __contains__(self, phrase: object) -> bool:
        return phrase in self.every


def phrases(listed: Iterable[str]) -> Phrases:
    """Phrases from their written form."""
    every = frozenset(filter(None, (tuple(words(phrase)) for phrase in listed)))
    return Phrases(every, frozenset(one[0] for one in every), frozenset(one[-1] for one in every))


def pairs(listed: Iterable[str]) -> frozenset[tuple[Phrase, Phrase]]:
    """Pairs from "between … and": the words before the first and before the second."""
    split = (phrase.split("…") for phrase in listed)
    return frozenset((tuple(words(one)), tuple(words(other))) for one, other in split)


def ending(among: Sequence[str], first: int, at: int, known: Phrases) -> int:
    """Length of the longest of `known` that ends before word `at` and starts at `first` or later; 0 if there is
    none."""
    if at > first and among[at - 1] in known.closers:
        for length in range(min(_LONGEST, at - first), 0, -1):
            if tuple(among[at - length : at]) in known.every:
                return length
    return 0


def beginning(among: Sequence[str], at: int, last: int, known: Phrases) -> int:
    """Length of the longest of `known` that starts at word `at` and ends before `last`, or 0."""
    if at < last and among[at] in known.openers:
        for length in range(min(_LONGEST, last - at), 0, -1):
            if tuple(among[at : at + length]) in known.every:
                return length
    return 0


def ends_with(among: Sequence[str], first: int, at: int, phrase: Phrase) -> bool:
    """Whether `phrase` ends before word `at` and starts at `first` or later."""
    return at - len(phrase) >= first and tuple(among[at - len(phrase) : at]) == phrase
