"""What is kept of articles is what was given, also when the store goes round and grows."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.stories.columns import Columns
from pipeline.core.stories.copies import EMPTY, TEXT
from pipeline.core.stories.features import ROW, Rows
from pipeline.core.stories.ring import larger


def rows_of(kind: np.dtype[np.void], count: int, pick: np.random.Generator) -> Rows:
    """Rows of random bytes, in which lists of keys have 24 bits and many empty places."""
    made = np.frombuffer(pick.bytes(count * kind.itemsize), kind).copy()
    for name in ("names", "words", "numbers") if kind == ROW else ():
        made[name] &= (1 << 24) - 1
        made[name][pick.random(made[name].shape) < 0.5] = 0
    if kind == TEXT:
        made["numbers"][pick.random(made["numbers"].shape) < 0.7] = 0
        made["sample"][pick.random(made["sample"].shape) < 0.1] = EMPTY
    return made


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 300), st.integers(0, 400)), min_size=1, max_size=12), st.integers(0, 99))
def test_contents_come_back(portions: list[tuple[int, int]], seed: int) -> None:
    """Each portion adds rows; then so many of the oldest go."""
    pick, columns = np.random.default_rng(seed), Columns()
    features, texts = np.zeros(0, ROW), np.zeros(0, TEXT)
    for count, going in portions:
        if not columns.room(count):
            columns.grow(count)
        rows = np.arange(columns.end, columns.end + count)
        added = rows_of(ROW, count, pick), rows_of(TEXT, count, pick)
        columns.put(rows, *added)
        columns["alive"][rows % columns.capacity] = True
        columns.end += count
        features, texts = np.concatenate((features, added[0])), np.concatenate((texts, added[1]))
        gone = np.arange(columns.first, min(columns.end, columns.first + going))
        columns["alive"][gone % columns.capacity] = False
        there = np.arange(columns.first, columns.end)
        there = there[columns.alive(there)]
        assert columns.features(there).tobytes() == features[there].tobytes()
        assert columns.texts(there).tobytes() == texts[there].tobytes()


def test_a_column_that_goes_round_is_made_larger() -> None:
    column = np.zeros(5, np.int64)
    lines = np.arange(13, 18)
    column[lines % 5] = lines
    after = larger(column, 8, 13, 18)
    assert after[lines % 8].tolist() == lines.tolist()
    assert np.count_nonzero(after) == 5
