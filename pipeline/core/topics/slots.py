"""Finds candidates for a topic: articles whose title and lead fill the required slots of its rule, in whatever
sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from pipeline.core.text.reading import Reading
from pipeline.core.topics.hits import Filled, Fillers, Hits, Span
from pipeline.core.topics.rules import Slot, TopicRule

#: Slot -> what fills it; none is empty.
Filling = Mapping[str, Filled]


class SlotIndex:
    """The required slots of all topics, indexed by the concepts that fill them: an article costs as much as its
    concepts fill slots, however many topics there are. Of a topic, the slot that the fewest topics share is looked at
    first; what several topics share is looked for once."""

    def __init__(self, topics: Sequence[TopicRule]) -> None:
        asked = Counter(concept for topic in topics for slot in topic.slots for concept in slot.concepts)
        shared = Counter(slot.fillers for topic in topics for slot in topic.slots if slot.required)
        #: First slot -> the other slots -> numbers of the topics that require them.
        self._asking: dict[Fillers, dict[tuple[Fillers, ...], list[int]]] = {}
        for number, topic in enumerate(topics):
            required = {slot.fillers: slot for slot in topic.slots if slot.required}
            if required:
                first, *others = sorted(required, key=lambda one: (shared[one], _weight(required[one], asked), one))
                self._asking.setdefault(first, {}).setdefault(tuple(others), []).append(number)
        fillers = [(filler, first) for first in self._asking for filler in first]
        common = Counter(concept for filler, _ in fillers for concept in set(filler))
        self._by_rarest: dict[str, list[tuple[frozenset[str], Fillers]]] = {}
        for filler, first in fillers:
            rarest = min(filler, key=lambda concept: (common[concept], concept))
            self._by_rarest.setdefault(rarest, []).append((frozenset(filler), first))
        self._rarest = frozenset(self._by_rarest)
        verifiers = [topic.verifier for topic in topics if topic.verifier]
        #: All concepts that slots and verifiers name.
        self.concepts = frozenset(asked).union(*(verifier.concepts for verifier in verifiers))

    def filled(self, reading: Reading, hits: Hits) -> list[int]:
        """Numbers of the topics whose required slots the article fills."""
        firsts = {
            first
            for concept in hits.possible & self._rarest
            for filler, first in self._by_rarest[concept]
            if filler <= hits.possible
        }
        found = []
        for first in firsts:
            if _may_fill(first, reading, hits):
                for others, numbers in self._asking[first].items():
                    if all(_may_fill(one, reading, hits) for one in others) and all(
                        _filling(one, reading, hits) for one in (first, *others)
                    ):
                        found += numbers
        return found


def _weight(slot: Slot, asked: Mapping[str, int]) -> int:
    return sum(asked[concept] for concept in slot.concepts)


def fill(slots: Sequence[Slot], reading: Reading, hits: Hits) -> Filling | None:
    """What fills the slots in the title and the lead; None if a required one stays empty."""
    if not slots or not all(_may_fill(slot.fillers, reading, hits) for slot in slots if slot.required):
        return None
    filling = {}
    for slot in sorted(slots, key=lambda slot: not slot.required):
        found = fillers_of(slot, reading, hits)
        if found:
            filling[slot.name] = found
        elif slot.required:
            return None
    return filling


def fill_some(slots: Sequence[Slot], reading: Reading, hits: Hits) -> Filling:
    """What fills the slots in the title and the lead, even if a required one stays empty."""
    filled = {slot.name: fillers_of(slot, reading, hits) for slot in slots}
    return {name: found for name, found in filled.items() if found}


def _may_fill(fillers: Fillers, reading: Reading, hits: Hits) -> bool:
    """A fast check: False if the slot stays empty."""
    end, possible = reading.parts["lead"], hits.possible
    return any(
        possible.issuperset(filler) and all(min(hits.where(one), default=end) < end for one in filler)
        for filler in fillers
    )


def fillers_of(slot: Slot, reading: Reading, hits: Hits) -> Filled:
    """Sentence -> the words in title and lead that fill one slot; empty if it stays empty."""
    return _filling(slot.fillers, reading, hits)


def _filling(fillers: Fillers, reading: Reading, hits: Hits) -> Filled:
    known = hits.filled.get(fillers)
    if known is None:
        end, found = reading.parts["lead"], dict[int, set[tuple[str, Span]]]()
        for filler in fillers:
            if not hits.possible.issuperset(filler):
                continue
            spans = {concept: hits.early(concept, end) for concept in filler}
            if all(spans.values()):
                for concept, places in spans.items():
                    for number, span in places:
                        found.setdefault(number, set()).add((concept, span))
        known = {number: sorted(found[number], key=lambda place: (place[1], place[0])) for number in sorted(found)}
        hits.filled[fillers] = known
    return known


def best_words(filling: Filling) -> list[tuple[str, str, Span]]:
    """One filler of each slot, with slot and concept: from the sentence that fills most slots, the first of equals."""
    filled = Counter(number for places in filling.values() for number in places)
    chosen = []
    for slot, places in filling.items():
        number = min(places, key=lambda number: (-filled[number], number))
        concept, span = places[number][0]
        chosen.append((slot, concept, span))
    return chosen
