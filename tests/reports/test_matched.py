"""Tests of which rules the stories matched, and of what readers keep."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records import AlertState, Kept, Story
from pipeline.reports.kept import Keeping, key_of
from pipeline.reports.matched import Match, Matched
from tests.builders import SEEN

HOUR = timedelta(hours=1)


def state(id: str, story: str, rule: str = "r", at: datetime = SEEN, **changes: Any) -> AlertState:
    return AlertState(id=id, rule=rule, status="reported", at=at, story=story, seen=at, **changes)


def story(id: str, *merged: str) -> Story:
    return Story(id=id, seq=1, changed=SEEN, opened=SEEN, merged=merged)


def taken(*states: AlertState) -> Matched:
    found = Matched()
    for one in states:
        found.take(one.id, one)
    return found


def test_a_story_has_the_rules_that_its_articles_matched() -> None:
    found = taken(
        state("1", "a"), state("2", "a", "q", SEEN + HOUR), state("3", "a", at=SEEN + 2 * HOUR), state("4", "b")
    )
    assert found.of(story("a")) == (Match("r", SEEN + 2 * HOUR), Match("q", SEEN + HOUR))
    assert found.of(story("c")) == ()
    assert found.of(story("b", "a", "x")) == (Match("r", SEEN + 2 * HOUR), Match("q", SEEN + HOUR))


def test_stories_and_counts_since_a_time() -> None:
    found = taken(state("1", "a"), state("2", "b", "q", SEEN + HOUR), state("3", "c", "q", SEEN + 2 * HOUR))
    assert found.stories() == ["c", "b", "a"]
    assert found.stories(SEEN + HOUR, ["q", "r"]) == ["c", "b"]
    assert found.stories(rules=["r"]) == ["a"]
    assert found.counts() == {"q": 2, "r": 1}
    assert found.counts(SEEN + 2 * HOUR) == {"q": 1}


def test_what_is_no_article_of_a_story_does_not_count() -> None:
    found = taken(state("1", "", kind="silence"), state("2", "a", kind="burst"), state("3", ""))
    assert found.stories() == []


_states = st.lists(
    st.tuples(
        st.sampled_from("123"), st.sampled_from(["a", "b", ""]), st.sampled_from("rq"), st.integers(0, 5), st.booleans()
    ),
    max_size=25,
)  # fmt: skip


@given(_states)
def test_the_newest_record_of_each_alert_counts(steps: list[tuple[str, str, str, int, bool]]) -> None:
    found, newest = Matched(), dict[str, AlertState]()
    for id, where, rule, hours, gone in steps:
        one = state(id, where, rule, SEEN + hours * HOUR)
        found.take(id, None if gone else one)
        newest.pop(id, None)
        if not gone:
            newest[id] = one
    assert sorted(found.stories()) == sorted({one.story for one in newest.values() if one.story})
    again = taken(*newest.values())
    assert {name: set(found.of(story(name))) for name in "ab"} == {name: set(again.of(story(name))) for name in "ab"}
    assert found.counts() == again.counts()


def kept(id: str, kind: Literal["view", "follow"] = "view", user: str = "ana") -> Kept:
    return Kept(user=user, kind=kind, id=id, at=SEEN, title=id)


@pytest.mark.parametrize("id", ["a", "a/b/c", "http://x.example/?q=1"])
def test_what_is_kept_until_it_is_forgotten(id: str) -> None:
    keeping = Keeping()
    for one in (kept(id), kept("z"), kept(id, "follow"), kept(id, user="")):
        keeping.take(key_of(one.user, one.kind, one.id), one)
    assert list(keeping.of("ana", "view")) == [id, "z"]
    keeping.take(key_of("ana", "view", id), None)
    keeping.take("no key", None)
    assert list(keeping.of("ana", "view")) == ["z"]
    assert list(keeping.of("ana", "follow")) == list(keeping.of("", "view")) == [id]
