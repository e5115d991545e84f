"""What `config/feeds.toml` means beside the feeds already on the log: it is the seed, people's acts win over it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from pipeline.core.urls import registrable
from pipeline.records import Feed


def changes_from_seed(known: Mapping[str, Feed], listed: Iterable[Feed]) -> tuple[Feed, ...]:
    """The feeds to publish so that the log agrees with the file.

    A listed feed that is new or was changed in the file is taken; one that a person removed stays removed; one that
    came from the file and is no longer in it is removed. Feeds added by people are left alone.
    """
    wanted = {feed.id: msgspec.structs.replace(feed, origin="config") for feed in listed}
    changes = [
        feed
        for feed in wanted.values()
        if (old := known.get(feed.id)) is None or (old.origin == "config" and old != feed and not by_hand(old))
    ]
    gone = [
        removed(feed)
        for feed in known.values()
        if feed.origin == "config" and feed.id not in wanted and not feed.removed
    ]
    return (*changes, *gone)


def site_key(feed: Feed) -> str:
    """What the feed's partition follows from: its site, so that one worker polls all feeds of a site."""
    try:
        return registrable(feed.url)
    except ValueError:
        return feed.id


def removed(feed: Feed, origin: str | None = None) -> Feed:
    """The record that stops the polling of `feed`. Not a tombstone: the seed must not bring it back."""
    return msgspec.structs.replace(feed, enabled=False, removed=True, origin=origin or feed.origin)


def by_hand(feed: Feed) -> bool:
    """Whether a person removed it; the file's own removals are taken back when the file lists the feed again."""
    return feed.removed and feed.origin == "cli"
