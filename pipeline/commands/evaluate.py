"""`almenara evaluate`: the topic rules, and the facts, on articles whose truth is known. core/labels.py and
core/factscores.py say what is measured."""

from __future__ import annotations

import json as json_format
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.config.folder import rules_of
from pipeline.config.read_toml import read_toml_folder
from pipeline.core.evaluation.fact_scores import FactScores, score_facts
from pipeline.core.evaluation.labels import LabelledArticle, parse_labels
from pipeline.core.evaluation.topic_scores import Score, TopicScores, score_topics
from pipeline.core.facts import find_facts
from pipeline.core.faults import Fault, Faults
from pipeline.core.places.resolve import find_mentions, settle_places
from pipeline.core.tagging.find import find_tags
from pipeline.core.text.reading import read
from pipeline.core.topics.judge import RuleSet
from pipeline.records import Facts, Topic
from pipeline.terminal.tables import columns_of, shortened


def evaluate(
    folder: Annotated[Path, typer.Argument(help="Folder of labelled articles; their form is in docs/labels.md.")],
    config: Config = CONFIG,
    mistakes: Annotated[bool, typer.Option("--mistakes", help="Name every article that was judged wrongly.")] = False,
    given: Annotated[bool, typer.Option("--given", help="Look for facts wherever the label has the topic.")] = False,
    as_json: AsJson = False,
) -> None:
    """Measure the topic rules and the facts on labelled articles.

    Prints precision and recall: in all, by topic and by language; of the facts by field.

    Example: almenara evaluate tests/gate/development --mistakes
    """
    rules = rules_of(config)
    scores, facts = measure(rules, read_labels(folder, rules), given=given)
    if as_json:
        print(json_format.dumps(as_data(scores, facts, mistakes), ensure_ascii=False))
    else:
        _show(scores, mistakes)
        for topic, one in facts.items():
            _show_facts(topic, one, mistakes)


def read_labels(folder: Path, rules: RuleSet) -> tuple[LabelledArticle, ...]:
    """The labelled articles of a folder. Raises Faults."""
    files = read_toml_folder(folder, "*.toml")
    if not files:
        raise Faults((Fault(str(folder), "", "has no labelled articles", "docs/labels.md describes the form"),))
    return parse_labels(files, [rule.id for rule in rules.rules.topics])


def measure(
    rules: RuleSet, articles: tuple[LabelledArticle, ...], *, given: bool = False
) -> tuple[TopicScores, dict[str, FactScores]]:
    """What the rules say of each article against its labels: topics, and the facts by topic. `given`: look for facts
    wherever the label has the topic, found or not, and nowhere else."""
    tags = [find_tags(rules, one.title, one.text, one.language, one.published) for one in articles]
    topics = score_topics((one, [topic.id for topic in said.topics]) for one, said in zip(articles, tags, strict=True))
    facts = {}
    for topic in (rule.id for rule in rules.rules.topics if rule.facts is not None):
        found = [_given(rules, one, topic) for one in articles] if given else [said.facts for said in tags]
        facts[topic] = score_facts(zip(articles, found, strict=True), topic)
    return topics, facts


def _given(rules: RuleSet, one: LabelledArticle, topic: str) -> tuple[Facts, ...]:
    if topic not in one.topics:
        return ()
    reading = read(one.title, one.text)
    mentions = find_mentions(reading, one.language)
    _, places = settle_places(reading, one.language, mentions)
    told = find_facts(rules, [Topic(id=topic, score=1.0)], reading, one.language, mentions, places, one.published, None)
    return tuple(found.facts for found in told)


def as_data(scores: TopicScores, facts: Mapping[str, FactScores], mistakes: bool) -> dict[str, Any]:
    data = {
        "articles": scores.articles,
        "topics": _row(scores.all),
        "by_topic": {name: _row(score) for name, score in sorted(scores.topics.items())},
        "by_language": {name: _row(score) for name, score in sorted(scores.languages.items())},
        "facts": {
            topic: {"articles": one.articles, "all": _row(one.all)} | {name: _row(s) for name, s in one.fields.items()}
            for topic, one in facts.items()
        },
    }
    if mistakes:
        data["facts_mistakes"] = [
            {"id": one.article.id, "topic": topic, "field": one.field, "found": one.found, "expected": one.expected}
            for topic, scored in facts.items()
            for one in scored.mistakes
        ]
        data["mistakes"] = [
            {"id": one.article.id, "title": one.article.title, "wrong": one.wrong, "missed": one.missed}
            for one in scores.mistakes
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
        for one in scores.mistakes:
            typer.echo(f"{one.article.id} {one.field}: found {one.found}, expected {one.expected}")


def _show(scores: TopicScores, mistakes: bool) -> None:
    _table([("all", scores.all), *sorted(scores.topics.items()), *sorted(scores.languages.items())])
    typer.echo(f"{scores.articles} articles")
    if mistakes:
        for one in scores.mistakes:
            said = [f"wrong {topic}" for topic in one.wrong] + [f"missed {topic}" for topic in one.missed]
            typer.echo(f"{one.article.id}: {', '.join(said)}: {shortened(one.article.title, 90)}")


def _table(rows: list[tuple[str, Score]]) -> None:
    columns_of(
        ("", "precision", "recall", "right", "wrong", "missed"),
        [
            (name, _share(one.precision), _share(one.recall), str(one.right), str(one.wrong), str(one.missed))
            for name, one in rows
        ],
    )


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
