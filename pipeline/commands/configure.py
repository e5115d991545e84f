"""`almenara init` and `almenara check`."""

from __future__ import annotations

import json as json_format
import shutil
from pathlib import Path

import typer

from pipeline.backends.channels import open_channels
from pipeline.config.folder import load
from pipeline.core.faults import Fault, Faults

#: The configuration that comes with the program; pipeline/shipped holds links to what lies at the top of the source.
SHIPPED = Path(__file__).parents[1] / "shipped" / "config"


def init(folder: Path) -> None:
    """Copy the shipped configuration, to be changed. Exit code 1 when there is something already."""
    if folder.exists() and any(folder.iterdir()):
        typer.echo(f"{folder} is there already; give another name", err=True)
        raise typer.Exit(1)
    shutil.copytree(SHIPPED, folder, dirs_exist_ok=True)
    option = "" if folder == Path("config") else f" --config {folder}"
    print(f"made {folder}: settings in almenara.toml, feeds in feeds.toml, alerts in alerts.toml, topics in topics/")
    print(f"next: put your contact page into almenara.toml, then `almenara check{option}` and `almenara run{option}`")


def check(folder: Path, as_json: bool) -> None:
    """Print every fault; exit code 1 if there is one."""
    faults: tuple[Fault, ...] = ()
    try:
        configuration = load(folder, run_examples=True)
        open_channels(configuration.alerts, configuration.settings.data)
    except Faults as error:
        faults = error.faults
    if as_json:
        rows = [{"file": f.file, "key": f.key, "reason": f.reason, "hint": f.hint} for f in faults]
        print(json_format.dumps({"ok": not faults, "faults": rows}, ensure_ascii=False))
    elif faults:
        for fault in faults:
            typer.echo(str(fault), err=True)
        typer.echo(f"{len(faults)} fault(s)", err=True)
    else:
        for warning in configuration.warnings:
            typer.echo(f"note: {warning}", err=True)
        rules = configuration.rules.rules.topics
        examples = sum(len(rule.examples) for rule in rules)
        print(
            f"{folder} is well: {len(configuration.feeds)} feeds, {len(rules)} topics with {examples} examples, "
            f"{len(configuration.alerts.rules)} alerts"
        )
    if faults:
        raise typer.Exit(1)
