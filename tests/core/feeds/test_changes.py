"""Adding feeds to those on the log, and saying what changes."""

from __future__ import annotations

import msgspec
import pytest

from pipeline.core.feeds.changes import Change, additions, changed, removal
from pipeline.records import Feed

A = Feed(id="a", name="A", url="https://a.example/rss")


def listed(identity: str, url: str) -> Feed:
    return Feed(id=identity, name="N", url=url, origin="opml")


@pytest.mark.parametrize(
    ("known", "new", "added", "kept"),
    [
        pytest.param([], [listed("n", "https://n.example/")], ["n"], [], id="new"),
        pytest.param([A], [listed("a", "https://n.example/")], ["a-2"], [], id="its id is taken"),
        pytest.param([A], [listed("n", "HTTPS://www.a.example:443/rss")], [], ["a"], id="polled, written otherwise"),
        pytest.param([removal(A).feed], [listed("n", A.url)], ["a"], [], id="removed before: the same id again"),
        pytest.param([removal(A).feed], [listed("a", "https://n.example/")], ["a-2"], [], id="the id of one removed"),
        pytest.param(
            [], [listed("n", "https://n.example/1"), listed("n", "https://n.example/2"), listed("m", "https://n.example/1")],
            ["n", "n-2"], ["n"], id="twice in the list",
        ),
    ],
)  # fmt: skip
def test_additions(known: list[Feed], new: list[Feed], added: list[str], kept: list[str]) -> None:
    plan = additions({feed.id: feed for feed in known}, new)
    assert [change.feed.id for change in plan.changes] == added
    assert {change.kind for change in plan.changes} <= {"added"}
    assert [one.held.id for one in plan.kept] == kept
    assert not any(change.feed.removed for change in plan.changes)


@pytest.mark.parametrize(
    ("after", "kind", "fields"),
    [
        ({"name": "AA"}, "changed", {"name": ("A", "AA")}),
        ({"enabled": False}, "disabled", {"enabled": (True, False)}),
        ({"enabled": False, "every": 60.0}, "changed", {"enabled": (True, False), "every": (None, 60.0)}),
        ({"seed": "x", "origin": "cli"}, "changed", {}),
    ],
)
def test_a_change_says_what_changes(after: dict[str, object], kind: str, fields: dict[str, object]) -> None:
    change = changed(A, msgspec.structs.replace(A, **after))
    assert (change.kind, change.fields()) == (kind, fields)


def test_only_a_feed_that_is_polled_before_and_after_has_changed_fields() -> None:
    assert removal(A).fields() == {}
    assert Change("added", A).fields() == {}
    assert Change("added", msgspec.structs.replace(A, name="B"), removal(A).feed).fields() == {}
    assert changed(msgspec.structs.replace(A, enabled=False), A).kind == "enabled"
