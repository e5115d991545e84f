"""`almenara check`: validates the configuration folder."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from pipeline.assembly.backends import configured_channels
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.config.folder import Configuration, load
from pipeline.core.faults import Fault, Faults


def check(config: Config = CONFIG, as_json: AsJson = False) -> None:
    """Validate the configuration and report every fault at once.

    Reports file, line, key, reason and a hint for each fault; exits with code 1 if there is any. Also runs the examples
    of the topic rules. Connects to nothing.

    Example: almenara check --config my-config --json
    """
    faults: tuple[Fault, ...] = ()
    try:
        configuration = load(config, run_examples=True)
        configured_channels(configuration)
    except Faults as error:
        faults = error.faults
    if as_json:
        rows = [{"file": f.file, "line": f.line, "key": f.key, "reason": f.reason, "hint": f.hint} for f in faults]
        print(json.dumps({"ok": not faults, "faults": rows}, ensure_ascii=False))
    elif faults:
        for fault in faults:
            typer.echo(str(fault), err=True)
        typer.echo(f"{len(faults)} fault(s)", err=True)
    else:
        _print_summary(config, configuration)
    if faults:
        raise typer.Exit(1)


def _print_summary(folder: Path, configuration: Configuration) -> None:
    for warning in configuration.warnings:
        typer.echo(f"note: {warning}", err=True)
    rules = configuration.rules.rules.topics
    examples = sum(len(rule.examples) for rule in rules)
    print(
        f"{folder} is valid: {len(configuration.seed.feeds)} feeds, {len(rules)} topics with {examples} examples, "
        f"{len(configuration.alerts.rules)} alerts"
    )
