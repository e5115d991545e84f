"""The topic rules on the labelled articles to work with. Floors only go up; docs/labels.md says what a label means."""

from pathlib import Path

import pytest

from pipeline.commands.evaluate import measure, read_labels
from pipeline.configuration import rules_of
from pipeline.core.labels import TopicScores

FLOORS = {"foreign-troop-authorization": (0.98, 0.94)}  # precision, recall


@pytest.fixture(scope="module")
def development() -> TopicScores:
    rules = rules_of(Path("config"))
    return measure(rules, read_labels(Path("tests/gate/development"), rules))


@pytest.mark.parametrize("topic", FLOORS)
def test_no_topic_falls_below_its_floor(development: TopicScores, topic: str) -> None:
    score, (precision, recall) = development.topics[topic], FLOORS[topic]
    wrong = [m.article.id for m in development.mistakes if topic in m.wrong]
    missed = [m.article.id for m in development.mistakes if topic in m.missed]
    assert (score.precision or 0) >= precision, f"wrong: {wrong}"
    assert (score.recall or 0) >= recall, f"missed: {missed}"


def test_no_language_is_left_behind(development: TopicScores) -> None:
    for language in development.languages:
        score = development.cells["foreign-troop-authorization", language]
        assert (score.recall or 0) >= 0.75, language
