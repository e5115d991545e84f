"""Throttle, budget, quiet hours, digests, floods, backlog: fewer messages, and nothing is hidden."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.records import Alert, Message, Span
from tests.builders import SEEN
from tests.core.notification.world import World, found, rule, shown

HOUR = 3600.0


def article(place: int, /, **changes: Any) -> Alert:
    """Of a story of its own."""
    return found(f"a{place}", **{"story_id": f"s{place}", **changes})


def times(messages: list[Message]) -> list[str]:
    return [message.at.strftime("%d %H:%M") for message in messages]


def test_throttle_holds_messages_and_sends_them_together() -> None:
    world = World(rule(throttle=600.0))
    sent = [message for n in range(5) for message in world.take(article(n), after=60)]
    assert [shown(message) for message in sent] == [["a0"]]
    [summary] = world.run(HOUR)
    assert (summary.kind, shown(summary), summary.at) == (
        "summary",
        ["a1", "a2", "a3", "a4"],
        SEEN + timedelta(minutes=11),
    )


def test_what_waited_alone_comes_as_an_alert() -> None:
    world = World(rule(throttle=600.0))
    world.take(article(0), article(1))
    [late] = world.run(HOUR)
    assert (late.kind, shown(late)) == ("alert", ["a1"])


@pytest.mark.parametrize(
    ("changes", "alerts", "why"),
    [
        ({"send": "digest"}, [article(0)], "digest"),
        ({"budget": 0}, [article(0)], "budget"),
        ({}, [article(0), article(1, story_id="s0")], "story"),
        ({"follow_up": 7200.0, "quiet": ("13:00-15:00",)}, [article(0), article(1, story_id="s0")], "story"),
        ({"throttle": 600.0}, [article(0), article(1)], "throttle"),
        ({"quiet": ("11:00-15:00",)}, [article(0)], "quiet"),
    ],
)
def test_what_is_held_says_until_when(changes: dict[str, Any], alerts: list[Alert], why: str) -> None:
    world = World(rule(**changes))
    world.take(*alerts)
    held = world.states()[alerts[-1].id]
    assert (held.status, held.why) == ("held", why)
    (sent,) = world.run(days=2)
    assert sent.at == held.due


def test_what_a_throttle_leaves_for_the_digest_says_until_when() -> None:
    world = World(rule(budget=1, throttle=600.0))
    world.take(article(0), article(1))
    world.run(HOUR)
    held = world.states()[article(1).id]
    assert (held.status, held.why, held.due) == ("held", "budget", datetime(2026, 3, 3, 8, 0, tzinfo=UTC))


def test_no_more_messages_a_day_than_the_budget_and_the_rest_in_the_digest() -> None:
    world = World(rule(budget=3))
    sent = [message for n in range(20) for message in world.take(article(n), after=600)]
    assert 0 < len(sent) <= 3
    [digest] = world.run(days=1)
    assert (digest.kind, len(digest.alerts)) == ("digest", 20 - len(sent))
    assert digest.at == datetime(2026, 3, 3, 8, 0, tzinfo=UTC)


def test_follow_ups_are_within_the_budget_too() -> None:
    world = World(rule(budget=1))
    world.take(article(0), article(1, story_id="s0"))
    [digest] = world.run(days=1)
    assert (digest.kind, shown(digest)) == ("digest", ["a1"])
    assert world.run(days=3) == []


def test_what_a_budget_held_may_go_out_when_its_story_scores_higher() -> None:
    world = World(rule(budget=3))
    sent = world.take(*(article(n) for n in range(4)))
    assert [shown(message) for message in sent] == [["a0"], ["a1"]]
    title = Span(field="title", start=0, end=5, text="Title")
    [higher] = world.take(article(9, story_id="s3", matched=(title,), topic_score=1.0), after=60)
    assert shown(higher) == ["a9", "a3"]
    [digest] = world.run(days=1)
    assert shown(digest) == ["a2"]


def test_nothing_is_sent_in_quiet_hours_and_then_one_message() -> None:
    world = World(zone="Europe/Madrid", quiet=("22:00-07:00",), now=datetime(2026, 3, 2, 20, 30, tzinfo=UTC))
    assert len(world.take(article(0))) == 1
    world.take(article(0, version=2, number="9"), article(1, story_id="s0"), after=HOUR)
    world.take(*(article(n) for n in range(2, 5)))
    [summary] = world.run(days=1)
    assert summary.at == datetime(2026, 3, 3, 6, 0, tzinfo=UTC)
    assert {one.article for one in summary.alerts} == {"a0", "a1", "a2", "a3", "a4"}


@pytest.mark.parametrize(
    ("zone", "day", "ends"),
    [
        ("Europe/Madrid", datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 3, 29, 5, tzinfo=UTC)),
        ("Europe/Madrid", datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 6, tzinfo=UTC)),
        ("America/Santiago", datetime(2026, 4, 5, 3, tzinfo=UTC), datetime(2026, 4, 5, 11, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 10, 3, 12, tzinfo=UTC), datetime(2026, 10, 3, 20, tzinfo=UTC)),
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(zone: str, day: datetime, ends: datetime) -> None:
    world = World(zone=zone, quiet=("22:00-07:00",), now=day)
    assert world.take(article(0)) == []
    [message] = world.run(days=1)
    assert message.at == ends


def test_a_digest_joins_rules_with_the_same_schedule_and_channels() -> None:
    rules = [rule(name, send="digest") for name in ("one", "two")]
    world = World(
        *rules, rule("three", send="digest", channels=("chat",)), rule("four", send="digest", digest="hourly")
    )
    for number, name in enumerate(("one", "two", "three", "four")):
        assert world.take(article(number, rule=name)) == []
    sent = {message.rule: message for message in world.run(days=1)}
    assert {key: (m.kind, m.channels, len(m.alerts)) for key, m in sent.items()} == {
        "four": ("digest", ("mail",), 1), "three": ("digest", ("chat",), 1), "": ("digest", ("mail",), 2)
    }  # fmt: skip
    assert world.run(days=30) == []


def test_a_digest_shows_the_highest_scores_and_counts_the_rest() -> None:
    world = World(rule(send="digest"))
    world.take(*(article(n, topic_score=n / 100) for n in range(100)))
    [digest] = world.run(days=1)
    assert (len(digest.alerts), digest.held_back) == (40, 60)
    assert shown(digest)[0] == "a99"


def test_daily_digests_come_once_a_day_when_the_clocks_change() -> None:
    world = World(
        rule(send="digest", digest="daily 02:30"), zone="Europe/Madrid", now=datetime(2026, 3, 27, tzinfo=UTC)
    )
    sent = []
    for hour in range(24 * 5):
        world.take(article(hour))
        sent += world.run(HOUR)
    assert times(sent) == ["27 01:30", "28 01:30", "29 01:00", "30 00:30", "31 00:30"]


def test_backlog_comes_as_one_summary_when_no_more_comes() -> None:
    world = World()
    for number in range(20):
        assert world.take(article(number, backlog=True), after=20) == []
        assert world.run(5) == []
    [summary] = world.run(HOUR)
    assert (summary.kind, len(summary.alerts)) == ("summary", 20)
    assert summary.text


def test_a_summary_waits_ten_minutes_at_most() -> None:
    world = World()
    sent = []
    for number in range(50):
        sent += world.run(20)
        world.take(article(number, backlog=True))
    assert times(sent) == ["02 12:10"]


@pytest.mark.parametrize("spread", [0.0, 0.2, 5.0])
def test_of_many_rules_backlog_comes_as_one_summary(spread: float) -> None:
    """Five hundred keywords were imported: nobody wants five hundred messages."""
    world = World(*(rule(name=f"Rule {n}") for n in range(500)))
    sent = []
    for number in range(1500):
        sent += world.run(spread / 3)
        sent += world.take(article(number, rule=f"Rule {number % 500}", backlog=True))
    sent += world.run(HOUR)
    assert len(sent) == {0.0: 1, 0.2: 1, 5.0: 5}[spread]  # at most one in ten minutes
    assert {message.kind for message in sent} == {"summary"}
    assert sum(len(message.alerts) + message.held_back for message in sent) == 1500
    assert sent[0].name.startswith("Rule 0, ")
    assert sent[0].name.endswith(" more rules")
    assert len({covered.rule for message in sent for covered in message.covers}) == 500


def test_a_summary_of_many_rules_leaves_out_what_is_quiet_or_muted() -> None:
    rules = [rule(name=f"Rule {n}", quiet=("00:00-23:59",) if n < 2 else ()) for n in range(20)]
    world = World(*rules)
    world.mute(rule="Rule 19")
    world.take(*(article(n, rule=f"Rule {n}", backlog=True) for n in range(20)))
    [summary] = world.run(HOUR)
    assert {covered.rule for covered in summary.covers} == {f"Rule {n}" for n in range(2, 19)}


def test_new_articles_do_not_wait_for_the_backlog_of_others() -> None:
    world = World()
    assert len(world.take(article(0, backlog=True), article(1))) == 1


def test_a_flood_comes_as_one_summary() -> None:
    world = World()
    sent = [message for n in range(1000) for message in world.take(article(n), after=0.01)]
    assert len(sent) == 600
    [summary] = world.run(HOUR)
    assert (summary.kind, len(summary.alerts) + summary.held_back) == ("summary", 400)
    assert len(world.take(article(5000))) == 1


def test_channels_that_keep_records_get_everything_at_once_and_alone() -> None:
    world = World(rule(channels=("mail", "file"), quiet=("00:00-23:00",)))
    sent = world.take(article(0), article(1, story_id="s0"), article(2, backlog=True), article(0, version=2))
    sent += world.take(article(0, version=3, number="8"))
    assert [(message.channels, shown(message)) for message in sent] == [
        (("file",), ["a0"]), (("file",), ["a1"]), (("file",), ["a2"]), (("file",), ["a0"])
    ]  # fmt: skip
    assert {channel for message in world.run(days=2) for channel in message.channels} == {"mail"}
    assert world.planner.waiting() == 0


def test_a_rule_with_only_such_channels_holds_nothing() -> None:
    world = World(rule(channels=("file",), budget=1, throttle=600.0))
    assert len(world.take(*(article(n, story_id="s") for n in range(5)))) == 5
    assert world.run(days=3) == []


def test_a_story_with_many_reports_hides_no_other_story_in_a_digest() -> None:
    world = World(rule(send="digest"), rule("Other", send="digest"))
    for n in range(60):
        world.take(found(f"big{n}", story_id="big", share=1.0, topic_score=1.0))
    for n in range(30):
        world.take(found(f"small{n}", story_id=f"s{n}", share=0.1), after=1)
    world.take(found("small0", rule="Other", story_id="s0"))
    [digest] = world.run(days=1)
    stories = [one.story_id for one in digest.alerts]
    assert len(stories) == 40
    assert set(stories) == {"big", *(f"s{n}" for n in range(30))}
    assert len(set(stories[:31])) == 31
    assert digest.by_rule == {"Troops": 90, "Other": 1}
    assert digest.by_story["big"] == 60 - stories.count("big")
    assert digest.held_back == 91 - 40
