"""The topics of the log: what is on each, how many partitions, how long it is kept. Who reads and writes: flow.py."""

from __future__ import annotations

from pipeline.core.delays import DELAYS
from pipeline.ports import Topic
from pipeline.records import (
    Alert,
    AlertState,
    Article,
    Dead,
    Decided,
    Document,
    Feed,
    FeedState,
    Item,
    Known,
    Record,
    Replayed,
    Tagged,
)
from pipeline.settings import Keep

#: The stages, in the order of flow.py.
STAGES = ("poll", "clean", "tag", "relate", "index", "alert", "notify")

#: What is on each topic.
RECORDS: dict[str, type[Record]] = {
    "feeds": Feed,
    "feed-state": FeedState,
    "items": Item,
    "items-later": Item,
    "articles": Article,
    "tagged": Tagged,
    "known": Known,
    "fingerprints": Decided,
    "documents": Document,
    "alerts": Alert,
    "alert-state": AlertState,
    "dead": Dead,
    "control": Replayed,
}


def topics(keep: Keep, story_window: float) -> tuple[Topic, ...]:
    """The topics with their partitions and how long they are kept."""
    return (
        Topic("feeds", compacted=True),  # state; owner: people
        Topic("feed-state", compacted=True),  # state; owner: poll
        Topic("items", partitions=4, keep=keep.items),  # by registrable domain
        Topic("items-later", partitions=len(DELAYS), keep=keep.items),  # by length of the delay, see core/delays.py
        Topic("articles", partitions=4, keep=keep.articles),  # by article
        Topic("tagged", keep=keep.tagged),  # one partition: relate is strictly one by one
        Topic("known", compacted=True, keep=keep.index),  # state; owner: relate; as long as documents are searched
        Topic("fingerprints", keep=2 * story_window),  # state; owner: relate
        Topic("documents", keep=keep.documents),
        Topic("alerts", keep=keep.alerts),
        Topic("alert-state", compacted=True),  # state; owner: notify
        Topic("dead", keep=keep.dead),
        Topic("control"),
    )
