"""The topics of the log: what is on each, how many partitions, how long it is kept. Who reads and writes: flow.py."""

from __future__ import annotations

from dataclasses import replace

from pipeline.config.settings import Keep
from pipeline.core.timing.delays import DELAYS
from pipeline.ports import Topic
from pipeline.records import (
    Alert,
    AlertState,
    Article,
    Dead,
    Decided,
    Document,
    Endings,
    Feed,
    FeedState,
    Item,
    Known,
    Record,
    Replayed,
    Tagged,
)

#: The stages, in the order of flow.py.
STAGES = ("poll", "clean", "tag", "relate", "index", "alert", "notify")

#: Topics that must have the same number of partitions: the state of the one's records is on the other.
ALIKE = (("feeds", "feed-state"),)

#: What is on each topic.
RECORDS: dict[str, type[Record]] = {
    "feeds": Feed,
    "feed-state": FeedState,
    "items": Item,
    "items-later": Item,
    "items-backfill": Item,
    "articles": Article,
    "articles-backfill": Article,
    "tagged": Tagged,
    "known": Known,
    "fingerprints": Decided,
    "documents": Document,
    "alerts": Alert,
    "alert-state": AlertState,
    "dead": Dead,
    "control": Replayed,
    "endings": Endings,
}


def topics(keep: Keep, story_window: float, partitions: int | None = None) -> tuple[Topic, ...]:
    """The topics with their partitions and how long they are kept; `partitions`: of those that scale."""
    declared = (
        Topic("feeds", compacted=True, scales=True),  # state; owner: people; by registrable domain
        Topic("feed-state", compacted=True, scales=True),  # state; owner: poll; as its feed
        Topic("items", partitions=4, keep=keep.items, scales=True),  # by registrable domain
        Topic("items-backfill", keep=keep.items, scales=True),  # what is old when we first see it
        Topic("items-later", partitions=len(DELAYS), keep=keep.items),  # by length of the delay, see core/delays.py
        Topic("articles", partitions=4, keep=keep.articles, scales=True),  # by article
        Topic("articles-backfill", keep=keep.articles, scales=True),
        Topic("tagged", keep=keep.tagged),  # one partition: relate is strictly one by one
        Topic("known", compacted=True, keep=keep.index),  # state; owner: relate; as long as documents are searched
        Topic("fingerprints", keep=2 * story_window),  # state; owner: relate
        Topic("documents", keep=keep.documents, scales=True),  # by article
        Topic("alerts", keep=keep.alerts),
        Topic("alert-state", compacted=True),  # state; owner: notify
        Topic("dead", keep=keep.dead),
        Topic("control"),
        Topic("endings", keep=keep.items),  # how each record ended, where counters cannot be exact: on a broker
    )
    if partitions is None:
        return declared
    return tuple(replace(topic, partitions=partitions) if topic.scales else topic for topic in declared)
