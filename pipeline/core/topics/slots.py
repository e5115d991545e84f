"""Finds candidates for a topic: articles whose title and lead fill the required slots of its rule, in whatever
sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pipeline.core.text.reading import Reading
from pipeline.core.topics.hits import Hits, Span
from pipeline.core.topics.rules import Slot, TopicRule

#: Slot -> sentence -> the words that fill it, each with its concept. Sentences and words in order; none is empty.
Filling = Mapping[str, Mapping[int, Sequence[tuple[str, Span]]]]


class SlotIndex:
    """The slots of all topics, indexed by the concepts of the slot that is filled least often, so that only topics with
    one of these in the article are examined."""

    def __init__(self, topics: Sequence[TopicRule]) -> None:
        self._topics = topics
        self._by_rarest: dict[str, list[int]] = {}
        asked = Counter(concept for topic in topics for slot in topic.slots for concept in slot.concepts)
        for number, topic in enumerate(topics):
            if topic.slots:
                required = [slot for slot in topic.slots if slot.required]
                rarest = min(required, key=lambda slot: (sum(asked[c] for c in slot.concepts), slot.name))
                for concept in rarest.concepts:
                    self._by_rarest.setdefault(concept, []).append(number)
        self._rarest = frozenset(self._by_rarest)
        verifiers = [topic.verifier for topic in topics if topic.verifier]
        #: All concepts that slots and verifiers name.
        self.concepts = frozenset(asked).union(*(verifier.concepts for verifier in verifiers))

    def possible(self, hits: Hits) -> Iterator[int]:
        """Numbers of the topics whose slots the article may fill."""
        numbers = {number for concept in hits.possible & self._rarest for number in self._by_rarest[concept]}
        return (number for number in numbers if _possible(self._topics[number].slots, hits))


def _possible(slots: Sequence[Slot], hits: Hits) -> bool:
    required = (slot for slot in slots if slot.required)
    return all(any(hits.possible.issuperset(filler) for filler in slot.fillers) for slot in required)


def fill(slots: Sequence[Slot], reading: Reading, hits: Hits) -> Filling | None:
    """What fills the slots in the title and the lead; None if a required one stays empty."""
    if not slots or not all(_may_fill(slot, reading, hits) for slot in slots if slot.required):
        return None
    filling = {}
    for slot in sorted(slots, key=lambda slot: not slot.required):
        found = fillers_of(slot, reading, hits)
        if found:
            filling[slot.name] = found
        elif slot.required:
            return None
    return filling


def _may_fill(slot: Slot, reading: Reading, hits: Hits) -> bool:
    """A fast check: False if the slot stays empty."""
    end = reading.parts["lead"]
    return any(all(min(hits.where(one), default=end) < end for one in filler) for filler in slot.fillers)


def fillers_of(slot: Slot, reading: Reading, hits: Hits) -> dict[int, list[tuple[str, Span]]]:
    """Sentence -> the words in title and lead that fill one slot; empty if it stays empty."""
    found: dict[int, set[tuple[str, Span]]] = {}
    for filler in slot.fillers:
        spans = {concept: _early(concept, reading, hits) for concept in filler}
        if all(spans.values()):
            for concept, places in spans.items():
                for number, span in places:
                    found.setdefault(number, set()).add((concept, span))
    return {number: sorted(found[number], key=lambda place: (place[1], place[0])) for number in sorted(found)}


def _early(concept: str, reading: Reading, hits: Hits) -> list[tuple[int, Span]]:
    end = reading.parts["lead"]
    return [(n, span) for n in sorted(hits.where(concept)) if n < end for span in hits.spans(concept, n)]


def best_words(filling: Filling) -> list[tuple[str, str, Span]]:
    """One filler of each slot, with slot and concept: from the sentence that fills most slots, the first of equals."""
    filled = Counter(number for places in filling.values() for number in places)
    chosen = []
    for slot, places in filling.items():
        number = min(places, key=lambda number: (-filled[number], number))
        concept, span = places[number][0]
        chosen.append((slot, concept, span))
    return chosen
