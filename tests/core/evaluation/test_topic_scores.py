"""Scores of topics against labels."""

from __future__ import annotations

from datetime import date

from pipeline.core.evaluation.labels import LabelledArticle, LabelledFacts
from pipeline.core.evaluation.topic_scores import count_labelled_facts, score_topics


def labelled(id: str, language: str, *topics: str) -> LabelledArticle:
    return LabelledArticle(id=id, language=language, published=date(2026, 3, 14), title="", text="", topics=topics)


def test_scores_count_by_topic_and_language() -> None:
    results = [
        (labelled("1", "en", "strikes"), ["strikes"]),
        (labelled("2", "en", "strikes"), []),
        (labelled("3", "es"), ["strikes"]),
        (labelled("4", "es", "storms", "strikes"), ["storms", "strikes"]),
    ]
    scores = score_topics(results)
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


def test_no_topic_found_means_no_precision() -> None:
    scores = score_topics([(labelled("1", "en", "strikes"), [])])
    assert (scores.all.precision, scores.all.recall) == (None, 0.0)


def test_labelled_facts_are_counted_by_field() -> None:
    facts = (LabelledFacts(outcome="past", host="PE"), LabelledFacts(outcome="past", weapons=("rifles",)))
    article = LabelledArticle(
        id="1", language="en", published=date(2026, 3, 14), title="", text="", topics=(), facts=facts
    )
    assert count_labelled_facts([article]) == {"outcome": 2, "host": 1, "weapons": 1}
