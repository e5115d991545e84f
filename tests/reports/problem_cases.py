"""What was seen, and the problem that is in it: one row for each kind, and what must not be one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.log.groups import all_groups
from pipeline.ports import IndexStatus, Lag
from pipeline.records import Dead, Delivery, FeedState, Heartbeat, Problem
from pipeline.reports.problems import Seen
from pipeline.reports.problems.finding import Broker, Disk, Holder
from tests.builders import feed

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
AGO = NOW - timedelta(minutes=40)
MB = 1_000_000


def before(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def beat(instance: str = "desk", **changes: Any) -> Heartbeat:
    given: dict[str, Any] = {
        "instance": instance, "process": f"{instance}-1", "host": "h", "pid": 7, "pid_space": "s", "version": "1",
        "configuration": "rules=a feeds=b", "stages": ("clean",), "started": before(600), "at": before(2),
    }  # fmt: skip
    return Heartbeat(**given | changes)


HELD = {
    (group, stream, partition): "desk"
    for group, streams in all_groups().items() for stream in streams for partition in (0, 1)
}  # fmt: skip
PLACES = frozenset((stream, partition) for _, stream, partition in HELD)
ENDS = dict.fromkeys(PLACES, 5) | {("known", 0): 9, ("fingerprints", 0): 9, ("feed-state", 0): 5, ("alert-state", 0): 5}
ENDS |= {("messages", 0): 5, ("deliveries", 0): 5}
EMBEDDED = Seen(NOW, holder=Holder(7, before(600)), beats=[beat()])
SHARED = Seen(NOW, embedded=False, beats=[beat(), beat("other")], broker=Broker(PLACES, HELD), ends=ENDS)


def wrong(why: str = "away", part: str = "log", state: str = "unavailable", **more: Any) -> Problem:
    return Problem(part=part, state=state, why=why, since=AGO, **more)


def dead(offset: int, error: str = "KeyError") -> Dead:
    return Dead(stage="tag", stream="articles", partition=0, offset=offset, key="k", error=error, detail="",
                at=before(offset), value=b"")  # fmt: skip


def failing(feed_id: str, error: str | None) -> FeedState:
    return FeedState(feed=feed_id, polled_at=NOW, next_at=NOW, interval=9, error=error, failing_since=AGO)


def delivery(status: str, message: str = "1", **changes: Any) -> Delivery:
    given: dict[str, Any] = {"message": message, "channel": "hook", "status": status, "at": NOW}
    return Delivery(**given | changes)


def without(*keys: tuple[str, str, int]) -> Mapping[tuple[str, str, int], str]:
    return {key: worker for key, worker in HELD.items() if key not in keys}


#: What was seen -> (part, state, what the reason names), or () if all is well.
CASES: list[tuple[str, Seen, tuple[str, str, str] | tuple[()]]] = [
    ("embedded and well", EMBEDDED, ()),
    ("shared and well", SHARED, ()),
    # processes
    ("no daemon yet", Seen(NOW), ("daemon", "stopped", "none has run yet")),
    (
        "stopped in order",
        replace(EMBEDDED, holder=None, beats=[beat(stopped=True)]),
        ("daemon", "stopped", "stopped at"),
    ),
    ("killed", replace(EMBEDDED, holder=None), ("daemon", "stopped", "ended without a word")),
    ("another has the lock", replace(EMBEDDED, holder=Holder(8, AGO)), ("daemon", "silent", "process 8")),
    ("it starts", Seen(NOW, holder=Holder(8, before(20))), ()),
    ("it starts again", replace(EMBEDDED, holder=Holder(8, before(20))), ()),
    ("the daemon hangs", replace(EMBEDDED, beats=[beat(at=before(30))]), ("daemon", "silent", "pid 7 on h")),
    ("no worker", replace(SHARED, beats=[beat(stopped=True)]), ("daemon", "stopped", "no worker runs")),
    (
        "a worker hangs",
        replace(SHARED, beats=[beat(), beat("other", at=before(40))]),
        ("worker", "silent", "reports nothing"),
    ),
    ("a worker ended in order", replace(SHARED, beats=[beat(), beat("other", stopped=True, at=before(99))]), ()),
    ("a worker long gone", replace(SHARED, beats=[beat(), beat("other", at=before(90_000))]), ()),
    (
        "another version",
        replace(SHARED, beats=[beat(), beat("b"), beat("c", version="2")]),
        ("worker", "different", "version 2"),
    ),
    (
        "another configuration",
        replace(SHARED, beats=[beat(), beat("b"), beat("c", configuration="rules=x feeds=b")]),
        ("worker", "different", "than b, desk: rules differ"),
    ),
    ("one that ended is not compared", replace(SHARED, beats=[beat(), beat("c", version="2", stopped=True)]), ()),
    (
        "two of one name",
        replace(SHARED, beats=[beat(), beat(process="z", pid=9, started=before(60))]),
        ("worker", "double", "pid 7 on h, pid 9 on h"),
    ),
    ("a restart", replace(SHARED, beats=[beat(at=before(8)), beat(process="z", started=before(5))]), ()),
    # what processes report
    (
        "refused",
        replace(EMBEDDED, beats=[beat(problems=(wrong("alerts.toml:3", "configuration", "refused"),))]),
        ("configuration", "refused", "alerts.toml:3"),
    ),
    (
        "a channel",
        replace(EMBEDDED, beats=[beat(problems=(wrong("no answer", "channel hook", "failing"),))]),
        ("channel hook", "failing", "no answer"),
    ),
    (
        "other feeds than in the file",
        replace(SHARED, beats=[beat(problems=(wrong("added: x", "feeds", "different"),))]),
        ("feeds", "different", "added: x"),
    ),
    ("what a stopped one said", replace(SHARED, beats=[beat(), beat("o", stopped=True, problems=(wrong(),))]), ()),
    # streams
    (
        "unowned",
        replace(SHARED, broker=Broker(PLACES, without(("tag", "articles", 1)))),
        ("tag", "unowned", "1 of 2 of articles"),
    ),
    (
        "no worker holds anything, as none runs",
        replace(SHARED, beats=[], broker=Broker(PLACES, {})),
        ("daemon", "stopped", "none has run yet"),
    ),
    (
        "missing",
        replace(
            SHARED,
            broker=Broker(PLACES, HELD, ("stream known is missing: run x",)),
            unreadable={"known": "stream known is missing"},
        ),
        ("stream known", "missing", "run x"),
    ),
    (
        "of wrong size",
        replace(SHARED, broker=Broker(PLACES, HELD, ("stream items-later has too few partitions, 1",))),
        ("stream items-later", "wrong", "too few"),
    ),
    (
        "deleted unread",
        replace(SHARED, lags={("tag", "articles", 0): Lag(deleted=4)}),
        ("tag", "deleted", "4 records of articles"),
    ),
    (
        "recreated",
        replace(SHARED, lags={("tag", "articles", 0): Lag(beyond=4)}),
        ("stream articles", "recreated", "tag had read more"),
    ),
    (
        "known is lost",
        replace(SHARED, index=IndexStatus(100, {})),
        ("state known", "lost", "9 records, and the index 100"),
    ),
    ("known is rebuilt", replace(SHARED, index=IndexStatus(9, {})), ()),
    (
        "fingerprints are lost",
        replace(SHARED, ends=ENDS | {("fingerprints", 0): 0}, committed={("relate", "tagged", 0): 3}),
        ("state fingerprints", "lost", "relate has done 3"),
    ),
    (
        "feed states are lost",
        replace(SHARED, ends=ENDS | {("feed-state", 0): 0}),
        ("state feed-state", "lost", "10 items"),
    ),
    (
        "messages are lost",
        replace(SHARED, ends=ENDS | {("messages", 0): 0}),
        ("state messages", "lost", "5 deliveries"),
    ),
    (
        "deliveries are lost",
        replace(SHARED, ends=ENDS | {("messages", 0): 2000, ("deliveries", 0): 0}),
        ("state deliveries", "lost", "2000 messages"),
    ),
    ("nothing was tried yet", replace(SHARED, ends=ENDS | {("deliveries", 0): 0}), ()),
    ("nothing was lost yet", replace(SHARED, ends=dict.fromkeys(ENDS, 0)), ()),
    ("late", replace(SHARED, lags={("tag", "articles", 0): Lag(3, oldest=AGO)}), ("tag", "late", "3 records wait")),
    ("busy", replace(SHARED, lags={("tag", "articles", 0): Lag(3, oldest=before(60))}), ()),
    ("only planned", replace(SHARED, lags={("later", "items-later", 0): Lag(planned=1816)}), ()),
    (
        "old news takes its time",
        replace(SHARED, lags={("tag-backfill", "articles-backfill", 0): Lag(3, oldest=AGO)}),
        (),
    ),
    (
        "late for a reason",
        replace(SHARED, lags={("tag", "articles", 0): Lag(3, oldest=AGO)}, beats=[beat(problems=(wrong("x", "tag"),))]),
        ("tag", "unavailable", "x"),
    ),
    (
        "counters",
        replace(EMBEDDED, committed={("tag", "articles", 0): 3}, counters={("tag", "ok"): 2}),
        ("tag", "inexact", ""),
    ),
    (
        "counters that add up",
        replace(EMBEDDED, committed={("tag", "articles", 0): 3}, counters={("tag", "ok"): 3, ("tag", "tick"): 9}),
        (),
    ),
    # log, index, disk
    (
        "a log that cannot be read",
        Seen(NOW, embedded=False, unreadable={"log": "refused"}),
        ("log", "unreadable", "refused"),
    ),
    (
        "a stream that cannot be read",
        replace(EMBEDDED, unreadable={"dead": "torn"}),
        ("stream dead", "unreadable", "torn"),
    ),
    ("an index that cannot be read", replace(EMBEDDED, index_error="away"), ("index", "unreadable", "away")),
    (
        "flood stage",
        replace(SHARED, index=IndexStatus(0, {}, "green", blocked=("1 index",))),
        ("index", "read-only", "1 index"),
    ),
    ("red", replace(SHARED, index=IndexStatus(0, {}, "red")), ("index", "failing", "red")),
    ("yellow", replace(SHARED, index=IndexStatus(0, {}, "yellow")), ()),
    ("outdated", replace(SHARED, index=IndexStatus(0, {}, outdated=("m1",))), ("index", "outdated", "m1")),
    ("full", replace(EMBEDDED, disk=Disk("data", 40 * MB, 0)), ("disk", "full", "only 0.0 MB of 40.0 MB")),
    ("small, with room", replace(EMBEDDED, disk=Disk("data", 40 * MB, 3 * MB)), ()),
    (
        "large, nearly full",
        replace(EMBEDDED, disk=Disk("data", 10**13, 900 * MB)),
        ("disk", "full", "900.0 MB of 10,000.0 GB"),
    ),
    ("large, with room", replace(EMBEDDED, disk=Disk("data", 10**13, 2000 * MB)), ()),
    ("no inodes", replace(EMBEDDED, disk=Disk("data", 10**13, 10**12, False)), ("disk", "full", "inodes")),
    # contents
    (
        "feeds",
        replace(
            EMBEDDED, feeds={n: feed(n) for n in "abc"}, feed_states={"a": failing("a", "dns"), "b": failing("b", None)}
        ),
        ("feeds", "failing", "1 of 3 feeds fail: dns 1"),
    ),
    (
        "feeds that are off",
        replace(
            EMBEDDED,
            feeds={"a": feed("a", enabled=False), "b": feed("b", removed=True)},
            feed_states={n: failing(n, "dns") for n in "abx"},
        ),
        (),
    ),
    (
        "dead",
        replace(EMBEDDED, dead=[dead(1), dead(2)], dead_kept=5),
        ("dead", "open", "2 records could not be handled: KeyError in tag 2"),
    ),
    ("replayed", replace(EMBEDDED, dead_kept=5), ()),
    (
        "waiting",
        replace(EMBEDDED, deliveries=[delivery("waiting", error="HTTP 500", due=NOW), delivery("waiting", "2")]),
        ("alerts", "undelivered", "1 waits for another try: hook 1"),
    ),
    (
        "lost",
        replace(EMBEDDED, deliveries=[delivery("given_up"), delivery("refused", "2"), delivery("unsure", "3")]),
        ("alerts", "undelivered", "3 did not arrive: hook given up 1, hook refused 1, hook never confirmed 1"),
    ),
    (
        "lost long ago, and sent",
        replace(EMBEDDED, deliveries=[delivery("given_up", at=NOW - timedelta(days=8)), delivery("sent")]),
        (),
    ),
]
