"""Where the concepts of the topic rules stand in one article. What nobody asks for is not looked for. Judges nothing.

Some hits are of terms, words that stand there; others are of chains of concepts (`{soldiers} <2> {country}`), and
exceptions take hits back. Everything a hit is made of stands in one sentence.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

Span = tuple[int, int]  # words first to last (not included) of a Reading
BySentence = dict[int, list[Span]]  # by number of the sentence


@dataclass(frozen=True, slots=True)
class Chain:
    """The concept it begins with, then each that follows, behind at most so many words. `rarest` of them, that fewest
    chains have, is looked for first."""

    first: str
    rest: tuple[tuple[int, str], ...]
    rarest: str = ""

    def needs(self) -> frozenset[str]:
        return frozenset((self.first, *(concept for _, concept in self.rest)))


@dataclass(frozen=True, slots=True)
class Step:
    """What makes the hits of a concept from those of others: chains, and an exception, whose hits undo those that they
    touch."""

    chains: tuple[Chain, ...]
    unless: str | None

    def needs(self) -> frozenset[str]:
        exception = (self.unless,) if self.unless else ()
        return frozenset().union(exception, *(chain.needs() for chain in self.chains))


class Hits(Mapping[str, Sequence[Span]]):
    """By concept, in order of place, only those found. `possible` holds, at least, every concept that has a hit."""

    def __init__(
        self, direct: dict[str, list[Span]], steps: Mapping[str, Step], leads: Mapping[str, Sequence[str]],
        within: Sequence[int],
    ) -> None:  # fmt: skip
        """`direct`: hits of terms. `leads`: the concepts that have a chain, by the rarest in it. `within`: the sentence
        of each word."""
        self._direct, self._steps, self._within = direct, steps, within
        self._complete: dict[str, list[Span]] = {}
        self._by_sentence: dict[str, BySentence] = {}
        self.possible = set(direct)
        waiting = list(direct)
        for concept in waiting:
            for led in leads.get(concept, ()):
                if led not in self.possible:
                    self.possible.add(led)
                    waiting.append(led)

    def __getitem__(self, concept: str) -> Sequence[Span]:
        spans = self.spans(concept)
        if not spans:
            raise KeyError(concept)
        return spans

    def __contains__(self, concept: object) -> bool:
        return concept in self.possible and bool(self.spans(str(concept)))

    def __iter__(self) -> Iterator[str]:
        return (concept for concept in sorted(self.possible) if "\0" not in concept and self.spans(concept))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def spans(self, concept: str) -> Sequence[Span]:
        """Where `concept` was found, each place once; perhaps nowhere."""
        found = self._complete.get(concept)
        if found is None:
            found = self._complete[concept] = self._made(concept) if concept in self.possible else []
        return found

    def in_sentences(self, concept: str) -> Mapping[int, Sequence[Span]]:
        """The same by the number of their sentence, in order."""
        found = self._by_sentence.get(concept)
        if found is None:
            found = self._by_sentence[concept] = {}
            for span in self.spans(concept):
                number = self._within[span[0]]
                if number in found:
                    found[number].append(span)
                else:
                    found[number] = [span]
        return found

    def _made(self, concept: str) -> list[Span]:
        spans, step = self._direct.get(concept, []), self._steps.get(concept)
        if step:
            linked = [span for chain in step.chains if chain.rarest in self.possible for span in self._linked(chain)]
            spans = spans + linked if linked else spans
        if len(spans) > 1:
            spans = sorted(set(spans))
        if step and step.unless and spans:
            excluded = {word for first, last in self.spans(step.unless) for word in range(first, last)}
            spans = [span for span in spans if excluded.isdisjoint(range(*span))]
        return spans

    def _linked(self, chain: Chain) -> list[Span]:
        """Where the chain's concepts follow one another within its gaps; the nearest way from each place of the
        first."""
        if not self.spans(chain.rarest):
            return []
        begin = self.in_sentences(chain.first)
        parts = [(gap, self.in_sentences(concept)) for gap, concept in chain.rest]
        linked = []
        for sentence in set(begin).intersection(*(spans for _, spans in parts)):
            rest = [(gap, spans[sentence]) for gap, spans in parts]
            for first, last in begin[sentence]:
                end = _follow(rest, 0, last)
                if end is not None:
                    linked.append((first, end))
        return linked


def _follow(rest: Sequence[tuple[int, Sequence[Span]]], n: int, at: int) -> int | None:
    """End of the parts from number `n` on, the first of which starts at word `at` or within its gap behind it."""
    if n == len(rest):
        return at
    gap, spans = rest[n]
    for number in range(bisect_left(spans, (at, 0)), len(spans)):
        start, last = spans[number]
        if start > at + gap:
            break
        end = _follow(rest, n + 1, last)
        if end is not None:
            return end
    return None
