"""An article is reported once, and again only if it says something else than the version that was reported."""

from __future__ import annotations

import pytest

from pipeline.records import Traits
from tests.core.notification.world import World, change, found, rule, shown


def values(world: World, *numbers: str) -> list[list[tuple[str, str]]]:
    """The changes that are reported when an article has one number after the other, a quarter of an hour apart."""
    sent = []
    for version, number in enumerate(numbers, 1):
        sent += world.take(found(number=number, version=version), after=900)
    return [[(one.before, one.after) for one in message.changes if one.kind == "number"] for message in sent]


@pytest.mark.parametrize(
    ("numbers", "reported"),
    [
        (["3", "3"], [[]]),
        (["3", "4"], [[], [("3", "4")]]),
        (["3", "4", "3"], [[], [("3", "4")], [("4", "3")]]),
        (["3", "4", "4", "5"], [[], [("3", "4")], [("4", "5")]]),
    ],
)
def test_changes_are_those_since_the_version_reported(numbers: list[str], reported: object) -> None:
    assert values(World(), *numbers) == reported


def test_whichever_version_brings_the_match_is_reported() -> None:
    [message] = World().take(found(version=3, changes=(change("text", "", ""),)))
    assert message.reported
    assert message.changes == ()


def test_a_number_that_nobody_was_shown_is_no_change() -> None:
    world = World()
    world.take(found(number="2"), after=1)
    assert len(world.take(found(number="3", version=2))) == 1
    assert world.take(found(number="4", version=3), after=60) == []
    assert world.take(found(number="3", version=4), after=60) == []
    assert world.run(days=2) == []
    assert world.statuses() == {"a1": "unchanged"}


def test_versions_that_did_not_match_do_not_count() -> None:
    world = World()
    world.take(found(number="3"))
    assert world.take(found(number="3", version=5), after=900) == []
    [message] = world.take(found(number="7", version=6), after=900)
    assert [(one.before, one.after) for one in message.changes] == [("3", "7")]


def test_an_older_version_after_a_newer_one_is_passed_over() -> None:
    world = World()
    world.take(found(version=2), found(number="9", version=1), found(version=2))
    assert world.drops == ["older", "repeat"]


def test_at_most_one_change_in_ten_minutes_of_a_story_and_then_the_newest() -> None:
    world = World()
    world.take(found(number="1"))
    assert len(world.take(found(number="2", version=2), after=60)) == 1
    assert world.take(found(number="3", version=3), found(number="4", version=4), after=60) == []
    [late] = world.run(days=1)
    assert [(one.before, one.after) for one in late.changes] == [("2", "4")]
    assert (late.at - world.now).total_seconds() == 660 - 120 - 86400
    assert world.planner.waiting() == 0


def test_what_waits_is_replaced_by_its_newer_version() -> None:
    world = World(rule(send="digest"))
    world.take(found(number="1"), found(number="2", version=2), found("a2"))
    [digest] = world.run(days=2)
    assert [(one.article, one.version) for one in digest.alerts] == [("a1", 2), ("a2", 1)]
    assert digest.held_back == 0
    assert set(world.statuses().values()) == {"reported"}
    assert sorted(state.status for state in world.states().values()) == ["reported", "reported", "unchanged"]


def test_only_changes_are_reported_if_the_rule_says_so() -> None:
    world = World(rule(triggers=("change",)))
    assert world.take(found(number="1"), found("a2")) == []
    [message] = world.take(found(number="2", version=2))
    assert [(one.before, one.after) for one in message.changes] == [("1", "2")]


def test_a_vote_is_a_change() -> None:
    world = World()
    world.take(found(traits=Traits(words="a", votes=("v for 27",))))
    [message] = world.take(found(version=2, traits=Traits(words="b", votes=("v for 31",))))
    assert [one.kind for one in message.changes] == ["vote"]


def test_old_articles_are_skipped_or_labelled() -> None:
    world = World(rule(old="skip"), rule("two"))
    [message] = world.take(found(old=True), found(old=True, rule="two"))
    assert shown(message) == ["a1"]
    assert message.alerts[0].old
    assert world.drops == ["old"]
