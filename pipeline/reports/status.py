"""The report of `almenara status` as plain data: what was read, dropped and failed, and what is wrong now.

The embedded log counts how records ended, exactly, as part of each transaction. A broker has no such counters: offsets
show how far each consumer group is, and `almenara audit` counts by ids.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pipeline.log.streams import STAGES, without_backfill
from pipeline.ports import IndexStatus
from pipeline.reports.fired import STARTED
from pipeline.reports.losses import losses_of
from pipeline.reports.problems import Seen, problems_of
from pipeline.reports.problems.processes import newest, state_of

LATER = 1.5  # place of the group for delayed items in the order of the stages: after clean


def report_of(seen: Seen) -> dict[str, Any]:
    """`problems` first; `workers`; `stages` with how their records ended, or `groups` with who holds their partitions;
    `streams`; `feeds`, `alerts` and `dead`. Without a log that can be read, only the first two."""
    report = {"problems": [one.plain() for one in problems_of(seen)], "workers": _workers(seen)}
    if "log" in seen.unreadable:
        return report
    return report | (_stages(seen) if seen.embedded else _groups(seen)) | _records(seen)


def _workers(seen: Seen) -> list[dict[str, Any]]:
    return [
        {
            "instance": beat.instance, "state": state_of(beat, seen), "host": beat.host, "pid": beat.pid,
            "version": beat.version, "configuration": beat.configuration, "stages": list(beat.stages),
            "started": _iso(beat.started), "at": _iso(beat.at), "health_url": beat.health_url,
        }
        for _, beat in sorted(newest(seen.beats).items())
    ]  # fmt: skip


def _stages(seen: Seen) -> dict[str, Any]:
    stages = {
        stage: {
            "taken": seen.taken(stage), **_behind(stage, seen), "outcomes": seen.outcomes(stage),
            "adds_up": seen.adds_up(stage),
        }
        for stage in STAGES
    }  # fmt: skip
    streams = {name: {"messages": n, "bytes": size} for name, (n, size) in sorted(seen.stored.items())}
    return {"stages": stages, "streams": streams}


def _groups(seen: Seen) -> dict[str, Any]:
    """Groups and streams by their offsets. Messages that compaction removed are counted too."""
    assert seen.broker is not None
    held = seen.broker.held
    groups = {
        group: {
            "taken": seen.taken(group), **_behind(group, seen),
            "workers": dict(sorted(Counter(held[key] for key in held if key[0] == group).items())),
        }
        for group in _in_order({group for group, *_ in (*seen.committed, *held, *seen.lags)})
    }  # fmt: skip
    partitions = Counter(stream for stream, _ in seen.ends)
    streams = {
        name: {
            "messages": sum(end - seen.starts.get(at, 0) for at, end in seen.ends.items() if at[0] == name),
            "partitions": partitions[name],
        }
        for name in sorted(partitions)
    }
    return {"groups": groups, "streams": streams}


def _behind(group: str, seen: Seen) -> dict[str, Any]:
    """`waiting` and `planned` records of a group, and since when the `oldest` waits."""
    ours = [lag for (name, _, _), lag in seen.lags.items() if name == group]
    oldest = min((lag.oldest for lag in ours if lag.oldest), default=None)
    return {
        "waiting": sum(lag.waiting for lag in ours),
        "planned": sum(lag.planned for lag in ours),
        "oldest": _iso(oldest),
    }


def _in_order(groups: Iterable[str]) -> list[str]:
    """The groups in the order of the stages; `later` and backfill groups follow their stage."""
    order = {stage: float(n) for n, stage in enumerate(STAGES)} | {"later": LATER}
    return sorted(groups, key=lambda group: (order.get(without_backfill(group), 99.0), group))


def _records(seen: Seen) -> dict[str, Any]:
    """Feeds, alerts and dead records."""
    polled = {id for id, feed in seen.feeds.items() if feed.enabled and not feed.removed}
    failing = [
        {
            "id": state.feed, "error": state.error, "detail": state.detail, "since": _iso(state.failing_since),
            "next": _iso(state.next_at),
        }
        for id, state in seen.feed_states.items()
        if state.error and id in polled
    ]  # fmt: skip
    moved = [
        {"id": id, "url": seen.feeds[id].url, "read_at": state.read_at}
        for id, state in seen.feed_states.items()
        if id in polled and state.read_at not in (None, seen.feeds[id].url)
    ]
    states = {id: state for id, state in seen.feed_states.items() if id in polled}
    dropped = [losses.plain() for losses in losses_of(states, seen.dropped)]
    return {
        "feeds": {"polled": len(polled), "failing": failing, "moved": moved, "dropped": dropped},
        "alerts": dict(sorted(Counter(state.status for state in seen.alerts if state.status != STARTED).items())),
        "deliveries": dict(sorted(Counter(state.status for state in seen.deliveries).items())),
        "dead": {"kept": seen.dead_kept, "open": len(seen.dead)},
    }


def index_report(at: str, status: IndexStatus | None, error: str | None) -> dict[str, Any]:
    """The index: where it is; `bytes` on disk, `health` of a cluster, `outdated` parts, or the `error`."""
    report: dict[str, Any] = {"at": at}
    if status is not None:
        report |= {
            "bytes": dict(status.bytes), "health": status.health, "outdated": list(status.outdated),
            "blocked": list(status.blocked),
        }  # fmt: skip
    return report | ({"error": error} if error else {})


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
