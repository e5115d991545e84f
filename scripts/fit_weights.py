"""Fits the weights of a topic's patterns to labelled articles, and prints them rounded. Writes no files.

    ./test python scripts/fit_weights.py TOPIC FOLDER [FOLDER ...]

A logistic regression (maximum likelihood, with a price on the weights for the topic) in which a pattern that speaks for
the topic cannot come to speak against it, nor the other way round. Scaled so that the topic's threshold is the bias;
rounded to 0.05. Then what the rounded weights get right on the same articles, and the articles they get wrong.
A fit to few articles learns them by heart: look at others before you believe it, and never at tests/gate/locked.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.commands.evaluate import read_labels
from pipeline.config.folder import rules_of
from pipeline.core.evaluation.labels import LabelledArticle
from pipeline.core.text.reading import read
from pipeline.core.topics.judge import RuleSet, match_topic
from pipeline.core.topics.rules import TopicRule

PRICE = (
    0.5  # on each unit of weight for the topic: keeps patterns out that hardly tell anything; those against are free
)
STEP = 0.05  # weights are multiples of it
ROUNDS = 20_000

Matrix = NDArray[np.float64]


def met(ruleset: RuleSet, rule: TopicRule, article: LabelledArticle) -> list[float]:
    """1.0 for each pattern of `rule` that the article satisfies."""
    reading = read(article.title, article.text)
    match = match_topic(rule, reading, ruleset.topic_lexicon(article.language).hits(reading, article.published))
    kept = {id(pattern) for pattern, _ in match.satisfied}
    return [float(id(pattern) in kept) for pattern in rule.patterns]


def fit(features: Matrix, so: Matrix, signs: Matrix) -> tuple[Matrix, float]:
    """Weights (of the sign given for each) and bias that make `so` (0 or 1 per row) likeliest."""
    rows = np.hstack([features, np.ones((len(features), 1))])
    rate = 4.0 / float(np.linalg.norm(rows, 2)) ** 2  # one over the steepest the slope can change
    price = np.append(PRICE * (signs > 0), 0.0)
    weights = np.append(np.zeros(features.shape[1]), -1.0)
    for _ in range(ROUNDS):
        likely = 1.0 / (1.0 + np.exp(-(rows @ weights)))
        weights = weights - rate * (rows.T @ (likely - so) + price)
        weights[:-1] = np.where(weights[:-1] * signs > 0, weights[:-1], 0.0)
    return weights[:-1], float(weights[-1])


def main(topic: str, folders: Sequence[str]) -> None:
    ruleset = rules_of(Path("config"))
    rule = next((one for one in ruleset.rules.topics if one.id == topic), None)
    if rule is None:
        sys.exit(f"no topic {topic!r} in config/topics")
    articles = [article for folder in folders for article in read_labels(Path(folder), ruleset)]
    features = np.array([met(ruleset, rule, article) for article in articles])
    so = np.array([float(topic in article.topics) for article in articles])
    signs = np.array([np.sign(pattern.weight) for pattern in rule.patterns])
    weights, bias = fit(features, so, signs)
    rounded = np.round(weights / -bias * rule.threshold / STEP) * STEP
    for pattern, weight in sorted(zip(rule.patterns, rounded, strict=True), key=lambda pair: -pair[1]):
        print(f"{weight:+.2f}  (now {pattern.weight:+.2f})  {pattern.name}")
    said = features @ rounded >= rule.threshold - 1e-9
    right, wrong, missed = (said & (so > 0)).sum(), (said & (so == 0)).sum(), (~said & (so > 0)).sum()
    print(f"{len(articles)} articles: {right} right, {wrong} wrong, {missed} missed")
    for article, given, is_so in zip(articles, said, so, strict=True):
        if given != bool(is_so):
            print(f"  {'wrong' if given else 'missed'} {article.id}: {article.title}")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
