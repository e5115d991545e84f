"""A table of numbers by id behaves as a dictionary."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.stories.id_table import IdTable, id_key

KEYS = st.one_of(st.integers(1, 40), st.integers(1, 40).map(lambda n: (1 << 64) - n), st.integers(1, (1 << 64) - 1))


@given(st.lists(st.tuples(st.booleans(), KEYS, st.integers(0, 1 << 40)), max_size=200))
def test_as_a_dictionary(steps: list[tuple[bool, int, int]]) -> None:
    """Also for keys that want the same place, and at the end of the table."""
    table, expected = IdTable(), dict[int, int]()
    for put, key, number in steps:
        if put:
            table.set(key, number)
            expected[key] = number
        else:
            table.remove(key)
            expected.pop(key, None)
        assert table.get(key) == expected.get(key, -1)
    assert len(table) == len(expected)
    assert {key: table.get(key) for key in expected} == expected


def test_it_grows_and_shrinks() -> None:
    table = IdTable()
    keys = [id_key(f"article {n}") for n in range(20_000)]
    for number, key in enumerate(keys):
        table.set(key, number)
    for key in keys[::2]:
        table.remove(key)
    assert [table.get(key) for key in keys[:6]] == [-1, 1, -1, 3, -1, 5]
    assert len(table) == 10_000
