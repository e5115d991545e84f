"""Finds where the concepts of the topic rules occur in an article, on demand.

A hit is a term or a chain of concepts (`{soldiers} <2> {country}`) within one sentence. Exceptions cancel hits.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass

Span = tuple[int, int]  # words first to last (exclusive) of a Reading
Fillers = tuple[tuple[str, ...], ...]  # concepts that fill a slot together, or others that do
#: Sentence -> the words that fill a slot, each with its concept. Sentences and words in order.
Filled = Mapping[int, Sequence[tuple[str, Span]]]


def overlaps(span: Span, others: Iterable[Span]) -> bool:
    """Whether the span has a word in common with one of the others."""
    return any(first < span[1] and span[0] < last for first, last in others)


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain of concepts. `rest`: each further concept, with the maximum words before it. `parts`: all concepts, the
    one in the fewest chains first."""

    concept: str
    first: str
    rest: tuple[tuple[int, str], ...]
    parts: tuple[str, ...]


class Hits(Mapping[str, Sequence[Span]]):
    """Hits by concept, in order of position; only concepts that were found.

    First the sentences that may have a concept are computed, which is fast and excludes most. Chains are followed and
    exceptions applied only in sentences that a caller asks for.
    """

    def __init__(
        self, terms: Mapping[str, list[Span]], within: Sequence[int], chains: Mapping[str, Sequence[Chain]],
        unless: Mapping[str, str], pace: int = 1,
    ) -> None:  # fmt: skip
        """`terms`: spans of terms, by concept. `within`: the sentence of each word. `chains`: all chains, by their
        rarest concept. `unless`: concept -> the concept of its exceptions, whose hits cancel those they overlap.
        `pace`: of the Reading, by which the gaps of chains are multiplied."""
        self.terms, self._within, self._unless, self._pace = terms, within, unless, pace
        self._placed: dict[str, dict[int, list[Span]]] = {}  # those terms that were asked for, by sentence
        self._chains: dict[str, list[Chain]] = {}  # chains that may match, by their concept
        self._linking: dict[str, dict[int, list[Chain]]] = {}  # the same in each sentence
        self._where: dict[str, Collection[int]] = {}
        self._spans: dict[tuple[str, int], list[Span]] = {}
        self._early: dict[tuple[str, int], list[tuple[int, Span]]] = {}
        self.filled: dict[Fillers, Filled] = {}  # what slots.py found, as several topics can have the same slot
        #: Every concept with a hit, and a few without.
        self.possible = set(terms)
        waiting = [concept for concept in terms if concept in chains]
        for concept in waiting:
            for chain in chains[concept]:
                self._chains.setdefault(chain.concept, []).append(chain)
                if chain.concept not in self.possible:
                    self.possible.add(chain.concept)
                    if chain.concept in chains:
                        waiting.append(chain.concept)

    def with_spans(self, given: Mapping[str, list[Span]]) -> Hits:
        """The same hits, but of these concepts those given. Chains that name them do not follow."""
        changed = copy(self)
        changed.terms = {**self.terms, **given}
        changed.possible = self.possible | given.keys()
        changed._chains = {concept: chains for concept, chains in self._chains.items() if concept not in given}
        changed._placed, changed._linking, changed._where, changed._spans, changed._early = {}, {}, {}, {}, {}
        return changed

    def __getitem__(self, concept: str) -> Sequence[Span]:
        spans = [span for number in sorted(self.where(concept)) for span in self.spans(concept, number)]
        if not spans:
            raise KeyError(concept)
        return spans

    def __contains__(self, concept: object) -> bool:
        return isinstance(concept, str) and any(self.spans(concept, number) for number in self.where(concept))

    def __iter__(self) -> Iterator[str]:
        return (concept for concept in sorted(self.possible) if "\0" not in concept and concept in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def where(self, concept: str) -> Collection[int]:
        """Numbers of all sentences with a hit of `concept`, and of a few without."""
        if concept not in self.possible:
            return ()
        found = self._where.get(concept)
        if found is None:
            found, chains = self._by_sentence(concept), self._chains.get(concept)
            if chains:
                linking = self._linking[concept] = defaultdict(list)
                for chain in chains:
                    for number in self.together(chain.parts):
                        linking[number].append(chain)
                found = {*found, *linking}
            self._where[concept] = found
        return found

    def _by_sentence(self, concept: str) -> Mapping[int, list[Span]]:
        """The terms of one concept. Sorted into sentences only here, as most concepts are never asked for."""
        placed = self._placed.get(concept)
        if placed is None:
            placed = self._placed[concept] = {}
            for span in self.terms.get(concept, ()):
                placed.setdefault(self._within[span[0]], []).append(span)
        return placed

    def together(self, concepts: Sequence[str]) -> Collection[int]:
        """Numbers of the sentences that may have all of these concepts."""
        found = self.where(concepts[0])
        for concept in concepts[1:]:
            if not found:
                break
            where = self.where(concept)
            found = [number for number in found if number in where]
        return found

    def spans(self, concept: str, sentence: int) -> Sequence[Span]:
        """The spans of `concept` in one sentence, each once."""
        found = self._spans.get((concept, sentence))
        if found is None:
            found = self._compute(concept, sentence) if sentence in self.where(concept) else []
            self._spans[concept, sentence] = found
        return found

    def early(self, concept: str, end: int) -> Sequence[tuple[int, Span]]:
        """The hits of `concept` in the first `end` sentences, each with its sentence, in order."""
        found = self._early.get((concept, end))
        if found is None:
            near = sorted(number for number in self.where(concept) if number < end)
            found = [(number, span) for number in near for span in self.spans(concept, number)]
            self._early[concept, end] = found
        return found

    def _compute(self, concept: str, sentence: int) -> list[Span]:
        linking = self._linking.get(concept)
        spans: list[Span] = self._by_sentence(concept).get(sentence, [])
        if linking and sentence in linking:
            spans = spans + [span for chain in linking[sentence] for span in self._linked(chain, sentence)]
        if len(spans) > 1:
            spans = sorted(set(spans))
        if spans and concept in self._unless:
            exceptions = self.spans(self._unless[concept], sentence)
            excluded = {word for first, last in exceptions for word in range(first, last)}
            spans = [span for span in spans if excluded.isdisjoint(range(*span))] if excluded else spans
        return spans

    def _linked(self, chain: Chain, sentence: int) -> Iterator[Span]:
        """Spans where the chain's concepts follow each other within its gaps; the shortest for each hit of the
        first."""
        rest = [(gap * self._pace, self.spans(concept, sentence)) for gap, concept in chain.rest]
        if all(spans for _, spans in rest):
            for first, last in self.spans(chain.first, sentence):
                end = _follow(rest, 0, last)
                if end is not None:
                    yield first, end


def _follow(rest: Sequence[tuple[int, Sequence[Span]]], n: int, at: int) -> int | None:
    """End of the chain from part number `n` on, if that part starts at word `at` or within its gap after it."""
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
