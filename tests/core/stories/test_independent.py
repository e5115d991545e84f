"""Independent sources: copies, agencies and outlets count once, in whatever order the articles stand."""

from __future__ import annotations

from itertools import permutations
from zlib import crc32

import numpy as np
import pytest

from pipeline.core.stories.copies import TEXT
from pipeline.core.stories.independent import independent_sources

#: id, outlet, site, agencies, id of the original
Made = tuple[str, str, str, str, str]
CASES: list[tuple[str, list[Made], int]] = [
    ("one article", [("a", "A", "a", "", "")], 1),
    ("two outlets", [("a", "A", "a", "", ""), ("b", "B", "b", "", "")], 2),
    ("one outlet twice", [("a", "A", "a", "", ""), ("b", "A", "a", "", "")], 1),
    ("two names on one domain", [("a", "A", "a", "", ""), ("b", "B", "a", "", "")], 1),
    ("one name on two domains", [("a", "A", "a", "", ""), ("b", "A", "b", "", "")], 1),
    ("joined by domain and name", [("a", "A", "x", "", ""), ("c", "B", "y", "", ""), ("b", "B", "x", "", "")], 1),
    ("a copy", [("a", "A", "a", "", ""), ("b", "B", "b", "", "a")], 1),
    ("a copy of a copy", [("a", "A", "a", "", ""), ("b", "B", "b", "", "a"), ("c", "C", "c", "", "b")], 1),
    ("one agency in three outlets", [(x, x, x, "afp", "") for x in "abc"], 1),
    ("two agencies", [("a", "A", "a", "afp", ""), ("b", "B", "b", "dpa", "")], 2),
    ("an agency and own reporting of the same outlet", [("a", "A", "a", "afp", ""), ("b", "A", "a", "", "")], 2),
    ("of two agencies", [("a", "A", "a", "afp", ""), ("b", "B", "b", "dpa", ""), ("c", "C", "c", "afp dpa", "")], 2),
    ("made of two agencies, alone", [("c", "C", "c", "afp dpa", "")], 1),
    ("a copy says whose it is", [("a", "A", "a", "", ""), ("b", "B", "b", "afp", "a"), ("c", "C", "c", "afp", "")], 1),
    ("the original is not in the story", [("b", "B", "b", "", "z"), ("c", "C", "c", "", "z")], 1),
]  # fmt: skip


def count(made: list[Made]) -> int:
    rows = np.zeros(len(made), TEXT)
    for row, (_, outlet, site, agencies, _) in zip(rows, made, strict=True):
        row["source"], row["site"] = crc32(f"o{outlet}".encode()), crc32(f"s{site}".encode())
        keys = [crc32(agency.encode()) & 0xFFFF for agency in agencies.split()]
        row["agency"][: len(keys)] = keys
    return independent_sources(rows, [one[0] for one in made], [one[4] for one in made])


@pytest.mark.parametrize(("name", "made", "expected"), CASES, ids=[case[0] for case in CASES])
def test_sources_are_counted_once_in_any_order(name: str, made: list[Made], expected: int) -> None:
    assert {count(list(order)) for order in permutations(made)} == {expected}
