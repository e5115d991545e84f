"""The indexes find the same topics as trying each one."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.text.reading import LEAD, Reading, read
from pipeline.core.topics.hits import Fillers, Hits, Span
from pipeline.core.topics.patterns import PatternIndex, reaches
from pipeline.core.topics.rules import Pattern, Slot, TopicRule
from pipeline.core.topics.slots import SlotIndex, fill

OwnSlots = Sequence[tuple[Fillers, bool]]  # what fills each, and whether it is required
OwnPatterns = Sequence[tuple[tuple[str, ...], float]]  # concepts and weight

concepts = st.sampled_from("abcdef")
fillers = st.lists(st.lists(concepts, min_size=1, max_size=2, unique=True).map(tuple), min_size=1, max_size=3).map(
    tuple
)
slots = st.lists(st.tuples(fillers, st.booleans()), min_size=1, max_size=3)
patterns = st.lists(
    st.tuples(st.lists(concepts, min_size=1, max_size=3).map(tuple), st.sampled_from((-0.4, 0.2, 0.3, 0.6))), max_size=4
)
texts = st.lists(st.lists(st.sampled_from("abcdefx"), min_size=1, max_size=4), max_size=6)


def topic(number: int, own: OwnSlots, tried: OwnPatterns) -> TopicRule:
    named = [Slot(str(n), filler, required or not n) for n, (filler, required) in enumerate(own)]
    met = tuple(Pattern(str(n), needed, weight) for n, (needed, weight) in enumerate(tried))
    return TopicRule(str(number), 1, {}, {}, {}, 0.5, met, (), slots=tuple(named))


def found_in(sentences: Sequence[Sequence[str]]) -> tuple[Reading, Hits]:
    """Words that are concepts themselves; half of the sentences are after the lead."""
    early, late = sentences[::2], sentences[1::2]
    reading = read("", "".join(f"{' '.join(one)}. \n" for one in (*early, ["x"] * LEAD, *late)))
    terms: dict[str, list[Span]] = {}
    for position, word in enumerate(reading.words):
        if word != "x":
            terms.setdefault(word, []).append((position, position + 1))
    return reading, Hits(terms, reading.within, {}, {})


@given(st.lists(st.tuples(slots, patterns), min_size=1, max_size=8), texts)
def test_of_made_up_topics_the_same_are_found(
    made: Sequence[tuple[OwnSlots, OwnPatterns]], sentences: Sequence[Sequence[str]]
) -> None:
    topics = [topic(number, *one) for number, one in enumerate(made)]
    reading, hits = found_in(sentences)
    filled = SlotIndex(topics).filled(reading, hits)
    again = found_in(sentences)[1]  # without what the index has found
    assert sorted(filled) == [n for n, one in enumerate(topics) if fill(one.slots, reading, again) is not None]
    index = PatternIndex(topics)
    possible = {int(rule.id): tried for rule, tried in index.possible(hits, index.most(hits))}
    each = {n: [one for one in rule.patterns if hits.possible >= set(one.all)] for n, rule in enumerate(topics)}
    within = {n: reaches(sum(max(one.weight, 0.0) for one in tried), 0.5) for n, tried in each.items()}
    assert possible == {n: tried for n, tried in each.items() if within[n]}
