"""One message about a story, then follow-ups that say what is new."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pipeline.core.alerts.rules import Growth
from pipeline.records import Alert
from tests.builders import SEEN
from tests.core.notification.world import World, found, rule, shown

HOUR = 3600.0


def report(place: int, /, **changes: Any) -> Alert:
    return found(f"a{place}", source=f"Outlet {place}", outlet_country=("PE", "ES", "US")[place % 3], **changes)


def test_the_first_report_comes_at_once_and_the_others_an_hour_later_together() -> None:
    world = World()
    [first] = world.take(report(0))
    assert (first.kind, shown(first), first.held_back) == ("alert", ["a0"], 0)
    assert first.story
    assert first.story.sources == ("Outlet 0",)
    assert world.take(*(report(n) for n in range(1, 24)), after=1) == []
    [follow_up] = world.run(days=3)
    assert (follow_up.kind, follow_up.at) == ("follow_up", SEEN + timedelta(hours=1))
    assert (len(follow_up.alerts), follow_up.held_back) == (10, 13)
    assert follow_up.story
    assert follow_up.story.articles == 24
    assert follow_up.grown
    assert (follow_up.grown.articles, len(follow_up.grown.sources)) == (23, 23)
    assert set(follow_up.grown.countries) == {"ES", "US"}


def test_follow_ups_come_at_double_intervals_up_to_a_day() -> None:
    world = World(rule(follow_up=6 * HOUR))
    world.take(report(0))
    hours = []
    for number in range(1, 200):
        hours += [(message.at - SEEN).total_seconds() / HOUR for message in world.run(HOUR)]
        world.take(report(number))
    assert hours[:5] == [6, 18, 42, 66, 90]


def test_a_report_after_a_long_pause_does_not_wait() -> None:
    world = World()
    world.take(report(0))
    world.run(days=2)
    world.take(report(1))
    assert [message.at for message in world.run(10)] == [world.now - timedelta(seconds=10)]


def test_each_story_and_each_rule_has_its_own_messages() -> None:
    world = World(rule(), rule("Markets"))
    assert len(world.take(report(0), report(1, story_id="s2"), report(0, rule="Markets"))) == 3


def test_without_groups_every_article_has_its_message() -> None:
    world = World(rule(group="none"))
    assert len(world.take(*(report(n) for n in range(5)))) == 5
    assert world.run(days=2) == []


def test_without_follow_ups_further_reports_are_counted_and_shown_in_the_next_message() -> None:
    world = World(rule(follow_up=None))
    world.take(report(0), report(1), report(2))
    assert world.run(days=2) == []
    assert world.statuses() == {"a0": "reported", "a1": "noted", "a2": "noted"}
    [message] = world.take(report(0, number="4", version=2))
    assert message.story
    assert message.story.articles == 3
    assert message.grown
    assert message.grown.sources == ("Outlet 1", "Outlet 2")


def test_copies_are_counted_in_the_next_follow_up() -> None:
    world = World()
    world.take(report(0), report(1, duplicate_of="a0"), report(2))
    [follow_up] = world.run(days=1)
    assert shown(follow_up) == ["a2"]
    assert follow_up.grown
    assert (follow_up.grown.articles, follow_up.grown.copies) == (1, 1)


def test_a_copy_of_what_did_not_match_is_reported_once() -> None:
    world = World(rule(group="none"))
    assert len(world.take(report(1, duplicate_of="x"), report(2, duplicate_of="x"))) == 1


def test_copies_are_reported_if_the_rule_wants_them() -> None:
    world = World(rule(group="none", copies="alert"))
    assert len(world.take(report(0), report(1, duplicate_of="a0"))) == 2


def test_only_the_first_of_a_story_is_reported_if_the_rule_says_so() -> None:
    world = World(rule(triggers=("story",)))
    assert len(world.take(report(0), report(1), report(2, story_id="s2"))) == 2
    assert world.run(days=3) == []


def test_growth_is_reported_at_each_threshold_and_doubling() -> None:
    world = World(rule(triggers=("growth",), growth=Growth(sources=3)))
    sizes = []
    for number in range(14):
        for message in world.take(report(number), report(number, version=2)):
            assert message.story
            sizes.append(len(message.story.sources))
    assert sizes == [3, 6, 12]
    assert world.run(days=3) == []


def test_growth_in_countries_counts_too() -> None:
    world = World(rule(triggers=("story", "growth"), growth=Growth(sources=100, countries=2)))
    assert [shown(message) for message in world.take(report(0), report(3), report(1))] == [["a0"], ["a1"]]


def test_growth_takes_with_it_what_waited() -> None:
    world = World(rule(triggers=("article", "growth"), growth=Growth(sources=3)))
    assert [len(world.take(report(n))) for n in range(3)] == [1, 0, 1]
    assert world.run(days=1) == []


def test_a_story_with_another_id_is_another_story() -> None:
    world = World()
    world.take(report(0), report(1))
    [message] = world.take(found("a0", "4", version=2, story_id="s9"))
    assert message.changes
    assert [shown(message) for message in world.run(days=1)] == [["a1"]]


def test_a_story_that_was_merged_into_another_goes_on() -> None:
    """Readers who got the one are not sent the other as news."""
    world = World()
    [first] = world.take(report(0, story_id="s1"))
    assert world.take(report(1, story_id="s2", merged=("s1",)), after=60) == []
    assert world.take(report(2, story_id="s3", merged=("s1", "s2")), after=60) == []
    [follow_up] = world.run(2 * HOUR)
    assert (first.kind, follow_up.kind, shown(follow_up)) == ("alert", "follow_up", ["a1", "a2"])
    assert {alert.story_id for alert in follow_up.alerts} == {"s1"}
    assert follow_up.story
    assert follow_up.story.articles == 3
    [other] = world.take(report(3, story_id="s4"), after=60)
    assert other.kind == "alert"


def test_stories_that_were_both_reported_go_on_under_the_id_that_stays() -> None:
    world = World()
    world.take(report(0, story_id="s1"), report(1, story_id="s2"))
    world.take(report(2, story_id="s2", merged=("s1",)), after=60)
    [follow_up] = world.run(2 * HOUR)
    assert [alert.story_id for alert in follow_up.alerts] == ["s2"]
