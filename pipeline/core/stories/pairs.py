"""Says how likely it is that two articles report one event: a logistic regression over what they share and where they
clash.

scripts/train_stories.py fits the weights (pairs.toml); docs/stories.md describes each feature. Features and weights are
counted in whole steps, so that the sum is exact: the same on every processor.
"""

from __future__ import annotations

import pkgutil
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.core.stories import vectors
from pipeline.core.stories.features import LISTS, NAMES, NUMBERS, WORDS, Rows, keys_of, lists_of

STEP = 1000  # steps per unit of features and of weights
LOW = 0xFFFF  # the bits of a key that a table of keys is indexed by

Floats = NDArray[np.floating[Any]]
Steps = NDArray[np.int64]
Rarity = Callable[[NDArray[np.uint32]], Floats]
"""How much each key says: 0 (all articles have it) to 1; see rarity.py."""

NEAR = 0.6  # cosines from here on count more
FULL = 4.0  # weight of shared names or words, from which more of them say no more
DAYS = 14.0  # a distance from which more says no more
FEATURES = (
    "cosine", "cosine_near", "cosine_across", "cosine_unknown", "unknown",
    "names", "names_share", "names_across", "words_share", "title_share", "title_across",
    "numbers", "numbers_clash", "days_shared", "days_clash", "years_clash",
    "facts", "facts_clash", "topics", "topics_clash", "countries", "countries_clash",
    "apart", "apart_more", "across", "same_source", "same_source_words",
)  # fmt: skip


class Part(NamedTuple):
    """What one feature contributes to the sum: `value` times its weight."""

    name: str
    value: float
    contribution: float


@dataclass(frozen=True)
class PairScore:
    """Weights and bias in steps. `threshold`: the probability from which two articles belong together."""

    weights: Steps
    bias: int
    threshold: float

    @classmethod
    def of(cls, data: Mapping[str, object]) -> PairScore:
        """From the content of pairs.toml. Raises KeyError if a feature is missing."""
        weights = data["weights"]
        assert isinstance(weights, Mapping)
        steps = [round(float(weights[name]) * STEP) for name in FEATURES]
        bias, threshold = data["bias"], data["threshold"]
        assert isinstance(bias, float)
        assert isinstance(threshold, float)
        return cls(np.array(steps, np.int64), round(bias * STEP), threshold)

    def probabilities(self, one: Rows, others: Rows, rarity: Rarity) -> NDArray[np.float64]:
        """The probability that `one` (a row) and each of `others` (K rows) report the same event. About 0.2 ms for
        64."""
        return self.of_features(pair_features(one, others, rarity))

    def of_features(self, features: Steps) -> NDArray[np.float64]:
        """The probabilities of K x FEATURES values in steps."""
        sums = features @ self.weights + self.bias * STEP
        return 1.0 / (1.0 + np.exp(-sums / STEP**2))

    def explain(self, one: Rows, other: Rows, rarity: Rarity) -> tuple[Part, ...]:
        """What each feature of two rows contributes, the strongest first; with the bias they add up to the logit."""
        features = pair_features(one, other.reshape(1), rarity)[0]
        parts = [
            Part(name, int(value) / STEP, int(value) * int(weight) / STEP**2)
            for name, value, weight in zip(FEATURES, features, self.weights, strict=True)
        ]
        parts.append(Part("bias", 1.0, self.bias / STEP))
        return tuple(sorted((part for part in parts if part.contribution), key=lambda part: -abs(part.contribution)))


@cache
def pair_score() -> PairScore:
    """The weights that come with the program."""
    return PairScore.of(tomllib.loads((pkgutil.get_data(__package__, "pairs.toml") or b"").decode()))


def pair_features(one: Rows, others: Rows, rarity: Rarity) -> Steps:
    """The features of `one` with each of `others`, in steps: K x FEATURES."""
    one = one.reshape(1)
    across = (others["language"] != one["language"]).astype(np.float32)
    known = (others["encoded"] & one["encoded"]).astype(np.float32)
    source = (others["source"] == one["source"]).astype(np.float32)
    apart = np.abs(others["hour"] - one["hour"]).astype(np.float32) / np.float32(24)
    cosine, shared, lists = _cosines(one, others), _shared(one, others, rarity), _lists(one, others)
    within, same_facts = 1 - across, lists["host"] * lists["senders"] * (1 - lists["vote_clash"])
    found = {
        "cosine": cosine * known, "cosine_near": np.maximum(cosine - np.float32(NEAR), 0) * known,
        "cosine_across": cosine * known * across, "cosine_unknown": cosine * (1 - known), "unknown": 1 - known,
        "names": np.minimum(shared["names"], FULL) / FULL, "names_share": shared["names_share"],
        "names_across": shared["names_share"] * across, "words_share": shared["words_share"] * within,
        "title_share": shared["title_share"] * within, "title_across": shared["words_share"] * across,
        "numbers": np.minimum(shared["numbers"], np.float32(2)) / 2, "numbers_clash": shared["numbers_clash"],
        "days_shared": lists["days"], "days_clash": lists["days_clash"], "years_clash": lists["years_clash"],
        "facts": same_facts, "facts_clash": np.maximum(lists["host_clash"], lists["vote_clash"]),
        "topics": lists["topics"], "topics_clash": lists["topics_clash"],
        "countries": lists["countries"], "countries_clash": lists["countries_clash"],
        "apart": np.minimum(apart, np.float32(1)), "apart_more": np.minimum(apart, np.float32(DAYS)) / DAYS,
        "across": across, "same_source": source, "same_source_words": source * shared["words_share"],
    }  # fmt: skip
    table = np.stack([found[name] for name in FEATURES], axis=1)
    return np.rint(table.astype(np.float64) * STEP).astype(np.int64)


def _cosines(one: Rows, others: Rows) -> Floats:
    """Cosines; 0 where there is no vector."""
    ours, theirs = vectors.components(one["vector"])[0], vectors.components(others["vector"])
    there = (others["cell"] > 0) & (one["cell"] > 0)
    found: Floats = vectors.cosines(ours, theirs) * there
    return found


_NAMES, _WORDS = slice(NAMES), slice(NAMES, NAMES + WORDS)
_NUMBERS = slice(NAMES + WORDS, NAMES + WORDS + NUMBERS)
TITLE_PLACES = np.arange(WORDS)


def _shared(one: Rows, others: Rows, rarity: Rarity) -> dict[str, Floats]:
    """What two articles share of names, words, titles and numbers: the weight of the common keys (squares of their
    rarity), and their share, from 0 to 1, of the geometric mean of both sides."""
    ours, theirs = keys_of(one)[0], keys_of(others)
    places = _places(ours, theirs)
    common = places >= 0
    own, weights = rarity(ours) ** 2, rarity(theirs) ** 2
    titled, our_title = others["titled"][:, None] > TITLE_PLACES, one["titled"] > TITLE_PLACES
    in_both = titled & (places[:, _WORDS] - NAMES < one["titled"])
    both = weights * common
    found = {"names": both[:, _NAMES].sum(axis=1), "numbers": both[:, _NUMBERS].sum(axis=1)}
    found["names_share"] = _share(found["names"], own[_NAMES].sum(), weights[:, _NAMES].sum(axis=1))
    words = weights[:, _WORDS]
    found["words_share"] = _share(both[:, _WORDS].sum(axis=1), own[_WORDS].sum(), words.sum(axis=1))
    in_title = (both[:, _WORDS] * in_both).sum(axis=1)
    found["title_share"] = _share(in_title, (own[_WORDS] * our_title).sum(), (words * titled).sum(axis=1))
    least = np.minimum(own[_NUMBERS].sum(), weights[:, _NUMBERS].sum(axis=1))
    several = (np.count_nonzero(theirs[:, _NUMBERS], axis=1) > 1) & (np.count_nonzero(ours[_NUMBERS]) > 1)
    found["numbers_clash"] = several * (1 - found["numbers"] / np.maximum(least, np.float32(1e-6)))
    return found


def _places(ours: NDArray[np.uint32], theirs: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Where each of `theirs` is in `ours`, -1 if nowhere; 0 is no key. By a table of the low halves of our keys, which
    is ten times as fast as a search; the few of ours that share theirs with another are compared one by one."""
    table = np.zeros(LOW + 1, np.uint8)
    table[ours & LOW] = np.arange(1, len(ours) + 1)
    places = table[theirs & LOW].astype(np.int64) - 1
    places[(ours[places] != theirs) | (theirs == 0)] = -1
    for hidden in np.flatnonzero(table[ours & LOW] != np.arange(1, len(ours) + 1)):
        if ours[hidden]:
            places[theirs == ours[hidden]] = hidden
    found: NDArray[np.int64] = places
    return found


def _share(both: Floats, ours: Floats, theirs: Floats) -> Floats:
    found: Floats = both / np.maximum(np.sqrt(ours * theirs), np.float32(1e-6))
    return found


_BITS = np.repeat(
    np.array([1 << n for n in range(len(LISTS))], np.uint8), [part.stop - part.start for part in LISTS.values()]
)
_STARTS = [part.start for part in LISTS.values()]


def _lists(one: Rows, others: Rows) -> dict[str, Floats]:
    """For each short list whether both have something in common, and (`_clash`) both something and nothing in
    common. A table holds, for each value, in which of our lists it is."""
    ours, theirs = lists_of(one)[0], lists_of(others)
    table = np.zeros(LOW + 1, np.uint8)
    for value, bit in zip(ours, _BITS, strict=True):
        table[value] |= bit
    table[0] = 0
    common = np.logical_or.reduceat((table[theirs] & _BITS) != 0, _STARTS, axis=1)
    both = np.logical_or.reduceat(theirs != 0, _STARTS, axis=1) & np.logical_or.reduceat(ours != 0, _STARTS)
    clash = both & ~common
    found: dict[str, Floats] = {name: common[:, n].astype(np.float32) for n, name in enumerate(LISTS)}
    return found | {f"{name}_clash": clash[:, n].astype(np.float32) for n, name in enumerate(LISTS)}
