"""`almenara status`: one look at the whole, on either log and either index. As plain data; status_text.py shows it.

Counters of how records ended are exact in the embedded log, where they are part of each transaction. A broker has none:
there the offsets say what each consumer group has done, and `almenara audit` counts by ids.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.assembly.backends import load_for, on_elasticsearch, on_kafka, open_index, open_kafka, open_sqlite
from pipeline.assembly.data_lock import running_pid as pid_of
from pipeline.commands.alerts import read_alerts
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.commands.dead import read_dead
from pipeline.config.settings import Settings
from pipeline.log.feeds import read_feeds
from pipeline.log.streams import STAGES, without_backfill
from pipeline.ports import Log
from pipeline.stage import Unavailable, is_ending

if TYPE_CHECKING:
    from pipeline.backends.log_kafka import KafkaLog
    from pipeline.backends.log_sqlite import SqliteLog


def status(config: Config = CONFIG, as_json: AsJson = False) -> None:
    """Show what was read, dropped and failed, and what is wrong now.

    How the records of each stage ended, or on a broker how many wait and which worker holds what; which feeds fail,
    why, and when they are tried again; alerts not delivered; disk use and how long things are kept.

    Example: almenara status --json
    """
    report = asyncio.run(look(load_for(config)))
    if as_json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        from pipeline.commands.status_text import show

        show(report)


async def look(settings: Settings) -> dict[str, Any]:
    """The report as plain data; its form is that of `status --json`. Raises Unavailable when the log is."""
    log_part = await (_broker(settings) if on_kafka(settings) else _embedded(settings))
    index = await _index(settings)
    return {
        "data": str(settings.data),
        "log": settings.log_location(),
        "daemon": pid_of(settings),
        **log_part,
        "documents": index.pop("documents"),
        "index": index,
        "disk": {"log": _size(settings.data, "log.sqlite*"), "index": _size(settings.data, "index/**/*")},
        "keep_days": {name: round(seconds / 86400, 1) for name, seconds in settings.keep.model_dump().items()},
    }


async def _embedded(settings: Settings) -> dict[str, Any]:
    log = open_sqlite(settings)
    try:
        stages, streams = await _counted(log)
        return {"stages": stages, "streams": streams, **await _records(log)}
    finally:
        await log.close()


async def _counted(log: SqliteLog) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of the stages and the streams: what the log's own counters say."""
    endings: dict[str, dict[str, int]] = defaultdict(dict)
    behind: dict[str, int] = defaultdict(int)
    taken: dict[str, int] = defaultdict(int)
    with log.still():  # a daemon that runs must not seem not to add up
        for (stage, ending), n in log.counters().items():
            endings[stage][ending] = n
        for (group, stream, partition), offset in (await log.groups()).items():
            taken[group] += offset
            behind[group] += log.end(stream, partition) - offset
        stored = log.stored()
    stages = {
        stage: {
            "taken": taken[stage],
            "waiting": behind[stage],
            "outcomes": endings.get(stage, {}),
            "adds_up": taken[stage] == sum(n for ending, n in endings.get(stage, {}).items() if is_ending(ending)),
        }
        for stage in STAGES
    }
    streams = {name: {"messages": n, "bytes": size} for name, (n, size) in sorted(stored.items())}
    return stages, streams


async def _broker(settings: Settings) -> dict[str, Any]:
    log = await open_kafka(settings)
    try:
        faults = await log.faults()
        if any("missing" in fault for fault in faults):
            raise Unavailable("\n".join(faults))
        return {"faults": list(faults), **await _offsets(log), **await _records(log)}
    finally:
        await log.close()


async def _offsets(log: KafkaLog) -> dict[str, Any]:
    """Of the groups and the streams: what the offsets say. Where compaction or retention took messages, they count."""
    done, held = await log.groups(), await log.workers()
    begins, ends = await log.begins(), await log.ends()  # after `groups`: what came since waits, it is not done
    groups: dict[str, dict[str, Any]] = {}
    for group in _in_order({group for group, *_ in (*done, *held)}):
        places = {(stream, partition) for name, stream, partition in (*done, *held) if name == group}
        at = {place: done.get((group, *place), begins.get(place, 0)) for place in places}
        groups[group] = {
            "taken": sum(at.values()),
            "waiting": sum(max(0, ends.get(place, 0) - max(at[place], begins.get(place, 0))) for place in places),
            "workers": dict(sorted(Counter(held[key] for key in held if key[0] == group).items())),
        }
    partitions = Counter(stream for stream, _ in ends)
    streams = {
        name: {
            "messages": sum(end - begins.get(place, 0) for place, end in ends.items() if place[0] == name),
            "partitions": partitions[name],
        }
        for name in sorted(partitions)
    }
    return {"groups": groups, "streams": streams}


def _in_order(groups: Iterable[str]) -> list[str]:
    """In the order of the stages; the lanes beside a stage after it."""
    order = {stage: n for n, stage in enumerate(STAGES)} | {"later": 1.5}
    return sorted(groups, key=lambda group: (order.get(without_backfill(group), 99), group))


async def _records(log: Log) -> dict[str, Any]:
    """What the streams of state and of dead records say."""
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
        "alerts": dict(sorted(sum(fired.values(), Counter()).items())),  # by status; pending and failed want a look
        "dead": {"kept": len(dead), "open": len(set(dead) - replayed)},
    }


async def _index(settings: Settings) -> dict[str, Any]:
    """`health`, `outdated` and `bytes` are Elasticsearch's; `error`: why it cannot be asked."""
    from pipeline.backends.index_elastic import ElasticIndex

    report: dict[str, Any] = {"at": settings.index_location(), "documents": 0}
    try:
        index = await open_index(settings, write=False)
    except Unavailable as error:  # in the embedded index: nothing indexed yet
        return report | ({"error": str(error)} if on_elasticsearch(settings) else {})
    try:
        report["documents"] = await index.count()
        if isinstance(index, ElasticIndex):
            report |= {
                "health": await index.health(), "outdated": await index.outdated(), "bytes": await index.sizes(),
            }  # fmt: skip
    except Unavailable as error:
        report["error"] = str(error)
    finally:
        await index.close()
    return report


def _size(data: Path, pattern: str) -> int:
    return sum(file.stat().st_size for file in data.glob(pattern) if file.is_file())


def _iso(moment: Any) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
