"""What waits when something else happens: a mute, a newer version, a removed rule, a budget, the end of quiet hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.core.alerts.rules import Growth
from pipeline.core.notification.delivery.ageing import without_alerts
from pipeline.core.notification.streams import MESSAGES
from pipeline.records import Alert, decode, encode
from tests.builders import SEEN
from tests.core.notification.world import World, found, rule, shown

HOUR = 3600.0
NIGHT: dict[str, Any] = {"quiet": ("22:00-07:00",)}
EVENING = datetime(2026, 3, 2, 23, tzinfo=UTC)
MORNING = datetime(2026, 3, 3, 7, tzinfo=UTC)
GROWING = rule(triggers=("article", "growth"), growth=Growth(sources=3))


def report(place: int, /, **changes: Any) -> Alert:
    return found(f"a{place}", **{"source": f"Outlet {place}", **changes})


def article(place: int, /, **changes: Any) -> Alert:
    """Of a story of its own."""
    return report(place, **{"story_id": f"s{place}", **changes})


def test_a_message_takes_only_the_newest_version_of_what_waits_of_its_story() -> None:
    world = World(GROWING)
    world.take(report(0), report(1), report(1, version=2, number="8"))
    [message] = world.take(report(2))
    assert [(one.article, one.version) for one in message.alerts] == [("a2", 1), ("a1", 2)]
    assert message.held_back == 0
    assert decode(type(message), encode(message)) == message


def test_what_was_muted_while_it_waited_does_not_count_for_growth() -> None:
    world = World(GROWING)
    world.take(report(0), report(1))
    world.mute(source="Outlet 1", hours=9)
    assert world.take(report(2), after=60) == []
    [message] = world.take(report(3))
    assert (shown(message), message.muted) == (["a3", "a2"], 1)
    assert world.statuses()["a1"] == "muted"


def test_a_change_does_not_take_with_it_what_was_muted() -> None:
    world = World()
    world.take(report(0), report(1), report(2))
    world.mute(source="Outlet 1", hours=9)
    [message] = world.take(report(0, version=2, number="7"), after=60)
    assert (message.held_back, message.muted) == (1, 1)


def test_what_waited_for_a_throttle_does_not_take_with_it_what_was_muted() -> None:
    world = World(rule(throttle=600.0))
    world.take(report(0), report(1))
    world.mute(source="Outlet 1", hours=9)
    world.take(report(0, version=2, number="7"), after=60)
    assert [shown(message) for message in world.run(HOUR / 2)] == [["a0"]]


@pytest.mark.parametrize("tick", [True, False])
def test_a_mute_that_ends_before_quiet_hours_takes_nothing_that_waited_before(tick: bool) -> None:
    world = World(now=EVENING, **NIGHT)
    world.take(article(0))
    if tick:
        world.tick()
    world.mute(rule="Troops", hours=3)
    world.take(article(1))
    assert [shown(message) for message in world.run(days=1)] == [["a0"]]


def test_what_is_muted_is_counted_in_one_digest() -> None:
    world = World(rule(send="digest", group="none"))
    world.take(report(0))
    world.mute(source="Outlet 1")
    world.take(report(1))
    [first] = world.run(days=1)
    world.take(report(2))
    [second] = world.run(days=1)
    assert (first.muted, second.muted) == (0, 1)


def test_what_goes_into_the_digest_late_waits_for_its_time() -> None:
    """It came before eight, and its follow-up was due after eight."""
    world = World(rule(budget=1), now=datetime(2026, 3, 3, 7, 30, tzinfo=UTC))
    world.take(report(0))
    world.take(report(1), after=600)
    [digest] = world.run(days=3)
    assert (digest.kind, digest.at) == ("digest", datetime(2026, 3, 4, 8, tzinfo=UTC))


def test_a_digest_rule_sends_nothing_else_after_an_outage() -> None:
    world = World(rule(send="digest"))
    world.take(*(article(n, backlog=True) for n in range(5)))
    [digest] = world.run(days=1)
    assert (digest.kind, digest.at, len(digest.alerts)) == ("digest", MORNING + timedelta(hours=1), 5)


def test_the_next_hourly_digest_has_a_report_of_a_story_that_the_last_one_had() -> None:
    world = World(rule(send="digest", digest="hourly"))
    world.take(report(0))
    world.run(HOUR)
    world.take(report(1), after=60)
    assert [message.at for message in world.run(2 * HOUR)] == [SEEN + timedelta(hours=2)]


def test_a_digest_shows_the_best_also_if_they_came_last() -> None:
    world = World(rule(send="digest"))
    world.take(*(article(n, topic_score=0.1) for n in range(400)), article(500, topic_score=1.0))
    [digest] = world.run(days=1)
    assert shown(digest)[0] == "a500"
    assert len(digest.alerts) + digest.held_back == 401


@pytest.mark.parametrize(
    ("triggers", "reported"), [(("article",), 50), (("story",), 10), (("growth",), 0), (("change",), 0)]
)
def test_a_summary_has_what_the_triggers_ask_for(triggers: tuple[str, ...], reported: int) -> None:
    world = World(rule(triggers=triggers, growth=Growth(sources=6)))
    world.take(*(report(n, story_id=f"s{n // 5}", backlog=True) for n in range(50)))
    sent = world.run(days=1)
    assert sum(len(message.alerts) + message.held_back for message in sent) == reported
    assert len(sent) == (reported > 0)


def test_follow_ups_of_three_hundred_stories_after_quiet_hours_are_one_message() -> None:
    world = World(now=datetime(2026, 3, 2, 21, tzinfo=UTC), **NIGHT)
    world.take(*(article(n) for n in range(300)))
    world.now = EVENING
    world.take(*(article(n + 1000, story_id=f"s{n}") for n in range(300)))
    [summary] = world.run(days=1)
    assert len(summary.alerts) + summary.held_back == 300


def test_backlog_and_new_articles_that_waited_for_the_end_of_quiet_hours_are_one_message() -> None:
    world = World(now=EVENING, **NIGHT)
    world.take(*(article(n, backlog=n % 2 == 0) for n in range(10)))
    [summary] = world.run(days=1)
    assert (summary.at, len(summary.alerts)) == (MORNING, 10)


def test_what_a_removed_rule_held_waits_for_the_end_of_quiet_hours() -> None:
    world = World(rule(), now=EVENING, **NIGHT)
    world.take(article(0))
    world.reload(**NIGHT)
    assert [message.at for message in world.run(days=1)] == [MORNING]


def test_a_rule_that_now_only_keeps_records_is_not_called_removed() -> None:
    world = World(rule(throttle=600.0))
    world.take(article(0), article(1))
    world.reload(rule(throttle=600.0, channels=("file",)))
    [message] = world.run(days=1)
    assert message.text.startswith("Found before the channels of the rule changed.")


def test_an_old_message_for_records_does_not_say_that_readers_got_it() -> None:
    world = World(rule(channels=("mail", "file"), send="digest", digest="weekly mon 08:00"))
    [record] = world.take(report(0))
    world.log.append((MESSAGES, record.id, without_alerts(record)))
    world.restart()
    assert [shown(message) for message in world.run(days=8)] == [["a0"]]


def test_an_old_follow_up_counts_for_the_time_to_the_next() -> None:
    world = World()
    world.take(report(0), report(1))
    [follow_up] = world.run(2 * HOUR)
    world.take(report(2))
    due = world.planner.next_due()
    world.tick()
    world.log.append((MESSAGES, follow_up.id, without_alerts(follow_up)))
    world.restart()
    assert [message.at for message in world.run(days=1)] == [SEEN + timedelta(hours=3)]
    assert due is not None


def test_a_follow_up_that_the_budget_refused_is_learned_as_after_a_restart() -> None:
    world = World(rule(budget=2))
    for day in range(5):
        world.run(until=SEEN + timedelta(days=day))
        for number in range(5):
            place = 10 * day + number
            world.take(article(place), article(place + 500, story_id=f"s{place}", topic_score=0.9), after=600)
            world.run(2 * HOUR)
            live = world.planner._budgets._budgets["Troops"]._days
            world.restart()
            world.planner.next_due()
            assert world.planner._budgets._budgets["Troops"]._days == live


def test_what_is_due_at_once_about_one_story_is_one_message() -> None:
    """A change and a follow-up, after a throttle that was taken away."""
    world = World(rule(throttle=7200.0))
    world.take(report(0), report(1))
    world.take(report(0, version=2, number="7"), after=60)
    world.now += timedelta(hours=1)
    world.reload(rule())
    [message] = world.run(days=1)
    assert sorted(shown(message)) == ["a0", "a1"]


def test_a_story_in_a_summary_has_no_follow_up_at_the_same_time() -> None:
    world = World(rule(throttle=7200.0))
    world.take(report(0), report(1))
    world.take(report(0, version=2, number="7"), article(5), after=60)
    world.now += timedelta(hours=1)
    world.reload(rule())
    assert [sorted(shown(message)) for message in world.tick()] == [["a0", "a5"]]
    world.restart()
    assert [shown(message) for message in world.run(days=1)] == [["a1"]]


def test_a_digest_waits_for_what_is_left_when_its_first_alert_was_muted() -> None:
    world = World(rule(send="digest", digest="hourly"))
    world.take(article(0))
    world.mute(source="Outlet 0", hours=9)
    world.now += timedelta(hours=1, seconds=10)
    world.take(article(1))
    assert [message.at for message in world.run(days=1)] == [SEEN + timedelta(hours=2)]


def test_a_restart_does_not_shorten_the_time_after_a_summary() -> None:
    world = World(rule(throttle=7200.0))
    world.take(article(9), report(0), after=60)
    world.take(article(5))
    [summary] = world.run(3 * HOUR)
    assert sorted(shown(summary)) == ["a0", "a5"]
    world.take(report(1))
    due = world.planner.next_due()
    world.restart()
    assert world.planner.next_due() == due


def test_what_waited_for_a_digest_of_a_rule_without_readers_comes_at_once() -> None:
    world = World(rule(send="digest"))
    world.take(article(0))
    world.reload(rule(send="digest", channels=("file",)))
    assert [(message.kind, message.at) for message in world.run(days=2)] == [("summary", SEEN)]


def test_what_goes_into_a_digest_late_waits_as_long_after_a_restart() -> None:
    world = World(rule(budget=1, digest="hourly"), now=datetime(2026, 3, 3, 7, 30, tzinfo=UTC))
    world.take(report(0))
    world.take(report(1), after=600)
    assert world.run(until=datetime(2026, 3, 3, 8, 30, tzinfo=UTC)) == []
    world.restart()
    assert [message.at for message in world.run(days=1)] == [datetime(2026, 3, 3, 9, tzinfo=UTC)]
