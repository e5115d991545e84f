"""Labelled articles: what is refused, and how scores count."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pipeline.core.evaluation.labels import LabelledArticle, Vote, parse_labels, score_topics, stated
from pipeline.core.faults import Faults

TOPICS = ("strikes", "storms")
FACTS = {"outcome": "authorised", "host": "PE", "body": "The senate", "vote": {"for": 71, "against": 34}}


def article(id: str = "a", **more: Any) -> dict[str, Any]:
    return {
        "id": id, "language": "en", "published": date(2026, 3, 14), "title": "A vote", "text": "The senate voted.",
        "topics": ["strikes"],
    } | more  # fmt: skip


def test_a_file_is_read() -> None:
    [one] = parse_labels({"en.toml": {"article": [article(facts=[FACTS])]}}, TOPICS)
    assert (one.id, one.published, one.topics) == ("a", date(2026, 3, 14), ("strikes",))
    assert one.facts[0].vote == Vote(for_=71, against=34)
    assert stated([one]) == {"outcome": 1, "host": 1, "body": 1, "vote": 1}


@pytest.mark.parametrize(
    ("articles", "reason"),
    [
        ([article(), article()], "this id is taken"),
        ([article(topics=["floods"])], "no topic 'floods'"),
        ([article(colour="red")], "unknown field"),
        ([article(published="soon")], "published"),
        ([article(facts=[FACTS | {"outcome": "maybe"}])], "Invalid enum value 'maybe'"),
        ([article(facts=[FACTS | {"body": "The house"}])], "'The house' does not stand in the article"),
        ([article(facts=[FACTS | {"places": ["Ilo"]}])], "'Ilo' does not stand in the article"),
    ],
)
def test_what_is_not_in_order_is_named(articles: list[dict[str, Any]], reason: str) -> None:
    with pytest.raises(Faults) as raised:
        parse_labels({"en.toml": {"article": articles}}, TOPICS)
    [fault] = raised.value.faults
    assert reason in fault.reason
    assert fault.file == "en.toml"


def labelled(id: str, language: str, *topics: str) -> LabelledArticle:
    return LabelledArticle(id=id, language=language, published=date(2026, 3, 14), title="", text="", topics=topics)


def test_scores_count_by_topic_and_language() -> None:
    said = [
        (labelled("1", "en", "strikes"), ["strikes"]),
        (labelled("2", "en", "strikes"), []),
        (labelled("3", "es"), ["strikes"]),
        (labelled("4", "es", "storms", "strikes"), ["storms", "strikes"]),
    ]
    scores = score_topics(said)
    assert (scores.all.right, scores.all.wrong, scores.all.missed) == (3, 1, 1)
    assert (scores.all.precision, scores.all.recall) == (0.75, 0.75)
    assert scores.topics["storms"].recall == 1.0
    assert scores.languages["en"].precision == 1.0
    assert scores.languages["en"].recall == 0.5
    assert scores.cells["strikes", "es"].precision == 0.5
    assert [(one.article.id, one.wrong, one.missed) for one in scores.mistakes] == [
        ("2", (), ("strikes",)),
        ("3", ("strikes",), ()),
    ]


def test_nothing_said_has_no_precision() -> None:
    scores = score_topics([(labelled("1", "en", "strikes"), [])])
    assert (scores.all.precision, scores.all.recall) == (None, 0.0)
