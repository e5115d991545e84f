"""Near vectors are found, by looks whose number is bounded, and whatever was there before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.stories.cells import Cells, cells_of, points, whole
from pipeline.core.stories.vectors import Packed, components, cosines, packed


def some(count: int, seed: int = 1, points_used: int = 5) -> Packed:
    """Vectors around a few points."""
    pick = np.random.default_rng(seed)
    chosen = points()[pick.integers(0, points_used, count)].astype(float) + pick.normal(0, 15, (count, 512))
    return packed(np.clip(np.rint(chosen), -127, 127).astype(np.int8))


class Rows:
    """Which rows are alive."""

    def __init__(self, count: int) -> None:
        self.there = np.ones(count, bool)

    def __call__(self, rows: Any) -> Any:
        return self.there[rows]


def found(cells: Cells, vector: Packed, end: int, names: Any) -> list[tuple[int, int]]:
    rows, bits = cells.near(vector, end)
    return sorted(zip(names[rows].tolist(), bits.tolist(), strict=True))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=200), st.integers(1, 60), st.integers(1, 30), st.integers(1, 7))
def test_only_living_rows_count(kept: list[bool], visited: int, of_a_cell: int, at_once: int) -> None:
    """Cells from which rows are gone find the same as those that were given only the others, in other portions."""
    vectors, numbers = some(len(kept)), np.arange(len(kept))
    alive = Rows(len(kept))
    whole_, again = Cells(alive, visited, of_a_cell), Cells(Rows(len(kept)), visited, of_a_cell)
    cells = cells_of(vectors)
    for first in range(0, len(kept), at_once):
        part = slice(first, min(first + at_once, len(kept)))
        whole_.add(numbers[part], cells[part], vectors[part])
        gone = numbers[part][~np.array(kept)[part]]
        alive.there[gone] = False
        whole_.gone(cells[gone])
    left = numbers[np.array(kept)]
    if left.size:
        again.add(np.arange(left.size), cells[left], vectors[left])
    for asked in some(4, seed=7):
        assert found(whole_, asked, len(kept), numbers) == found(again, asked, int(left.size), left)


def test_looks_are_bounded() -> None:
    """A cell gives its newest rows; the nearest cells are visited until there are enough."""
    vectors = np.repeat(some(1), 1000, axis=0)
    cells = Cells(Rows(1000), visited=100, of_a_cell=40)
    cells.add(np.arange(1000), cells_of(vectors), vectors)
    rows, bits = cells.near(vectors[0], 1000)
    assert rows.tolist() == list(range(960, 1000))
    assert not bits.any()


def test_a_vector_keeps_its_direction() -> None:
    steps = np.clip(np.rint(np.random.default_rng(3).normal(0, 22, (50, 512))), -127, 127).astype(np.int8)
    before = steps.astype(float) / np.linalg.norm(steps.astype(float), axis=1, keepdims=True)
    after = components(packed(steps))
    assert cosines(after[0], after) == pytest.approx(before @ before[0], abs=0.03)


def test_numbers_of_rows_that_need_more_than_32_bits() -> None:
    end = (1 << 34) + 5
    rows = np.array([end - 1, end - 6, end - (1 << 31)])
    assert whole((rows & 0xFFFFFFFF).astype(np.uint32), end).tolist() == rows.tolist()
