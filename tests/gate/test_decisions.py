"""Outcome, host, senders and body of decisions told without a plain word for the act: "must leave", "no majority"."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.commands.evaluate import measure, read_labels
from pipeline.config.folder import rules_of
from pipeline.core.evaluation.fact_scores import FactScores

TOPIC = "foreign-troop-authorization"


@pytest.fixture(scope="module")
def scores() -> FactScores:
    rules = rules_of(Path("config"))
    return measure(rules, read_labels(Path("tests/gate/decisions"), rules), gold_topics=True)[1][TOPIC]


@pytest.mark.parametrize("field", ["outcome", "host", "senders", "body"])
def test_every_decision_is_understood(scores: FactScores, field: str) -> None:
    wrong = [(one.article.id, one.found, one.expected) for one in scores.mistakes if one.field == field]
    assert scores.articles > 60
    assert not wrong
