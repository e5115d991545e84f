"""Makes articles as relate's window holds them, in any number, alike to real ones in what matters for cost.

Vectors lie between those of real news (the points of the window's cells): two have a cosine of 0.12 with a deviation of
0.1, and one pair in a thousand is above 0.5. Names, words and numbers are as frequent as in texts: a
few common, most rare (Zipf).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.core.stories.columns import Texts
from pipeline.core.stories.copies import TEXT
from pipeline.core.stories.features import ROW, Rows
from pipeline.core.stories.window import Entry, points

THEMES = 20_000
NAMES, WORDS, NUMBERS = 16, 30, 6  # of an article
COPIES = 0.2  # share of articles that are a copy
STORY = 0.4  # share that belongs to the story of an earlier one


class MadeArticles:
    """The same articles each time."""

    def __init__(self, seed: int = 1) -> None:
        self._pick = np.random.default_rng(seed)
        real = _unit(points().astype(np.float32))
        self._mean = _unit(real.mean(axis=0))
        self._points = _unit(real - (real @ self._mean)[:, None] * self._mean)
        self._themes = _unit(self._points[self._pick.integers(0, len(self._points), (THEMES, 3))].mean(axis=1))
        self._last: list[tuple[str, Rows, Texts]] = []

    def article(self, number: int, seen: float) -> tuple[Entry, Rows, Texts]:
        id = f"{number * 0x9E3779B97F4A7C15 % (1 << 128):032x}"
        features, text = self._features(), self._text()
        story, original = id, None
        if self._last and self._pick.random() < STORY:
            story, like, printed = self._last[self._pick.integers(len(self._last))]
            features["names"][0, :8], features["numbers"][0, :2] = like["names"][0, :8], like["numbers"][0, :2]
            features["vector"] = _steps(0.8 * _unit(like["vector"].astype(np.float32)) + 0.2 * _unit(
                features["vector"].astype(np.float32)))  # fmt: skip
            if self._pick.random() < COPIES / STORY:
                text, original = printed.copy(), story
        self._last = [*self._last[-999:], (story, features, text)]
        return Entry(id, story, number + 1, seen, original), features, text

    def _features(self) -> Rows:
        row = np.zeros(1, ROW)
        own = self._points[self._pick.integers(0, len(self._points), 6)].mean(axis=0)
        mixed = _unit(0.75 * self._themes[self._pick.integers(THEMES)] + 0.66 * _unit(own))
        row["vector"] = _steps(0.3 * self._mean[None] + 0.95 * mixed[None])
        row["names"][0, :NAMES] = self._keys(NAMES, 1.4)
        row["words"][0, :WORDS] = self._keys(WORDS, 1.3)
        row["numbers"][0, :NUMBERS] = self._pick.integers(1, 1 << 22, NUMBERS)
        row["encoded"], row["titled"] = 1, 8
        return row

    def _keys(self, count: int, exponent: float) -> Any:
        ranks = np.unique(self._pick.zipf(exponent, 2 * count) % (1 << 22))[:count]
        self._pick.shuffle(ranks)
        found = np.zeros(count, np.uint32)
        found[: len(ranks)] = (ranks * 2654435761 + count) & 0xFFFFFFFF
        return found

    def _text(self) -> Texts:
        text = np.zeros(1, TEXT)
        text["sample"] = np.sort(self._pick.integers(1, 1 << 29, 64, dtype=np.uint32))
        text["runs"], text["words"] = 500, self._pick.integers(1, 1 << 62)
        text["site"] = text["source"] = self._pick.integers(1, 5000)
        text["about"] = 1
        return text


def _unit(rows: Any) -> Any:
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def _steps(rows: Any) -> Any:
    return np.clip(np.rint(_unit(rows) * 512), -127, 127).astype(np.int8)
