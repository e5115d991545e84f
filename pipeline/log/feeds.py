"""Reads and publishes the feeds on the log."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.core.feeds.changes import Change, Plan
from pipeline.core.feeds.seed import Seed, plan_of, site_key
from pipeline.log.reading import read_newest
from pipeline.ports import Log
from pipeline.records import Feed, FeedState
from pipeline.stage import Out


async def read_feeds(log: Log) -> tuple[dict[str, Feed], dict[str, FeedState]]:
    """Return the feeds and their states, by feed id. What cannot be read is left out: it is in `dead`."""
    feeds, _ = await read_newest(log, "feeds", Feed)
    states, _ = await read_newest(log, "feed-state", FeedState)
    return feeds, states


async def publish_changes(log: Log, changes: Iterable[Change]) -> None:
    """Publish changed feeds. Raises Unavailable."""
    if outs := await outs_of(log, changes):
        await log.publish(outs)


async def outs_of(log: Log, changes: Iterable[Change]) -> list[Out]:
    """What to publish for changed feeds: each to the partition of its site; one that moved to another leaves a
    tombstone. A feed that another version wrote is not overwritten. Raises Unavailable."""
    _, unreadable = await read_newest(log, "feeds", Feed)
    kept = {one.key for one in unreadable if one.other}
    outs = []
    for change in changes:
        if change.feed.id in kept:
            continue
        feed, before = change.feed, change.before
        if before is not None and site_key(before) != site_key(feed):
            outs.append(Out("feeds", feed.id, None, by=site_key(before)))
        outs.append(Out("feeds", feed.id, feed, by=site_key(feed)))
    return outs


async def apply_seed(log: Log, seed: Seed) -> Plan:
    """Publish what differs between the seed and the feeds on the log; return it."""
    known, _ = await read_feeds(log)
    plan = plan_of(known, seed)
    await publish_changes(log, plan.changes)
    return plan
