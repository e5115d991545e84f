"""`almenara evaluate`: the topic rules on articles whose truth is known. What is measured is in core/labels.py."""

from __future__ import annotations

import json as json_format
from pathlib import Path
from typing import Any

import typer

from pipeline.commands.screen import columns_of, shortened
from pipeline.configuration import rules_of
from pipeline.core.faults import Fault, Faults
from pipeline.core.labels import LabelledArticle, Score, TopicScores, parse_labels, score_topics
from pipeline.core.topics import RuleSet, evaluate
from pipeline.settings import read_toml


def run(config: Path, folder: Path, as_json: bool, mistakes: bool) -> None:
    """Print precision and recall. Raises Faults for a set that is not in order."""
    rules = rules_of(config)
    scores = measure(rules, read_labels(folder, rules))
    if as_json:
        print(json_format.dumps(as_data(scores, mistakes), ensure_ascii=False))
    else:
        _show(scores, mistakes)


def read_labels(folder: Path, rules: RuleSet) -> tuple[LabelledArticle, ...]:
    """The labelled articles of a folder. Raises Faults."""
    files, faults = {}, []
    for file in sorted(folder.glob("*.toml")):
        files[file.name], more = read_toml(file)
        faults += more
    if not files:
        faults.append(Fault(str(folder), "", "no labelled articles there", "docs/labels.md has the form"))
    if faults:
        raise Faults(tuple(faults))
    return parse_labels(files, [rule.id for rule in rules.rules.topics])


def measure(rules: RuleSet, articles: tuple[LabelledArticle, ...]) -> TopicScores:
    """What the rules say of each article, against its labels."""
    return score_topics(
        (one, [topic.id for topic in evaluate(rules, one.title, one.text, one.language)]) for one in articles
    )


def as_data(scores: TopicScores, mistakes: bool) -> dict[str, Any]:
    data = {
        "articles": scores.articles,
        "topics": _row(scores.all),
        "by_topic": {name: _row(score) for name, score in sorted(scores.topics.items())},
        "by_language": {name: _row(score) for name, score in sorted(scores.languages.items())},
    }
    if mistakes:
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


def _show(scores: TopicScores, mistakes: bool) -> None:
    rows = [("all", scores.all), *sorted(scores.topics.items()), *sorted(scores.languages.items())]
    columns_of(
        ("", "precision", "recall", "right", "wrong", "missed"),
        [
            (name, _share(one.precision), _share(one.recall), str(one.right), str(one.wrong), str(one.missed))
            for name, one in rows
        ],
    )
    typer.echo(f"{scores.articles} articles")
    if mistakes:
        for one in scores.mistakes:
            said = [f"wrong {topic}" for topic in one.wrong] + [f"missed {topic}" for topic in one.missed]
            typer.echo(f"{one.article.id}: {', '.join(said)}: {shortened(one.article.title, 90)}")


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
