"""Keeps a few of many values, spread evenly over their order."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Samples(Generic[T]):
    """At most `most` of the values that were added, as even as may be, in their order. Memory does not grow."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._step = 1  # every value number n * step is kept
        self._seen = 0
        self._kept: list[T] = []

    def add(self, value: T) -> None:
        if self._seen % self._step == 0:
            self._kept.append(value)
            if len(self._kept) > 8 * self._most:
                self._kept = self._kept[::2]
                self._step *= 2
        self._seen += 1

    def chosen(self) -> list[T]:
        """The samples: first and last, and the others at equal distances between."""
        kept, most = self._kept, self._most
        if len(kept) <= most:
            return list(kept)
        return [kept[round(number * (len(kept) - 1) / (most - 1))] for number in range(most)]
