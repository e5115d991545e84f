"""Changes of the feeds on the log: what is to be published, and how it differs from what is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from pipeline.core.urls import address_id
from pipeline.records import Feed

#: Fields of a feed that nobody writes into feeds.toml.
_OWN = ("v", "id", "origin", "seed", "removed")


@dataclass(frozen=True, slots=True)
class Change:
    """One feed to publish. `kind`: added, changed, enabled, disabled, adopted (from `before.seed`), removed.

    `before`: the feed on the log now, if it has this id.
    """

    kind: str
    feed: Feed
    before: Feed | None = None

    def fields(self) -> dict[str, tuple[object, object]]:
        """Field -> its value before and after, of those that change. Empty for a feed that was not polled before."""
        if self.before is None or self.before.removed or self.feed.removed:
            return {}
        return differences(self.before, self.feed)


@dataclass(frozen=True, slots=True)
class Kept:
    """A listed feed that is not published. `held`: the feed on the log with its id, or with its URL.

    `reason`: seed (another seed published it), user (a user added it), removed (a user removed it), polled (already).
    """

    listed: Feed
    held: Feed
    reason: str

    @property
    def same(self) -> bool:
        """Whether it is polled as listed, by whomever it was published."""
        return not self.held.removed and self.held.id == self.listed.id and not differences(self.held, self.listed)


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be published, and the listed feeds that would stay as they are on the log."""

    changes: tuple[Change, ...] = ()
    kept: tuple[Kept, ...] = ()

    @property
    def disputed(self) -> tuple[Kept, ...]:
        """Feeds that are listed otherwise than another seed published them."""
        return tuple(kept for kept in self.kept if kept.reason == "seed" and not kept.same)


def differences(one: Feed, other: Feed) -> dict[str, tuple[object, object]]:
    """Field of feeds.toml -> the values of both feeds, where they differ."""
    pairs = {name: (getattr(one, name), getattr(other, name)) for name in one.__struct_fields__ if name not in _OWN}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def changed(before: Feed, feed: Feed) -> Change:
    """The change from one feed to another of the same id. Switching it on or off has its own kinds."""
    switched = "enabled" if feed.enabled else "disabled"
    return Change(switched if differences(before, feed).keys() == {"enabled"} else "changed", feed, before)


def removal(feed: Feed, **marks: str) -> Change:
    """The change that stops polling `feed`; `marks`: the origin and seed that removed it.

    Not a tombstone, because the seed must not bring back what a user removed.
    """
    gone = msgspec.structs.replace(feed, enabled=False, removed=True, **marks)
    return Change("removed", gone, feed)


def additions(known: Mapping[str, Feed], new: Iterable[Feed]) -> Plan:
    """Add those of the feeds `new` whose URL is not polled, each under an id that is free.

    A feed that was removed gets its id back, and with it what poll remembers about it.
    """
    polled = {url_key(feed): feed for feed in known.values() if not feed.removed}
    gone = {url_key(feed): feed for feed in known.values() if feed.removed}
    taken, changes, kept = set(known), list[Change](), list[Kept]()
    for listed in new:
        if held := polled.get(url_key(listed)):
            kept.append(Kept(listed, held, "polled"))
            continue
        before = gone.get(url_key(listed))
        feed = msgspec.structs.replace(listed, id=before.id if before else _free(listed.id, taken))
        taken.add(feed.id)
        polled[url_key(feed)] = feed
        changes.append(Change("added", feed, before))
    return Plan(tuple(changes), tuple(kept))


def _free(identity: str, taken: set[str]) -> str:
    n, found = 1, identity
    while found in taken:
        n += 1
        found = f"{identity}-{n}"
    return found


def url_key(feed: Feed) -> str:
    """The same for two URLs of one feed."""
    try:
        return address_id(feed.url)
    except ValueError:
        return feed.url
