"""How the concepts of a pattern meet in an article, and which patterns are worth trying there. Gives no scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pipeline.core.hits import Hits, Span
from pipeline.core.reading import LEAD, Reading
from pipeline.core.rules import Pattern, TopicRule

Met = list[tuple[tuple[str, ...], tuple[Span, ...]]]  # concepts and their words, one entry per sentence

_TRIED = 6  # hits of one concept tried in one sentence: bounds the search through a hostile text


class PatternIndex:
    """The patterns of all topics, each by the concept in it that fewest others ask for: of a thousand topics, those are
    looked at that an article has something of."""

    def __init__(self, topics: Sequence[TopicRule]) -> None:
        self._topics = topics
        self._by_rarest: dict[str, list[tuple[int, int, frozenset[str]]]] = {}
        patterns = [(t, p, pattern) for t, topic in enumerate(topics) for p, pattern in enumerate(topic.patterns)]
        asked = Counter(concept for _, _, pattern in patterns for concept in set(pattern.all))
        for t, p, pattern in patterns:
            rarest = min(pattern.all, key=lambda concept: (asked[concept], concept))
            self._by_rarest.setdefault(rarest, []).append((t, p, frozenset(pattern.all)))
        #: All concepts that a pattern names.
        self.concepts = frozenset(asked).union(*((*p.unless, *p.unless_anywhere) for _, _, p in patterns))

    def possible(self, hits: Hits) -> Iterator[tuple[TopicRule, list[Pattern]]]:
        """Each topic with those of its patterns, in order, for which the article may have all concepts; if any."""
        found: dict[int, list[int]] = {}
        for concept in hits.possible:
            for topic, pattern, needed in self._by_rarest.get(concept, ()):
                if needed <= hits.possible:
                    found.setdefault(topic, []).append(pattern)
        for number, patterns in found.items():
            rule = self._topics[number]
            yield rule, [rule.patterns[pattern] for pattern in sorted(patterns)]


def meet(pattern: Pattern, reading: Reading, hits: Hits) -> Met:
    """Where the pattern is satisfied; empty when it is not."""
    found = _in_document if pattern.within == "document" else _in_sentences
    met = found(pattern, reading, hits)
    return [] if met and any(concept in hits for concept in pattern.unless_anywhere) else met


def sentences_needed(pattern: Pattern, reading: Reading) -> int:
    """In how many sentences the pattern must be satisfied."""
    return max(pattern.times, -(-len(reading.sentences) // pattern.every) if pattern.every else 1)


def stands_in(where: str, sentence: int, reading: Reading) -> bool:
    """The sentence belongs to the part of the article that `where` names."""
    if where == "anywhere":
        return True
    first, split = reading.sentences[sentence].first, reading.split
    return first < split or (where == "lead" and first < split + LEAD)


def _in_sentences(pattern: Pattern, reading: Reading, hits: Hits) -> Met:
    by_sentence = []
    for concept in pattern.all:
        spans = hits.in_sentences(concept)
        if not spans:
            return []
        by_sentence.append(spans)
    met: Met = []
    for sentence in sorted(set(by_sentence[0]).intersection(*by_sentence[1:])):
        if not stands_in(pattern.where, sentence, reading):
            continue
        if any(sentence in hits.in_sentences(concept) for concept in pattern.unless):
            continue
        chosen = _choose([spans[sentence] for spans in by_sentence], pattern)
        if chosen:
            met.append((pattern.all, chosen))
    return met if len(met) >= sentences_needed(pattern, reading) else []


def _in_document(pattern: Pattern, reading: Reading, hits: Hits) -> Met:
    if any(concept in hits for concept in pattern.unless):
        return []
    options = []
    for concept in pattern.all:
        spans = hits.in_sentences(concept)
        options.append([s for n in spans if stands_in(pattern.where, n, reading) for s in spans[n]])
    chosen = _choose(options, pattern)
    return [(pattern.all, chosen)] if chosen else []


def _choose(options: Sequence[Sequence[Span]], pattern: Pattern) -> tuple[Span, ...]:
    """One hit of each concept such that none serves twice, the order holds, and all lie within the distance."""
    width = pattern.within if isinstance(pattern.within, int) else None

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
    """They share words. One wholly inside the other does not count: "weist den Botschafter aus" has a gap for it."""
    (a, b), (c, d) = sorted((one, other))
    return a == c or b == d or c < b < d
