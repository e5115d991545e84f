"""Validates verifiers: precision and recall on labelled texts that they were not trained on, by set.

    ./test python scripts/validate_verifier.py [TOPIC …] [--config DIR] [--sets development short …] [--folds 5]

The texts of scripts/train_verifier.py are dealt into folds, those about the same event into one; each is judged by a
verifier trained on the other folds. What facts remove later is not removed here. Writes no files.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.config.folder import rule_files
from pipeline.core.faults import Faults
from pipeline.core.text.encoder import DIMENSIONS
from pipeline.core.topics.judge import parse_rules
from scripts.train_verifier import Candidate, Fitted, candidates, fitted, options_of, verified_rules, without_weights

SAME = 0.75  # cosine of the vectors of two articles about the same event


def probability(one: Candidate, encoded: Fitted, other: Fitted) -> float:
    known = encoded if len(one.vectors) else other
    total = known.bias + float(one.signs @ known.signs)
    total += float(one.vectors @ known.vectors) if len(one.vectors) else 0.0
    return float(1.0 / (1.0 + np.exp(-total)))


def validate(found: Sequence[Candidate], others: Mapping[str, Sequence[bool]], folds: int, threshold: float) -> None:
    """Print precision and recall of patterns and verifier together, each candidate judged by a verifier trained on the
    other folds."""
    likely: dict[int, float] = {}
    fold_of = [number % folds for number in events(found)]
    for fold in range(folds):
        rest = [one for one, its in zip(found, fold_of, strict=True) if its != fold]
        pair = fitted(rest, encoded=True), fitted(rest, encoded=False)
        likely |= {n: probability(one, *pair) for n, one in enumerate(found) if fold_of[n] == fold}
    for group in dict.fromkeys(one.text.group for one in found):
        own = [(one, likely[number]) for number, one in enumerate(found) if one.text.group == group]
        out = sum(others.get(group, ()))
        for name, kept in (("encoder", True), ("signs only", False)):
            part = [(one, p) for one, p in own if bool(len(one.vectors)) == kept]
            if part:
                print(f"{group:<24} {name:<10} {line(part, 0, threshold)}")
        print(f"{group:<24} {'all':<10} {line(own, out, threshold)}; {out} are no candidates")


def events(found: Sequence[Candidate]) -> list[int]:
    """A number for each candidate, the same for those of one family and those with nearly the same beginning."""
    number = list(range(len(found)))

    def root(one: int) -> int:
        while number[one] != one:
            one = number[one]
        return one

    first: dict[str, int] = {}
    for n, one in enumerate(found):
        number[root(n)] = root(first.setdefault(f"{one.text.group} {one.text.family}", n))
    known = [n for n, one in enumerate(found) if len(one.vectors)]
    if known:
        beginnings = np.array([found[n].vectors[-DIMENSIONS:] for n in known])
        near = np.argwhere(np.triu(beginnings @ beginnings.T >= SAME, 1))
        for one, other in near:
            number[root(known[one])] = root(known[other])
    order = {root: n for n, root in enumerate(dict.fromkeys(root(n) for n in range(len(found))))}
    return [order[root(n)] for n in range(len(found))]


def line(judged: Sequence[tuple[Candidate, float]], out: int, threshold: float) -> str:
    def score(says: Sequence[bool], missed: int) -> str:
        right = sum(one.right and said for (one, _), said in zip(judged, says, strict=True))
        wrong = sum(said and not one.right for (one, _), said in zip(judged, says, strict=True))
        lost = sum(one.right for one, _ in judged) - right + missed
        return f"P {right / max(1, right + wrong):.3f} R {right / max(1, right + lost):.3f} ({right}, {wrong}, {lost})"

    patterns = [one.accepted for one, _ in judged]
    both = [one.accepted or p >= threshold for one, p in judged]
    alone = [p >= threshold for _, p in judged]
    return f"patterns {score(patterns, out)}, with verifier {score(both, out)}, verifier alone {score(alone, out)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--folds", type=int, default=5)
    options = options_of(parser)
    ruleset = parse_rules(without_weights(rule_files(options.config)))
    rules = verified_rules(ruleset, options.topics)
    for topic, own in candidates(ruleset, rules, options.sets).items():
        verifier = ruleset.rule(topic).verifier
        print(topic)
        validate(own.found, own.others, options.folds, verifier.threshold if verifier else 0.5)


if __name__ == "__main__":
    try:
        main()
    except Faults as error:
        sys.exit(str(error))
