"""Topics and facts on labelled articles. Floors only go up; docs/labels.md says what a label and what a half is."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from pipeline.commands.evaluate import measure, read_labels
from pipeline.core.evaluation.fact_scores import FactScores
from pipeline.core.evaluation.topic_scores import Score, TopicScores
from tests.gate.shipped import TROOPS, shipped

#: (half, topic or all) -> precision, recall. The locked half stands for unseen articles: nobody tunes to it.
#: "short" has leads only, all labelled TROOPS; "unseen" is locked, too.
TOPICS = {
    ("development", TROOPS): (0.97, 0.95),
    ("development", "all"): (0.94, 0.95),
    ("short", TROOPS): (1.0, 0.78),
    ("unseen", TROOPS): (0.97, 0.97),
    ("locked", TROOPS): (0.85, 0.85),
    ("locked", "all"): (0.82, 0.80),
}
#: (half, field or all) of the facts of TROOPS, end to end: an article whose topic is missed has no facts.
FACTS = {
    ("development", "all"): (0.93, 0.87),
    ("development", "outcome"): (0.96, 0.93),
    ("development", "host"): (0.96, 0.92),
    ("development", "senders"): (0.96, 0.92),
    ("development", "body"): (0.90, 0.88),
    ("development", "vote.for"): (0.93, 0.86),
    ("development", "period.end"): (0.95, 0.87),
    ("development", "personnel.max"): (0.95, 0.90),
    ("development", "armed"): (0.94, 0.86),
    ("locked", "all"): (0.79, 0.70),
    ("locked", "outcome"): (0.86, 0.85),
    ("locked", "host"): (0.88, 0.85),
    ("locked", "senders"): (0.86, 0.85),
}


class Measured(NamedTuple):
    topics: TopicScores
    facts: FactScores


@pytest.fixture(scope="module")
def halves() -> dict[str, Measured]:
    found = {}
    for half in ("development", "short", "unseen", "locked"):
        measured = measure(shipped(), read_labels(Path("tests/gate") / half, shipped()))
        found[half] = Measured(measured.topics, measured.facts[TROOPS])
    return found


def holds(score: Score, floor: tuple[float, float]) -> bool:
    return (score.precision or 0) >= floor[0] and (score.recall or 0) >= floor[1]


@pytest.mark.parametrize(("half", "topic"), TOPICS)
def test_no_topic_falls_below_its_floor(halves: dict[str, Measured], half: str, topic: str) -> None:
    scores = halves[half].topics
    score = scores.all if topic == "all" else scores.topics[topic]
    mistakes = {m.article.id: [*m.wrong, *m.missed] for m in scores.mistakes if topic in ("all", *m.wrong, *m.missed)}
    assert holds(score, TOPICS[half, topic]), (score, mistakes if half == "development" else len(mistakes))


@pytest.mark.parametrize(("half", "field"), FACTS)
def test_no_fact_falls_below_its_floor(halves: dict[str, Measured], half: str, field: str) -> None:
    scores = halves[half].facts
    score = scores.all if field == "all" else scores.fields[field]
    assert holds(score, FACTS[half, field]), score


def test_no_language_is_left_behind(halves: dict[str, Measured]) -> None:
    scores = halves["development"].topics
    assert len(scores.languages) >= 12
    for language in scores.languages:
        assert holds(scores.cells[TROOPS, language], (0.85, 0.85)), language
