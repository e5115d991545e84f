"""`almenara evaluate`: measures topics and facts on labelled articles. core/evaluation defines the scores."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.config.folder import rules_of
from pipeline.config.read_toml import read_toml_folder
from pipeline.core.evaluation.errors import ErrorClass, TopicError, error_classes, topic_errors
from pipeline.core.evaluation.fact_scores import FactScores, score_facts
from pipeline.core.evaluation.labels import LabelledArticle, parse_labels
from pipeline.core.evaluation.topic_scores import Score, TopicScores, score_topics
from pipeline.core.faults import Fault, Faults
from pipeline.core.tagging.judged import judge_article
from pipeline.core.topics.judge import RuleSet
from pipeline.records import Facts
from pipeline.terminal.tables import print_table, shortened


def evaluate(
    folder: Annotated[Path, typer.Argument(help="Folder of labelled articles; their form is in docs/labels.md.")],
    config: Config = CONFIG,
    mistakes: Annotated[bool, typer.Option("--mistakes", help="List every article that was judged wrongly.")] = False,
    gold_topics: Annotated[
        bool, typer.Option("--gold-topics", help="Look for facts in exactly the articles labelled with the topic.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Measure the topic rules and the facts on labelled articles.

    Prints precision and recall: overall, by topic and by language, and of the facts by field; and the errors in topics
    by class. The classes name no article, so they can be shown of a set that nobody may read.

    Example: almenara evaluate tests/gate/development --mistakes
    """
    rules = rules_of(config)
    measured = measure(rules, read_labels(folder, rules), gold_topics=gold_topics)
    if as_json:
        print(json.dumps(as_data(measured, mistakes), ensure_ascii=False))
    else:
        _show(measured.topics, mistakes)
        _show_errors(measured.errors)
        for topic, fact_scores in measured.facts.items():
            _show_facts(topic, fact_scores, mistakes)


class Measured(NamedTuple):
    """What the rules find in labelled articles. `facts`: by topic; `errors`: in topics, by class."""

    topics: TopicScores
    facts: dict[str, FactScores]
    errors: tuple[ErrorClass, ...]


def read_labels(folder: Path, rules: RuleSet) -> tuple[LabelledArticle, ...]:
    """The labelled articles of a folder. Raises Faults."""
    files = read_toml_folder(folder, "*.toml")
    if not files:
        raise Faults((Fault(str(folder), "", "has no labelled articles", "docs/labels.md describes the form"),))
    return parse_labels(files, [rule.id for rule in rules.rules.topics])


def measure(rules: RuleSet, articles: tuple[LabelledArticle, ...], *, gold_topics: bool = False) -> Measured:
    """Scores of what the rules find in the articles.

    `gold_topics`: take the topics of the labels, so that errors in topics do not count as errors in facts.
    """
    with_facts = [rule.id for rule in rules.rules.topics if rule.facts is not None]
    topics: list[tuple[LabelledArticle, list[str]]] = []
    errors: list[TopicError] = []
    found: list[tuple[LabelledArticle, Sequence[Facts]]] = []
    for article in articles:
        judged = judge_article(rules, article.title, article.text, article.language, article.published)
        topics.append((article, [topic.id for topic in judged.tags.topics]))
        errors += topic_errors(article, judged)
        if gold_topics:
            judged = judged.assuming(topic for topic in with_facts if topic in article.topics)
            found.append((article, [facts for topic in judged.topics for facts in topic.facts]))
        else:
            found.append((article, judged.tags.facts))
    facts = {topic: score_facts(found, topic) for topic in with_facts}
    return Measured(score_topics(topics), facts, error_classes(errors))


def as_data(measured: Measured, mistakes: bool) -> dict[str, Any]:
    scores, facts, errors = measured
    data: dict[str, Any] = {
        "articles": scores.articles,
        "topics": _row(scores.all),
        "by_topic": {name: _row(score) for name, score in sorted(scores.topics.items())},
        "by_language": {name: _row(score) for name, score in sorted(scores.languages.items())},
        "facts": {
            topic: {"articles": scored.articles, "all": _row(scored.all)}
            | {name: _row(score) for name, score in scored.fields.items()}
            for topic, scored in facts.items()
        },
        "errors": [one._asdict() | {"topics": dict(one.topics)} for one in errors],
    }
    if mistakes:
        data["facts_mistakes"] = [
            {
                "id": wrong.article.id,
                "topic": topic,
                "field": wrong.field,
                "found": wrong.found,
                "expected": wrong.expected,
            }
            for topic, scored in facts.items()
            for wrong in scored.mistakes
        ]
        data["mistakes"] = [
            {"id": judged.article.id, "title": judged.article.title, "wrong": judged.wrong, "missed": judged.missed}
            for judged in scores.mistakes
        ]
    return data


def _row(score: Score) -> dict[str, Any]:
    return {
        "precision": score.precision, "recall": score.recall, "right": score.right, "wrong": score.wrong,
        "missed": score.missed,
    }  # fmt: skip


def _show_facts(topic: str, scores: FactScores, mistakes: bool) -> None:
    typer.echo(f"\nFacts of {topic}:")
    _table([("all", scores.all), *scores.fields.items()])
    typer.echo(f"{scores.articles} articles")
    if mistakes:
        for wrong in scores.mistakes:
            typer.echo(f"{wrong.article.id} {wrong.field}: found {wrong.found}, expected {wrong.expected}")


def _show(scores: TopicScores, mistakes: bool) -> None:
    _table([("all", scores.all), *sorted(scores.topics.items()), *sorted(scores.languages.items())])
    typer.echo(f"{scores.articles} articles")
    if mistakes:
        for judged in scores.mistakes:
            errors = [f"wrong {topic}" for topic in judged.wrong] + [f"missed {topic}" for topic in judged.missed]
            typer.echo(f"{judged.article.id}: {', '.join(errors)}: {shortened(judged.article.title, 90)}")


def _show_errors(errors: Sequence[ErrorClass]) -> None:
    typer.echo("\nErrors by class:")
    print_table(
        ("", "class", "the article is", "number", "topics"),
        [
            (one.kind, one.step, one.article, str(one.number), ", ".join(f"{name} {n}" for name, n in one.topics))
            for one in errors
        ],
    )


def _table(rows: list[tuple[str, Score]]) -> None:
    print_table(
        ("", "precision", "recall", "right", "wrong", "missed"),
        [
            (name, _share(score.precision), _share(score.recall), str(score.right), str(score.wrong), str(score.missed))
            for name, score in rows
        ],
    )


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
