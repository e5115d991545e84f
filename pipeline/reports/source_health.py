"""How each source is: what it lists and loses, how often it brings news, and which ones have gone silent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Literal

from pipeline.core.timing.rhythm import rates, unpack
from pipeline.records import Document, Dropped, Feed, FeedState
from pipeline.reports.losses import NO_LOSS, Losses, losses_of

#: silent: far fewer entries came than usual; failing: it cannot be read; new: not polled yet.
Health = Literal["silent", "failing", "lossy", "new", "ok", "paused"]
ORDER: tuple[Health, ...] = ("silent", "failing", "lossy", "new", "ok", "paused")  # what needs people comes first
SILENT = 6.0  # entries that its rhythm made us expect since the last one: by chance in 1 of 400 cases
KNOWN = 20.0  # entries that a rhythm is made of, before a silence means anything
LOSSY = 0.5  # share of what is listed that is lost


@dataclass(frozen=True, slots=True)
class Source:
    """A feed and how it is. `daily`: entries a day, as learned; `hours`: relative activity by hour of the day (UTC).

    `lag`: median seconds between publication and the moment we saw it, of the newest articles. `quiet`: entries that
    were expected since the last one.
    """

    feed: Feed
    state: FeedState | None
    health: Health
    losses: Losses | None
    daily: float | None = None
    hours: tuple[float, ...] = ()
    quiet: float = 0.0
    lag: float | None = None
    articles: int = 0  # among the newest documents

    @property
    def last_new(self) -> datetime | None:
        """When a poll last brought something new, as far as its history tells."""
        return next((note.at for note in self.state.history if note.new), None) if self.state else None


def sources(
    feeds: Mapping[str, Feed],
    states: Mapping[str, FeedState],
    dropped: Iterable[Dropped] = (),
    newest: Iterable[Document] = (),
) -> list[Source]:
    """Every feed that was not removed, those that need people first."""
    lost = {one.feed: one for one in losses_of(states, dropped)}
    lags = _lags(newest)
    found = [
        _source(feed, states.get(id), lost.get(id), lags.get(id, [])) for id, feed in feeds.items() if not feed.removed
    ]
    return sorted(found, key=lambda one: (ORDER.index(one.health), -one.quiet, one.feed.name.casefold(), one.feed.id))


def _source(feed: Feed, state: FeedState | None, losses: Losses | None, lags: list[float]) -> Source:
    daily, quiet, known = None, 0.0, 0.0
    hours: tuple[float, ...] = ()
    if state and state.rhythm:
        learned = unpack(state.rhythm.weights)
        known = float(learned.heard[0, :24].sum())
        found = rates(learned)
        daily, quiet = float(found.mean[0]) * 24, float(learned.quiet[0])
        hours = tuple(round(float(value), 3) for value in found.factors[0, :24])
    health = _health(feed, state, losses, quiet if known >= KNOWN else 0.0)
    lag = median(lags) if lags else None
    return Source(feed, state, health, losses, daily, hours, quiet, lag, len(lags))


def _health(feed: Feed, state: FeedState | None, losses: Losses | None, quiet: float) -> Health:
    if not feed.enabled:
        return "paused"
    if state is None:
        return "new"
    if state.error:
        return "failing"
    if quiet >= SILENT:
        return "silent"
    entries = sum(n for reason, n in losses.entries.items() if reason not in NO_LOSS) if losses else 0
    return "lossy" if entries and entries >= LOSSY * max(1, state.entries) else "ok"


def _lags(documents: Iterable[Document]) -> dict[str, list[float]]:
    """By feed, the seconds from publication to the first sight; articles of a feed's first poll came late."""
    found: dict[str, list[float]] = {}
    for document in documents:
        article = document.article
        if article.backlog or not article.published or document.relation.version != 1:
            continue
        waited = (document.relation.first_seen - article.published.value).total_seconds()
        found.setdefault(article.feed, []).append(max(0.0, waited))
    return found
