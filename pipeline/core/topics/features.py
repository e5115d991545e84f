"""What a verifier sees of a candidate: signs, which are numbers with names, and texts, whose vectors it weighs.

Everything that decides is in `inputs_of`; training and judging both call it. Weights belong to the names it gives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pipeline.core.text.reading import Reading
from pipeline.core.topics.hits import Hits
from pipeline.core.topics.rules import TopicRule, concept_name
from pipeline.core.topics.slots import Filling

PARTS = ("title", "lead")  # the parts of an article that have a vector each
PASSAGES = 3  # sentences of the lead that are encoded
LONGEST = 300  # characters of a text that are encoded


class Inputs(NamedTuple):
    """`signs`: each from 0 to 1 or so, those at 0 left out. `texts`: what is encoded, by part; the vector of a part is
    the mean of its texts'."""

    signs: Mapping[str, float]
    texts: Mapping[str, Sequence[str]]


def inputs_of(
    rule: TopicRule, reading: Reading, hits: Hits, filling: Filling, support: float, against: float
) -> Inputs:
    """What the verifier of `rule` sees of an article that fills its slots. `support` and `against`: the sum of the
    weights of the satisfied patterns for the topic, and of those against it."""
    signs = {
        **_meetings(filling, reading),
        "patterns for": min(support, 1.0),
        "patterns against": min(-against, 1.0),
        **dict.fromkeys(_found(rule, reading, hits), 1.0),
    }
    return Inputs({name: value for name, value in signs.items() if value}, _texts(reading, filling))


def sign_names(slots: Sequence[str], concepts: Sequence[str]) -> list[str]:
    """The names of all signs that `inputs_of` can give. `slots`: their names; `concepts`: names or keys."""
    fields = ("title", "lead")
    return [
        *(f"slot {slot} in the title" for slot in slots),
        "slots in the title",
        "slots in one sentence",
        "slots in two neighbouring sentences",
        "patterns for",
        "patterns against",
        *(f"{concept_name(concept)} in the {field}" for concept in concepts for field in fields),
    ]


def _meetings(filling: Filling, reading: Reading) -> dict[str, float]:
    """How near to each other the slots are filled: shares of the slots."""
    title = range(reading.parts["headline"])
    filled = Counter(number for places in filling.values() for number in places)
    entitled = {slot for slot, places in filling.items() if any(number in title for number in places)}
    pairs = (sum(bool({n, n + 1} & places.keys()) for places in filling.values()) for n in filled)
    return {
        **{f"slot {slot} in the title": 1.0 for slot in entitled},
        "slots in the title": len(entitled) / len(filling),
        "slots in one sentence": max(filled.values()) / len(filling),
        "slots in two neighbouring sentences": max(pairs) / len(filling),
    }


def _found(rule: TopicRule, reading: Reading, hits: Hits) -> Iterator[str]:
    """A name for each concept of the verifier in the title, and in the lead after it."""
    headline, end = reading.parts["headline"], reading.parts["lead"]
    for concept in rule.verifier.concepts if rule.verifier else ():
        numbers = [n for n in hits.where(concept) if n < end and hits.spans(concept, n)]
        if any(number < headline for number in numbers):
            yield f"{concept_name(concept)} in the title"
        if any(number >= headline for number in numbers):
            yield f"{concept_name(concept)} in the lead"


def _texts(reading: Reading, filling: Filling) -> dict[str, Sequence[str]]:
    """The title, and the sentences of the lead that fill most slots, in order."""
    headline = reading.parts["headline"]
    filled = Counter(number for places in filling.values() for number in places if number >= headline)
    best = sorted(filled, key=lambda number: (-filled[number], number))[:PASSAGES]
    return {
        "title": [_clean(reading.title)] if reading.split else [],
        "lead": [_clean(reading.quote(reading.sentences[number])) for number in sorted(best)],
    }


def _clean(text: str) -> str:
    return " ".join(text.split())[:LONGEST]
