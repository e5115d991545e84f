"""Small articles as scenes of a topic with facts, and the facts found in them.

The rules in rules/ are for these tests: the topic and the concepts that its facts need, with the terms that the tests'
texts have. The shipped rules may change without a test here failing; tests/gate tests those.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from pipeline.config.folder import rules_of
from pipeline.core.facts import FoundFacts
from pipeline.core.facts.scene import Scene
from pipeline.core.tagging.judged import judge_article
from pipeline.core.topics.judge import RuleSet
from pipeline.records import Facts, Stated

TOPIC = "foreign-troop-authorization"
PUBLISHED = date(2027, 3, 10)


@cache
def rules() -> RuleSet:
    return rules_of(Path(__file__).parent / "rules")


def facts_in(text: str, language: str, title: str = "", *, home: str | None = None) -> Facts:
    """The facts of an article that is taken to have the topic."""
    return found(text, language, title, home=home).facts


def scene(text: str, language: str, title: str = "", *, home: str | None = None) -> Scene:
    return found(text, language, title, home=home).scene


def found(text: str, language: str, title: str = "", *, home: str | None = None) -> FoundFacts:
    judged = judge_article(rules(), title, text, language, PUBLISHED, home)
    [topic] = judged.assuming([TOPIC]).topics
    assert topic.found is not None
    return topic.found


def words(leaf: Stated, title: str, text: str) -> str:
    """What stands where the leaf says it stands."""
    return (title if leaf.field == "title" else text)[leaf.start : leaf.end]
