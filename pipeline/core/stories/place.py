"""Finds the story of an article: the stories nearest to it by vector, by rare names and numbers and by equal facts are
candidates; each is compared by at most eight of its articles.

The probability that the article belongs to a story is the mean of the better half of those with its representatives.
So one near pair never decides alone, and a story that goes on need not resemble its beginning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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
    stories = list(dict.fromkeys(_candidates(features, window, options)))[: options.stories]
    groups = [window.around(window.representatives(story), seen) for story in stories]
    kept = [(story, rows) for story, rows in zip(stories, groups, strict=True) if rows.size]
    if not kept:
        return []
    rows = np.concatenate([rows for _, rows in kept])
    found = score.probabilities(features, window.columns.of("features", rows), window.rarity)
    parts = np.split(found, np.cumsum([len(rows) for _, rows in kept])[:-1])
    all_claims = [
        Claim(story, int(rows[0]), better_half(part)) for (story, rows), part in zip(kept, parts, strict=True)
    ]
    return sorted(all_claims, key=lambda claim: (-claim.probability, claim.first))


def _candidates(features: Rows, window: Window, options: Options) -> Iterator[int]:
    """Numbers of stories, those of the nearest articles first; by turns from each way of finding them."""
    near, _ = window.same_subject(features, options.near)
    named, weights = window.same_names(features)
    named = named[np.lexsort((-named, -weights))][: options.named]
    facts = window.same_facts(features)[::-1]
    for place in range(max(len(near), len(named), len(facts))):
        for rows in (near, named, facts):
            if place < len(rows):
                yield window.story_number(int(rows[place]))


def better_half(probabilities: NDArray[Any]) -> float:
    """The mean of the better half; of an odd number, the middle one is in it."""
    half = (len(probabilities) + 1) // 2
    return float(np.mean(-np.sort(-probabilities)[:half]))


def both_ways(one: Numbers, other: Numbers, window: Window, score: Score) -> float:
    """How likely two groups of articles are one story: the mean over all pairs of one of each. The better halves would
    merge stories that only have a few articles near each other."""
    theirs = window.columns.of("features", other)
    table = np.stack([
        score.probabilities(window.columns.of("features", one[place : place + 1]), theirs, window.rarity)
        for place in range(len(one))
    ])  # fmt: skip
    return float(np.mean(table))
