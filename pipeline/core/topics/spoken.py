"""Finds in which languages a topic can be found at all: those that have terms for what it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from pipeline.core.topics.rules import ANY, Concept, Part, Ref, TopicRule

Spoken = Mapping[str, frozenset[str]]  # key of a concept -> the languages in which it can be found


def with_languages(
    topics: Iterable[TopicRule], concepts: Mapping[str, Concept], languages: Sequence[str]
) -> tuple[TopicRule, ...]:
    """The topics, each with the languages in which its patterns can reach the threshold or its required slots can be
    filled. `concepts`: in order, each after those it refers to."""
    spoken = _spoken(concepts, languages)
    return tuple(
        replace(topic, languages=tuple(code for code in languages if _finds(topic, code, spoken))) for topic in topics
    )


def _spoken(concepts: Mapping[str, Concept], languages: Sequence[str]) -> Spoken:
    spoken: dict[str, frozenset[str]] = {}
    for key, concept in concepts.items():
        found = (
            code
            for code in languages
            if concept.source
            or any(_is_spoken(term, code, spoken) for group in (code, ANY) for term in concept.terms.get(group, ()))
        )
        spoken[key] = frozenset(found)
    return spoken


def _is_spoken(term: Sequence[Part], code: str, spoken: Spoken) -> bool:
    return all(code in spoken[part.concept] for part in term if isinstance(part, Ref))


def _finds(topic: TopicRule, code: str, spoken: Spoken) -> bool:
    def every(concepts: Iterable[str]) -> bool:
        return all(code in spoken[concept] for concept in concepts)

    best = sum(pattern.weight for pattern in topic.patterns if pattern.weight > 0 and every(pattern.all))
    required = [slot for slot in topic.slots if slot.required]
    fillable = required and all(any(every(filler) for filler in slot.fillers) for slot in required)
    return best >= topic.threshold - 1e-9 or bool(fillable)
