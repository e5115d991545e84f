"""`almenara status`: shows what was read, dropped and failed; problems first."""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.assembly.deployment import deployment_for
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.stage import is_ending
from pipeline.terminal.tables import screen, shortened

MEGABYTE = 1_000_000
WIDE = 120  # columns where there is no terminal
FAILING = 10  # feeds named by `status`


def status(config: Config = CONFIG, as_json: AsJson = False) -> None:
    """Show what was read, dropped and failed, and what is wrong now.

    Shows the outcomes of each stage (on a broker: how many records wait, and which worker has which partitions);
    failing feeds, why they fail and when they are retried; undelivered alerts; disk use and retention.

    Example: almenara status --json
    """
    report = asyncio.run(deployment_for(config).status())
    if as_json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        _show(report)


def _show(report: dict[str, Any]) -> None:
    console = screen()
    daemon = f"running (pid {report['daemon']})" if report["daemon"] else "not running"
    head = f" in {report['data']}: {daemon}, {report['documents']} documents"
    console.print(Text.assemble(("Almenara", "bold"), head), soft_wrap=True)
    for line in _problems(report):
        console.print(Text(f"! {line}", "yellow"), soft_wrap=True)
    console.width = console.width if console.is_terminal or "COLUMNS" in os.environ else WIDE
    if "stages" in report:
        console.print(_stages(report["stages"]))
    if "groups" in report:
        console.print(_groups(report["groups"]))
        console.print("how every record ended, by ids: `almenara audit`")
    alerts = ", ".join(f"{status} {n}" for status, n in report["alerts"].items()) or "none"
    console.print(f"alerts  {alerts}", soft_wrap=True)
    _show_feeds(console, report["feeds"])
    _show_storage(console, report)


def _stages(stages: dict[str, Any]) -> Table:
    table = Table("stage", "taken", "waiting", "planned", "ended", box=None, header_style="bold", pad_edge=False)
    for stage, row in stages.items():
        endings = ", ".join(f"{ending} {n}" for ending, n in sorted(row["outcomes"].items()) if is_ending(ending))
        table.add_row(stage, str(row["taken"]), str(row["waiting"]), str(row["planned"]), endings)
    return table


def _groups(groups: dict[str, Any]) -> Table:
    table = Table(
        "group", "taken", "waiting", "planned", "partitions held by", box=None, header_style="bold", pad_edge=False
    )
    for group, row in groups.items():
        workers = ", ".join(f"{worker} {n}" for worker, n in row["workers"].items())
        table.add_row(group, str(row["taken"]), str(row["waiting"]), str(row["planned"]), workers or "nobody")
    return table


def _problems(report: dict[str, Any]) -> list[str]:
    found = [f"{stage} does not add up" for stage, row in report.get("stages", {}).items() if not row["adds_up"]]
    found += report.get("faults", [])
    for group, row in report.get("groups", {}).items():
        if row["waiting"] and not row["workers"]:
            found.append(f"{row['waiting']} records wait for {group}, and no worker runs it: start `almenara worker`")
    if error := report["index"].get("error"):
        found.append(error)
    if outdated := report["index"].get("outdated"):
        found.append(f"{len(outdated)} indices are outdated: run `almenara reindex`")
    if report["index"].get("health") == "red":
        found.append("Elasticsearch is red: a part of what is stored cannot be reached")
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


def _show_storage(console: Console, report: dict[str, Any]) -> None:
    index, log_size = report["index"], report["disk"]["log"]
    log = f", {log_size / MEGABYTE:.1f} MB" if log_size else ""
    console.print(f"log     {report['log']}{log}", soft_wrap=True)
    size = f", {sum(index['bytes'].values()) / MEGABYTE:.1f} MB" if "bytes" in index else ""
    health = f", {index['health']}" if index.get("health") else ""
    console.print(f"index   {index['at']}{size}{health}", soft_wrap=True)
    keep = ", ".join(f"{name} {days:g} d" for name, days in report["keep_days"].items())
    console.print(f"kept    {keep}", soft_wrap=True)
