"""Classes of errors in topics."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.core.evaluation.errors import ErrorClass, TopicError, error_classes, topic_errors
from pipeline.core.evaluation.labels import LabelledArticle
from pipeline.core.tagging.judged import judge_article
from pipeline.core.topics.judge import RuleSet
from tests.core.topics.verified import ruleset
from tests.gate.shipped import TROOPS, shipped

APART = "The senate approved it. The troops arrive in May."
TOGETHER = "The senate approved the troops."
DAY = date(2026, 3, 14)
SOLD = "The senate approved the sale of chairs."


def errors(rules: RuleSet, text: str, *topics: str, note: str = "", language: str = "en") -> list[TopicError]:
    article = LabelledArticle(id="1", language=language, published=DAY, title="", text=text, topics=topics, note=note)
    return list(topic_errors(article, judge_article(rules, "", text, language, DAY)))


@pytest.mark.parametrize(
    ("rules", "text", "language", "step"),
    [
        (ruleset(), SOLD, "en", "no candidate"),
        (ruleset(), "Η Βουλή ενέκρινε.", "el", "no candidate: no terms in its language"),
        (ruleset({"bias": -0.1}), APART, "en", "refused by the verifier, in doubt"),
        (ruleset({"bias": -5.0}), APART, "en", "refused by the verifier, clearly"),
        (ruleset({"bias": -5.0}, veto=0.5), TOGETHER, "en", "vetoed by the verifier"),
    ],
)
def test_a_missed_topic_was_lost_at_one_step(rules: RuleSet, text: str, language: str, step: str) -> None:
    assert errors(rules, text, "troops", language=language) == [TopicError("missed", step, "", "troops", language)]


def test_a_topic_that_a_fact_removes_is_a_class_of_its_own() -> None:
    text = (
        "In 1995 the parliament authorised the entry of foreign troops. The stay of 200 US soldiers was approved then."
    )
    article = LabelledArticle(id="1", language="en", published=DAY, title="", text=text, topics=(TROOPS,))
    judged = judge_article(shipped(), "", text, "en", DAY).assuming([TROOPS])
    [error] = topic_errors(article, judged)
    assert error.step == "removed by a fact: past"


@pytest.mark.parametrize(
    ("text", "note", "step", "article"),
    [
        (TOGETHER, "", "accepted by patterns", "no topic"),
        (APART, "", "accepted by the verifier, proposed by slots", "no topic"),
        (APART, "hard near miss: a play", "accepted by the verifier, proposed by slots", "near miss"),
        (APART, "Hard negative: a play", "accepted by the verifier, proposed by slots", "hard negative"),
    ],
)
def test_a_wrong_topic_has_what_accepted_it_and_what_the_article_is(
    text: str, note: str, step: str, article: str
) -> None:
    found = errors(ruleset({"bias": 3.0}), text, note=note)
    assert found == [TopicError("wrong", step, article, "troops", "en")]


def test_an_article_on_another_topic_is_about_that() -> None:
    text = "The parliament of Panama authorised the entry of 300 US soldiers for a year, by 51 votes to 9."
    assert [(error.kind, error.article) for error in errors(shipped(), text, "sanctions", note="near miss: none")] == [
        ("wrong", "about sanctions"), ("missed", ""),
    ]  # fmt: skip


def test_what_is_right_is_no_error() -> None:
    assert errors(ruleset({"bias": 3.0}), APART, "troops") == []
    assert errors(ruleset({"bias": 3.0}), SOLD) == []


def test_errors_are_counted_by_class_the_largest_first() -> None:
    one = TopicError("missed", "no candidate", "", "storms", "en")
    found = [TopicError("wrong", "accepted by patterns", "no topic", "strikes", "en"), one, one._replace(language="es")]
    found += [one._replace(topic="strikes"), one._replace(step="vetoed by the verifier")]
    assert error_classes(found) == (
        ErrorClass("missed", "no candidate", "", 3, (("storms", 2), ("strikes", 1))),
        ErrorClass("missed", "vetoed by the verifier", "", 1, (("storms", 1),)),
        ErrorClass("wrong", "accepted by patterns", "no topic", 1, (("strikes", 1),)),
    )
