"""A rule that is renamed but keeps its id goes on as if nothing had happened; without an id it begins again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pipeline.records import Alert, Message, Traits
from tests.core.notification.test_restoring import RULES, alerts
from tests.core.notification.world import World, found, rule

LIMITS = [changes for variants in RULES.values() for changes in variants]
NAMES = ("one", "two", "three")


def outcome(steps: Sequence[tuple[float, Alert]], limits: dict[str, Any], at: int, how: str) -> list[Message]:
    """The messages of all steps and a week after; after step `at` the rules have other names."""
    world = World(*(rule(name, id=name, **limits) for name in NAMES))
    renamed = tuple(rule(f"{name}, renamed", id=name, **limits) for name in NAMES)
    sent = []
    world.mute(rule="two", hours=2)
    for number, (after, one) in enumerate(steps):
        if number == at and how == "reload":
            world.reload(*renamed)
        elif number == at:
            world.restart(*(renamed if how == "restart renamed" else ()))
        elif number == at + 1 and how == "restart":
            world.restart()
        name = f"{one.rule}, renamed" if number >= at and "re" in how and how != "restart" else one.rule
        sent += world.run(after) + world.take(replace(one, name=name))
    return sent + world.run(days=7)


def as_said(messages: Sequence[Message]) -> list[Message]:
    """Without the names, which are all that may differ."""
    return [replace(one, name="", alerts=tuple(replace(a, name="") for a in one.alerts)) for one in messages]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([0.0, 60.0, 2_000.0, 20_000.0]), alerts), max_size=12),
    st.sampled_from(LIMITS), st.integers(0, 12),
)  # fmt: skip
def test_the_same_messages_with_the_same_ids(steps: list[tuple[float, Alert]], limits: dict[str, Any], at: int) -> None:
    expected = as_said(outcome(steps, limits, at, "no change"))
    assert as_said(outcome(steps, limits, at, "reload")) == expected
    assert as_said(outcome(steps, limits, at, "restart renamed")) == as_said(outcome(steps, limits, at, "restart"))


def version(number: int, value: str, **more: Any) -> Alert:
    traits = Traits(title="a1", words=value, amounts=(value,))
    return found("a1", version=number, rule="Troops", traits=traits, **more)


@pytest.mark.parametrize("restart", [False, True])
def test_what_was_reported_is_known_under_the_new_name(restart: bool) -> None:
    world = World(rule("Troops"))
    (first,) = world.take(version(1, "3"))
    new = rule("Foreign troops", id="Troops", throttle=3600.0)
    world.restart(new) if restart else world.reload(new)
    assert world.take(version(2, "3", name="Foreign troops"), after=700) == []  # the same again
    world.run(days=1)
    (second,) = world.take(version(3, "9", name="Foreign troops"), after=700)
    assert (second.rule, first.rule, second.name) == ("Troops", "Troops", "Foreign troops")
    assert [change.before for change in second.changes] == ["3"]
    world.mute(rule="Troops")
    world.reload(rule("Troops abroad", id="Troops"))
    assert world.take(version(4, "12", name="Troops abroad"), after=700) == []
    assert world.statuses()["a1"] == "muted"


@pytest.mark.parametrize("limits", [{"send": "digest"}, {"throttle": 600.0}, {"quiet": ("11:00-15:00",)}, {}])
def test_what_waited_is_shown_under_the_new_name(limits: dict[str, Any]) -> None:
    world = World(rule("Strikes", id="r", **limits))
    for n in range(3):
        world.take(found(f"a{n}", rule="r", name="Strikes", story_id="s"))
    world.reload(rule("Walkouts", id="r", **limits))
    world.take(found("a9", rule="r", name="Walkouts", story_id="s"))
    sent = world.run(days=2)
    assert sent
    assert {one.name for message in sent for one in message.alerts} == {"Walkouts"}
