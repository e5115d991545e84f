"""Which feeds are due, in which order, and how much the feeds of a site ask for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.timing.agenda import Agenda
from pipeline.core.timing.crowd import Crowd
from pipeline.records import Feed, FeedState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def feed(name: str, **changes: object) -> Feed:
    return msgspec.structs.replace(Feed(id=name, name=name, url=f"https://{name}.example/rss"), **changes)


def state(name: str, minutes: float, interval: float = 900) -> FeedState:
    at = NOW + timedelta(minutes=minutes)
    return FeedState(feed=name, polled_at=NOW, next_at=at, interval=interval, url=f"https://{name}.example/rss")


def agenda(minutes: dict[str, float | None], **changes: object) -> Agenda:
    """`minutes`: from now until each feed is due, None for new."""
    states = {name: state(name, at) for name, at in minutes.items() if at is not None}
    one = Agenda(5.0)
    one.fill({name: feed(name, **changes) for name in minutes}, states, NOW)
    return one


def ids(feeds: list[Feed]) -> list[str]:
    return [one.id for one in feeds]


def test_the_longest_waiting_come_first_and_new_ones_when_they_came() -> None:
    one = agenda({"late": -5, "later": -9, "new": None, "soon": 1})
    assert ids(one.due(NOW)) == ["later", "late", "new"]
    assert one.next_due() == NOW - timedelta(minutes=9)
    assert ids(one.take(NOW, 2)) == ["later", "late"]
    assert ids(one.take(NOW, 2)) == ["new"]
    assert one.take(NOW, 2) == []
    assert ids(one.take(NOW + timedelta(minutes=1), 9)) == ["soon"]
    assert one.next_due() is None


def test_only_feeds_that_are_polled() -> None:
    assert agenda({"off": -1}, enabled=False).due(NOW) == []
    assert agenda({"gone": -1}, removed=True).due(NOW) == []
    one = agenda({"f": -1})
    one.put(feed("f", enabled=False), state("f", -1), NOW)
    assert one.take(NOW, 1) == []
    one.put_off("f", NOW)  # a poll ends after its feed was switched off
    assert one.take(NOW, 1) == []


def test_a_feed_that_was_taken_is_due_again_when_it_was_put_back() -> None:
    one = agenda({"f": -1})
    (taken,) = one.take(NOW, 1)
    one.put(taken, state("f", 3), NOW)
    assert one.take(NOW, 1) == []
    assert ids(one.take(NOW + timedelta(minutes=3), 1)) == ["f"]


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(["put", "drop", "off"]), st.integers(-9, 9))))
def test_like_a_sorted_list(acts: list[tuple[str, str, int]]) -> None:
    one, plain = Agenda(5.0), {}
    for name, act, minutes in acts * 30:  # often enough that the heap is made again
        at = NOW + timedelta(minutes=minutes)
        match act:
            case "put":
                one.put(feed(name), state(name, minutes), NOW)
                plain[name] = at
            case "off":
                one.put_off(name, at)
                plain |= {name: at} if name in plain else {}
            case _:
                one.drop(name)
                plain.pop(name, None)
        assert len(one) == len(plain)
    assert one.next_due() == min(plain.values(), default=None)
    due = one.due(NOW)
    assert set(ids(due)) == {name for name, at in plain.items() if at <= NOW}
    assert one.take(NOW, 99) == due


# ---- sites ----


def test_the_feeds_of_a_site_share_its_polls() -> None:
    crowd = Crowd(5.0)
    for n in range(24):
        crowd.ask(f"f{n}", "site.example", 120.0)
    assert crowd.factor("site.example") == 1.0  # one poll every five seconds
    crowd.ask("fast", "site.example", 2.5)
    assert round(crowd.factor("site.example"), 6) == 3.0
    crowd.ask("fast", "site.example", 5.0)
    assert round(crowd.factor("site.example"), 6) == 2.0
    assert crowd.factor("other.example") == 1.0
    crowd.leave("fast")
    assert crowd.factor("site.example") == 1.0
