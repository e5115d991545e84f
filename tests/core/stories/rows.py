"""Articles as the window holds them, and a score that knows what belongs together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from pipeline.core.stories.cells import cells_of
from pipeline.core.stories.columns import Texts
from pipeline.core.stories.copies import EMPTY, TEXT
from pipeline.core.stories.features import ROW, Rows
from pipeline.core.stories.place import Probabilities
from pipeline.core.stories.rarity import Rarity
from pipeline.core.stories.vectors import packed
from pipeline.core.stories.window import Entry, Window

DAY = 86400.0
WINDOW = 14 * DAY


def vector(number: int, base: int | None = None, share: float = 0.8) -> Any:
    """A random direction; with `base` near to that of the number `base`."""
    own = np.random.default_rng(number).standard_normal(512)
    mixed = own if base is None else share * np.random.default_rng(base).standard_normal(512) + (1 - share) * own
    return np.clip(np.rint(mixed / np.linalg.norm(mixed) * 512), -127, 127).astype(np.int8)


def row(number: int, *, near: int | None = None, share: float = 0.8, **lists: Iterable[int]) -> Rows:
    """A row of features. `number` is its `source`, by which `Belongs` knows it. `near`: see `vector`."""
    made = np.zeros(1, ROW)
    made["source"], made["encoded"] = number, 1
    made["vector"] = packed(vector(number, near, share))
    made["cell"] = cells_of(made["vector"])
    for name, values in lists.items():
        kept = list(values)
        made[name][0, : len(kept)] = kept
    return made


def text(sample: Iterable[int] = ()) -> Texts:
    """A row of a text with these lowest hashes."""
    made = np.zeros(1, TEXT)
    made["sample"] = EMPTY
    kept = sorted(sample)
    made["sample"][0, : len(kept)] = kept
    return made


class Belongs:
    """A score by a table: of two articles in the same group 0.9, of two that `pairs` names as it says, of others 0."""

    threshold = 0.5

    def __init__(self, groups: Iterable[Iterable[int]], pairs: Mapping[tuple[int, int], float] | None = None) -> None:
        self._group = {one: number for number, group in enumerate(groups) for one in group}
        self._pairs = dict(pairs or {})

    def probabilities(self, one: Rows, others: Rows, rarity: Rarity) -> Probabilities:
        own = int(one["source"][0])
        return np.array([self._of(own, int(other)) for other in others["source"]])

    def _of(self, one: int, other: int) -> float:
        named = self._pairs.get((one, other), self._pairs.get((other, one)))
        if named is not None:
            return named
        return 0.9 if self._group.get(one, -one - 1) == self._group.get(other, -other - 1) else 0.0


def id_of(number: int) -> str:
    return f"{number:032x}"


def entry(number: int, story: int | None = None, seen: float = 0.0, **more: Any) -> Entry:
    return Entry(id_of(number), id_of(number if story is None else story), number, seen, **more)


def filled(stories: Mapping[int, Iterable[int]], near: int = 1000) -> Window:
    """A window with these stories: by the number of each, the numbers of its articles, all near each other."""
    window = Window(WINDOW)
    placed = sorted((number, story) for story, numbers in stories.items() for number in numbers)
    for number, story in placed:
        window.add(entry(number, story), row(number, near=near), text())
    return window
