"""Makes room in columns whose lines are numbered without end: line n is at place n % size."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def larger(column: NDArray[Any], size: int, first: int, end: int) -> NDArray[Any]:
    """A column of `size` lines with those of `column` from `first` to before `end`; the others are 0."""
    made, before = np.zeros((size, *column.shape[1:]), column.dtype), len(column)
    while first < end:
        there, here = first % before, first % size
        count = min(end - first, before - there, size - here)
        made[here : here + count] = column[there : there + count]
        first += count
    return made
