"""Floods: one story that grows, copies of one text, and a template that is printed again and again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from pipeline.core.stories.copies import is_copy
from pipeline.core.stories.features import Rows
from pipeline.core.stories.pairs import pair_score
from pipeline.core.stories.place import Probabilities, Score
from pipeline.core.stories.rarity import Rarity
from pipeline.core.stories.story import Kept, Noted, Stories
from pipeline.core.stories.window import Entry, Window
from scripts.load.made_articles import MadeArticles

COUNT = 4_200  # articles of a flood
AT = (250, 1000, COUNT)  # where it is measured


class _Alike:
    """A score for which all articles are of one story; it takes as long as the real one."""

    threshold = 0.5

    def probabilities(self, one: Rows, others: Rows, rarity: Rarity) -> Probabilities:
        return 0.9 + 0 * pair_score().probabilities(one, others, rarity)


class _Two(_Alike):
    """The same, for which outlets with odd and with even keys report two stories, once they are compared."""

    def probabilities(self, one: Rows, others: Rows, rarity: Rarity) -> Probabilities:
        odd = (others["source"] % 2) == int(one["source"][0]) % 2
        return np.where(odd, super().probabilities(one, others, rarity), 0.05)


def _article(kind: str, number: int, pick: np.random.Generator, like: tuple[Rows, Any]) -> tuple[Rows, Any]:
    features, text = like[0].copy(), like[1].copy()
    features["hour"], text["source"] = number // 1200, 1 + number % 50
    text["site"] = features["source"] = text["source"]
    if kind == "template":
        features["numbers"][0, :4] = pick.integers(1, 1 << 22, 4)
        text["sample"][0, :40] = like[1]["sample"][0, :40]
        text["sample"][0, 40:] = np.sort(pick.integers(1 << 29, 1 << 30, 24))
        text["numbers"][0, :6] = pick.integers(1, 1 << 16, 6)
    elif kind != "copies":
        features["names"][0, :12] = pick.integers(1, 1 << 24, 12)
        text["sample"][0] = np.sort(pick.integers(1, 1 << 29, 64))
        text["names"][0, :10] = pick.integers(1, 1 << 16, 10)
    return features, text


def _flood(kind: str, score: Score) -> Iterator[list[str]]:
    """Mean and longest step since the last line, in milliseconds of processor time."""
    window, pick = Window(14 * 86400.0), np.random.default_rng(1)
    stories = Stories(window, score, lambda ids: {})
    like = MadeArticles().article(1, 0.0)[1:]
    started = {"all": 0.0, "longest": 0.0, "since": 0.0}
    for number in range(1, COUNT + 1):
        features, text = _article(kind, number, pick, like)
        id, seen, begin = f"{number:032x}", number * 3.0, time.process_time()
        near = sorted(stories.near_texts(text, seen), key=lambda one: (one.copy, one.seq))
        original = next((one for one in near if is_copy(text[0], one.text)), None)
        placed = stories.place(id, features, seen) if original is None else None
        story = placed.story if placed else original.story if original else id
        copied = original.article if original else None
        if placed:
            stories.independent(placed, id, text, copied)
        kept = Kept(Entry(id, story, number, seen, copied), features, text)
        stories.note(Noted(seen, placed.corrections if placed else (), kept))
        step = 1000 * (time.process_time() - begin)
        started["all"] += step
        started["longest"] = max(started["longest"], step)
        if number in AT:
            mean = started["all"] / (number - started["since"])
            yield [kind, f"{number:,}", f"{mean:.1f}", f"{started['longest']:.0f}", str(len(window.stories))]
            started = {"all": 0.0, "longest": 0.0, "since": float(number)}


def worst_steps() -> Iterator[list[str]]:
    """Lines of a table: kind of flood, articles, mean and longest step, stories."""
    yield ["flood", "articles", "ms a step", "longest ms", "stories"]
    yield ["---", "--:", "--:", "--:", "--:"]
    for kind, score in (
        ("one story", _Alike()),
        ("two stories", _Two()),
        ("copies", pair_score()),
        ("template", pair_score()),
    ):
        yield from _flood(kind, score)
