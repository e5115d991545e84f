"""What the offsets say: partitions nobody holds, records that wait too long or were deleted, streams that are lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from pipeline.core.wording import Text, counted, joined
from pipeline.log.groups import all_groups
from pipeline.log.streams import STAGES, is_backfill
from pipeline.reports.problems.finding import Finding, Seen
from pipeline.stages.known_articles import PAGE

UNDELIVERED = 1000  # messages of which at least one was tried, if nothing was lost
ENOUGH = 0.9  # state has a record for each document of the index; fewer, by more than this, were lost

_SEVERAL = re.compile(r"streams \(([^)]*)\)")

STATE = ("known", "fingerprints", "alert-state", "messages", "deliveries", "feed-state", "feeds")

#: States of a part that explain why its records wait.
LATE_UNLESS = {
    "unreadable", "unavailable", "blocked", "unowned", "stopped", "silent", "missing", "recreated", "deleted", "full",
}  # fmt: skip


def stream_problems(seen: Seen) -> Iterator[Finding]:
    """What is wrong with streams, their partitions, and the state on them."""
    if seen.broker is not None:
        for line in seen.broker.faults:
            yield from _fault(line)
        yield from _unowned(seen)
    yield from _deleted(seen)
    yield from _recreated(seen)
    yield from _lost(seen)
    if seen.embedded:
        for stage in STAGES:
            if not seen.adds_up(stage):
                yield Finding(stage, "inexact", Text("its counters do not add up"))


def late_problems(seen: Seen) -> Iterator[Finding]:
    """Stages whose oldest record waits for long. Old news may take its time."""
    for group, oldest in _oldest(seen).items():
        if not is_backfill(group) and seen.now - oldest > seen.max_lag:
            waiting = sum(lag.waiting for (name, _, _), lag in seen.lags.items() if name == group)
            yield Finding(
                group,
                "late",
                counted(
                    "{} record waits, although nothing is reported",
                    "{} records wait, although nothing is reported",
                    waiting,
                ),
                oldest,
            )


def _oldest(seen: Seen) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for (group, _, _), lag in seen.lags.items():
        if lag.oldest is not None:
            found[group] = min(lag.oldest, found.get(group, lag.oldest))
    return found


def _fault(line: str) -> Iterator[Finding]:
    """A line of BrokerLog.faults, such as "stream items is missing: …" or "2 streams (known, items) are missing: …"."""
    what, _, _ = line.partition(": ")
    several = _SEVERAL.search(what)
    names = several[1].split(", ") if several else [what.removeprefix("streams ").removeprefix("stream ").split()[0]]
    state = next((state for state in ("missing", "recreated") if state in what), "wrong")
    for name in names:
        yield Finding(f"stream {name}", state, line)


def _unowned(seen: Seen) -> Iterator[Finding]:
    assert seen.broker is not None
    oldest = _oldest(seen)
    for group, streams in all_groups().items():
        places = [place for place in sorted(seen.broker.partitions) if place[0] in streams]
        free = [place for place in places if (group, *place) not in seen.broker.held]
        if not free:
            continue
        waiting = sum(seen.lags[group, *place].waiting for place in free if (group, *place) in seen.lags)
        counts = Counter(stream for stream, _ in free)
        named = joined(
            ", ",
            (Text("{} of {} of {}", n, sum(p[0] == stream for p in places), stream) for stream, n in counts.items()),
        )
        why = Text("nobody holds its partitions ({}), in which {} records wait", named, waiting)
        yield Finding(group, "unowned", why, oldest.get(group))


def _deleted(seen: Seen) -> Iterator[Finding]:
    deleted: Counter[tuple[str, str]] = Counter()
    for (group, stream, _), lag in seen.lags.items():
        deleted[group, stream] += lag.deleted
    for (group, stream), number in deleted.items():
        if number:
            yield Finding(
                group, "deleted", Text("retention deleted {} records of {} before it had read them", number, stream)
            )


def _recreated(seen: Seen) -> Iterator[Finding]:
    for stream in sorted({stream for (_, stream, _), lag in seen.lags.items() if lag.beyond}):
        groups = sorted({group for (group, name, _), lag in seen.lags.items() if name == stream and lag.beyond})
        why = Text(
            "it was deleted and created again, or its end was lost: {} had read more than it has", ", ".join(groups)
        )
        yield Finding(f"stream {stream}", "recreated", why)


def _lost(seen: Seen) -> Iterator[Finding]:
    """State streams that hold less than what was done with them."""
    ends: Counter[str] = Counter()
    for (stream, _), end in seen.ends.items():
        ends[stream] += end
    documents = seen.index.documents if seen.index else 0
    there = {stream for stream, _ in seen.ends}
    empty = {stream for stream in STATE if not ends[stream] and (seen.embedded or stream in there)}
    known = ends["known"] + ends["archive"] * PAGE
    if known < documents * ENOUGH and (seen.embedded or "known" in there):
        why = Text("it has {} records, and the index {} documents: corrections would be refused", known, documents)
        yield Finding("state known", "lost", why)
    if "fingerprints" in empty and seen.taken("relate"):
        yield Finding(
            "state fingerprints", "lost", Text("it is empty, and relate has done {} records", seen.taken("relate"))
        )
    if "alert-state" in empty and seen.taken("notify"):
        yield Finding(
            "state alert-state", "lost", Text("it is empty, and notify has done {} alerts", seen.taken("notify"))
        )
    if "messages" in empty and ends["deliveries"]:
        yield Finding("state messages", "lost", Text("it is empty, and there are {} deliveries", ends["deliveries"]))
    if "deliveries" in empty and ends["messages"] > UNDELIVERED:
        yield Finding("state deliveries", "lost", Text("it is empty, and there are {} messages", ends["messages"]))
    for stream in ("feeds", "feed-state"):
        if stream in empty and ends["items"]:
            yield Finding(f"state {stream}", "lost", Text("it is empty, and feeds brought {} items", ends["items"]))
