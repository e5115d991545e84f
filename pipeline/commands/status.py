"""`almenara status`: shows what is wrong, and what was read, dropped and failed."""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.assembly.deployment import deployment_for
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.config.contents import contents_of
from pipeline.config.in_force import InForce
from pipeline.config.read_settings import settings_of
from pipeline.core.faults import Faults
from pipeline.reports.losses import in_words
from pipeline.reports.problems.advice import PARTS
from pipeline.reports.problems.finding import Finding
from pipeline.stage import is_ending
from pipeline.terminal.tables import screen, shortened

MEGABYTE = 1_000_000
WIDE = 120  # columns where there is no terminal
FAILING = 10  # feeds named by `status`
WHY = 300  # characters of a reason
WRONG, UNREADABLE = 5, 3  # exit codes


def status(
    ignore: Annotated[
        str,
        typer.Option(
            metavar="PARTS", help="Parts whose problems do not change the exit code, for example feeds,dead,index."
        ),
    ] = "",
    config: Config = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show what is wrong now, and what was read, dropped and failed.

    Problems come first: every part that is blocked, unavailable, refused or failing, since when, why, and what to do;
    docs/runbook.md explains each. Then the outcomes of each stage (on a broker: which worker has which partitions) with
    the records that wait and those planned for later; failing feeds; alerts; disk use and retention.

    Exits with code 0 if all is well, 5 if something is wrong (no daemon runs is something wrong too), 3 if the log
    cannot be read.

    Example: almenara status --json --ignore feeds
    """
    ignored = {part.strip() for part in ignore.split(",") if part.strip()}
    if unknown := sorted(ignored - PARTS):
        raise typer.BadParameter(f"{', '.join(unknown)}: parts are {', '.join(sorted(PARTS))}", param_hint="--ignore")
    report = asyncio.run(deployment_for(config).status())
    if not any(worker["state"] == "running" for worker in report["workers"]):  # a running one reports it itself
        report["problems"] += [one.plain() for one in _refused(config)]
    if as_json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        _show(report)
    unreadable = [one["why"] for one in report["problems"] if (one["part"], one["state"]) == ("log", "unreadable")]
    if unreadable:
        typer.echo(unreadable[0], err=True)
        raise typer.Exit(UNREADABLE)
    if any(one["part"].partition(" ")[0] not in ignored for one in report["problems"]):
        raise typer.Exit(WRONG)


def _refused(config: Path) -> list[Finding]:
    """The reason why a start would be refused, if a file of the configuration lost most of its contents."""
    try:
        refusals = InForce(settings_of(config).data, config).refusals(contents_of(config))
    except Faults as error:
        refusals = error.faults
    more = f" (and {len(refusals) - 1} more)" if len(refusals) > 1 else ""
    return [Finding("configuration", "refused", f"{refusals[0]}{more}")] if refusals else []


def _show(report: dict[str, Any]) -> None:
    console = screen()
    console.print(Text.assemble(("Almenara", "bold"), f" in {report['data']}: {_running(report)}"), soft_wrap=True)
    for line in problem_lines(report["problems"]):
        console.print(Text(f"! {line}", "yellow"), soft_wrap=True)
    console.width = console.width if console.is_terminal or "COLUMNS" in os.environ else WIDE
    if "stages" in report:
        console.print(_stages(report["stages"]))
    if "groups" in report:
        console.print(_groups(report["groups"]))
        console.print("how every record ended, by ids: `almenara audit`")
    _show_workers(console, report["workers"])
    if "alerts" in report:
        alerts = ", ".join(f"{status} {n}" for status, n in report["alerts"].items()) or "none"
        console.print(f"alerts  {alerts}", soft_wrap=True)
        _show_feeds(console, report["feeds"])
    _show_storage(console, report)


def _running(report: dict[str, Any]) -> str:
    running = [worker for worker in report["workers"] if worker["state"] == "running"]
    documents = f"{report['documents']} documents"
    if "groups" in report:
        return f"{len(running)} worker(s) running, {documents}"
    daemon = f"running (pid {report['daemon']})" if report["daemon"] else "not running"
    return f"{daemon}, {documents}"


def problem_lines(problems: list[dict[str, Any]]) -> list[str]:
    """A line for each problem; one that several workers report is one line."""
    workers: dict[tuple[str, str, str], list[str]] = {}
    first: dict[tuple[str, str, str], dict[str, Any]] = {}
    for one in problems:
        key = (one["part"], one["state"], one["why"])
        first.setdefault(key, one)
        workers.setdefault(key, []).extend([one["worker"]] if one["worker"] else [])
    return [_line(one, workers[key]) for key, one in first.items()]


def _line(one: dict[str, Any], workers: list[str]) -> str:
    where = f" ({', '.join(workers)})" if workers else ""
    since = f", since {_moment(one['since'])}" if one["since"] else ""
    again = f"; next try {_moment(one['next_try'])}" if one["next_try"] else ""
    head = shortened(f"{one['part']} {one['state']}{where}", WHY)
    reason = f"{shortened(one['why'], WHY)}{again}"
    return f"{head}{since}: {reason}{'' if reason.endswith(('.', '?', '…')) else '.'} To do: {one['do']}"


def _moment(text: str) -> str:
    """The time of day in UTC, with the date if it is not today."""
    moment = datetime.fromisoformat(text).astimezone(UTC)
    return f"{moment:%H:%M:%S}" if moment.date() == datetime.now(UTC).date() else f"{moment:%Y-%m-%d %H:%M}"


def _stages(stages: dict[str, Any]) -> Table:
    names = ("stage", "taken", "waiting", "planned", "ended")
    table = Table(*names, box=None, header_style="bold", pad_edge=False)
    for stage, row in stages.items():
        endings = ", ".join(f"{ending} {n}" for ending, n in sorted(row["outcomes"].items()) if is_ending(ending))
        table.add_row(stage, *_counts(row), endings)
    return table


def _groups(groups: dict[str, Any]) -> Table:
    names = ("group", "taken", "waiting", "planned", "partitions held by")
    table = Table(*names, box=None, header_style="bold", pad_edge=False)
    for group, row in groups.items():
        workers = ", ".join(f"{worker} {n}" for worker, n in row["workers"].items())
        table.add_row(group, *_counts(row), workers or "nobody")
    return table


def _counts(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in ("taken", "waiting", "planned"))


def _show_workers(console: Console, workers: list[dict[str, Any]]) -> None:
    for worker in workers:
        if worker["state"] != "gone":
            place = f"{worker['instance']}: {worker['state']}, pid {worker['pid']} on {worker['host']}"
            line = shortened(f"{place}, {worker['version']}, {','.join(worker['stages'])}", WHY)
            console.print(f"worker  {line}", soft_wrap=True)


def _show_feeds(console: Console, feeds: dict[str, Any]) -> None:
    failing = feeds["failing"]
    causes = ", ".join(f"{why} {n}" for why, n in Counter(feed["error"] for feed in failing).most_common())
    console.print(f"feeds   {feeds['polled']} polled, {len(failing)} failing{': ' if causes else ''}{causes}")
    if not feeds["polled"]:
        console.print("  publish those of feeds.toml: `almenara feeds apply`, or `almenara run` in embedded mode")
    for feed in failing[:FAILING]:
        line = f"  {feed['id']}: {feed['error']} ({shortened(feed['detail'] or '', 80)}), next try {feed['next']}"
        console.print(line, soft_wrap=True)
    if len(failing) > FAILING:
        console.print("  … all with `almenara feeds list --failing`")
    for feed in feeds["moved"][:FAILING]:
        console.print(f"  {feed['id']}: moved to {feed['read_at']}; change its url", soft_wrap=True)
    if len(feeds["moved"]) > FAILING:
        console.print(f"  … and {len(feeds['moved']) - FAILING} more that moved: `almenara feeds list`")
    lossy = feeds["dropped"]
    if lossy:
        console.print(f"dropped {len(lossy)} feeds have entries or pages that became no article, the worst first:")
    for feed in lossy[:FAILING]:
        words = in_words({"entries": feed["entries"], "pages": feed["pages"]})
        console.print(f"  {feed['id']}: of {feed['listed']} listed {words}", soft_wrap=True)


def _show_storage(console: Console, report: dict[str, Any]) -> None:
    index, log_size = report["index"], report["disk"]["log"]
    log = f", {log_size / MEGABYTE:.1f} MB" if log_size else ""
    console.print(f"log     {report['log']}{log}", soft_wrap=True)
    size = f", {sum(index['bytes'].values()) / MEGABYTE:.1f} MB" if "bytes" in index else ""
    health = f", {index['health']}" if index.get("health") else ""
    console.print(f"index   {index['at']}{size}{health}", soft_wrap=True)
    if report["disk"]["free"] is not None:
        console.print(f"disk    {report['disk']['free'] / MEGABYTE:,.0f} MB free", soft_wrap=True)
    keep = ", ".join(f"{name} {days:g} d" for name, days in report["keep_days"].items())
    console.print(f"kept    {keep}", soft_wrap=True)
