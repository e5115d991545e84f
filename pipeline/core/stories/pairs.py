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

from pipeline.core.stories.features import Rows

STEP = 1000  # steps per unit of features and of weights

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


class Shared(NamedTuple):
    """The weight of the keys that both have, of ours, and of theirs, for each of theirs: squares of their rarity."""

    both: Floats
    ours: Floats
    theirs: Floats

    @property
    def share(self) -> Floats:
        """From 0 to 1: of the geometric mean of both sides."""
        found: Floats = self.both / np.maximum(np.sqrt(self.ours * self.theirs), np.float32(1e-6))
        return found


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
    one = one.reshape(1)[0]
    language = others["language"] != one["language"]
    across = language.astype(np.float32)
    known = (others["encoded"] & one["encoded"]).astype(np.float32)
    within: Floats = 1 - across
    cosine = _cosines(one, others)
    names, words = _shared(one["names"], others["names"], rarity), _shared(one["words"], others["words"], rarity)
    titles = _shared(_titled(one.reshape(1))[0], _titled(others), rarity)
    source = (others["source"] == one["source"]).astype(np.float32)
    apart = np.abs(others["hour"].astype(np.float32) - np.float32(one["hour"])) / np.float32(24)
    found = {
        "cosine": cosine * known, "cosine_near": np.maximum(cosine - np.float32(NEAR), 0) * known,
        "cosine_across": cosine * known * across, "cosine_unknown": cosine * (1 - known), "unknown": 1 - known,
        "names": np.minimum(names.both, FULL) / FULL, "names_share": names.share, "names_across": names.share * across,
        "words_share": words.share * within, "title_share": titles.share * within,
        "title_across": words.share * across,
        **_numbers(one, others, rarity), **_days(one, others), **_facts(one, others),
        **_both("topics", one, others), **_both("countries", one, others),
        "apart": np.minimum(apart, np.float32(1)), "apart_more": np.minimum(apart, np.float32(DAYS)) / DAYS,
        "across": across, "same_source": source, "same_source_words": source * words.share,
    }  # fmt: skip
    table = np.stack([found[name] for name in FEATURES], axis=1)
    return np.rint(table.astype(np.float64) * STEP).astype(np.int64)


def _cosines(one: Rows, others: Rows) -> Floats:
    """Cosines, the same on every processor: sums of products of small integers are exact in float32."""
    theirs, ours = others["vector"].astype(np.float32), one["vector"].astype(np.float32)
    norms = np.sqrt(np.einsum("ij,ij->i", theirs, theirs) * (ours @ ours))
    cosines: Floats = (theirs @ ours) / np.maximum(norms, 1)
    return cosines


def _titled(rows: Rows) -> NDArray[np.uint32]:
    """The words of the titles, and zeros for the others."""
    places = np.arange(rows["words"].shape[1])
    titled: NDArray[np.uint32] = np.where(places < rows["titled"][:, None], rows["words"], 0).astype(np.uint32)
    return titled


def _shared(ours: NDArray[np.uint32], theirs: NDArray[np.uint32], rarity: Rarity) -> Shared:
    own, weights = rarity(ours) ** 2, rarity(theirs) ** 2
    common = np.where(_within(theirs, ours), weights, np.float32(0)).sum(axis=1)
    return Shared(common, np.full(len(theirs), own.sum(), np.float32), weights.sum(axis=1))


def _within(theirs: NDArray[np.generic], ours: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Which of `theirs` (K x N) are among `ours`; 0 is not."""
    known = np.sort(ours)
    places = np.minimum(np.searchsorted(known, theirs), len(known) - 1)
    found: NDArray[np.bool_] = (known[places] == theirs) & (theirs != 0)
    return found


def _both(name: str, one: Rows, others: Rows) -> dict[str, Floats]:
    """Whether two lists have something in common, and whether both have something and nothing in common."""
    shared = np.logical_or.reduce(_within(others[name], one[name]), axis=1)
    clash = others[name].any(axis=1) & bool(one[name].any()) & ~shared
    return {name: shared.astype(np.float32), f"{name}_clash": clash.astype(np.float32)}


def _numbers(one: Rows, others: Rows, rarity: Rarity) -> dict[str, Floats]:
    shared = _shared(one["numbers"], others["numbers"], rarity)
    several = (np.count_nonzero(others["numbers"], axis=1) > 1) & (np.count_nonzero(one["numbers"]) > 1)
    clash = several & (shared.both == 0)
    enough: Floats = np.minimum(shared.both, np.float32(2)) / 2
    return {"numbers": enough, "numbers_clash": clash.astype(np.float32)}


def _days(one: Rows, others: Rows) -> dict[str, Floats]:
    days, years = _both("days", one, others), _both("years", one, others)
    return {"days_shared": days["days"], "days_clash": days["days_clash"], "years_clash": years["years_clash"]}


def _facts(one: Rows, others: Rows) -> dict[str, Floats]:
    """Whether both state the same host, a sender in common and no other vote; and whether hosts or votes differ."""
    host, vote, senders = (_both(name, one, others) for name in ("host", "vote", "senders"))
    same: Floats = host["host"] * senders["senders"] * (1 - vote["vote_clash"])
    clash: Floats = np.maximum(host["host_clash"], vote["vote_clash"])
    return {"facts": same, "facts_clash": clash}
