"""A mute keeps alerts from being reported for a time; they are counted and listed."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.records import AlertState
from tests.core.notification.world import World, found, rule, shown

HOUR = 3600.0


@pytest.mark.parametrize(
    ("what", "muted"),
    [
        ({"rule": "Troops"}, True),
        ({"rule": "other"}, False),
        ({"story": "s1"}, True),
        ({"story": "s2"}, False),
        ({"source": "the example"}, True),
        ({"source": "Another"}, False),
        ({"place": "pe"}, True),
        ({"place": "ES"}, False),
        ({"place": "cusco"}, True),
        ({"rule": "Troops", "source": "Another"}, False),
        ({}, False),
    ],
)
def test_all_conditions_of_a_mute_must_hold(what: dict[str, Any], muted: bool) -> None:
    world = World(rule(channels=("mail", "file")))
    world.mute(**what)
    sent = world.take(found(countries=("PE",), places=("Cusco",)))
    assert (sent == []) == muted
    assert world.statuses() == {"a1": "muted" if muted else "reported"}


def test_what_was_muted_is_listed_with_the_mute() -> None:
    world = World()
    world.mute("m1", source="The Example")
    world.take(found())
    [state] = world.states().values()
    assert (state.status, state.why, state.title) == ("muted", "m1", "Title of a1")


def test_a_mute_ends_by_itself_or_by_request() -> None:
    world = World(rule(group="none"))
    world.mute("m1", hours=1, rule="Troops")
    assert world.take(found("a1"), after=HOUR - 1) == []
    assert len(world.take(found("a2"), after=1)) == 1
    world.mute("m2", hours=1, rule="Troops")
    world.ask(unmute="m2")
    assert len(world.take(found("a3"))) == 1
    world.ask(unmute="m9")
    assert world.drops == ["nothing_to_do"]


def test_a_follow_up_leaves_out_what_is_muted_and_says_how_many() -> None:
    world = World()
    world.take(found("a1"), found("a2"), found("a3", source="Loud"))
    world.mute("m", hours=5, source="Loud")
    world.take(found("a4", source="Loud"))
    [follow_up] = world.run(HOUR)
    assert (shown(follow_up), follow_up.muted, follow_up.held_back) == (["a2"], 2, 0)
    assert follow_up.story
    assert follow_up.story.sources == ("The Example",)
    assert world.run(days=30) == []


def test_nothing_is_sent_if_all_that_waits_is_muted() -> None:
    world = World(rule(send="digest"))
    world.take(*(found(f"a{n}") for n in range(450)))
    world.mute("m", hours=48, rule="Troops")
    assert world.run(days=2) == []
    assert set(world.statuses().values()) == {"muted"}


def test_a_material_change_after_a_mute_is_reported() -> None:
    world = World()
    world.mute("m", hours=1, story="s1")
    world.take(found(number="3"))
    assert world.take(found(number="3", version=2), after=2 * HOUR) == []
    [message] = world.take(found(number="4", version=3))
    assert message.changes == ()


def test_mutes_outlive_a_restart_and_are_forgotten_after_90_days() -> None:
    world = World()
    world.mute("m", hours=1, rule="Troops")
    world.restart()
    assert world.take(found()) == []
    world.run(days=89)
    assert world.planner._state.mutes
    world.now = world.now.replace(year=2027)
    world.tick()
    assert not world.planner._state.mutes


def test_a_mark_is_kept_with_the_alert_also_while_it_waits() -> None:
    world = World()
    first, second = found("a1"), found("a2")
    world.take(first, second)
    world.ask(mark=(first.id, "useful"))
    world.ask(mark=(second.id, "noise"))
    world.restart()
    [follow_up] = world.run(days=1)
    assert shown(follow_up) == ["a2"]
    marks = {state.article: (state.status, state.mark) for state in world.states().values()}
    assert marks == {"a1": ("reported", "useful"), "a2": ("reported", "noise")}


def test_a_rule_starts_once() -> None:
    world = World(rule("one"), rule("two", enabled=False))
    assert world.planner.unstarted() == ("one",)
    world.ask(started="one")
    assert world.planner.unstarted() == ()
    world.restart()
    assert world.planner.unstarted() == ()
    [(_, _, record)] = world.log
    assert isinstance(record, AlertState)
    assert record.status == "started"


@pytest.mark.parametrize("muted", ["s1", "s2"])
def test_a_mute_of_a_story_follows_its_merges(muted: str) -> None:
    world = World()
    world.mute("m", hours=5, story=muted)
    assert world.take(found("a1", story_id="s2", merged=("s1",))) == []
    assert world.statuses() == {"a1": "muted"}


def test_what_waits_is_muted_by_the_id_of_a_story_that_was_merged() -> None:
    world = World()
    world.take(found("a0", story_id="s2"))
    world.take(found("a1", story_id="s2", merged=("s1",)), after=60)
    world.mute("m", hours=5, story="s1")
    assert world.run(2 * HOUR) == []
    assert world.statuses()["a1"] == "muted"
