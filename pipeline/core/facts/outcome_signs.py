"""Names what speaks for each outcome: the satisfied [[outcomes]], and where the words of their concepts are.

outcome_weights.py weighs these signs with the meaning of the opening. A sign is a number from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pipeline.core.text.reading import Reading
from pipeline.core.topics.hits import Hits
from pipeline.core.topics.rules import FactRules, concept_name

PARTS = ("title", "opening", "lead", "rest")  # the opening is the first sentence of the text


def sign_of_pattern(outcome: str, name: str) -> str:
    """The sign that a pattern is satisfied."""
    return f"{outcome}: {name}"


def names_of(facts: FactRules) -> list[str]:
    """The names of all signs of a topic."""
    patterns = [sign_of_pattern(outcome, pattern.name) for outcome, pattern in facts.outcomes]
    concepts = [f"{concept_name(key)} in the {part}" for key in concepts_of(facts) for part in PARTS]
    return list(dict.fromkeys((*patterns, *concepts)))


def concepts_of(facts: FactRules) -> list[str]:
    """The keys of the concepts that [[outcomes]] name."""
    return list(dict.fromkeys(key for _, pattern in facts.outcomes for key in (*pattern.all, *pattern.unless)))


def signs_of_concepts(facts: FactRules, reading: Reading, hits: Hits) -> Mapping[str, float]:
    """In which parts of the article there are words of each concept."""
    found = dict[str, float]()
    for key in concepts_of(facts):
        sentences = {reading.sentence_at(first) for first, _ in hits.get(key, ())}
        found.update(dict.fromkeys((f"{concept_name(key)} in the {part}" for part in _parts(reading, sentences)), 1.0))
    return found


def _parts(reading: Reading, sentences: Iterable[int]) -> set[str]:
    headline, lead = reading.parts["headline"], reading.parts["lead"]
    return {
        "title" if one < headline else "opening" if one == headline else "lead" if one < lead else "rest"
        for one in sentences
    }
