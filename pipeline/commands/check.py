"""`almenara check`: validates the configuration folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.assembly.channels import channel_doubts, configured_channels
from pipeline.assembly.deployment import deployment_for
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.commands.looked_up import explained, looked_up, print_rules
from pipeline.config.contents import contents_of
from pipeline.config.folder import Configuration, load
from pipeline.config.in_force import InForce
from pipeline.config.losses import ended_histories
from pipeline.core.faults import Fault, Faults


def check(
    config: Config = CONFIG,
    offline: Annotated[bool, typer.Option("--offline", help="Do not count in the index; connect to nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Validate the configuration and report every fault at once.

    Reports file, line, key, reason and a hint for each fault; exits with code 1 if there is any. Also runs the examples
    of the topic rules, and says whether a file lost most of what it held when it was last in force. Then it says what
    each alert finds, and how often in the index, if there is one.

    Example: almenara check --config my-config --json
    """
    faults: tuple[Fault, ...] = ()
    try:
        configuration = load(config, run_examples=True)
        configured_channels(configuration)
        ended = (*_compared(config, configuration), *channel_doubts(configuration))
    except Faults as error:
        faults = error.faults
    if faults:
        _show_faults(faults, as_json)
        raise typer.Exit(1)
    rules = configuration.alerts.rules
    findings = None if offline else looked_up(deployment_for(config), rules)
    if as_json:
        rows = [explained(rule, configuration.alerts, findings) for rule in rules]
        warnings = [_row(warning) for warning in (*configuration.warnings, *ended)]
        print(json.dumps({"ok": True, "faults": [], "warnings": warnings, "alerts": rows}, ensure_ascii=False))
        return
    _print_summary(config, configuration, ended)
    print_rules(configuration.alerts, findings)


def _compared(folder: Path, configuration: Configuration) -> tuple[Fault, ...]:
    """Warnings about what changed since the configuration was in force. Raises Faults if most of a file is lost."""
    in_force, contents = InForce(configuration.settings.data, folder), contents_of(folder)
    if refusals := in_force.refusals(contents):
        raise Faults(refusals)
    return tuple(
        Fault("alerts.toml", f'alert "{name}"', f"its history as {key!r} ends", f'to keep it, add id = "{key}"')
        for key, name in ended_histories(in_force.past() or {}, contents)
    )


def _show_faults(faults: tuple[Fault, ...], as_json: bool) -> None:
    if as_json:
        rows = [_row(fault) for fault in faults]
        print(json.dumps({"ok": False, "faults": rows, "warnings": [], "alerts": []}, ensure_ascii=False))
        return
    for fault in faults:
        typer.echo(str(fault), err=True)
    typer.echo(f"{len(faults)} fault(s)", err=True)


def _row(fault: Fault) -> dict[str, Any]:
    return {"file": fault.file, "line": fault.line, "key": fault.key, "reason": fault.reason, "hint": fault.hint}


def _print_summary(folder: Path, configuration: Configuration, ended: tuple[Fault, ...]) -> None:
    for warning in (*configuration.warnings, *ended):
        typer.echo(f"note: {warning}", err=True)
    rules = configuration.rules.rules.topics
    examples = sum(len(rule.examples) for rule in rules)
    print(
        f"{folder} is valid: {len(configuration.seed.feeds)} feeds, {len(rules)} topics with {examples} examples, "
        f"{len(configuration.alerts.rules)} alerts"
    )
