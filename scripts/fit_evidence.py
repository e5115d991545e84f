"""Fits the weights of the evidence for fields of the facts, and prints them with the scores.

    ./test python -m scripts.fit_evidence purpose vote --write

Of a field with one value, the candidates of an article and "none of them" compete: a candidate is as probable as the
exponential of its weighted evidence, and the right ones shall have all probability (conditional logistic regression).
Of a field with several values, each candidate is right or not (logistic regression). A ridge penalty holds the weights
near those that are expected (expected_evidence.toml), most of them 0. The scores are of a cross-validation: every
article is judged by weights that were fitted to others, articles on one event together; sets that only check
(labelled_facts.py) are in no fit. What is added to the fitted threshold has the best mean of F in the
cross-validation on development and wild/open: a wrong fact costs twice as much as a missing one. --write puts the
numbers into pipeline/core/vocabulary/evidence.toml; the same articles and terms give the same bytes.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.config.folder import rules_of
from pipeline.core.evaluation.topic_scores import Score
from pipeline.core.facts.candidates import scale
from scripts.evidence_fields import FIELDS, Field
from scripts.labelled_facts import CHECK, FIT, LEADS, PARTS, Labelled, labelled
from scripts.logistic import Matrix
from scripts.logistic import fit as fit_each

RIDGE = 1.0
ROUNDS, STEP = 800, 0.05
ABOVE = (-0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5)  # added to the fitted threshold, for fewer and surer values
BALANCED = ("development", "wild/open")  # the sets that the threshold is chosen on, each as important as the other
MISSING = 0.5  # what a missing fact costs of a wrong one
EVIDENCE = Path("pipeline/core/vocabulary/evidence.toml")
EXPECTED = Path(__file__).with_name("expected_evidence.toml")


class Choice(NamedTuple):
    """The candidates of an article: their evidence (n, names), which are right (n), how many values are labelled, how
    many articles it counts as, its set, and its part in the cross-validation."""

    evidence: Matrix
    right: NDArray[np.bool_]
    labels: int
    weight: float
    group: str
    part: int


def choices(every: Sequence[Labelled], field: Field, names: Sequence[str]) -> Iterator[Choice]:
    """The articles with what the field can be."""
    for one in every:
        labels = [label for label in field.labels(one.facts) if label]
        if one.group == LEADS and not (field.leads and labels):
            continue
        found = field.candidates(one.found)
        values = [field.value(one.found.scene, each.value) for each in found]
        right = [any(field.same(one.article.language, value, label) for label in labels) for value in values]
        rows = [[name in each.evidence for name in names] for each in found]
        evidence = np.array(rows, dtype=np.float64).reshape(len(found), len(names))
        yield Choice(evidence, np.array(right, dtype=np.bool_), len(labels), one.weight, one.group, one.part)


def fit(every: Sequence[Choice], expected: Matrix, *, several: bool) -> tuple[Matrix, float]:
    """The weights, near the expected ones, and the threshold."""
    if not several:
        return _fit_best(every, expected)
    rows = np.concatenate([one.evidence for one in every])
    right = np.concatenate([one.right for one in every]).astype(np.float64)
    counts = np.concatenate([np.full(len(one.right), one.weight) for one in every])
    weights, bias = fit_each(rows, right, counts, np.full(len(expected), RIDGE), expected)
    return weights, -bias


def _fit_best(every: Sequence[Choice], expected: Matrix) -> tuple[Matrix, float]:
    """By gradient descent (Adam) in 64-bit floats. A last candidate, with its own name, stands for none of them."""
    count = len(expected)
    none = np.append(np.zeros(count), 1.0)
    rows = np.concatenate([np.vstack([np.pad(one.evidence, ((0, 0), (0, 1))), none]) for one in every])
    aims = np.concatenate([np.append(one.right, not one.right.any()) for one in every]).astype(np.float64)
    sizes = np.array([len(one.right) + 1 for one in every])
    starts = np.append(0, np.cumsum(sizes)[:-1])
    counts = np.repeat([one.weight for one in every], sizes)
    price = np.append(np.full(count, RIDGE), 0.0)
    wished = np.append(expected, 0.0)
    weights = wished.copy()
    mean, spread = np.zeros(count + 1), np.zeros(count + 1)
    for turn in range(1, ROUNDS + 1):
        scores = rows @ weights
        chances = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), sizes))
        chances /= np.repeat(np.add.reduceat(chances, starts), sizes)
        wanted = chances * aims
        wanted /= np.repeat(np.add.reduceat(wanted, starts), sizes)
        slope = price * (weights - wished) + rows.T @ ((chances - wanted) * counts)
        mean = 0.9 * mean + 0.1 * slope
        spread = 0.999 * spread + 0.001 * slope**2
        weights -= STEP * mean / (1 - 0.9**turn) / (np.sqrt(spread / (1 - 0.999**turn)) + 1e-8)
    return weights[:-1], float(weights[-1])


def score(found: Score, one: Choice, weights: Matrix, enough: float, *, several: bool) -> None:
    """Count how often what is chosen is right."""
    scores = one.evidence @ weights
    chosen = scores >= enough
    if not several and chosen.any():
        chosen = np.arange(len(scores)) == scores.argmax()
    right = int((chosen & one.right).sum())
    found.right += right
    found.wrong += int(chosen.sum()) - right
    found.missed += max(0, one.labels - right)


def validated(every: Sequence[Choice], expected: Matrix, *, several: bool) -> dict[float, dict[str, Score]]:
    """The scores by set, each article judged by weights that were fitted to others, for several thresholds."""
    kept = [[one for one in every if one.part != part and one.group not in CHECK] for part in range(PARTS)]
    fits = [fit(used, expected, several=several) for used in kept]
    found = dict[float, dict[str, Score]]()
    for above in ABOVE:
        scores = found[above] = defaultdict[str, Score](Score)
        for one in every:
            weights, enough = fits[one.part]
            score(scores[one.group], one, weights, enough + above, several=several)
    return found


def f_score(one: Score) -> float:
    """Precision and recall in one number (F), for which a missing fact costs half as much as a wrong one."""
    right = (1 + MISSING) * one.right
    return right / (right + MISSING * one.missed + one.wrong) if right else 0.0


def shown(one: Score) -> str:
    """Precision and recall."""
    return f"P {one.precision or 0:.2f} R {one.recall or 0:.2f}"


def expected_weights(field: str) -> Matrix:
    """What the weights of a field are expected to be, in the order of the file of weights."""
    known = tomllib.loads(EXPECTED.read_text(encoding="utf-8")).get(field, {})
    return np.array([float(known.get(name, 0)) for name in scale(field).weights])


def _section(text: str, field: str) -> str:
    """The lines of a field in the file, with its heading."""
    start = text.index(f"[{field}]\n")
    return text[start:end] if (end := text.find("\n\n", start)) > 0 else text[start:]


def written(section: str, enough: float, weights: Mapping[str, float]) -> str:
    """The lines of a field with new numbers."""

    def number(name: str) -> str:
        return f"{weights[name] + 0.0:.1f}".replace("-0.0", "0.0")

    def line(old: str) -> str:
        name, equals, value = old.partition(" = ")
        if not equals:
            return old
        if name == "enough":
            return re.sub(r"-?[\d.]+", f"{enough:.1f}", old, count=1)
        if value.startswith("{"):
            return f"{name} = " + re.sub(
                r"([\w-]+) = -?[\d.]+", lambda m: f"{m[1]} = {number(f'{name}-{m[1]}')}", value
            )
        return f"{name} = " + re.sub(r"-?[\d.]+", number(name), value, count=1)

    return "\n".join(map(line, section.split("\n")))


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit the fields, print their tables, and write them if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("fields", nargs="+", choices=sorted(FIELDS))
    parser.add_argument("--write", action="store_true", help="put the numbers into evidence.toml")
    given: Any = parser.parse_args(arguments)
    groups = [group for group in (*FIT, *CHECK) if group != LEADS or any(FIELDS[name].leads for name in given.fields)]
    articles = list(labelled(rules_of(Path("config")), groups))
    for name in given.fields:
        _fit_field(name, articles, write=given.write)
    return 0


def _fit_field(name: str, articles: Sequence[Labelled], *, write: bool) -> None:
    field, names, expected = FIELDS[name], list(scale(name).weights), expected_weights(name)
    every = list(choices(articles, field, names))
    scores = validated(every, expected, several=field.several)
    allowed = [above for above in ABOVE if above <= field.most_above]
    best = max(allowed, key=lambda above: (sum(f_score(scores[above][group]) for group in BALANCED), above))
    weights, enough = fit([one for one in every if one.group not in CHECK], expected, several=field.several)
    text = EVIDENCE.read_text(encoding="utf-8")
    old = _section(text, name)
    new = written(old, enough + best, dict(zip(names, (float(one) for one in weights), strict=True)))
    print(new)
    for above, by_set in scores.items():
        mark = " (chosen)" if above == best else ""
        print(f"fitted + {above}{mark}: " + ", ".join(f"{group} {shown(found)}" for group, found in by_set.items()))
    if write:
        EVIDENCE.write_text(text.replace(old, new), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
