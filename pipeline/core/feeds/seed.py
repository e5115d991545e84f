"""Compares a seed, the feeds of one feeds.toml, with the feeds on the log.

A feed remembers the seed that it came from. A seed changes and removes only its own feeds: not those that users added,
nor those of another seed, such as another team's on the same broker. What users do wins over every seed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import msgspec

from pipeline.core.feeds.changes import Change, Kept, Plan, changed, removal, url_key
from pipeline.core.urls import registrable
from pipeline.records import Feed


@dataclass(frozen=True, slots=True)
class Seed:
    """The feeds of one feeds.toml. `name` identifies it on the log; empty: the file gives none.

    A file that does not `exist`, perhaps only while an editor replaces it, says nothing about any feed.
    """

    name: str
    feeds: tuple[Feed, ...]
    exists: bool = True


def plan_of(known: Mapping[str, Feed], seed: Seed, *, adopt: bool = False, replaces: Collection[str] = ()) -> Plan:
    """Compare the seed with the feeds on the log, `known` by id.

    `adopt`: take over the feeds that the file lists, whoever published them. `replaces`: names of seeds in whose place
    this one comes: their feeds are treated as its own, so those that it does not list are removed.
    """
    if not seed.exists:
        return Plan()
    return _Planner(known, seed, adopt, {seed.name, *replaces}).plan()


class _Planner:
    def __init__(self, known: Mapping[str, Feed], seed: Seed, adopt: bool, names: set[str]) -> None:
        self.known, self.adopt, self.names, self.name = known, adopt, names, seed.name
        self.listed = {feed.id: msgspec.structs.replace(feed, origin="config", seed=seed.name) for feed in seed.feeds}
        self.urls = {url_key(feed): feed.id for feed in self.listed.values()}
        self.others = {url_key(feed): feed for feed in known.values() if not feed.removed and not self.own(feed)}
        self.changes: list[Change] = []
        self.kept: list[Kept] = []

    def own(self, feed: Feed) -> bool:
        return feed.origin == "config" and feed.seed in self.names

    def plan(self) -> Plan:
        for feed in self.listed.values():
            self._compare(feed)
        for old in self.known.values():
            if self.own(old) and not old.removed and old.id not in self.listed:
                self.changes.append(removal(old, seed=self.name))
        return Plan(tuple(self.changes), tuple(self.kept))

    def _compare(self, feed: Feed) -> None:
        old, rival = self.known.get(feed.id), self.others.get(url_key(feed))
        if old is not None and removed_by_user(old):
            self.kept.append(Kept(feed, old, "removed"))
        elif old is not None and not old.removed and not self.own(old):
            self._foreign(feed, old, rival)
        elif rival is not None and not (old and not old.removed and url_key(old) == url_key(feed)):
            self._foreign(feed, rival, rival)
        elif old is None or old.removed:
            self.changes.append(Change("added", feed, old))
        elif old.seed != feed.seed:
            self.changes.append(Change("adopted", feed, old))
        elif old != feed:
            self.changes.append(changed(old, feed))

    def _foreign(self, feed: Feed, held: Feed, rival: Feed | None) -> None:
        """A feed with an id or URL that others published: `held`; `rival` is the one with its URL."""
        if not self.adopt:
            self.kept.append(Kept(feed, held, "seed" if held.origin == "config" else "user"))
            old = self.known.get(feed.id)
            if old and not old.removed and self.own(old) and self.urls.get(url_key(old), old.id) != old.id:
                self.changes.append(removal(old, seed=self.name))  # the file now lists its address under another id
            return
        old = self.known.get(feed.id)
        self.changes.append(Change("adopted", feed, old) if old and not old.removed else Change("added", feed, old))
        if rival is not None and rival.id != feed.id and rival.id not in self.listed:
            self.changes.append(removal(rival, origin="config", seed=self.name))


def site_key(feed: Feed) -> str:
    """The key of the feed's partition: its site, so that one worker polls all feeds of a site."""
    try:
        return registrable(feed.url)
    except ValueError:
        return feed.id


def removed_by_user(feed: Feed) -> bool:
    """Whether a user removed it. A feed that a file removed comes back when a file lists it again."""
    return feed.removed and feed.origin != "config"
