"""Compares stories with events: B³ (Bagga and Baldwin 1998) and pairwise precision, recall and F."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Score(NamedTuple):
    """From 0 to 1."""

    precision: float
    recall: float

    @property
    def f(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def b_cubed(events: Sequence[str], stories: Sequence[str]) -> Score:
    """On average over the articles: how much of its story is of its event, and how much of its event is in its story.
    The article itself counts."""
    together = Counter(zip(events, stories, strict=True))
    event, story = Counter(events), Counter(stories)
    count = max(len(events), 1)
    precision = sum(number * number / story[own] for (_, own), number in together.items())
    recall = sum(number * number / event[own] for (own, _), number in together.items())
    return Score(precision / count, recall / count)


def pairwise(events: Sequence[str], stories: Sequence[str]) -> Score:
    """How many pairs of a story are of one event, and how many pairs of an event are in one story; 1 if there are no
    such pairs."""
    right = _pairs(Counter(zip(events, stories, strict=True)).values())
    together, same = _pairs(Counter(stories).values()), _pairs(Counter(events).values())
    return Score(right / together if together else 1.0, right / same if same else 1.0)


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)
