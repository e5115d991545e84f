"""How sources are, and in which order they are shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from pipeline.core.timing.rhythm import pack, unknown
from pipeline.records import Dropped, FeedState, PollNote, Rhythm
from pipeline.reports.source_health import Health, sources
from tests.builders import SEEN, document, feed


def rhythm(entries: float, quiet: float) -> Rhythm:
    """Of a feed that brought `entries` over ten days, of which `quiet` more were expected since the last one."""
    learned = unknown(1)
    heard, watched = learned.heard.copy(), learned.watched.copy()
    heard[0, :24], watched[0, :24] = entries / 24, 10.0
    made = type(learned)(heard, watched, learned.lately, learned.expected, np.array([quiet]), learned.wary)
    return Rhythm(heard_at=SEEN, weights=pack(made))


def state(**changes: Any) -> FeedState:
    fields: dict[str, Any] = {"feed": "f", "polled_at": SEEN, "next_at": SEEN, "interval": 600.0, "entries": 10}
    return FeedState(**fields | changes)


@pytest.mark.parametrize(
    ("feed_changes", "found", "health"),
    [
        ({}, None, "new"),
        ({}, state(), "ok"),
        ({}, state(error="dns"), "failing"),
        ({}, state(rhythm=rhythm(240, 1.0)), "ok"),
        ({}, state(rhythm=rhythm(240, 7.0)), "silent"),
        ({}, state(rhythm=rhythm(5, 7.0)), "ok"),  # too little is known
        ({}, state(rhythm=rhythm(240, 7.0), error="dns"), "failing"),
        ({}, state(drops={"bad_entry": 6}), "lossy"),
        ({}, state(drops={"bad_entry": 4}), "ok"),
        ({}, state(drops={"repeated": 9}), "ok"),  # nothing is lost
        ({"enabled": False}, state(error="dns"), "paused"),
    ],
)  # fmt: skip
def test_the_health_of_a_source(feed_changes: dict[str, Any], found: FeedState | None, health: Health) -> None:
    [one] = sources({"f": feed("f", **feed_changes)}, {"f": found} if found else {})
    assert one.health == health


def test_a_day_has_as_many_entries_as_were_heard() -> None:
    [one] = sources({"f": feed("f")}, {"f": state(rhythm=rhythm(240, 0.0))})
    assert one.daily == pytest.approx(24, rel=0.02)
    assert len(one.hours) == 24


def test_those_that_need_people_come_first_and_removed_ones_not_at_all() -> None:
    feeds = {id: feed(id) for id in ("ok", "dns", "quiet", "new")} | {"gone": feed("gone", removed=True)}
    feeds |= {"off": feed("off", enabled=False)}
    states = {
        "ok": state(feed="ok"), "dns": state(feed="dns", error="dns"),
        "quiet": state(feed="quiet", rhythm=rhythm(240, 9.0)), "off": state(feed="off"),
    }  # fmt: skip
    assert [one.feed.id for one in sources(feeds, states)] == ["quiet", "dns", "new", "ok", "off"]


def test_the_lag_is_the_median_from_publication_to_the_first_sight() -> None:
    documents = [
        document("T", "x", id=f"a{n}", feed="f", published=SEEN - timedelta(minutes=n), first_seen=SEEN, seq=n)
        for n in (1, 2, 30)
    ]
    old = document("T", "x", id="b", feed="f", published=SEEN - timedelta(days=9), backlog=True)
    [one] = sources({"f": feed("f")}, {"f": state()}, newest=[*documents, old])
    assert (one.lag, one.articles) == (120.0, 3)


def test_losses_and_the_last_news_are_those_of_the_log() -> None:
    notes = (PollNote(at=SEEN, outcome="unchanged"), PollNote(at=SEEN - timedelta(hours=1), outcome="ok", new=2))
    dropped = [Dropped(feed="f", url="u", title=None, reason="paywall", detail="", at=SEEN)]
    [one] = sources({"f": feed("f")}, {"f": state(history=notes)}, dropped)
    assert one.last_new == SEEN - timedelta(hours=1)
    assert one.losses is not None
    assert dict(one.losses.pages) == {"paywall": 1}
