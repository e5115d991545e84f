"""Finds which patterns can be satisfied in an article, and where their concepts meet. judge.py scores them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from pipeline.core.text.reading import Reading
from pipeline.core.topics.hits import Hits, Span
from pipeline.core.topics.rules import Pattern, TopicRule

Met = list[tuple[tuple[str, ...], tuple[Span, ...]]]  # concepts and their words, one entry per sentence

_TRIED = 6  # hits of one concept tried in one sentence: limits the search in a hostile text


class PatternIndex:
    """The patterns of all topics. Those with a positive weight are indexed by their rarest concept, and those of the
    same concepts together, so that only topics that can reach their threshold in an article are examined."""

    def __init__(self, topics: Sequence[TopicRule]) -> None:
        self._topics = topics
        patterns = [(number, pattern) for number, topic in enumerate(topics) for pattern in topic.patterns]
        asked = Counter(concept for _, pattern in patterns for concept in set(pattern.all))
        #: Rarest concept -> all concepts -> what patterns of exactly these add to the score of each topic, at most.
        self._by_rarest: dict[str, dict[frozenset[str], dict[int, float]]] = {}
        for number, pattern in patterns:
            if pattern.weight > 0:
                rarest = min(pattern.all, key=lambda concept: (asked[concept], concept))
                adding = self._by_rarest.setdefault(rarest, {}).setdefault(frozenset(pattern.all), {})
                adding[number] = adding.get(number, 0.0) + pattern.weight
        self._rarest = frozenset(self._by_rarest)
        #: All concepts that a pattern names, and those needed beyond the lead.
        self.concepts = frozenset(asked).union(*((*p.unless, *p.unless_anywhere) for _, p in patterns))
        self.beyond = frozenset[str]().union(*(_beyond(p) for _, p in patterns))

    def most(self, hits: Hits) -> dict[int, float]:
        """By the number of the topic, what those of its patterns with positive weights add up to of which the article
        may have all concepts. Topics without such patterns are left out."""
        possible, most = hits.possible, dict[int, float]()
        for concept in possible & self._rarest:
            for needed, adding in self._by_rarest[concept].items():
                if needed <= possible:
                    for number, weight in adding.items():
                        most[number] = most.get(number, 0.0) + weight
        return most

    def possible(self, hits: Hits, most: Mapping[int, float]) -> Iterator[tuple[TopicRule, list[Pattern]]]:
        """Topics with their patterns, in order, for which the article may have all concepts, if these can reach the
        threshold. `most`: what the method of this name returns."""
        for number, weight in most.items():
            rule = self._topics[number]
            if reaches(weight, rule.threshold):
                yield rule, [pattern for pattern in rule.patterns if hits.possible.issuperset(pattern.all)]


def _beyond(pattern: Pattern) -> tuple[str, ...]:
    """The concepts of a pattern that matter after the lead too."""
    if pattern.where == "anywhere":
        return (*pattern.all, *pattern.unless, *pattern.unless_anywhere)
    return (*(pattern.unless if pattern.within == "document" else ()), *pattern.unless_anywhere)


def reaches(score: float, threshold: float) -> bool:
    """Whether a score is at least the threshold, in spite of rounding."""
    return score >= threshold - 1e-9  # so that 0.3 + 0.3 reaches 0.6


def may_meet(pattern: Pattern, reading: Reading, hits: Hits) -> bool:
    """A fast check: False if the pattern cannot be satisfied."""
    end = reading.parts[pattern.where]
    if pattern.within == "document":
        return all(min(hits.where(concept), default=end) < end for concept in pattern.all)
    if pattern.times > 1 or pattern.every:
        return len(_sentences(pattern, reading, hits)) >= sentences_needed(pattern, reading)
    return min(hits.together(pattern.all), default=end) < end


def meet(pattern: Pattern, reading: Reading, hits: Hits) -> Met:
    """Where the pattern is satisfied; empty if it is not."""
    if not hits.possible.issuperset(pattern.all):
        return []
    found = _in_document if pattern.within == "document" else _in_sentences
    met = found(pattern, reading, hits)
    return [] if met and any(concept in hits for concept in pattern.unless_anywhere) else met


def sentences_needed(pattern: Pattern, reading: Reading) -> int:
    """The number of sentences in which the pattern must be satisfied."""
    return max(pattern.times, -(-len(reading.sentences) // pattern.every) if pattern.every else 1)


def _sentences(pattern: Pattern, reading: Reading, hits: Hits) -> list[int]:
    """The sentences that may have all concepts, in order."""
    end = reading.parts[pattern.where]
    return [number for number in sorted(hits.together(pattern.all)) if number < end]


def _in_sentences(pattern: Pattern, reading: Reading, hits: Hits) -> Met:
    met: Met = []
    for sentence in _sentences(pattern, reading, hits):
        if any(hits.spans(concept, sentence) for concept in pattern.unless):
            continue
        chosen = _choose([hits.spans(concept, sentence) for concept in pattern.all], pattern, reading.pace)
        if chosen:
            met.append((pattern.all, chosen))
    return met if len(met) >= sentences_needed(pattern, reading) else []


def _in_document(pattern: Pattern, reading: Reading, hits: Hits) -> Met:
    if any(concept in hits for concept in pattern.unless):
        return []

    def spans(concept: str) -> Iterator[Span]:
        for number in sorted(hits.where(concept)):
            if number < reading.parts[pattern.where]:
                yield from hits.spans(concept, number)

    for most in (1, _TRIED):  # usually the first hits suffice
        chosen = _choose([list(islice(spans(concept), most)) for concept in pattern.all], pattern, reading.pace)
        if chosen:
            return [(pattern.all, chosen)]
    return []


def _choose(options: Sequence[Sequence[Span]], pattern: Pattern, pace: int) -> tuple[Span, ...]:
    """One hit per concept, so that none is used twice, in the required order and distance; empty if impossible."""
    width = pattern.within * pace if isinstance(pattern.within, int) else None
    if len(options) == 1 and width is None:
        return tuple(options[0][:1])

    def extend(chosen: tuple[Span, ...]) -> tuple[Span, ...]:
        if len(chosen) == len(options):
            return chosen
        for span in options[len(chosen)][:_TRIED]:
            if any(_clash(span, other) for other in chosen):
                continue
            if pattern.ordered and chosen and span[0] < chosen[-1][1]:
                continue
            taken = (*chosen, span)
            if width is not None and max(s[1] for s in taken) - min(s[0] for s in taken) > width:
                continue
            done = extend(taken)
            if done:
                return done
        return ()

    return extend(())


def _clash(one: Span, other: Span) -> bool:
    """Whether two hits overlap. One inside the other is allowed: "weist … aus" has a gap for "den Botschafter"."""
    if one[1] <= other[0] or other[1] <= one[0]:
        return False
    (a, b), (c, d) = sorted((one, other))
    return a == c or b == d or c < b < d
