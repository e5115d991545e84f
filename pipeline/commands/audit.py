"""`almenara audit`: checks that every record has an outcome, and that its result exists once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import typer

from pipeline.assembly.deployment import deployment_for
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.reports.audit.report import LISTED, AuditReport
from pipeline.terminal.tables import print_table


def audit(config: Config = CONFIG, as_json: AsJson = False) -> None:
    """Check that nothing was lost or duplicated.

    On a Kafka broker, follows every record by its id, from feed item to index and alert: reads all retained streams and
    the index. Workers can keep running. On the embedded log, compares the counters, as `almenara status` does. Exits
    with code 1 if something does not add up.

    Example: almenara audit --json
    """
    report = asyncio.run(deployment_for(config).audit())
    if as_json:
        print(json.dumps(report.plain(), ensure_ascii=False))
    else:
        _show(report)
    if report.found:
        raise typer.Exit(1)


def _show(report: AuditReport) -> None:
    rows = [
        (
            stage,
            *(str(row[key]) for key in ("taken", "waiting", "planned", "repeated", "missing")),
            _outcomes(row["outcomes"]),
        )
        for stage, row in report.stages.items()
    ]
    print_table(("stage", "taken", "waiting", "planned", "repeated", "missing", "ended"), rows)
    if report.note:
        print(report.note)
    if report.records:
        print(f"read      {_outcomes(report.records)}")
    if report.repeated:
        print(f"repeated  {_outcomes(report.repeated)} (harmless: the same ids)")
    if oldest := {moment for moment in report.since.values() if moment}:
        print(f"window    since {max(oldest)}; older records may be gone from their streams")
    if report.passed_over:
        print(f"dead      {_outcomes(report.passed_over)} of the state were passed over: see `almenara dead list`")
    if report.unreadable:
        print(f"unread    {_outcomes(report.unreadable)} cannot be read: {', '.join(report.unreadable_at[:5])}")
    for fault in report.faults:
        typer.echo(f"! {fault.kind}: {fault.at}", err=True)
    for kind, count in report.found.items():
        if count > LISTED:
            typer.echo(f"! {kind}: {count - LISTED} more", err=True)
    found = sum(report.found.values())
    print(f"{found} record(s) do not add up" if found else "everything adds up")


def _outcomes(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{ending} {n}" for ending, n in counts.items())
