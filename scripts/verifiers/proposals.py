"""Finds the texts that a verifier decides about because their opening proposes the topic."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.core.text.reading import read
from pipeline.core.topics.judge import RuleSet, candidate_inputs, match_topic
from pipeline.core.topics.rules import TopicRule
from scripts.verifiers.regression import fitted_opening, two_kinds
from scripts.verifiers.texts import Candidate, Candidates, Other, names_of, rows_of

FOLDS = 3  # of texts, to propose each by others
SAME = 0.75  # cosine of the vectors of the openings of two texts about the same event


def propose(ruleset: RuleSet, rule: TopicRule, own: Candidates, apart: Sequence[str] = ()) -> None:
    """Add to the candidates those of the other texts that their opening proposes, by a regression that was trained on
    texts about other events, and not on the sets `apart`."""
    if rule.verifier is None or not rule.verifier.propose:
        return
    likely = _likely(own.opened, rule.verifier.propose, apart)
    proposed = [one for one in own.others if (one.text.group, one.text.id) in likely]
    own.others = [one for one in own.others if (one.text.group, one.text.id) not in likely]
    for text, right, _ in proposed:
        reading = read(text.title, text.text, text.language)
        hits = ruleset.topic_lexicon(text.language).hits(reading, text.published)
        match = match_topic(rule, reading, hits, rule.verifier.propose)
        inputs = candidate_inputs(match, reading, hits)
        assert inputs
        own.found.append(Candidate(text, right, False, *rows_of(inputs, names_of(rule), text.language), True))


def _likely(texts: Sequence[Candidate | Other], least: float, apart: Sequence[str]) -> set[tuple[str, str]]:
    """Set and id of the texts that have the topic with a probability of `least`, by regressions on the others."""
    fold_of, found = [number % FOLDS for number in events(texts)], set[tuple[str, str]]()
    for fold in range(FOLDS):
        kept = [one for one, its in zip(texts, fold_of, strict=True) if its != fold and one.text.group not in apart]
        if two_kinds(kept):
            made = fitted_opening(kept)
            for one, its in zip(texts, fold_of, strict=True):
                total = made.bias + float(one.opening @ made.vectors)
                if its == fold and 1.0 / (1.0 + np.exp(-total)) >= least:
                    found.add((one.text.group, one.text.id))
    return found


def events(texts: Sequence[Candidate | Other]) -> list[int]:
    """A number for each text, the same for those of one family and those with nearly the same opening."""
    number = list(range(len(texts)))

    def root(one: int) -> int:
        while number[one] != one:
            one = number[one]
        return one

    first: dict[str, int] = {}
    for n, one in enumerate(texts):
        number[root(n)] = root(first.setdefault(f"{one.text.group} {one.text.family}", n))
    known = [n for n, one in enumerate(texts) if len(one.opening)]
    openings = np.array([texts[n].opening for n in known], np.float32)
    for at in range(0, len(known), 500):
        near = np.argwhere(openings[at : at + 500] @ openings[at:].T >= SAME)
        for one, other in near:
            number[root(known[at + one])] = root(known[at + other])
    order = {root: n for n, root in enumerate(dict.fromkeys(root(n) for n in range(len(texts))))}
    return [order[root(n)] for n in range(len(texts))]
