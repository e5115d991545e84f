"""Finds in which languages a topic can be found at all: those that have terms for what it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from pipeline.core.topics.rules import ANY, Concept, Ref, TopicRule

Spoken = Mapping[str, frozenset[str]]  # key of a concept -> the languages in which it can be found


def with_languages(
    topics: Iterable[TopicRule], concepts: Mapping[str, Concept], languages: Sequence[str]
) -> tuple[TopicRule, ...]:
    """The topics, each with the languages in which its patterns can reach the threshold or its required slots can be
    filled. `concepts`: in order, each after those it refers to."""
    spoken = findable(concepts, languages)
    return tuple(
        replace(topic, languages=tuple(code for code in languages if _finds(topic, code, spoken))) for topic in topics
    )


def findable(concepts: Mapping[str, Concept], languages: Sequence[str]) -> Spoken:
    """The languages in which each concept can be found. Terms for every language, such as names, are enough only for
    concepts that have no others."""
    spoken: dict[str, frozenset[str]] = {}
    for key, concept in concepts.items():
        names_only = not concept.terms.keys() - {ANY}

        def found(code: str, concept: Concept = concept, names_only: bool = names_only) -> bool:
            for group in (code, ANY):
                for term in concept.terms.get(group, ()):
                    refs = [part.concept for part in term if isinstance(part, Ref)]
                    if all(code in spoken[ref] for ref in refs) and (refs or group == code or names_only):
                        return True
            return concept.source is not None

        spoken[key] = frozenset(filter(found, languages))
    return spoken


def _finds(topic: TopicRule, code: str, spoken: Spoken) -> bool:
    def every(concepts: Iterable[str]) -> bool:
        return all(code in spoken[concept] for concept in concepts)

    best = sum(pattern.weight for pattern in topic.patterns if pattern.weight > 0 and every(pattern.all))
    required = [slot for slot in topic.slots if slot.required]
    filled = [slot for slot in required if any(every(filler) for filler in slot.fillers)]
    return best >= topic.threshold - 1e-9 or (bool(required) and len(filled) == len(required))
