"""What the follower keeps of streams."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import pytest

from pipeline.console.follow import Newest
from pipeline.records import Feed
from tests.builders import feed

OLD, NEW, NEWEST = (feed("a", url=f"https://{n}.example/rss") for n in range(3))


@pytest.mark.parametrize("order", list(permutations((0, 1))))
@pytest.mark.parametrize(
    ("partitions", "left"),
    [
        ({0: (OLD, None), 1: (NEW,)}, NEW),  # it moved
        ({0: (OLD, None, NEWEST), 1: (NEW, None)}, NEWEST),  # and back
        ({0: (OLD, None), 1: (NEW, None)}, None), ({0: (), 1: (OLD, NEW)}, NEW),
    ],
)  # fmt: skip
def test_a_key_that_moved_is_where_it_went_whatever_is_read_first(
    partitions: dict[int, Sequence[Feed | None]], left: Feed | None, order: tuple[int, int]
) -> None:
    newest: Newest[Feed] = Newest()
    for partition in order:
        for record in partitions[partition]:
            newest.take("a", record, partition)
    assert newest.by_key.get("a") == left
