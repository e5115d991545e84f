"""What became no article, by feed and reason."""

from __future__ import annotations

from typing import Any

from pipeline.records import Dropped, FeedState
from pipeline.reports.losses import losses_of
from tests.builders import SEEN


def dropped(feed: str, n: int, reason: str = "http_403") -> Dropped:
    return Dropped(feed=feed, url=f"https://{feed}.example/{n}", title=None, reason=reason, detail="", at=SEEN)


def state(feed: str, **more: Any) -> FeedState:
    return FeedState(feed=feed, polled_at=SEEN, next_at=SEEN, interval=900, **more)


def test_the_worst_feeds_come_first_and_repetitions_count_once() -> None:
    states = {
        "a": state("a", entries=30, drops={"no_text": 2, "repeated": 20}),
        "b": state("b", entries=10),
        "c": state("c", entries=9, drops={"repeated": 4}),
        "d": state("d", entries=5),
    }
    lost = [
        dropped("b", 1),
        dropped("b", 2),
        dropped("b", 3, "paywall"),
        dropped("b", 3, "paywall"),
        dropped("gone", 1),
    ]
    found = losses_of(states, lost)
    assert [(one.feed, one.listed, one.total) for one in found] == [
        ("b", 10, 3),
        ("a", 30, 2),
        ("gone", 0, 1),
        ("c", 9, 0),
    ]
    assert found[0].words() == "pages: http_403 2, paywall 1"
    assert found[1].words() == "entries: repeated 20, no_text 2"
    assert found[0].plain() == {"id": "b", "listed": 10, "entries": {}, "pages": {"http_403": 2, "paywall": 1}}
