"""`almenara status`: one look at the whole."""

from __future__ import annotations

import asyncio
import json as json_format
import os
from collections import Counter, defaultdict
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.commands.alerts import read_alerts
from pipeline.commands.dead import read_dead
from pipeline.commands.screen import screen, shortened
from pipeline.settings import Settings
from pipeline.stage import Unavailable
from pipeline.topology import STAGES
from pipeline.wiring import load_for, open_index, open_sqlite, read_feeds, running_pid

MEGABYTE = 1_000_000
WIDE = 120  # columns where there is no terminal
FAILING = 10  # feeds named by `status`


def status(config: Path, as_json: bool) -> None:
    """Print what was read, dropped and failed, the feeds in trouble, disk use and retention."""
    report = asyncio.run(look(load_for(config)))
    if as_json:
        print(json_format.dumps(report, ensure_ascii=False))
    else:
        show(report)


async def look(settings: Settings) -> dict[str, Any]:
    """The report as plain data; its form is that of `status --json`."""
    log = open_sqlite(settings)
    try:
        endings: dict[str, dict[str, int]] = defaultdict(dict)
        behind: dict[str, int] = defaultdict(int)
        taken: dict[str, int] = defaultdict(int)
        with log.still():  # a daemon that runs must not seem not to add up
            for (stage, ending), n in log.counters().items():
                endings[stage][ending] = n
            for (group, topic, partition), offset in (await log.groups()).items():
                taken[group] += offset
                behind[group] += log.end(topic, partition) - offset
            stored = log.stored()
        feeds, states = await read_feeds(log)
        fired = await read_alerts(log)
        dead, replayed = await read_dead(log)
    finally:
        await log.close()
    documents = 0
    with suppress(Unavailable):  # nothing indexed yet
        index = await open_index(settings, write=False)
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
        "alerts": dict(sorted(sum(fired.values(), Counter()).items())),  # by status; pending and failed want a look
        "dead": {"kept": len(dead), "open": len(set(dead) - replayed)},
        "disk": {"log": _size(settings.data, "log.sqlite*"), "index": _size(settings.data, "index/**/*")},
        "topics": {name: {"messages": n, "bytes": size} for name, (n, size) in sorted(stored.items())},
        "keep_days": {name: round(seconds / 86400, 1) for name, seconds in settings.keep.model_dump().items()},
    }


def show(report: dict[str, Any]) -> None:
    """The report for people: what wants a look first."""
    console = screen()
    daemon = f"running (pid {report['daemon']})" if report["daemon"] else "not running"
    console.print(
        Text.assemble(("Almenara", "bold"), f" in {report['data']}: {daemon}, {report['documents']} documents")
    )
    for line in _troubles(report):
        console.print(Text(f"! {line}", "yellow"), soft_wrap=True)
    stages = Table("stage", "taken", "waiting", "ended", box=None, header_style="bold", pad_edge=False)
    console.width = console.width if console.is_terminal or "COLUMNS" in os.environ else WIDE
    for stage, row in report["stages"].items():
        endings = ", ".join(f"{ending} {n}" for ending, n in sorted(row["endings"].items()) if ending != "tick")
        stages.add_row(stage, str(row["taken"]), str(row["waiting"]), endings)
    console.print(stages)
    alerts = ", ".join(f"{status} {n}" for status, n in report["alerts"].items()) or "none"
    console.print(f"alerts  {alerts}", soft_wrap=True)
    _show_feeds(console, report["feeds"])
    disk = report["disk"]
    keep = ", ".join(f"{name} {days:g} d" for name, days in report["keep_days"].items())
    console.print(
        f"disk    log {disk['log'] / MEGABYTE:.1f} MB, index {disk['index'] / MEGABYTE:.1f} MB", soft_wrap=True
    )
    console.print(f"kept    {keep}", soft_wrap=True)


def _troubles(report: dict[str, Any]) -> list[str]:
    found = [f"{stage} does not add up" for stage, row in report["stages"].items() if not row["adds_up"]]
    if n := report["dead"]["open"]:
        found.append(f"{n} records could not be handled: see `almenara dead list`")
    if n := sum(report["alerts"].get(status, 0) for status in ("pending", "failed")):
        found.append(f"{n} alerts were not delivered to all their channels: see `almenara alerts list`")
    return found


def _show_feeds(console: Console, feeds: dict[str, Any]) -> None:
    failing = feeds["failing"]
    causes = ", ".join(f"{why} {n}" for why, n in Counter(feed["error"] for feed in failing).most_common())
    console.print(f"feeds   {feeds['polled']} polled, {len(failing)} failing{': ' if causes else ''}{causes}")
    for feed in failing[:FAILING]:
        line = f"  {feed['id']}: {feed['error']} ({shortened(feed['detail'] or '', 80)}), next try {feed['next']}"
        console.print(line, soft_wrap=True)
    if len(failing) > FAILING:
        console.print("  … all with `almenara feeds list --failing`")


def _size(data: Path, pattern: str) -> int:
    return sum(file.stat().st_size for file in data.glob(pattern) if file.is_file())


def _iso(moment: Any) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
