"""Which articles are candidates for a topic with slots."""

from __future__ import annotations

import pytest

from pipeline.core.text.reading import LEAD, read
from pipeline.core.topics.rules import concept_name
from pipeline.core.topics.slots import best_words, fill
from tests.core.topics.verified import ruleset

RULES = ruleset()


@pytest.mark.parametrize(
    ("title", "text", "filled"),
    [
        ("", "They approved it. The troops arrive.", ["party", "act"]),
        ("Marines to land", "They let it happen.", ["party", "act"]),
        ("", "The senate approved the marines.", ["party", "act", "body"]),
        ("", "The troops arrive. The senate is empty.", None),  # no act
        ("", "The senate approved the budget.", None),  # nobody who comes
        ("", "They approved a defence pact. Danish officers were there.", ["party", "act"]),
        ("", "They approved a defence pact.", None),  # a pact without a nation
        ("", "word " * LEAD + ". They approved it. The troops arrive.", None),  # not in the lead
        ("", "They approved it. " + "word " * LEAD + ". The troops arrive.", None),
        ("", "", None),
    ],
)
def test_the_required_slots_are_filled_in_any_sentences(title: str, text: str, filled: list[str] | None) -> None:
    reading = read(title, text)
    hits = RULES.topic_lexicon("en").hits(reading)
    found = fill(RULES.rules.topics[0].slots, reading, hits)
    assert (found and list(found)) == filled
    if not title and filled is None and "word" not in text:
        assert not RULES.slots.filled(reading, hits)


def test_the_words_shown_are_those_that_stand_together() -> None:
    reading = read("Troops", "They let it be. The senate approved the marines.")
    found = fill(RULES.rules.topics[0].slots, reading, RULES.topic_lexicon("en").hits(reading))
    assert found
    words = {slot: (concept_name(concept), reading.original(*span)) for slot, concept, span in best_words(found)}
    assert words == {"party": ("force", "marines"), "act": ("act", "approved"), "body": ("body", "senate")}


def test_an_article_without_a_slot_costs_nothing() -> None:
    reading = read("", "The harvest was good.")
    hits = RULES.topic_lexicon("en").hits(reading)
    assert RULES.slots.filled(reading, hits) == []
