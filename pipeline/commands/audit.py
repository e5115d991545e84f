"""`almenara audit`: whether every record ended, and what came of it is there, once. Shows what reconcile.py finds."""

from __future__ import annotations

import asyncio
import json

import typer

from pipeline.assembly.backends import load_for, on_kafka
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.config.settings import Settings
from pipeline.reports.audit import LISTED, Report, look
from pipeline.terminal.tables import columns_of


def audit(config: Config = CONFIG, as_json: AsJson = False) -> None:
    """Check by ids that nothing was lost or duplicated.

    Follows every record from the feeds' items to index and alerts. On a Kafka broker it reads all streams that are
    still there, and the index; workers may run. On the embedded log it compares the counters, as `almenara status`
    does. Exit code 1 if something does not add up.

    Example: almenara audit --json
    """
    settings = load_for(config)
    if not on_kafka(settings):
        return _embedded(settings, as_json)
    report = asyncio.run(look(settings))
    if as_json:
        print(json.dumps(report.plain(), ensure_ascii=False))
    else:
        _show(report)
    if report.found:
        raise typer.Exit(1)


def _embedded(settings: Settings, as_json: bool) -> None:
    """Counters and offsets are written there in the transaction of what they count: it is enough to compare them."""
    from pipeline.commands.status import look as status

    stages = asyncio.run(status(settings))["stages"]
    wrong = [name for name, row in stages.items() if not row["adds_up"]]
    if as_json:
        print(json.dumps({"agrees": not wrong, "stages": stages}))
    else:
        print("On the embedded log every record is counted in the transaction that ends it; see `almenara status`.")
        print(f"does not add up: {', '.join(wrong)}" if wrong else "all stages add up")
    if wrong:
        raise typer.Exit(1)


def _show(report: Report) -> None:
    rows = [
        (stage, *(str(row[key]) for key in ("taken", "waiting", "repeated", "missing")), _endings(row["outcomes"]))
        for stage, row in report.stages.items()
    ]
    columns_of(("stage", "taken", "waiting", "repeated", "missing", "ended"), rows)
    counted = ", ".join(f"{stream} {n}" for stream, n in report.records.items())
    print(f"read      {counted}")
    print(f"repeated  {', '.join(f'{stream} {n}' for stream, n in report.repeated.items())} (harmless: the same ids)")
    oldest = {moment for moment in report.since.values() if moment}
    print(f"window    since {max(oldest)}; older records may be gone from their streams" if oldest else "window    all")
    for fault in report.faults:
        typer.echo(f"! {fault.kind}: {fault.at}", err=True)
    for kind, count in report.found.items():
        if count > LISTED:
            typer.echo(f"! {kind}: {count - LISTED} more", err=True)
    print(f"{sum(report.found.values())} do not agree" if report.found else "all agrees")


def _endings(counts: dict[str, int]) -> str:
    return ", ".join(f"{ending} {n}" for ending, n in sorted(counts.items()))
