"""Facts of decisions that are reported without a plain word for the act: "must leave", "no majority"."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.commands.evaluate import measure, read_labels
from pipeline.core.evaluation.fact_scores import FactScores
from tests.gate.shipped import TROOPS, shipped


@pytest.fixture(scope="module")
def scores() -> FactScores:
    articles = read_labels(Path("tests/gate/decisions"), shipped())
    return measure(shipped(), articles, gold_topics=True).facts[TROOPS]


@pytest.mark.parametrize("field", ["outcome", "host", "senders", "body"])
def test_every_decision_is_understood(scores: FactScores, field: str) -> None:
    wrong = [(one.article.id, one.found, one.expected) for one in scores.mistakes if one.field == field]
    assert scores.articles > 60
    assert not wrong
