"""The topic rules on labelled articles. Floors only go up; docs/labels.md says what a label and what a half is."""

from pathlib import Path

import pytest

from pipeline.commands.evaluate import measure, read_labels
from pipeline.configuration import rules_of
from pipeline.core.labels import TopicScores

TROOPS = "foreign-troop-authorization"
#: (half, topic) -> precision, recall. The locked half is what unseen articles are like: nobody tunes to it.
FLOORS = {("development", TROOPS): (0.98, 0.94), ("locked", TROOPS): (0.92, 0.66)}


@pytest.fixture(scope="module")
def scores() -> dict[str, TopicScores]:
    rules = rules_of(Path("config"))
    halves = ("development", "locked")
    return {half: measure(rules, read_labels(Path("tests/gate") / half, rules))[0] for half in halves}


@pytest.mark.parametrize(("half", "topic"), FLOORS)
def test_no_topic_falls_below_its_floor(scores: dict[str, TopicScores], half: str, topic: str) -> None:
    score, (precision, recall) = scores[half].topics[topic], FLOORS[half, topic]
    wrong = [m.article.id for m in scores[half].mistakes if topic in m.wrong]
    missed = [m.article.id for m in scores[half].mistakes if topic in m.missed]
    assert (score.precision or 0) >= precision, f"wrong: {wrong}"
    assert (score.recall or 0) >= recall, f"missed: {missed}"


def test_no_language_is_left_behind(scores: dict[str, TopicScores]) -> None:
    for language in scores["development"].languages:
        score = scores["development"].cells[TROOPS, language]
        assert (score.recall or 0) >= 0.75, language
