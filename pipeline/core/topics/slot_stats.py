"""Counts the terms that can fill each slot of the topics, and finds slots that nothing fills in a language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pipeline.core.faults import Fault
from pipeline.core.topics.rules import ANY, Concept, Rules, Slot, TopicRule, concept_name
from pipeline.core.topics.spoken import findable


@dataclass(frozen=True, slots=True)
class CountedSlot:
    """One slot. `fillers`: "treaty + nation". `terms`: language -> terms of its concepts and of those they refer to;
    under "any" those for every language. `lacking`: languages with terms of the topic in which it stays empty."""

    topic: str
    slot: str
    required: bool
    fillers: tuple[str, ...]
    terms: Mapping[str, int]
    lacking: tuple[str, ...]


def count_slots(rules: Rules) -> list[CountedSlot]:
    """All slots, in the order of the rules."""
    spoken = findable(rules.concepts, rules.languages)
    found = []
    for topic in rules.topics:
        languages = _languages(topic, rules)
        for slot in topic.slots:
            lacking = (code for code in languages if not _fills(slot, code, spoken))
            fillers = tuple(" + ".join(map(concept_name, filler)) for filler in slot.fillers)
            terms = _terms(_with_needs(slot.concepts, rules.concepts))
            found.append(CountedSlot(topic.id, slot.name, slot.required, fillers, terms, tuple(lacking)))
    return found


def empty_slots(rules: Rules) -> Iterator[Fault]:
    """A warning for each slot that no term fills in some of the topic's languages."""
    for slot in count_slots(rules):
        if slot.lacking:
            reason = f"nothing fills it in {', '.join(slot.lacking)}, which have terms of the topic"
            effect = "no article in these languages is a candidate" if slot.required else "the verifier never sees it"
            hint = f"{effect}; add terms for one of {', '.join(slot.fillers)}"
            yield Fault(f"topics/{slot.topic}/topic.toml", f"slots.{slot.slot}", reason, hint)


def _languages(topic: TopicRule, rules: Rules) -> list[str]:
    """The languages with terms of the topic's own concepts."""
    own = [concept for key, concept in rules.concepts.items() if key.startswith(f"{topic.id}/")]
    return [code for code in rules.languages if any(concept.terms.get(code) for concept in own)]


def _fills(slot: Slot, code: str, spoken: Mapping[str, frozenset[str]]) -> bool:
    return any(all(code in spoken[concept] for concept in filler) for filler in slot.fillers)


def _with_needs(keys: Iterable[str], concepts: Mapping[str, Concept]) -> list[Concept]:
    """These concepts and all that they refer to."""
    waiting = sorted(keys)
    for key in waiting:
        waiting += sorted(concepts[key].needs() - set(waiting))
    return [concepts[key] for key in waiting]


def _terms(concepts: Iterable[Concept]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for concept in concepts:
        for code, terms in concept.terms.items():
            counted[code] = counted.get(code, 0) + len(terms)
    return {code: counted[code] for code in sorted(counted, key=lambda code: (code != ANY, code))}
