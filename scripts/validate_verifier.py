"""Validates verifiers: precision and recall on labelled texts that they were not trained on, by set.

    ./test python scripts/validate_verifier.py [TOPIC …] [--config DIR] [--sets development short …] [--folds 5]
        [--apart press/open …]

The texts of scripts/train_verifier.py are dealt into folds, those about the same event into one; each is judged by a
verifier trained on the other folds, but never on the sets given with --apart. What facts remove later is not removed
here. Writes no files.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipeline.config.folder import rule_files
from pipeline.core.faults import Faults
from pipeline.core.topics.features import BEGINNING, PARTS
from pipeline.core.topics.judge import untrained_rules
from pipeline.core.topics.rules import Verifier
from pipeline.core.topics.verifier import DOUBT
from scripts.train_verifier import options_of, verified_rules
from scripts.verifiers.proposals import events, propose
from scripts.verifiers.regression import Fitted, fitted
from scripts.verifiers.texts import Candidate, Candidates, Matrix, candidates


class Trained(NamedTuple):
    """The regressions of one verifier."""

    encoded: Fitted
    first: Fitted
    by_signs: Fitted

    @classmethod
    def on(cls, found: Sequence[Candidate]) -> Trained:
        return cls(fitted(found, PARTS), fitted(found, (BEGINNING,)), fitted(found))

    def probability(self, one: Candidate) -> float:
        """As pipeline/core/topics/verifier.py decides."""
        if not len(one.vectors):
            return _likely(self.by_signs, one.signs, np.zeros(0))
        first = _likely(self.first, one.signs, one.opening)
        return _likely(self.encoded, one.signs, one.vectors) if DOUBT[0] <= first < DOUBT[1] else first


def _likely(known: Fitted, signs: Matrix, vectors: Matrix) -> float:
    return float(1.0 / (1.0 + np.exp(-(known.bias + float(signs @ known.signs) + float(vectors @ known.vectors)))))


def validate(own: Candidates, verifier: Verifier, folds: int, apart: Sequence[str]) -> None:
    """Print precision and recall of patterns and verifier together, each candidate judged by a verifier trained on the
    other folds, without the sets `apart`."""
    likely: dict[int, float] = {}
    fold_of = [number % folds for number in events(own.found)]
    for fold in range(folds):
        rest = [one for one, its in zip(own.found, fold_of, strict=True) if its != fold and one.text.group not in apart]
        trained = Trained.on(rest)
        likely |= {n: trained.probability(one) for n, one in enumerate(own.found) if fold_of[n] == fold}
    for group in dict.fromkeys(one.text.group for one in own.found):
        here = [(one, likely[number]) for number, one in enumerate(own.found) if one.text.group == group]
        for name, kept in (("encoder", True), ("signs only", False)):
            part = [(one, p) for one, p in here if bool(len(one.vectors)) == kept]
            out = sum(one.right for one in own.others if one.text.group == group and bool(len(one.opening)) == kept)
            if part:
                print(f"{group:<24} {name:<10} {line(part, out, verifier)}; {out} are no candidates")


def line(judged: Sequence[tuple[Candidate, float]], out: int, verifier: Verifier) -> str:
    """Precision and recall by the patterns, by all, and of what the opening proposes. `out`: missed without asking."""

    def score(says: Sequence[bool], missed: int) -> str:
        right = sum(one.right and said for (one, _), said in zip(judged, says, strict=True))
        wrong = sum(said and not one.right for (one, _), said in zip(judged, says, strict=True))
        lost = sum(one.right for one, _ in judged) - right + missed
        return f"P {right / max(1, right + wrong):.3f} R {right / max(1, right + lost):.3f} ({right}, {wrong}, {lost})"

    def accepted(one: Candidate, p: float) -> bool:
        known = bool(len(one.vectors))
        return (one.accepted and not (known and p < verifier.veto)) or (
            (known or verifier.by_signs) and p >= verifier.threshold
        )

    patterns = [one.accepted for one, _ in judged]
    both = [accepted(one, p) for one, p in judged]
    slots = [said and not one.proposed for (one, _), said in zip(judged, both, strict=True)]
    return f"patterns {score(patterns, out)}, with verifier {score(slots, out)}, with proposals {score(both, out)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--apart", nargs="*", default=(), help="sets that are judged but never trained on")
    options = options_of(parser)
    ruleset = untrained_rules(rule_files(options.config))
    rules = verified_rules(ruleset, options.topics)
    for topic, own in candidates(ruleset, rules, options.sets).items():
        rule = ruleset.rule(topic)
        propose(ruleset, rule, own, options.apart)
        print(topic, flush=True)
        if rule.verifier:
            validate(own, rule.verifier, options.folds, options.apart)


if __name__ == "__main__":
    try:
        main()
    except Faults as error:
        sys.exit(str(error))
