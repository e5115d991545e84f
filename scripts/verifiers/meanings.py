"""What the meaning of an opening says about each topic, by networks that did not learn from the text itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.core.text import e5
from pipeline.core.topics.features import MEANING
from pipeline.core.topics.verifier import SCALES, encoded
from scripts.logistic import Matrix
from scripts.verifiers.folds import events
from scripts.verifiers.probes import Floats, Network, train
from scripts.verifiers.regression import balanced, count_of
from scripts.verifiers.texts import Sample, Text
from scripts.verifiers.tokens import Tokens, TokenVectors


class Labelled(NamedTuple):
    """Texts, each once. `place`: the row of each by its key; `labels`: 1, 0 or nan by text and topic, as `counts`."""

    place: Mapping[tuple[str, str], int]
    groups: tuple[str, ...]
    vectors: Sequence[Tokens]
    labels: Floats
    counts: Floats
    events: Sequence[int]

    def folds(self, number: int) -> dict[tuple[str, str], int]:
        """The fold of each text by its key; texts about one event share theirs."""
        return {key: self.events[n] % number for key, n in self.place.items()}


class Learned(NamedTuple):
    """Samples by topic, each with the logarithm of the odds of the topic as its vector MEANING; and the fold of each
    text, by its key."""

    samples: Mapping[str, list[Sample]]
    folds: Mapping[tuple[str, str], int]


def labelled(found: Mapping[str, Sequence[Sample]], tokens: TokenVectors) -> Labelled:
    """The texts of the samples of all topics."""
    texts: dict[tuple[str, str], tuple[Text, str]] = {}
    for own in found.values():
        texts.update({one.text.key: (one.text, one.opening) for one in own})
    place = {key: n for n, key in enumerate(texts)}
    labels = np.full((len(texts), len(found)), np.nan, np.float32)
    for column, own in enumerate(found.values()):
        for one in own:
            labels[place[one.text.key], column] = one.right
    vectors = [tokens.of(opening) if opening else _nothing() for _, opening in texts.values()]
    groups = tuple(text.group for text, _ in texts.values())
    numbers = events([text for text, _ in texts.values()], _means(vectors))
    return Labelled(place, groups, vectors, labels, _counts(labels, groups), numbers)


def learn(found: Mapping[str, Sequence[Sample]], texts: Labelled, folds: int, apart: Sequence[str] = ()) -> Learned:
    """Train networks on the texts of all folds but one, never on the sets `apart`, and ask each about its own fold."""
    parts = texts.folds(folds)
    fold_of = np.array(list(parts.values()))
    learnable = np.array([group not in apart for group in texts.groups])
    odds = np.zeros(texts.labels.shape)
    for fold in range(folds):
        rest, its = np.flatnonzero((fold_of != fold) & learnable), np.flatnonzero(fold_of == fold)
        if len(rest) and len(its):
            odds[its] = _trained(texts, rest).odds([texts.vectors[int(n)] for n in its])
    samples = {
        topic: [replace(one, vectors={**one.vectors, MEANING: odds[texts.place[one.text.key], [n]]}) for one in own]
        for n, (topic, own) in enumerate(found.items())
    }
    return Learned(samples, parts)


def with_found(found: Mapping[str, Sequence[Sample]]) -> dict[str, list[Sample]]:
    """The samples, each with what the probes find in its opening as its vector MEANING. The probes must not have
    learned from these texts."""
    return {
        topic: [
            replace(one, vectors={**one.vectors, MEANING: encoded(one.opening, MEANING) / SCALES[MEANING]})
            for one in own
        ]
        for topic, own in found.items()
    }


def final_network(texts: Labelled) -> Network:
    """The network that learned from all texts."""
    return _trained(texts, np.arange(len(texts.vectors))).scaled(texts.vectors)


def _trained(texts: Labelled, rows: NDArray[np.int64]) -> Network:
    return train([texts.vectors[int(n)] for n in rows], texts.labels[rows], texts.counts[rows])


def _counts(labels: Floats, groups: Sequence[str]) -> Floats:
    """How much each label counts: by the set of the text, and so that those with and without a topic are equal."""
    of_sets, counts = np.array([count_of(group) for group in groups]), np.zeros_like(labels)
    for column in range(labels.shape[1]):
        known = np.flatnonzero(~np.isnan(labels[:, column]))
        counts[known, column] = balanced(of_sets[known], labels[known, column].astype(np.float64))
    return counts


def _nothing() -> Tokens:
    return np.zeros((0, e5.WIDTH), np.float16)


def _means(vectors: Sequence[Tokens]) -> Matrix:
    """The mean of the tokens of each text, a unit vector: near ones are of texts about the same."""
    nothing = np.zeros(e5.WIDTH)
    rows = np.array([text.astype(np.float64).mean(axis=0) if len(text) else nothing for text in vectors])
    units: Matrix = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return units
