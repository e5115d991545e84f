"""Fits the weights of the evidence for a field of the facts, and prints them with the scores.

    ./test python scripts/fit_evidence.py purpose

Of a field with one value, the candidates of an article and "none of them" compete: a candidate is as probable as the
exponential of its weighted evidence, and the right ones shall have all probability (conditional logistic regression).
Of a field with several values, each candidate is right or not (logistic regression). A ridge penalty keeps weights
small. The scores are of a cross-validation: every article is judged by weights that were fitted to others, articles on
one event together; sets that only check (labelled_facts.py) are in no fit. Copy what you accept to
pipeline/core/vocabulary/evidence.toml.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.config.folder import rules_of
from pipeline.core.evaluation.fact_scores import alike
from pipeline.core.evaluation.labels import LabelledFacts
from pipeline.core.evaluation.topic_scores import Score
from pipeline.core.facts import FoundFacts
from pipeline.core.facts.arms import arms_candidates
from pipeline.core.facts.body import body_candidates, whole_name
from pipeline.core.facts.candidates import Candidate, scale
from pipeline.core.facts.country_evidence import evidence_of_countries
from pipeline.core.facts.instrument import instrument_candidates
from pipeline.core.facts.parties import host_candidates, sender_candidates
from pipeline.core.facts.purpose import purpose_candidates
from pipeline.core.facts.scene import Scene
from scripts.labelled_facts import CHECK, FIT, LEADS, PARTS, Labelled, labelled
from scripts.logistic import Matrix
from scripts.logistic import fit as fit_each

RIDGE = 1.0
ROUNDS, STEP = 800, 0.05
ABOVE = (0.0, 0.5, 1.0, 1.5, 2.0)  # added to the fitted threshold, for fewer and surer values


class Field(NamedTuple):
    """How a field is fitted: its candidates, the value of one, its labels, and whether two values agree. `several`: it
    can have several values. `leads`: it is labelled in leads, too."""

    candidates: Callable[[FoundFacts], list[Candidate[Any]]]
    value: Callable[[Scene, Any], str]
    labels: Callable[[LabelledFacts], Sequence[str | None]]
    same: Callable[[str, str, str], bool] = alike  # language, value, label
    several: bool = False
    leads: bool = False


def _equal(language: str, one: str, other: str) -> bool:
    return one == other


FIELDS = {
    "armed": Field(
        lambda found: arms_candidates(found.scene), lambda _, arms: arms.armed, lambda facts: [facts.armed], _equal
    ),
    "body": Field(
        lambda found: body_candidates(found.scene, found.parties),
        lambda scene, span: scene.reading.original(*whole_name(scene, span)), lambda facts: [facts.body],
    ),
    "host": Field(
        lambda found: host_candidates(
            found.scene, found.mentioned, evidence_of_countries(found.scene, found.mentioned)
        ),
        lambda _, country: country, lambda facts: [facts.host], _equal, leads=True,
    ),
    "instrument": Field(
        lambda found: instrument_candidates(found.scene), lambda scene, act: scene.reading.original(*act.kind),
        lambda facts: [facts.instrument.kind if facts.instrument else None],
    ),
    "purpose": Field(
        lambda found: purpose_candidates(found.scene), lambda scene, span: scene.reading.original(*span),
        lambda facts: [facts.purpose],
    ),
    "senders": Field(
        lambda found: sender_candidates(
            found.mentioned, evidence_of_countries(found.scene, found.mentioned),
            str(found.parties.host.value) if found.parties.host else None,
        ),
        lambda _, country: country, lambda facts: facts.senders, _equal, several=True, leads=True,
    ),
}  # fmt: skip


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


def fit(every: Sequence[Choice], count: int, *, several: bool) -> tuple[Matrix, float]:
    """The weights of `count` names, and the threshold."""
    if not several:
        return _fit_best(every, count)
    rows = np.concatenate([one.evidence for one in every])
    right = np.concatenate([one.right for one in every]).astype(np.float64)
    counts = np.concatenate([np.full(len(one.right), one.weight) for one in every])
    weights, bias = fit_each(rows, right, counts, np.full(count, RIDGE))
    return weights, -bias


def _fit_best(every: Sequence[Choice], count: int) -> tuple[Matrix, float]:
    """By gradient descent (Adam) in 64-bit floats. A last candidate, with its own name, stands for none of them."""
    none = np.append(np.zeros(count), 1.0)
    rows = np.concatenate([np.vstack([np.pad(one.evidence, ((0, 0), (0, 1))), none]) for one in every])
    aims = np.concatenate([np.append(one.right, not one.right.any()) for one in every]).astype(np.float64)
    sizes = np.array([len(one.right) + 1 for one in every])
    starts = np.append(0, np.cumsum(sizes)[:-1])
    counts = np.repeat([one.weight for one in every], sizes)
    price = np.append(np.full(count, RIDGE), 0.0)
    weights, mean, spread = (np.zeros(count + 1) for _ in range(3))
    for turn in range(1, ROUNDS + 1):
        scores = rows @ weights
        chances = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), sizes))
        chances /= np.repeat(np.add.reduceat(chances, starts), sizes)
        wanted = chances * aims
        wanted /= np.repeat(np.add.reduceat(wanted, starts), sizes)
        slope = price * weights + rows.T @ ((chances - wanted) * counts)
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


def validated(every: Sequence[Choice], count: int, *, several: bool) -> Iterator[str]:
    """The scores by set, each article judged by weights that were fitted to others, for several thresholds."""
    kept = [[one for one in every if one.part != part and one.group not in CHECK] for part in range(PARTS)]
    fits = [fit(used, count, several=several) for used in kept]
    for above in ABOVE:
        scores = defaultdict[str, Score](Score)
        for one in every:
            weights, enough = fits[one.part]
            score(scores[one.group], one, weights, enough + above, several=several)
        yield f"fitted + {above}: " + ", ".join(f"{group} {shown(found)}" for group, found in scores.items())


def shown(one: Score) -> str:
    """Precision and recall."""
    return f"P {one.precision or 0:.2f} R {one.recall or 0:.2f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit one field and print its table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("field", choices=sorted(FIELDS))
    given: Any = parser.parse_args(arguments)
    field, names = FIELDS[given.field], list(scale(given.field).weights)
    every = list(choices(list(labelled(rules_of(Path("config")), (*FIT, *CHECK))), field, names))
    weights, enough = fit([one for one in every if one.group not in CHECK], len(names), several=field.several)
    print(f"[{given.field}]\nenough = {enough:.1f}")
    for name, weight in zip(names, weights, strict=True):
        print(f"{name} = {weight + 0.0:.1f}")
    print(*validated(every, len(names), several=field.several), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
