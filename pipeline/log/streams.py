"""The streams of the log: names, records, partitions, retention. The stages declare which they read and write."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.core.timing.delays import DELAYS
from pipeline.ports import Stream
from pipeline.records import (
    Alert,
    AlertRequest,
    AlertRhythm,
    AlertState,
    Archived,
    Article,
    Dead,
    Decided,
    Delivery,
    Document,
    Dropped,
    Feed,
    FeedState,
    Heartbeat,
    Incarnation,
    Item,
    Kept,
    Known,
    Message,
    Mute,
    Outcomes,
    Record,
    Request,
    Revisit,
    SiteLines,
    Story,
    StoryRequest,
    Tagged,
)

if TYPE_CHECKING:
    from pipeline.config.settings import Keep

#: The stages, in the order of flow.py.
STAGES = ("poll", "clean", "tag", "relate", "index", "alert", "notify")

#: Pairs of streams that must have the same number of partitions, so that one worker has the same of both: the second
#: holds the state that belongs to the first, or is another input of the stage that owns it.
ALIKE = (
    ("feeds", "feed-state"), ("feeds", "revisits-wanted"), ("feeds", "revisits"), ("items", "site-lines"),
    ("alerts", "alert-requests"), ("tagged", "story-requests"),
)  # fmt: skip

#: Streams of such a pair that may be given more partitions nevertheless, both together: the state is learned again.
MAY_GROW = frozenset({"items", "site-lines"})

#: The streams that hold the state of a stage, which alone writes them.
OWNERS = {
    "feed-state": "poll", "revisits": "poll", "site-lines": "clean", "known": "relate",
    "archive": "relate", "fingerprints": "relate", "stories": "relate",
    "alert-state": "notify", "messages": "notify", "deliveries": "notify", "mutes": "notify", "alert-rhythms": "notify",
}  # fmt: skip

#: The type of the records on each stream.
RECORDS: dict[str, type[Record]] = {
    "feeds": Feed,
    "feed-state": FeedState,
    "revisits-wanted": Revisit,
    "revisits": Revisit,
    "items": Item,
    "items-later": Item,
    "items-backfill": Item,
    "site-lines": SiteLines,
    "dropped": Dropped,
    "articles": Article,
    "articles-backfill": Article,
    "tagged": Tagged,
    "known": Known,
    "archive": Archived,
    "fingerprints": Decided,
    "stories": Story,
    "story-requests": StoryRequest,
    "documents": Document,
    "alerts": Alert,
    "alert-requests": AlertRequest,
    "alert-state": AlertState,
    "messages": Message,
    "deliveries": Delivery,
    "mutes": Mute,
    "alert-rhythms": AlertRhythm,
    "readers": Kept,
    "dead": Dead,
    "control": Request,
    "outcomes": Outcomes,
    "workers": Heartbeat,
    "incarnations": Incarnation,
}


_BACKFILL = "-backfill"
_LATER = "-later"


def backfill_name(name: str) -> str:
    """The name of the stream, or consumer group, for old news that belongs to the one for new."""
    return name + _BACKFILL


def is_backfill(name: str) -> bool:
    """Whether a stream, or consumer group, is for old news."""
    return name.endswith(_BACKFILL)


def without_backfill(name: str) -> str:
    """The name of the stream, or consumer group, for new news."""
    return name.removesuffix(_BACKFILL)


def stream_for(name: str, backlog: bool) -> str:
    """The stream for a record: `name`, or its backfill stream if the record is backlog."""
    return backfill_name(name) if backlog else name


def is_delayed(stream: str) -> bool:
    """Whether messages on the stream wait until they are due."""
    return stream.endswith(_LATER)


def without_delay(stream: str) -> str:
    """The stream without its delay: `items` for `items-later`."""
    return stream.removesuffix(_LATER)


def declared_streams(keep: Keep, story_window: float, partitions: int | None = None) -> tuple[Stream, ...]:
    """The streams with their partitions and retention. `partitions`: of the streams that scale; None: as declared."""
    declared = (
        Stream("feeds", compacted=True, scales=True),  # state; published by people; by registrable domain
        Stream("feed-state", compacted=True, scales=True),  # state; owner: poll; as its feed
        Stream("revisits-wanted", keep=keep.items, scales=True),  # by article
        Stream("revisits", compacted=True, scales=True),  # state; owner: poll; by article
        Stream("items", partitions=4, keep=keep.items, scales=True),  # by registrable domain
        Stream("items-backfill", keep=keep.items, scales=True),  # old news
        Stream("items-later", partitions=len(DELAYS), keep=keep.items, delays=DELAYS),  # by delay
        Stream("site-lines", partitions=4, compacted=True, scales=True),  # state; owner: clean; as its items
        Stream("dropped", keep=keep.items),  # items that became no article, for reports by feed and reason
        Stream("articles", partitions=4, keep=keep.articles, scales=True),  # by article
        Stream("articles-backfill", keep=keep.articles, scales=True),
        Stream("tagged", keep=keep.tagged),  # one partition: relate works strictly one by one
        Stream("known", compacted=True, keep=keep.index),  # state; owner: relate; until it is on `archive`
        Stream("archive", keep=keep.index),  # state; owner: relate; kept as long as documents
        Stream("fingerprints", keep=2 * story_window),  # state; owner: relate
        Stream("stories", compacted=True, keep=keep.index),  # state; owner: relate; kept as long as documents
        Stream("story-requests", keep=keep.tagged),  # what people ask relate to do; one partition, as tagged
        Stream("documents", keep=keep.documents, scales=True),  # by article
        Stream("alerts", keep=keep.alerts),
        Stream("alert-requests", keep=keep.alerts),  # what people ask notify to do
        Stream("alert-state", compacted=True),  # state; owner: notify; by alert
        Stream("messages", compacted=True),  # state; owner: notify
        Stream("deliveries", compacted=True),  # state; owner: notify; by message and channel
        Stream("mutes", compacted=True),  # state; owner: notify
        Stream("alert-rhythms", compacted=True),  # state; owner: notify; by rule and what it counts
        Stream("readers", compacted=True),  # state; the console publishes what its readers keep; by user, kind and id
        Stream("dead", keep=keep.dead),
        Stream("control"),
        Stream("outcomes", keep=keep.items),  # how each record ended; on a broker, where counters cannot be exact
        Stream("workers", compacted=True, keep=86400.0),  # by instance: what each running process says about itself
        Stream("incarnations", compacted=True),  # by stream: the id of its topic on a broker
    )
    if partitions is None:
        return declared
    return tuple(replace(stream, partitions=partitions) if stream.scales else stream for stream in declared)
