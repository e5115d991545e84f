"""Keeps the polls of all feeds of one site so far apart, on average, that the site is not burdened.

How often its feeds would be polled is added up. If that is too often, all their intervals get longer by the same
factor, so a wire keeps its share before a blog.
"""

from __future__ import annotations


class Crowd:
    """The polls that the feeds of each site ask for."""

    def __init__(self, spacing: float) -> None:
        self._spacing = spacing
        self._asked: dict[str, tuple[str, float]] = {}  # feed -> site, polls per second
        self._sites: dict[str, float] = {}  # site -> polls per second

    def ask(self, feed: str, site: str, interval: float) -> None:
        """Note that `feed` would be polled every `interval` seconds."""
        self.leave(feed)
        rate = 1 / max(interval, 1e-3)
        self._asked[feed] = site, rate
        self._sites[site] = self._sites.get(site, 0.0) + rate

    def leave(self, feed: str) -> None:
        """Forget a feed that is no longer polled."""
        site, rate = self._asked.pop(feed, ("", 0.0))
        if site:
            self._sites[site] -= rate
            if self._sites[site] < 1e-9:  # less than one poll in thirty years: what remains of rounding
                del self._sites[site]

    def factor(self, site: str) -> float:
        """By how much the intervals of its feeds get longer, at least 1."""
        return max(1.0, self._sites.get(site, 0.0) * self._spacing)
