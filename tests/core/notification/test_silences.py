"""Rules that only count articles, in the planner: what they send, also after a restart."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pipeline.core.alerts.rules import AlertRule
from pipeline.core.notification.streams import RHYTHMS
from pipeline.records import Alert, AlertRhythm, Message
from tests.core.notification.world import READERS, World, found, newest, rule

COUNTS = rule("Troops", triggers=("silence", "burst"))


def counted(world: World, number: int) -> Alert:
    return found(f"a{number}", counted=True, rule="Troops", feed="wire", seen=world.now, first_seen=world.now)


def taught(weeks: int, counts: AlertRule = COUNTS) -> World:
    """A world in which an article came in every hour."""
    world = World(counts)
    world.tick()
    for number in range(weeks * 168):
        assert world.run(seconds=3600) == []
        assert world.take(counted(world, number)) == []
    return world


def test_a_rule_of_which_nothing_comes_any_more_says_so_once() -> None:
    world = taught(4)
    [message] = world.run(days=4)
    assert (message.kind, message.rule, message.channels) == ("silence", "Troops", READERS)
    assert "Troops: no article for " in message.text


def test_a_silence_that_begins_before_a_restart_is_found_after_it() -> None:
    """Nothing arrives after the start: the first tick begins to watch."""
    world = taught(4)
    rhythms = newest(world.log)[RHYTHMS]
    assert [type(record) for record in rhythms.values()] == [AlertRhythm]
    world.restart()
    world.tick()
    [message] = world.run(days=4)
    assert message.kind == "silence"


def test_a_burst_is_sent_at_once() -> None:
    world = taught(4)
    world.run(seconds=60)
    sent: list[Message] = []
    for number in range(40):
        world.now += timedelta(seconds=30)
        sent += world.take(counted(world, 10_000 + number))
    [message] = sent
    assert message.kind == "burst"
    assert "articles in the last hour, usually 1.0 at this time of the week" in message.text


def test_another_kind_of_keys_is_learned_from_the_beginning_also_after_a_restart() -> None:
    """What was known of feeds would be outlets that are silent."""
    by_feed, by_source = (replace(COUNTS, by=by) for by in ("feed", "source"))
    for restarts in (True, False):
        world = taught(3, by_feed)
        if restarts:
            world.restart(by_source)
        else:
            world.reload(by_source)
        world.tick()
        for number in range(10_000, 10_000 + 10 * 24):
            assert world.run(seconds=3600) == []
            assert world.take(counted(world, number)) == []
        assert set(newest(world.log)[RHYTHMS]) == {"Troops/", "Troops/The Example"}


def test_what_was_learned_stays_when_a_trigger_is_added_or_the_rule_is_disabled_for_a_while() -> None:
    world = taught(4, replace(COUNTS, triggers=("burst",)))
    world.reload(replace(COUNTS, enabled=False))
    world.run(seconds=600)
    world.reload(COUNTS)
    world.tick()
    assert [message.kind for message in world.run(days=4)] == ["silence"]
