"""Makes articles as relate's window holds them, in any number, alike to real ones in what matters for cost.

Vectors lie between those of real news (the points of the window's cells): two have a cosine of 0.12 with a deviation of
0.1, and one pair in a thousand is above 0.5. Lists are as long as those of real reports; names, words and numbers are
as frequent as in texts: a few common, most rare (Zipf).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.core.stories.cells import cells_of, points
from pipeline.core.stories.columns import Texts
from pipeline.core.stories.copies import TEXT
from pipeline.core.stories.features import ROW, Rows
from pipeline.core.stories.keys import BITS
from pipeline.core.stories.vectors import packed
from pipeline.core.stories.window import Entry

Made = tuple[Entry, Rows, Texts]

THEMES, VECTORS = 20_000, 20_000
NAMES, WORDS, NUMBERS = 15, 31, 3  # of an article
COPIES = 0.2  # share of articles that are a copy
STORY = 0.4  # share that belongs to the story of an earlier one
KEPT = 2_000  # articles whose stories go on


class MadeArticles:
    """The same articles each time. There are VECTORS different vectors, each with a few components changed."""

    def __init__(self, seed: int = 1) -> None:
        self._pick = np.random.default_rng(seed)
        real = _unit(points().astype(np.float32))
        mean = _unit(real.mean(axis=0))
        apart = _unit(real - (real @ mean)[:, None] * mean)
        themes = _unit(apart[self._pick.integers(0, len(apart), (THEMES, 3))].mean(axis=1))
        own = _unit(apart[self._pick.integers(0, len(apart), (VECTORS, 3))].mean(axis=1))
        mixed = _unit(0.75 * themes[self._pick.integers(0, THEMES, VECTORS)] + 0.66 * own)
        self._vectors = packed(_steps(0.3 * mean[None] + 0.95 * mixed))
        self._cells = np.concatenate([cells_of(part) for part in np.array_split(self._vectors, 20)])
        self._last: tuple[list[str], Rows, Texts] = ([], np.zeros(0, ROW), np.zeros(0, TEXT))

    def article(self, number: int, seen: float) -> Made:
        return self.articles(number, [seen])[0]

    def articles(self, first: int, seen: Sequence[float]) -> list[Made]:
        """As many articles as `seen` has times, numbered from `first`."""
        count = len(seen)
        ids = [self._pick.bytes(16).hex() for _ in range(count)]
        features, texts = self._features(count), self._texts(count)
        stories, originals = list(ids), dict[int, str]()
        before, like, printed = self._last
        if before:
            for place in np.flatnonzero(self._pick.random(count) < STORY).tolist():
                other = int(self._pick.integers(len(before)))
                stories[place] = before[other]
                for name, shared in (("names", 8), ("numbers", 2), ("words", 12), ("vector", 220)):
                    features[name][place, :shared] = like[name][other, :shared]
                features["cell"][place] = like["cell"][other]
                if self._pick.random() < COPIES / STORY:
                    texts[place], originals[place] = printed[other], before[other]
        self._last = ([*before, *stories][-KEPT:], np.concatenate((like, features))[-KEPT:],
                      np.concatenate((printed, texts))[-KEPT:])  # fmt: skip
        return [
            (Entry(ids[n], stories[n], first + n + 1, seen[n], originals.get(n)), features[n : n + 1], texts[n : n + 1])
            for n in range(count)
        ]

    def _features(self, count: int) -> Rows:
        rows = np.zeros(count, ROW)
        chosen = self._pick.integers(0, VECTORS, count)
        rows["vector"], rows["cell"] = self._vectors[chosen], self._cells[chosen]
        rows["vector"][:, 220:] ^= self._pick.integers(0, 4, (count, 36), dtype=np.uint8)
        rows["names"][:, :NAMES] = self._keys(count, NAMES, 1.4)
        rows["words"][:, :WORDS] = self._keys(count, WORDS, 1.3)
        rows["numbers"][:, :NUMBERS] = self._pick.integers(1, 1 << 22, (count, NUMBERS))
        rows["days"][:, 0], rows["countries"][:, :2] = 20_000, self._pick.integers(1, 200, (count, 2))
        rows["encoded"], rows["titled"], rows["source"] = 1, 8, self._pick.integers(1, 5000, count)
        return rows

    def _keys(self, count: int, width: int, exponent: float) -> Any:
        """Different keys in each line; where one came again, there is a rare one."""
        ranks = np.sort(self._pick.zipf(exponent, (count, width)) % (1 << 22), axis=1)
        again = np.zeros(ranks.shape, bool)
        again[:, 1:] = ranks[:, 1:] == ranks[:, :-1]
        ranks[again] = self._pick.integers(1 << 20, 1 << 22, np.count_nonzero(again))
        return np.maximum((ranks * 2654435761 + width) % (1 << BITS), 1)

    def _texts(self, count: int) -> Texts:
        texts = np.zeros(count, TEXT)
        texts["sample"] = np.sort(self._pick.integers(1, 1 << 29, (count, 64), dtype=np.uint32), axis=1)
        texts["runs"], texts["words"] = 500, self._pick.integers(1, 1 << 62, count)
        texts["numbers"][:, :10] = self._pick.integers(1, 1 << 16, (count, 10))
        texts["names"][:, :10] = self._pick.integers(1, 1 << 16, (count, 10))
        texts["site"] = texts["source"] = self._pick.integers(1, 5000, count)
        texts["about"] = 1
        return texts


def _unit(rows: Any) -> Any:
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def _steps(rows: Any) -> Any:
    return np.clip(np.rint(_unit(rows) * 512), -127, 127).astype(np.int8)
