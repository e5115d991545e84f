"""The shipped rules, read once for all tests of a process, and the facts that they find in a text."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from pipeline.config.folder import rules_of
from pipeline.core.tagging.judged import JudgedTopic, judge_article
from pipeline.core.topics.judge import RuleSet

TROOPS = "foreign-troop-authorization"


@cache
def shipped() -> RuleSet:
    """The rules in config/topics, with the lexicons of the languages that were asked for."""
    return rules_of(Path("config"))


def troops_in(text: str, language: str, published: date, title: str = "") -> JudgedTopic:
    """The topic on foreign troops with its facts, as if the article had it."""
    [topic] = judge_article(shipped(), title, text, language, published).assuming([TROOPS]).topics
    return topic
