"""The report of `almenara status` as plain data: what was read, dropped and failed, and what is wrong now.

The embedded log counts how records ended, exactly, as part of each transaction. A broker has no such counters: offsets
show how far each consumer group is, and `almenara audit` counts by ids.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pipeline.log.feeds import read_feeds
from pipeline.log.groups import all_groups
from pipeline.log.kinds import BrokerLog, EmbeddedLog
from pipeline.log.streams import STAGES, without_backfill
from pipeline.ports import Index, Lag, Log
from pipeline.reports.alerts import read_alerts
from pipeline.reports.dead import read_dead
from pipeline.stage import Unavailable, is_ending


async def embedded_status(log: EmbeddedLog, now: datetime) -> dict[str, Any]:
    """`stages` with how their records ended, `streams` with what is stored."""
    endings: dict[str, dict[str, int]] = defaultdict(dict)
    taken: dict[str, int] = defaultdict(int)
    with log.snapshot():  # otherwise a running daemon would seem not to add up
        for (stage, ending), n in log.counters().items():
            endings[stage][ending] = n
        for (group, _, _), offset in (await log.groups()).items():
            taken[group] += offset
        lags, stored = log.lag(now), log.stored()
    stages = {
        stage: {
            "taken": taken[stage],
            **behind(stage, lags),
            "outcomes": endings.get(stage, {}),
            "adds_up": taken[stage] == sum(n for ending, n in endings.get(stage, {}).items() if is_ending(ending)),
        }
        for stage in STAGES
    }
    streams = {name: {"messages": n, "bytes": size} for name, (n, size) in sorted(stored.items())}
    return {"stages": stages, "streams": streams, **await _records(log)}


def behind(group: str, lags: Mapping[tuple[str, str, int], Lag]) -> dict[str, Any]:
    """`waiting` and `planned` records of a group, and since when the `oldest` waits."""
    ours = [lag for (name, _, _), lag in lags.items() if name == group]
    oldest = min((lag.oldest for lag in ours if lag.oldest), default=None)
    return {
        "waiting": sum(lag.waiting for lag in ours),
        "planned": sum(lag.planned for lag in ours),
        "oldest": _iso(oldest),
    }


async def broker_status(log: BrokerLog, now: datetime) -> dict[str, Any]:
    """`faults` of the streams; `groups` with the records that wait and the workers that hold partitions; `streams`.

    Raises Unavailable if a stream is missing.
    """
    faults = await log.faults()
    if any("missing" in fault for fault in faults):
        raise Unavailable("\n".join(faults))
    return {"faults": list(faults), **await _offsets(log, now), **await _records(log)}


async def _offsets(log: BrokerLog, now: datetime) -> dict[str, Any]:
    """Groups and streams by their offsets. Messages that compaction or retention removed are counted too."""
    done, held, lags = await log.groups(), await log.workers(), await log.lag(now, all_groups())
    starts, ends = await log.starts(), await log.ends()
    groups: dict[str, dict[str, Any]] = {}
    for group in _in_order({group for group, *_ in (*done, *held, *lags)}):
        groups[group] = {
            "taken": sum(at for (name, _, _), at in done.items() if name == group),
            **behind(group, lags),
            "workers": dict(sorted(Counter(held[key] for key in held if key[0] == group).items())),
        }
    partitions = Counter(stream for stream, _ in ends)
    streams = {
        name: {
            "messages": sum(end - starts.get(place, 0) for place, end in ends.items() if place[0] == name),
            "partitions": partitions[name],
        }
        for name in sorted(partitions)
    }
    return {"groups": groups, "streams": streams}


def _in_order(groups: Iterable[str]) -> list[str]:
    """The groups in the order of the stages; `later` and backfill groups follow their stage."""
    order = {stage: n for n, stage in enumerate(STAGES)} | {"later": 1.5}
    return sorted(groups, key=lambda group: (order.get(without_backfill(group), 99), group))


async def _records(log: Log) -> dict[str, Any]:
    """Feeds, alerts and dead records."""
    feeds, states = await read_feeds(log)
    fired = await read_alerts(log)
    dead, replayed = await read_dead(log)
    failing = [
        {
            "id": state.feed, "error": state.error, "detail": state.detail, "since": _iso(state.failing_since),
            "next": _iso(state.next_at),
        }
        for state in states.values()
        if state.error and state.feed in feeds and feeds[state.feed].enabled
    ]  # fmt: skip
    return {
        "feeds": {"polled": sum(feed.enabled for feed in feeds.values()), "failing": failing},
        "alerts": dict(sorted(sum(fired.values(), Counter()).items())),  # by status
        "dead": {"kept": len(dead), "open": len(set(dead) - replayed)},
    }


async def index_status(index: Index) -> dict[str, Any]:
    """`documents`, `bytes` on disk, `health` of the cluster and `outdated` parts."""
    status = await index.status()
    return {
        "documents": status.documents, "bytes": dict(status.bytes), "health": status.health,
        "outdated": list(status.outdated),
    }  # fmt: skip


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
