"""Copies in any order, with mutes and later versions; and which changes are sent, and how often."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.records import Alert
from tests.core.notification.world import World, found, rule, shown

HOUR = 3600.0


def report(place: int, /, **changes: Any) -> Alert:
    return found(f"a{place}", **{"source": f"Outlet {place}", **changes})


@pytest.mark.parametrize(("number", "messages"), [("3", 0), ("9", 1)])
def test_the_original_of_a_copy_that_was_reported_is_reported_if_it_says_something_else(
    number: str, messages: int
) -> None:
    world = World(rule(group="none"))
    assert len(world.take(report(1, duplicate_of="a0"))) == 1
    assert len(world.take(report(0, version=2, number=number), after=600)) == messages


def test_a_copy_of_an_article_by_a_muted_outlet_is_reported_once() -> None:
    world = World()
    world.mute(source="Outlet 0", hours=5)
    assert world.take(report(0)) == []
    assert [shown(one) for one in world.take(*(report(n, duplicate_of="a0") for n in (1, 2, 3)))] == [["a1"]]


def test_a_copy_that_became_an_article_of_its_own_is_counted_once() -> None:
    world = World()
    world.take(report(0), report(1, duplicate_of="a0"), report(2, duplicate_of="a0"))
    world.take(report(1, version=2, number="5"), after=60)
    [message] = world.run(days=1)
    assert message.story
    assert message.grown
    assert (message.story.articles, message.story.copies) == (2, 1)
    assert (message.grown.articles, message.grown.copies) == (1, 1)


def test_a_copy_that_was_counted_and_is_now_an_article_gives_no_negative_count() -> None:
    world = World()
    world.take(report(0), report(1, duplicate_of="a0"), report(2))
    world.run(2 * HOUR)
    world.take(report(1, version=2, number="5"), after=60)
    [message] = world.run(days=1)
    assert message.grown
    assert (message.grown.articles, message.grown.copies) == (1, 0)


def test_an_article_that_changes_every_minute_is_reported_every_ten_minutes_without_groups_too() -> None:
    world = World(rule(group="none"))
    sent = world.take(report(0))
    for version in range(2, 62):
        sent += world.run(60) + world.take(report(0, version=version, number=str(version)))
    sent += world.run(HOUR)
    assert len(sent) <= 8
    assert sent[-1].alerts[0].version == 61


def test_a_rule_for_changes_reports_one_of_an_article_that_was_muted_before() -> None:
    world = World(rule(triggers=("change",)))
    world.mute(source="Outlet 0")
    world.take(report(0))
    world.run(2 * HOUR)
    [message] = world.take(report(0, version=2, number="4"))
    assert [(change.before, change.after) for change in message.changes] == [("3", "4")]


def test_an_article_that_was_muted_is_new_for_its_reader() -> None:
    world = World()
    world.mute(story="s1")
    world.take(report(0))
    world.run(2 * HOUR)
    [message] = world.take(report(0, version=2, number="4"))
    assert message.changes == ()
