"""Finds the story of an article: the stories nearest to it by vector, by rare names and numbers and by equal facts are
candidates; each is compared by at most eight of its articles.

The probability that the article belongs to a story is the mean of the better half of those with its representatives.
So one near pair never decides alone, and a story that goes on need not resemble its beginning.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.core.stories.columns import Numbers
from pipeline.core.stories.features import Rows
from pipeline.core.stories.rarity import Rarity
from pipeline.core.stories.window import Window

Probabilities = NDArray[np.float64]


class Score(Protocol):
    """Says how likely it is that two articles report the same event (pairs.py)."""

    @property
    def threshold(self) -> float: ...

    def probabilities(self, one: Rows, others: Rows, rarity: Rarity) -> Probabilities:
        """The probability of `one`, a row, with each of `others`."""
        ...


@dataclass(frozen=True, slots=True)
class Options:
    """How many are looked at. The limits only bound the time: what is beyond them is hardly ever the best."""

    near: int = 48  # articles nearest by vector
    named: int = 48  # articles that share the rarest names and numbers
    stories: int = 24  # stories compared
    linked: int = 3  # stories that an article may link to its own
    merge: float = 0.4  # mean probability of representatives of two stories from which they are one
    split: float = 0.2  # the same of two groups of a story, up to which they are two


@dataclass(frozen=True, slots=True)
class Claim:
    """A story by its number, its first row here, and the probability that an article belongs to it."""

    story: int
    first: int
    probability: float


def claims(features: Rows, seen: float, window: Window, score: Score, options: Options) -> list[Claim]:
    """The candidate stories of an article, the most probable first. `features`: one row, not in the window itself."""
    stories = _candidates(features, window, options)[: options.stories]
    groups = [window.representatives(story) for story in stories]
    rows = np.concatenate([*groups, np.empty(0, np.int64)])
    of = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    there = window.around(rows, seen)
    rows, of = rows[there], of[there]
    if not rows.size:
        return []
    found = score.probabilities(features, window.columns.features(rows), window.rarity)
    starts = np.flatnonzero(np.diff(of, prepend=-1))
    ends = [*starts[1:].tolist(), len(of)]
    all_claims = [
        Claim(stories[int(of[start])], int(rows[start]), better_half(found[start:end]))
        for start, end in zip(starts.tolist(), ends, strict=True)
    ]
    return sorted(all_claims, key=lambda claim: (-claim.probability, claim.first))


def _candidates(features: Rows, window: Window, options: Options) -> list[int]:
    """Numbers of stories, those of the nearest articles first; by turns from each way of finding them."""
    near, _ = window.same_subject(features, options.near)
    named, weights = window.same_names(features)
    named = named[np.lexsort((-named, -weights))][: options.named]
    ways = [window.columns.of("story", rows).tolist() for rows in (near, named, window.same_facts(features)[::-1])]
    turns = zip_longest(*ways)
    return list(dict.fromkeys(story for turn in turns for story in turn if story is not None))


def better_half(probabilities: NDArray[Any]) -> float:
    """The mean of the better half; of an odd number, the middle one is in it."""
    half = (len(probabilities) + 1) // 2
    better: list[float] = sorted(probabilities.tolist(), reverse=True)[:half]
    return sum(better) / half


def both_ways(one: Numbers, other: Numbers, window: Window, score: Score) -> float:
    """How likely two groups of articles are one story: the mean over all pairs of one of each. The better halves would
    merge stories that only have a few articles near each other."""
    ours, theirs = window.columns.features(one), window.columns.features(other)
    table = np.stack([score.probabilities(ours[n : n + 1], theirs, window.rarity) for n in range(len(ours))])
    return float(np.mean(table))
