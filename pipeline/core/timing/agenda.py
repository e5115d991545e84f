"""Keeps which feed is due next, and how much the feeds of each site ask for; cheap with hundreds of thousands of feeds.

A feed that is new is due from when it was first known, so that a long list of new feeds does not hold up the others.
Feeds that are due at the same moment come in an order that has nothing to do with their ids, which are often alike for
one site.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from heapq import heapify, heappop, heappush
from zlib import crc32

from pipeline.core.feeds.seed import site_key
from pipeline.core.timing.crowd import Crowd
from pipeline.core.timing.feed_schedule import NEW, next_at
from pipeline.records import Feed, FeedState


class Agenda:
    """The feeds that are polled, by the time at which they are due. Putting and taking one takes O(log n)."""

    def __init__(self, spacing: float) -> None:
        """`spacing`: seconds between two polls of feeds of one site, on average."""
        self._heap: list[tuple[datetime, int, str]] = []
        self._at: dict[str, datetime] = {}  # feed -> when it is due; other entries of the heap are out of date
        self._feeds: dict[str, Feed] = {}
        self._crowd = Crowd(spacing)

    def __len__(self) -> int:
        return len(self._at)

    def fill(self, feeds: Mapping[str, Feed], states: Mapping[str, FeedState], now: datetime) -> None:
        """Replace all feeds by these."""
        for feed in list(self._feeds):
            self.drop(feed)
        for one in feeds.values():
            self.put(one, states.get(one.id), now)

    def put(self, feed: Feed, state: FeedState | None, now: datetime) -> None:
        """Note when a feed is due, or that it is not polled."""
        if not feed.enabled or feed.removed:
            self.drop(feed.id)
            return
        self._feeds[feed.id] = feed
        if state is not None:
            self._crowd.ask(feed.id, site_key(feed), feed.every or state.interval)
        at = next_at(state, feed)
        self.put_off(feed.id, now if at == NEW else at)

    def put_off(self, feed: str, at: datetime) -> None:
        """Note that a known feed is due at `at`."""
        if feed not in self._feeds or self._at.get(feed) == at:
            return
        self._at[feed] = at
        heappush(self._heap, _entry(feed, at))
        if len(self._heap) > 2 * len(self._at) + 64:
            self._heap = [_entry(feed, at) for feed, at in self._at.items()]
            heapify(self._heap)

    def drop(self, feed: str) -> None:
        """Forget a feed."""
        self._feeds.pop(feed, None)
        self._at.pop(feed, None)
        self._crowd.leave(feed)

    def take(self, now: datetime, most: int) -> list[Feed]:
        """At most `most` feeds that are due, the longest waiting first. Each is due again only when it is put back."""
        taken: list[Feed] = []
        while len(taken) < most and (first := self._first()) is not None and first[0] <= now:
            heappop(self._heap)
            del self._at[first[2]]
            taken.append(self._feeds[first[2]])
        return taken

    def due(self, now: datetime) -> list[Feed]:
        """All feeds that are due, the longest waiting first; O(n)."""
        return [self._feeds[id] for *_, id in sorted(_entry(feed, at) for feed, at in self._at.items() if at <= now)]

    def next_due(self) -> datetime | None:
        """When the next feed is due; None if there is no feed."""
        first = self._first()
        return first[0] if first else None

    def crowd(self, feed: Feed) -> float:
        """By how much the interval of a feed gets longer for the sake of its site."""
        return self._crowd.factor(site_key(feed))

    def _first(self) -> tuple[datetime, int, str] | None:
        while self._heap and self._at.get(self._heap[0][2]) != self._heap[0][0]:
            heappop(self._heap)
        return self._heap[0] if self._heap else None


def _entry(feed: str, at: datetime) -> tuple[datetime, int, str]:
    return at, crc32(feed.encode()), feed
