"""What a verifier sees of a candidate: signs, which are numbers with names, and the opening, whose vectors it weighs.

Everything that decides is in `inputs_of`; training and judging both call it. Weights belong to the names it gives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.core.text.reading import Reading
from pipeline.core.topics.hits import Hits
from pipeline.core.topics.rules import TopicRule, concept_name
from pipeline.core.topics.slots import Filling

#: The vectors of the opening, by the parts of verifier.toml: of the encoder of stories, and of the one for topics.
BEGINNING, MEANING = "beginning", "meaning"
OF_PATTERNS = REACHING, FOR, AGAINST = ("patterns reach the threshold", "patterns for", "patterns against")


@dataclass(frozen=True)
class Inputs:
    """`signs`: each from 0 to 1 or so, those at 0 left out."""

    signs: Mapping[str, float]
    reading: Reading

    @property
    def opening(self) -> str:
        return self.reading.opening


def inputs_of(
    rule: TopicRule, reading: Reading, hits: Hits, filling: Filling, support: float, against: float
) -> Inputs:
    """What the verifier of `rule` sees of an article. `filling`: of its slots. `support` and `against`: the sum of the
    weights of the satisfied patterns for the topic, and of those against it."""
    signs = {
        **_meetings(rule, filling, reading),
        REACHING: float(support + against >= rule.threshold - 1e-9),
        FOR: min(support, 1.0),
        AGAINST: min(-against, 1.0),
        **dict.fromkeys(_found(rule, reading, hits), 1.0),
    }
    return Inputs({name: value for name, value in signs.items() if value}, reading)


def signs_without_patterns(rule: TopicRule, reading: Reading, hits: Hits, filling: Filling) -> dict[str, float]:
    """The signs of `inputs_of` except those of the patterns, which cost the most to find."""
    return {**_meetings(rule, filling, reading), **dict.fromkeys(_found(rule, reading, hits), 1.0)}


def sign_names(slots: Sequence[str], concepts: Sequence[str]) -> list[str]:
    """The names of all signs that `inputs_of` can give. `slots`: their names; `concepts`: names or keys."""
    fields = ("title", "lead")
    return [
        *(f"slot {slot}" for slot in slots),
        *(f"slot {slot} in the title" for slot in slots),
        "slots in the title",
        "slots in one sentence",
        "slots in two neighbouring sentences",
        *OF_PATTERNS,
        *(f"{concept_name(concept)} in the {field}" for concept in concepts for field in fields),
    ]


def _meetings(rule: TopicRule, filling: Filling, reading: Reading) -> dict[str, float]:
    """Which slots are filled, and how near to each other, as shares of all slots."""
    title, slots = range(reading.parts["headline"]), len(rule.slots)
    filled = Counter(number for places in filling.values() for number in places)
    entitled = [slot for slot, places in filling.items() if any(number in title for number in places)]
    pairs = (sum(bool({n, n + 1} & places.keys()) for places in filling.values()) for n in filled)
    return {
        **{f"slot {slot}": 1.0 for slot in filling},
        **{f"slot {slot} in the title": 1.0 for slot in entitled},
        "slots in the title": len(entitled) / slots,
        "slots in one sentence": max(filled.values(), default=0) / slots,
        "slots in two neighbouring sentences": max(pairs, default=0) / slots,
    }


def _found(rule: TopicRule, reading: Reading, hits: Hits) -> Iterator[str]:
    """A name for each concept of the verifier in the title, and in the lead after it."""
    headline, end = reading.parts["headline"], reading.parts["lead"]
    possible = hits.possible
    for concept in rule.verifier.concepts if rule.verifier else ():
        if concept not in possible:
            continue
        found = hits.early(concept, end)
        if found and found[0][0] < headline:
            yield f"{concept_name(concept)} in the title"
        if found and found[-1][0] >= headline:
            yield f"{concept_name(concept)} in the lead"
