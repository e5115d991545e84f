from __future__ import annotations

import msgspec
import pytest

from pipeline.core.feeds.seed import changes_from_seed, removed
from pipeline.records import Feed

A = Feed(id="a", name="A", url="https://a.example/rss")
B = Feed(id="b", name="B", url="https://b.example/rss", origin="cli")


@pytest.mark.parametrize(
    ("known", "listed", "published"),
    [
        pytest.param([], [A], [A], id="a new one is taken"),
        pytest.param([A], [A], [], id="nothing new, nothing published"),
        pytest.param(
            [A], [msgspec.structs.replace(A, name="AA")], [msgspec.structs.replace(A, name="AA")], id="edited"
        ),
        pytest.param([A, B], [], [removed(A)], id="gone from the file: stopped; people's own stay"),
        pytest.param([removed(A)], [], [], id="stopped once is enough"),
        pytest.param([removed(A)], [A], [A], id="back in the file: polled again"),
        pytest.param([removed(A, "cli")], [A], [], id="removed by a person: the file does not bring it back"),
        pytest.param([B], [msgspec.structs.replace(B, origin="config", name="X")], [], id="people's act wins"),
    ],
)
def test_seed(known: list[Feed], listed: list[Feed], published: list[Feed]) -> None:
    assert list(changes_from_seed({feed.id: feed for feed in known}, listed)) == published
