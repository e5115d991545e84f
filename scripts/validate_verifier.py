"""Validates verifiers: precision and recall on labelled texts that they were not trained on, by set.

    ./test python scripts/validate_verifier.py [TOPIC …] [--config DIR] [--sets development short …] [--folds 5]
        [--apart press/open …]

The texts of scripts/train_verifier.py are dealt into folds, those about the same event into one; each is judged by a
verifier trained on the other folds, but never on the sets given with --apart. What facts remove later is not removed
here. Then says for each topic what several values of `veto` would refuse of the texts that its patterns accept, and how
many texts several values of `doubt` would encode again, and find. Writes nothing but vectors, into .cache.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from pipeline.config.folder import rule_files
from pipeline.core.faults import Faults
from pipeline.core.topics.features import BEGINNING, MEANING
from pipeline.core.topics.judge import untrained_rules
from pipeline.core.topics.rules import Verifier
from pipeline.core.topics.verifier import CLEAR
from scripts.train_verifier import FOLDS, check_sets, options_of, verified_rules
from scripts.verifiers.meanings import Learned, labelled, learn, with_found
from scripts.verifiers.regression import Regressions, regressions
from scripts.verifiers.texts import Sample, samples
from scripts.verifiers.tokens import KeptTokens
from scripts.verifiers.vectors import KeptVectors

#: Values of `veto` and of `doubt` that are compared.
VETOES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
DOUBTS = (0.15, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7)


class Judged(NamedTuple):
    """A text, whether it gets the topic, and its probability, if signs were weighed: then a veto can refuse it.
    `asked`: a second step decided."""

    one: Sample
    found: bool
    likely: float | None = None
    asked: bool = False


def judged(verifier: Verifier, trained: Regressions, one: Sample) -> Judged:
    """Whether a text gets the topic, as pipeline/core/topics/judge.py decides."""
    known = BEGINNING in one.vectors
    proposed = trained.opening.probability(one, BEGINNING) if known else trained.meaning.probability(one, MEANING)
    if not one.terms:
        alone = trained.meaning.probability(one, MEANING)
        enough = not known or (verifier.propose > 0 and proposed >= max(verifier.propose, verifier.doubt))
        return Judged(one, enough and 0 < verifier.alone <= alone)
    if not (one.candidate or (known and proposed >= verifier.propose > 0)):
        return Judged(one, False)
    first = trained.with_opening.probability(one, BEGINNING) if known else None
    asked = first is not None and verifier.doubt <= first < CLEAR
    likely = trained.with_meaning.probability(one, MEANING) if first is None or asked else first
    return Judged(one, likely >= verifier.threshold or (one.accepted and likely >= verifier.veto), likely, asked)


def validate(
    own: Sequence[Sample], verifiers: Sequence[Verifier], folds: Mapping[tuple[str, str], int], apart: Sequence[str]
) -> Iterator[list[Judged]]:
    """Each text as the verifiers, which differ in their settings, judge it when they are trained on the other folds,
    without the sets `apart`. `folds`: the fold of each text by its key."""
    fold_of = [folds[one.text.key] for one in own]
    for fold in sorted(set(fold_of)):
        rest = [one for one, its in zip(own, fold_of, strict=True) if its != fold and one.text.group not in apart]
        if trained := regressions(rest):
            for one, its in zip(own, fold_of, strict=True):
                if its == fold:
                    yield [judged(verifier, trained, one) for verifier in verifiers]


def lines(texts: Sequence[Judged]) -> Iterator[str]:
    """Precision and recall by set, by the patterns alone and with the verifier, by what is known of the language."""
    kinds: dict[str, Callable[[Sample], bool]] = {
        "encoder of stories": lambda one: one.terms and BEGINNING in one.vectors,
        "other languages": lambda one: one.terms and BEGINNING not in one.vectors,
        "no terms": lambda one: not one.terms,
    }
    for group in dict.fromkeys(one.one.text.group for one in texts):
        for name, kind in kinds.items():
            part = [one for one in texts if one.one.text.group == group and kind(one.one)]
            if part:
                before = score([Judged(one.one, one.one.accepted) for one in part])
                yield f"{group:<14} {name:<20} patterns {before}, with verifier {score(part)}"


def vetoed(texts: Sequence[Judged], threshold: float) -> Iterator[str]:
    """What each veto up to the verifier's threshold refuses of the texts that the patterns accept, right and wrong ones
    by set."""
    accepted = [(one.one, one.likely) for one in texts if one.one.accepted and one.likely is not None]
    for veto in VETOES:
        refused = [one for one, likely in accepted if likely < veto <= threshold]
        counts = Counter((one.text.group, one.right) for one in refused)
        sets = dict.fromkeys(one.text.group for one in refused)
        said = [f"{name} {counts[name, True]} right {counts[name, False]} wrong" for name in sets]
        if said:
            yield f"veto {veto} refuses {', '.join(said)}"


def doubts(verifier: Verifier) -> dict[float, Verifier]:
    """The verifier with other values of `doubt`."""
    return {value: replace(verifier, doubt=value) for value in DOUBTS if value <= verifier.threshold}


def doubted(counts: Mapping[tuple[float, str, bool], int]) -> Iterator[str]:
    """What is found with each value of `doubt`, right and wrong ones by set, and how many texts a second step decides.
    `counts`: by value, set, and whether it is right; those of a second step by the set ""."""
    for value in DOUBTS:
        said = [f"{name} {counts[value, name, True]} {counts[value, name, False]}" for name in sets_of(counts)]
        yield f"doubt {value} asks {counts[value, '', True]} times, finds right and wrong: {', '.join(said)}"


def sets_of(counts: Mapping[tuple[float, str, bool], int]) -> list[str]:
    return [name for name in dict.fromkeys(name for _, name, _ in counts) if name]


def counted(value: float, texts: Sequence[Judged]) -> Counter[tuple[float, str, bool]]:
    """What `doubted` takes, of one value."""
    found = Counter((value, one.one.text.group, one.one.right) for one in texts if one.found)
    found[value, "", True] += sum(one.asked for one in texts)
    return found


def score(texts: Sequence[Judged]) -> str:
    right = sum(one.found and one.one.right for one in texts)
    wrong = sum(one.found and not one.one.right for one in texts)
    lost = sum(one.one.right for one in texts) - right
    return f"P {right / max(1, right + wrong):.3f} R {right / max(1, right + lost):.3f} ({right}, {wrong}, {lost})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--folds", type=int, default=FOLDS)
    parser.add_argument("--apart", nargs="*", default=(), help="sets that are judged but never trained on")
    options = options_of(parser)
    check_sets(options.topics, options.sets)
    ruleset = untrained_rules(rule_files(options.config))
    rules = verified_rules(ruleset, options.topics)
    found = samples(ruleset, rules, (*options.sets, *options.apart), KeptVectors())
    labels, every = labelled(found, KeptTokens()), list[Judged]()
    seen, folds = (
        Learned(with_found(found), labels.folds(options.folds))
        if options.topics
        else learn(found, labels, options.folds, options.apart)
    )
    all_counts = Counter[tuple[float, str, bool]]()
    for topic, own in seen.items():
        if verifier := ruleset.rule(topic).verifier:
            others = doubts(verifier)
            rows = list(validate(own, [verifier, *others.values()], folds, options.apart))
            texts, *by_doubt = (list(column) for column in zip(*rows, strict=True))
            counts = sum(map(counted, others, by_doubt), Counter[tuple[float, str, bool]]())
            said = (*lines(texts), *vetoed(texts, verifier.threshold), *doubted(counts))
            print(topic, *said, sep="\n  ", flush=True)
            every, all_counts = every + texts, all_counts + counts
    print("all", *lines(every), *doubted(all_counts), sep="\n  ")


if __name__ == "__main__":
    try:
        main()
    except Faults as error:
        sys.exit(str(error))
