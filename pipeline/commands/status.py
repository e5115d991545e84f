"""`almenara status`: one look at the whole."""

from __future__ import annotations

import asyncio
import json as json_format
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from pipeline.settings import Settings
from pipeline.stage import Unavailable
from pipeline.topology import STAGES
from pipeline.wiring import load_for, open_index, open_log, read_feeds, running_pid

MEGABYTE = 1_000_000


def status(config: Path, as_json: bool) -> None:
    """Print what was read, dropped and failed, the feeds in trouble, disk use and retention."""
    report = asyncio.run(look(load_for(config)))
    if as_json:
        print(json_format.dumps(report, ensure_ascii=False))
    else:
        show(report)


async def look(settings: Settings) -> dict[str, Any]:
    """The report as plain data; its form is that of `status --json`."""
    log = open_log(settings)
    try:
        endings: dict[str, dict[str, int]] = defaultdict(dict)
        for (stage, ending), n in log.counters().items():
            endings[stage][ending] = n
        behind: dict[str, int] = defaultdict(int)
        taken: dict[str, int] = defaultdict(int)
        for (group, topic, partition), offset in log.groups().items():
            taken[group] += offset
            behind[group] += log.end(topic, partition) - offset
        feeds, states = await read_feeds(log)
        stored = log.stored()
    finally:
        await log.close()
    documents = 0
    with suppress(Unavailable):  # nothing indexed yet
        index = open_index(settings, write=False)
        documents = await index.count()
        await index.close()
    return {
        "data": str(settings.data),
        "daemon": running_pid(settings),
        "stages": {
            stage: {
                "taken": taken[stage],
                "waiting": behind[stage],
                "endings": endings.get(stage, {}),
                "adds_up": taken[stage] == sum(n for e, n in endings.get(stage, {}).items() if e != "tick"),
            }
            for stage in STAGES
        },
        "polls": endings.get("polls", {}) | endings.get("poll", {}),
        "feeds": {
            "polled": sum(f.enabled for f in feeds.values()),
            "failing": [
                {
                    "id": s.feed,
                    "error": s.error,
                    "detail": s.detail,
                    "since": _iso(s.failing_since),
                    "next": _iso(s.next_at),
                }
                for s in states.values()
                if s.error and s.feed in feeds and feeds[s.feed].enabled
            ],
        },
        "documents": documents,
        "disk": {"log": _size(settings.data, "log.sqlite*"), "index": _size(settings.data, "index/**/*")},
        "topics": {name: {"messages": n, "bytes": size} for name, (n, size) in sorted(stored.items())},
        "keep_days": {name: round(seconds / 86400, 1) for name, seconds in settings.keep.model_dump().items()},
    }


def show(report: dict[str, Any]) -> None:
    """The report for people."""
    console = Console()
    daemon = f"running (pid {report['daemon']})" if report["daemon"] else "not running"
    console.print(f"[bold]Almenara[/] in {report['data']}: {daemon}, {report['documents']} documents")
    table = Table("stage", "taken", "waiting", "ended", box=None, header_style="bold")
    for stage, row in report["stages"].items():
        endings = ", ".join(f"{ending} {n}" for ending, n in sorted(row["endings"].items()) if ending != "tick")
        warning = "" if row["adds_up"] else "  [red]does not add up[/]"
        table.add_row(stage, str(row["taken"]), str(row["waiting"]), endings + warning)
    console.print(table)
    feeds = report["feeds"]
    console.print(f"feeds: {feeds['polled']} polled, {len(feeds['failing'])} failing")
    for feed in feeds["failing"]:
        line = f"  {feed['id']}: {feed['error']} ({feed['detail']}), next try {feed['next']}"
        console.print(line, markup=False, soft_wrap=True)
    disk = report["disk"]
    keep = ", ".join(f"{name} {days:g} d" for name, days in report["keep_days"].items())
    console.print(f"disk: log {disk['log'] / MEGABYTE:.1f} MB, index {disk['index'] / MEGABYTE:.1f} MB; kept: {keep}")


def _size(data: Path, pattern: str) -> int:
    return sum(file.stat().st_size for file in data.glob(pattern) if file.is_file())


def _iso(moment: Any) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
