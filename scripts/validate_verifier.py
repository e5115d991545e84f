"""Validates verifiers: precision and recall on labelled texts that they were not trained on, by set.

    ./test python scripts/validate_verifier.py [TOPIC …] [--config DIR] [--sets development short …] [--folds 5]
        [--apart press/open …]

The texts of scripts/train_verifier.py are dealt into folds, those about the same event into one; each is judged by a
verifier trained on the other folds, but never on the sets given with --apart. What facts remove later is not removed
here. Writes nothing but vectors, into .cache.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from pipeline.config.folder import rule_files
from pipeline.core.faults import Faults
from pipeline.core.topics.features import BEGINNING, MEANING
from pipeline.core.topics.judge import untrained_rules
from pipeline.core.topics.rules import Verifier
from pipeline.core.topics.verifier import DOUBT
from scripts.train_verifier import options_of, verified_rules
from scripts.verifiers.folds import events
from scripts.verifiers.regression import Regressions, regressions
from scripts.verifiers.texts import Sample, samples
from scripts.verifiers.vectors import KeptVectors


class Judged(NamedTuple):
    """A text, and whether it gets the topic."""

    one: Sample
    found: bool


def accepts(verifier: Verifier, trained: Regressions, one: Sample) -> bool:
    """Whether a text gets the topic, as pipeline/core/topics/judge.py decides."""
    known = BEGINNING in one.vectors
    proposed = trained.opening.probability(one, BEGINNING) if known else trained.meaning.probability(one, MEANING)
    if not one.terms:
        alone = trained.meaning.probability(one, MEANING)
        enough = proposed >= verifier.propose > 0 if known else True
        return enough and 0 < verifier.alone <= alone
    if not (one.candidate or proposed >= verifier.propose > 0):
        return False
    likely = trained.with_opening.probability(one, BEGINNING) if known else DOUBT[0]
    if DOUBT[0] <= likely < DOUBT[1]:
        likely = trained.with_meaning.probability(one, MEANING)
    return likely >= verifier.threshold or (one.accepted and likely >= verifier.veto)


def validate(own: Sequence[Sample], verifier: Verifier, folds: int, apart: Sequence[str]) -> Iterator[Judged]:
    """Each text as a verifier judges it that was trained on the other folds, without the sets `apart`."""
    fold_of = [number % folds for number in events(own)]
    for fold in range(folds):
        rest = [one for one, its in zip(own, fold_of, strict=True) if its != fold and one.text.group not in apart]
        if trained := regressions(rest):
            for one, its in zip(own, fold_of, strict=True):
                if its == fold:
                    yield Judged(one, accepts(verifier, trained, one))


def lines(judged: Sequence[Judged]) -> Iterator[str]:
    """Precision and recall by set, by the patterns alone and with the verifier, by what is known of the language."""
    kinds: dict[str, Callable[[Sample], bool]] = {
        "encoder of stories": lambda one: one.terms and BEGINNING in one.vectors,
        "other languages": lambda one: one.terms and BEGINNING not in one.vectors,
        "no terms": lambda one: not one.terms,
    }
    for group in dict.fromkeys(one.text.group for one, _ in judged):
        for name, kind in kinds.items():
            part = [one for one in judged if one.one.text.group == group and kind(one.one)]
            if part:
                before = score([Judged(one, one.accepted) for one, _ in part])
                yield f"{group:<14} {name:<20} patterns {before}, with verifier {score(part)}"


def score(judged: Sequence[Judged]) -> str:
    right = sum(found and one.right for one, found in judged)
    wrong = sum(found and not one.right for one, found in judged)
    lost = sum(one.right for one, _ in judged) - right
    return f"P {right / max(1, right + wrong):.3f} R {right / max(1, right + lost):.3f} ({right}, {wrong}, {lost})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--apart", nargs="*", default=(), help="sets that are judged but never trained on")
    options = options_of(parser)
    ruleset = untrained_rules(rule_files(options.config))
    rules, every = verified_rules(ruleset, options.topics), list[Judged]()
    for topic, own in samples(ruleset, rules, (*options.sets, *options.apart), KeptVectors()).items():
        if verifier := ruleset.rule(topic).verifier:
            judged = list(validate(own, verifier, options.folds, options.apart))
            print(topic, *lines(judged), sep="\n  ", flush=True)
            every += judged
    print("all", *lines(every), sep="\n  ")


if __name__ == "__main__":
    try:
        main()
    except Faults as error:
        sys.exit(str(error))
