"""Keeps what clean learns of the lines that each site repeats, and removes them from its articles.

A removal depends on what was learned before the article was first seen, so revisits and replays remove the same. What
is learned is state on `site-lines`, published by ticks of the driver: at a crash the articles of the last minute are
forgotten, which only delays learning.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

from msgspec.structs import replace

from pipeline.core.pages.article import content_hash
from pipeline.core.pages.site_lines import UNSEEN, after, without
from pipeline.core.urls import registrable
from pipeline.log.streams import is_backfill
from pipeline.records import Article, Item, SiteLines
from pipeline.stage import Message, Out, Position, ReadState

STATE = "site-lines"
SITES = 2_000  # in memory and on the log; each takes up to 20 kB
EVERY = timedelta(minutes=1)  # between two records of a site
AT_ONCE = 100  # records in one tick
WHILE = timedelta(days=1)  # before a correction, if it is not known when its article was first seen


class Sites:
    """What is known of each site. `room`: sites; those not seen for longest are forgotten first."""

    def __init__(self, room: int = SITES) -> None:
        self._room = room
        self._known: OrderedDict[str, SiteLines] = OrderedDict()  # by registrable domain, the newest last
        self._changed: dict[str, datetime] = {}  # when a record of the site may be published
        self._published: dict[str, datetime] = {}

    def __len__(self) -> int:
        return len(self._known)

    async def restore(self, read: ReadState) -> None:
        for kept in (self._known, self._changed, self._published):
            kept.clear()
        await read(STATE, self._take)
        for site, _ in sorted(self._known.items(), key=lambda known: known[1].seen):
            self._known.move_to_end(site)

    def _take(self, message: Message, known: SiteLines | None) -> None:
        if message.stale:
            return
        if known is None:
            self._known.pop(message.key, None)
        else:
            self._known[known.site] = known

    def read(self, article: Article, item: Item, at: Position, now: datetime) -> Article:
        """The article without the lines of its site; learns from it, unless it is a revisit or old news."""
        try:
            site = registrable(item.url)
        except ValueError:
            return article
        known = self._known.get(site)
        text, removed = without(article, known, _first_seen(item))
        if not item.revisit and not is_backfill(at.stream):
            self._learn(site, after(known, site, article, item.seen), now)
        if not removed:
            return article
        return replace(article, text=text, content_hash=content_hash(article.title.value, text), site_lines=removed)

    def _learn(self, site: str, known: SiteLines, now: datetime) -> None:
        """Remember it. A record is due at once if a line was learned or forgotten, otherwise after a while."""
        before, last = self._known.get(site), self._published.get(site)
        self._known[site] = known
        self._known.move_to_end(site)
        is_news = before is None or _numbers(before) != _numbers(known)
        due = now if is_news or last is None else max(now, last + EVERY)
        self._changed[site] = min(due, self._changed.get(site, due))

    def tick(self, now: datetime) -> tuple[Out, ...]:
        """Records of the sites that changed, and of those that are forgotten."""
        outs: list[Out] = []
        for site in [site for site, due in self._changed.items() if due <= now][:AT_ONCE]:
            del self._changed[site]
            if site in self._known:
                self._published[site] = now
                outs.append(Out(STATE, site, self._known[site]))
        newest = next(reversed(self._known.values())).seen if self._known else now
        while self._known and len(outs) < 2 * AT_ONCE:
            site, known = next(iter(self._known.items()))
            if len(self._known) <= self._room and newest - known.seen < UNSEEN:
                break
            for kept in (self._known, self._changed, self._published):
                kept.pop(site, None)
            outs.append(Out(STATE, site, None))
        return tuple(outs)


def _numbers(known: SiteLines) -> set[int]:
    return {line.number for line in known.lines}


def _first_seen(item: Item) -> datetime:
    """When the article was first seen, as far as it is known."""
    if not item.revisit:
        return item.seen
    return item.first_seen or (item.published.value if item.published else item.seen - WHILE)
