"""Trains what decides the outcome of an event, and writes pipeline/core/vocabulary/outcomes.toml.

    ./test python scripts/train_outcomes.py [--validate]

One logistic regression for each outcome, on the signs that outcome_signs.py names and the meaning of the opening, from
the sets of labelled_facts.py. A penalty (ridge) keeps weights small; Newton's method in 64-bit floats finds them, so
that training twice gives identical bytes. With --validate nothing is written: every article is judged by weights that
were fitted to articles on other events, and the scores are shown for several thresholds. Events are told apart by the
names of articles and by their openings, also across sets.
"""

from __future__ import annotations

import argparse
import base64
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.config.folder import rules_of
from pipeline.core.evaluation.topic_scores import Score
from pipeline.core.facts.outcome_signs import names_of
from pipeline.core.facts.outcome_weights import meaning
from pipeline.core.text.e5 import WIDTH
from pipeline.records import OUTCOMES
from scripts.fit_evidence import shown
from scripts.labelled_facts import CHECK, FIT, PARTS, TOPIC, Labelled, event_of, labelled
from scripts.logistic import Matrix, fit
from scripts.verifiers.folds import together

FILE = Path("pipeline/core/vocabulary/outcomes.toml")
HEAD = "# Made by scripts/train_outcomes.py; docs/facts.md says how. Do not edit.\n"
ENOUGH, AGREED = 0.5, 0.25  # the probability from which an outcome is stated; if the patterns agree
OF_PATTERNS = 0.6  # the sum of the patterns from which they state an outcome, if none is probable enough
TRIED = (0.0, 0.4, 0.5, 0.6, 0.7)
RIDGE_SIGNS, RIDGE_VECTOR = 2.0, 0.02
STEPS = 127
KNOWN = tuple(outcome for outcome in OUTCOMES if outcome != "past")


class Texts(NamedTuple):
    """The articles as rows of numbers: signs, then the vector of the opening."""

    rows: Matrix
    labels: NDArray[np.str_]
    counts: Matrix
    parts: NDArray[np.int64]
    groups: NDArray[np.str_]


def texts_of(every: Iterable[Labelled], names: Sequence[str]) -> Texts:
    """The articles whose outcome is labelled and not long ago."""
    used, rows = list[Labelled](), list[Matrix]()
    for one in every:
        if one.facts.outcome in KNOWN:
            scene = one.found.scene
            used.append(one)
            rows.append(np.concatenate([[scene.signs[name] for name in names], meaning(scene.reading.opening)]))
    events = [event_of(one.group, one.article.id) for one in used]
    return Texts(
        np.array(rows),
        np.array([one.facts.outcome for one in used]),
        np.array([one.weight for one in used]),
        np.array(together(events, np.array(rows)[:, len(names) :])) % PARTS,
        np.array([one.group for one in used]),
    )


def fitted(texts: Texts, used: NDArray[np.bool_]) -> list[tuple[Matrix, float]]:
    """Weights and bias of each outcome, from the articles in `used`."""
    signs = texts.rows.shape[1] - WIDTH
    price = np.array([RIDGE_SIGNS] * signs + [RIDGE_VECTOR] * WIDTH)
    rows, labels, counts = texts.rows[used], texts.labels[used], texts.counts[used]
    return [fit(rows, (labels == outcome).astype(np.float64), counts, price) for outcome in KNOWN]


def content(weights: Sequence[tuple[Matrix, float]], names: Sequence[str]) -> str:
    """The content of outcomes.toml."""
    lines = [f"{HEAD}\nenough = {ENOUGH}\nenough-if-patterns-agree = {AGREED}\nenough-of-patterns = {OF_PATTERNS}"]
    for outcome, (row, bias) in zip(KNOWN, weights, strict=True):
        vector = row[len(names) :]
        scale = float(np.abs(vector).max()) / STEPS or 1.0
        steps = base64.b64encode(np.rint(vector / scale).astype(np.int8).tobytes()).decode()
        lines += [f"\n[{outcome}]", f"bias = {bias:.3f}", f"scale = {scale:.6f}", f'opening = "{steps}"']
        lines += [f"\n[{outcome}.signs]"]
        lines += [f'"{name}" = {weight + 0.0:.3f}' for name, weight in zip(names, row[: len(names)], strict=True)]
    return "\n".join(lines) + "\n"


def validated(texts: Texts) -> Iterator[str]:
    """The scores of each set and threshold, by weights that were fitted to other events."""
    odds = np.zeros((len(texts.rows), len(KNOWN)))
    for part in range(PARTS):
        left_out = texts.parts == part
        weights = fitted(texts, ~left_out & ~np.isin(texts.groups, CHECK))
        odds[left_out] = np.array([texts.rows[left_out] @ row + bias for row, bias in weights]).T
    best, chances = np.array(KNOWN)[odds.argmax(axis=1)], 1.0 / (1.0 + np.exp(-odds.max(axis=1)))
    for enough in TRIED:
        scores = {group: Score() for group in dict.fromkeys(texts.groups.tolist())}
        for group, label, found, chance in zip(texts.groups.tolist(), texts.labels, best, chances, strict=True):
            said, score = chance >= enough, scores[group]
            score.right += bool(said and found == label)
            score.wrong += bool(said and found != label)
            score.missed += not (said and found == label)
        yield f"from {enough}: " + ", ".join(f"{group} {shown(score)}" for group, score in scores.items())


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, or validate."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--validate", action="store_true", help="judge articles by weights fitted to other events")
    options = parser.parse_args(arguments)
    rules = rules_of(Path("config"))
    facts = rules.rule(TOPIC).facts
    assert facts is not None
    names = names_of(facts)
    texts = texts_of(labelled(rules, (*FIT, *CHECK) if options.validate else FIT), names)
    if options.validate:
        print(*validated(texts), sep="\n")
        return 0
    FILE.write_text(content(fitted(texts, np.ones(len(texts.rows), np.bool_)), names), encoding="utf-8")
    print(f"{FILE}: trained on {len(texts.rows)} articles")
    return 0


if __name__ == "__main__":
    sys.exit(main())
