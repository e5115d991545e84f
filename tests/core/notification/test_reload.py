"""Another configuration, a removed rule, a clock that was wrong: what is held comes out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pipeline.core.notification.streams import MESSAGES
from tests.builders import SEEN
from tests.core.notification.world import World, found, newest, plan, rule, shown

HOUR = 3600.0


def test_what_a_removed_rule_held_comes_at_once() -> None:
    world = World()
    world.take(found("a1"), found("a2"), found("a3"), found("a4", story_id="s4", backlog=True))
    world.reload(rule("other"))
    [summary] = world.run(1)
    assert (summary.kind, summary.rule, summary.name, summary.channels) == ("summary", "Troops", "Troops", ("mail",))
    assert sorted(shown(summary)) == ["a2", "a3", "a4"]
    assert "rule was removed" in summary.text
    assert world.planner.waiting() == 0


def test_so_does_what_a_disabled_rule_held() -> None:
    world = World(rule(send="digest"))
    world.take(found("a1"))
    world.reload(rule(send="digest", enabled=False))
    assert [shown(message) for message in world.run(1)] == [["a1"]]


def test_if_its_channels_went_too_it_goes_to_the_others() -> None:
    world = World(rule(send="digest", channels=("gone",)))
    world.take(found("a1", channels=("gone",)))
    world.reload(rule("other"))
    [summary] = world.run(1)
    assert summary.channels == ("mail", "chat")


def test_without_any_channel_it_waits_until_there_is_one() -> None:
    world = World(rule(send="digest"))
    world.take(found("a1"))
    world.planner.reload(type(world.planner.plan)(), world.now)
    assert world.run(days=3) == []
    world.reload(rule("other"))
    assert [shown(message) for message in world.run(1)] == [["a1"]]


def test_an_alert_of_a_rule_that_has_just_gone_is_sent() -> None:
    world = World(rule("other"))
    [message] = world.take(found("a1"))
    assert (message.rule, message.channels) == ("Troops", ("mail",))


def test_a_renamed_rule_with_the_same_id_goes_on() -> None:
    world = World(rule("Old", id="x"))
    world.take(found("a1", rule="x"), found("a2", rule="x"))
    world.reload(rule("New", id="x"))
    assert world.take(found("a1", rule="x", version=2)) == []
    [follow_up] = world.run(HOUR)
    assert (follow_up.rule, follow_up.name, shown(follow_up)) == ("x", "New", ["a2"])


def test_quiet_hours_that_end_by_a_reload_end_at_once() -> None:
    world = World(quiet=("10:00-20:00",))
    assert world.take(found("a1")) == []
    world.reload(rule())
    assert [shown(message) for message in world.run(1)] == [["a1"]]


def test_quiet_hours_that_begin_by_a_reload_hold_follow_ups() -> None:
    world = World()
    world.take(found("a1"), found("a2"))
    world.reload(rule(), quiet=("12:30-20:00",))
    [message] = world.run(days=1)
    assert message.at == datetime(2026, 3, 2, 20, tzinfo=UTC)


def test_another_zone_moves_the_digest() -> None:
    world = World(rule(send="digest"))
    world.take(found("a1"))
    world.reload(rule(send="digest"), zone="America/Lima")
    [digest] = world.run(days=1)
    assert digest.at == datetime(2026, 3, 2, 13, tzinfo=UTC)


def test_a_rule_that_now_waits_for_digests_puts_follow_ups_there() -> None:
    world = World()
    world.take(found("a1"), found("a2"))
    world.reload(rule(send="digest"))
    [digest] = world.run(days=1)
    assert (digest.kind, shown(digest)) == ("digest", ["a2"])


def test_a_rule_that_sends_at_once_again_keeps_the_digest_of_what_waits() -> None:
    world = World(rule(send="digest"))
    world.take(found("a1"))
    world.reload(rule())
    assert [message.kind for message in world.run(days=1)] == ["digest"]


def test_follow_ups_that_were_switched_off_still_come_for_what_waits() -> None:
    world = World()
    world.take(found("a1"), found("a2"))
    world.reload(rule(follow_up=None))
    assert [shown(message) for message in world.run(HOUR)] == [["a2"]]


def test_a_clock_that_was_a_year_ahead_hides_nothing() -> None:
    world = World(rule(throttle=600.0), rule("digest", send="digest"), now=SEEN + timedelta(days=365))
    world.take(found("a1"), found("a2"), found("a3", story_id="s3"), found("a4", rule="digest"))
    world.now = SEEN
    sent = [one for message in (*world.tick(), *world.run(days=2)) for one in shown(message)]
    assert sorted(sent) == ["a2", "a3", "a4"]
    assert len(world.take(found("a5", story_id="s5"), after=HOUR)) == 1


def test_also_after_a_restart_and_with_new_articles_all_the_time() -> None:
    world = World(now=SEEN + timedelta(days=365))
    world.take(found("a1"), found("a2"))
    world.now = SEEN
    world.restart()
    sent = []
    for number in range(20):
        sent += world.run(600)
        sent += world.take(found(f"b{number}"))
    assert "a2" in [one for message in sent for one in shown(message)]


def test_old_alerts_are_forgotten_but_not_what_waits() -> None:
    world = World(rule(), rule("never", send="digest"))
    world.take(found("a1"), found("a2", story_id="s2"))
    world.run(days=91)
    assert world.states() == {}
    for key in newest(world.log)[MESSAGES]:
        world.planner.put(MESSAGES, key, None)  # the queue deletes them
    assert len(world.take(found("a1"))) == 1


def test_a_restored_planner_waits_as_long() -> None:
    world = World()
    world.take(found("a1"), found("a2"))
    due = world.planner.next_due()
    world.restart()
    assert world.planner.next_due() == due
    assert world.planner.plan == plan(rule())
