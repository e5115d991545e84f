"""Fits the weights of the evidence for a field of the facts that has one value, and prints them with the scores.

    ./test python scripts/fit_evidence.py purpose [--fit development wild/open] [--check press/open]

The candidates of an article, and "none of them", compete: a candidate is as probable as the exponential of its weighted
evidence, and the right ones shall have all probability (conditional logistic regression, with a ridge penalty that
keeps weights small). Reads sets of labelled articles in tests/gate. Copy what you accept to
pipeline/core/vocabulary/evidence.toml; a fit to few articles learns them by heart, so believe the checked sets.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.commands.evaluate import read_labels
from pipeline.config.folder import rules_of
from pipeline.core.evaluation.fact_scores import alike
from pipeline.core.evaluation.labels import LabelledArticle, LabelledFacts
from pipeline.core.evaluation.topic_scores import Score
from pipeline.core.facts import FoundFacts
from pipeline.core.facts.arms import arms_candidates
from pipeline.core.facts.body import body_candidates, whole_name
from pipeline.core.facts.candidates import Candidate, scale
from pipeline.core.facts.instrument import instrument_candidates
from pipeline.core.facts.purpose import purpose_candidates
from pipeline.core.facts.scene import Scene
from pipeline.core.tagging.judged import judge_article
from pipeline.core.topics.judge import RuleSet

TOPIC = "foreign-troop-authorization"
SETS_FOLDER = Path("tests/gate")
#: How many articles one of a set counts as; others count once.
COUNTS = {"development": 0.6}
RIDGE = 1.0
ROUNDS, STEP = 800, 0.05
ABOVE = (0.0, 0.5, 1.0, 1.5)  # added to the fitted threshold, for fewer and surer values

Matrix = NDArray[np.float64]


class Field(NamedTuple):
    """How a field is fitted: its candidates, the value of one, its label, and whether the two agree."""

    candidates: Callable[[FoundFacts], list[Candidate[Any]]]
    value: Callable[[Scene, Any], str]
    label: Callable[[LabelledFacts], str | None]
    same: Callable[[str, str, str], bool] = alike  # language, value, label


FIELDS = {
    "armed": Field(
        lambda found: arms_candidates(found.scene), lambda _, arms: arms.armed, lambda facts: facts.armed,
        lambda _, one, other: one == other,
    ),
    "body": Field(
        lambda found: body_candidates(found.scene, found.parties),
        lambda scene, span: scene.reading.original(*whole_name(scene, span)), lambda facts: facts.body,
    ),
    "instrument": Field(
        lambda found: instrument_candidates(found.scene), lambda scene, act: scene.reading.original(*act.kind),
        lambda facts: facts.instrument.kind if facts.instrument else None,
    ),
    "purpose": Field(
        lambda found: purpose_candidates(found.scene), lambda scene, span: scene.reading.original(*span),
        lambda facts: facts.purpose,
    ),
}  # fmt: skip


class Choice(NamedTuple):
    """The candidates of an article: their evidence (n, names), which are right (n), whether the field is labelled, and
    how many articles it counts as."""

    evidence: Matrix
    right: NDArray[np.bool_]
    labelled: bool
    weight: float


def choices(rules: RuleSet, group: str, field: str, names: Sequence[str]) -> Iterator[Choice]:
    """The articles of a set with one event."""
    candidates, value, label, same = FIELDS[field]
    for article in read_labels(SETS_FOLDER / group, rules):
        if TOPIC not in article.topics or len(article.facts) != 1:
            continue
        expected, found = label(article.facts[0]), facts_of(rules, article)
        if found is not None:
            every = candidates(found)
            values = [value(found.scene, one.value) for one in every]
            right = [bool(expected) and same(article.language, one, expected or "") for one in values]
            rows = [[name in one.evidence for name in names] for one in every]
            evidence = np.array(rows, dtype=np.float64).reshape(len(every), len(names))
            yield Choice(evidence, np.array(right, dtype=np.bool_), bool(expected), COUNTS.get(group, 1.0))


def facts_of(rules: RuleSet, article: LabelledArticle) -> FoundFacts | None:
    """The facts of an article that is taken to have the topic."""
    judged = judge_article(rules, article.title, article.text, article.language, article.published)
    return judged.assuming([TOPIC]).topics[0].found


def fit(every: Sequence[Choice], count: int) -> tuple[Matrix, float]:
    """The weights of `count` names, and the threshold, by gradient descent (Adam) in 64-bit floats."""
    weights, mean, spread = (np.zeros(count + 1) for _ in range(3))
    for turn in range(1, ROUNDS + 1):
        slope = np.append(RIDGE * weights[:-1], 0.0)
        for one in every:
            scores = np.append(one.evidence @ weights[:-1], weights[-1])
            chances = np.exp(scores - scores.max())
            chances /= chances.sum()
            aims = np.append(one.right, not one.right.any())
            wanted = np.where(aims, chances, 0.0)
            gap = (chances - wanted / wanted.sum()) * one.weight
            slope += np.append(one.evidence.T @ gap[:-1], gap[-1])
        mean = 0.9 * mean + 0.1 * slope
        spread = 0.999 * spread + 0.001 * slope**2
        weights -= STEP * mean / (1 - 0.9**turn) / (np.sqrt(spread / (1 - 0.999**turn)) + 1e-8)
    return weights[:-1], float(weights[-1])


def score(every: Sequence[Choice], weights: Matrix, enough: float) -> Score:
    """How often the best candidate is right."""
    found = Score()
    for one in every:
        scores = one.evidence @ weights
        best = int(scores.argmax()) if len(scores) and scores.max() >= enough else None
        right = best is not None and bool(one.right[best])
        found.right += right
        found.wrong += best is not None and not right
        found.missed += one.labelled and not right
    return found


def shown(one: Score) -> str:
    """Precision and recall."""
    return f"P {one.precision or 0:.2f} R {one.recall or 0:.2f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit one field and print its table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("field", choices=sorted(FIELDS))
    parser.add_argument("--fit", nargs="+", default=["development", "wild/open"], metavar="SET")
    parser.add_argument("--check", nargs="+", default=["press/open"], metavar="SET")
    given: Any = parser.parse_args(arguments)
    rules, names = rules_of(Path("config")), list(scale(given.field).weights)
    sets = {group: list(choices(rules, group, given.field, names)) for group in (*given.fit, *given.check)}
    weights, enough = fit([one for group in given.fit for one in sets[group]], len(names))
    print(f"[{given.field}]")
    for name, weight in zip(names, weights, strict=True):
        print(f"{name} = {weight:.1f}")
    for above in ABOVE:
        scores = (f"{group} {shown(score(sets[group], weights, enough + above))}" for group in sets)
        print(f"enough = {enough + above:.1f} # {', '.join(scores)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
