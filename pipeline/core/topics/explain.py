"""Why an article has a topic or not: every pattern of the topic, met or not, and how near it came."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.core.text.reading import Reading
from pipeline.core.topics.hits import Hits
from pipeline.core.topics.judge import TopicMatch, topic_of
from pipeline.core.topics.patterns import sentences_needed
from pipeline.core.topics.rules import Pattern, Rules, concept_name
from pipeline.records import Topic


@dataclass(frozen=True, slots=True)
class Tried:
    """How near one pattern came. `missing`: concepts its best sentence lacked, or what else kept it from counting."""

    pattern: str
    weight: float
    met: bool
    missing: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Explained:
    """Why an article has a topic or not."""

    topic: Topic
    threshold: float
    matches: bool
    tried: tuple[Tried, ...]


def explain(match: TopicMatch, rules: Rules, reading: Reading, hits: Hits) -> Explained:
    """`match`: what the article has of the topic, with every pattern tried."""
    satisfied = {id(pattern) for pattern, _ in match.satisfied}
    tried = []
    for pattern in match.rule.patterns:
        met = id(pattern) in satisfied
        missing, sentence = ((), "") if met else _nearest(pattern, rules, reading, hits)
        tried.append(Tried(pattern.name, pattern.weight, met, missing, sentence))
    return Explained(topic_of(match, rules, reading), match.rule.threshold, match.matches, tuple(tried))


def _nearest(pattern: Pattern, rules: Rules, reading: Reading, hits: Hits) -> tuple[tuple[str, ...], str]:
    """The sentence with most of the pattern's concepts, and what it lacks."""
    spoken = {n for concept in pattern.all for n in hits.where(concept) if hits.spans(concept, n)}
    sentences = [n for n in sorted(spoken) if n < reading.parts[pattern.where]]
    if not sentences:
        return tuple(concept_name(concept) for concept in pattern.all), ""

    def lacks(sentence: int) -> list[str]:
        return [concept_name(c) for c in pattern.all if not hits.spans(c, sentence)]

    best = min(sentences, key=lambda n: len(lacks(n)))
    vetoes = [f"not {concept_name(c)}" for c in pattern.unless if hits.spans(c, best)]
    vetoes += [f"not {concept_name(c)}" for c in pattern.unless_anywhere if c in hits]
    needed = sentences_needed(pattern, reading)
    missing = lacks(best) or vetoes or [f"{needed} sentences" if needed > 1 else "order or distance"]
    return tuple(missing), reading.quote(reading.sentences[best])
