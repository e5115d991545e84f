"""Merges config/feeds.toml, the seed, with the feeds on the log. Changes by users win over the seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from pipeline.core.urls import registrable
from pipeline.records import Feed


def changes_from_seed(known: Mapping[str, Feed], listed: Iterable[Feed]) -> tuple[Feed, ...]:
    """The feeds to publish so that the log agrees with the file.

    These are the feeds that are new or changed in the file, unless a user removed them, and, as removed, those that
    came from the file and are no longer in it. Feeds that users added are not changed.
    """
    wanted = {feed.id: msgspec.structs.replace(feed, origin="config") for feed in listed}
    changes = [
        feed
        for feed in wanted.values()
        if (old := known.get(feed.id)) is None or (old.origin == "config" and old != feed and not removed_by_user(old))
    ]
    gone = [
        removed(feed)
        for feed in known.values()
        if feed.origin == "config" and feed.id not in wanted and not feed.removed
    ]
    return (*changes, *gone)


def site_key(feed: Feed) -> str:
    """The key of the feed's partition: its site, so that one worker polls all feeds of a site."""
    try:
        return registrable(feed.url)
    except ValueError:
        return feed.id


def removed(feed: Feed, origin: str | None = None) -> Feed:
    """The record that stops polling `feed`. Not a tombstone, because the seed must not bring it back."""
    return msgspec.structs.replace(feed, enabled=False, removed=True, origin=origin or feed.origin)


def removed_by_user(feed: Feed) -> bool:
    """Whether a user removed it. A feed that the file removed comes back when the file lists it again."""
    return feed.removed and feed.origin == "cli"
