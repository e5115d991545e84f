"""What `almenara explain` prints, line by line, by small rules."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.commands.explain import as_data, lines_of
from pipeline.core.tagging.judged import judge_record
from pipeline.core.topics.judge import RuleSet, parse_rules
from pipeline.records import Article, Sourced
from pipeline.reports.reasons import refusals
from tests.core.topics.verified import ruleset
from tests.topic_files import topic_files

CONCEPTS = {
    "act": {"en": ["approv*"]},
    "force": {"en": ["troops", "soldiers"]},
    "host": {"en": ["capital", "mainland"]},
    "parade": {"en": ["parade"]},
    "year": {"en": ["in 2019"]},
}
PATTERNS = [
    {"name": "an act on forces", "all": ["act", "force"], "weight": 0.5},
    {"name": "forces somewhere", "all": ["force", "host"], "weight": 0.4},
    {"name": "forces", "all": ["force"], "weight": 0.1},
    {"name": "a parade", "all": ["parade", "force"], "weight": -0.6},
]
FACTS: dict[str, Any] = {
    "facts": {"force": "force"},
    "outcomes": [
        {"outcome": "authorised", "all": ["act", "force"], "weight": 0.4},
        {"outcome": "past", "all": ["act", "year"], "weight": 1.0},
    ],
}
HELD = """a: The vote (en)
troops: yes, score 0.6 (threshold 0.5)
  Best pattern (+0.5): an act on forces
    act: 'approved' in text: Congress approved the troops.
    force: 'troops' in the same sentence
  Other patterns for the topic: 1 of 2 hold (+0.1)"""
MISSED = """a: The vote (en)
troops: no, score 0.1 (threshold 0.5)
  Best pattern (+0.1): forces
    force: 'Troops' in text: Troops left.
  Nearest pattern (+0.5): an act on forces
    missing: act (e.g. approv…)
    force: 'Troops' in text: Troops left.
  Other patterns for the topic: 0 of 1 hold (+0)"""
AGAINST = """a: The vote (en)
troops: no, score 0 (threshold 0.5)
  Best pattern (+0.5): an act on forces
    act: 'approved' in text: The parade of soldiers was approved.
    force: 'soldiers' in the same sentence
  Nearest pattern (+0.4): forces somewhere
    force: 'soldiers' in text: The parade of soldiers was approved.
    missing: host (e.g. capital, mainland)
  Against:
    a parade (-0.6)
      parade: 'parade' in text: The parade of soldiers was approved.
      force: 'soldiers' in the same sentence
  Other patterns for the topic: 1 of 1 hold (+0.1)"""
PAST = """a: The vote (en)
troops: no, its facts are only of earlier years, score 0.6 (threshold 0.5)
  Best pattern (+0.5): an act on forces
    act: 'approved' in text: Congress approved troops in 2019.
    force: 'troops' in the same sentence
  Against:
    its facts are only of earlier years
      'past' in text: Congress approved troops in 2019.
  Other patterns for the topic: 1 of 2 hold (+0.1)"""


def rules(facts: bool = False) -> RuleSet:
    topic = {
        "id": "troops", "version": 1, "threshold": 0.5, "title": {"en": "Troops"}, "concepts": CONCEPTS,
        "patterns": PATTERNS + ([] if facts else [{"all": ["year"], "weight": -0.01}]),
        "must_match": [{"text": "x"}], "must_not_match": [{"text": "x"}], **(FACTS if facts else {}),
    }  # fmt: skip
    return parse_rules(topic_files(topic))


def article(text: str, language: str = "en") -> Article:
    seen = datetime(2026, 3, 4, tzinfo=UTC)
    title = Sourced(value="The vote", source="html")
    return Article(
        id="a", url="u", feed="f", source="s", content_hash="h", seen=seen, title=title, text=text, language=language
    )


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("Congress approved the troops.", False, HELD),
        ("Troops left.", False, MISSED),
        ("The parade of soldiers was approved.", False, AGAINST),
        ("Congress approved troops in 2019.", True, PAST),
    ],
)
def test_a_topic_is_explained(text: str, facts: bool, expected: str) -> None:
    judged = judge_record(article(text), rules(facts))
    assert "\n".join(lines_of("a", article(text), judged, [judged.topic("troops")], {})) == expected


def test_an_article_without_topic_says_how_to_ask() -> None:
    judged = judge_record(article("Nothing."), rules())
    assert list(lines_of("a", article("Nothing."), judged, judged.topics, {})) == [
        "a: The vote (en)",
        "no topic; --topic NAME shows what it lacks for one",
    ]


def test_programs_get_every_pattern() -> None:
    text = "Congress approved troops in 2019."
    judged = judge_record(article(text), rules(facts=True))
    data = as_data("a", article(text), judged, [judged.topic("troops")], {})
    [topic] = data["topics"]
    assert (topic["matches"], topic["denied_by"], topic["score"]) == (False, "past", 0.6)
    assert [(trial["pattern"], trial["holds"]) for trial in topic["patterns"]] == [
        ("an act on forces", True),
        ("forces somewhere", False),
        ("forces", True),
        ("a parade", False),
    ]
    assert topic["best"] == topic["patterns"][0]
    assert topic["nearest"] == topic["patterns"][1]
    assert data["facts"] == []


def test_a_refusal_by_the_verifier_is_named_without_asking_for_the_topic() -> None:
    judged = judge_record(article("The senate let the marines in."), ruleset({"bias": -3.0}, veto=0.5))
    refused = refusals(judged)
    assert refused == {"troops": pytest.approx(0.05, abs=0.01)}
    first, none, named = lines_of("a", article("…"), judged, judged.topics, refused)
    assert (first, none) == ("a: The vote (en)", "no topic; --topic NAME shows what it lacks for one")
    assert named == "the verifier refuses troops (0.0474); --topic NAME shows why"
    [_, verdict, *_] = lines_of("a", article("…"), judged, [judged.topic("troops")], {})
    expected = "troops: no, the verifier refuses it: 0.0474 (threshold 0.5); patterns: score 0.5 (threshold 0.5)"
    assert verdict == expected
    [data] = as_data("a", article("…"), judged, [judged.topic("troops")], refused)["topics"]
    assert (data["by"], data["matches"]) == (None, False)


def test_it_is_said_what_the_verifier_saw() -> None:
    judged = judge_record(article("Joukkojen tulon hyväksyi.", "fi"), ruleset({"bias": -2.0}))
    lines = list(lines_of("a", article("…"), judged, [judged.topic("troops")], {}))
    assert "  Verifier: 0.1192 (threshold 0.5), by signs and the meaning of the opening" in lines
