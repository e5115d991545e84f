"""A table of numbers by id behaves as a dictionary."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.stories.id_table import IdTable, bytes_key, bytes_keys, id_bytes, id_key

KEYS = st.one_of(st.integers(1, 40), st.integers(1, 40).map(lambda n: (1 << 64) - n), st.integers(1, (1 << 64) - 1))


def table_of(keys: dict[int, int]) -> IdTable:
    """A table of numbers whose keys `keys` knows."""
    return IdTable(keys.__getitem__, lambda numbers: np.array([keys[n] for n in numbers.tolist()], np.uint64))


@given(st.lists(st.tuples(st.booleans(), KEYS), max_size=200))
def test_as_a_dictionary(steps: list[tuple[bool, int]]) -> None:
    """Also for keys that want the same place, and at the end of the table."""
    keys, expected = dict[int, int](), dict[int, int]()
    table = table_of(keys)
    for number, (put, key) in enumerate(steps):
        if put:
            keys[number] = key
            table.set(key, number)
            expected[key] = number
        else:
            table.remove(key)
            expected.pop(key, None)
        assert table.get(key) == expected.get(key, -1)
    assert len(table) == len(expected)
    assert {key: table.get(key) for key in expected} == expected


def test_it_grows_and_shrinks() -> None:
    keys = [id_key(f"article {n}") for n in range(20_000)]
    table = table_of(dict(enumerate(keys)))
    for number, key in enumerate(keys):
        table.set(key, number)
    for key in keys[::2]:
        table.remove(key)
    assert [table.get(key) for key in keys[:6]] == [-1, 1, -1, 3, -1, 5]
    assert len(table) == 10_000


def test_an_id_has_one_key_in_each_form() -> None:
    ids = ["0" * 32, "f" * 32, "0123456789abcdef" * 2, f"{7:032x}"]
    assert [bytes_key(id_bytes(id)) for id in ids] == [id_key(id) for id in ids]
    packed = np.frombuffer(b"".join(map(id_bytes, ids)), "V16")
    assert bytes_keys(packed).tolist() == [id_key(id) for id in ids]
    with pytest.raises(ValueError, match="hexadecimal"):
        id_bytes("x")
