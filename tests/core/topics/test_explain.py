"""Why an article lacks a topic: which concepts a pattern missed, and in which sentence."""

from __future__ import annotations

from pipeline.core.text.reading import read
from pipeline.core.topics.explain import explain
from pipeline.core.topics.judge import match_topic
from tests.core.topics.test_judge import ACT_FORCE, PATTERN, rules


def test_a_near_miss_is_explained() -> None:
    ruleset = rules(ACT_FORCE, PATTERN, {"all": ["act"], "weight": 0.2})
    reading = read("", "It was late. Congress approved it. Bye.")
    hits = ruleset.topic_lexicon("en").hits(reading)
    result = explain(match_topic(ruleset.rules.topics[0], reading, hits), ruleset.rules, reading, hits)
    assert not result.matches
    assert result.topic.score == 0.2
    assert [(t.met, t.missing) for t in result.tried] == [(False, ("force",)), (True, ())]
    assert result.tried[0].sentence == "Congress approved it."
