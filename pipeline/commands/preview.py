"""`almenara channels preview`: shows sample messages as a channel would send them."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from pipeline.assembly.channels import preview_messages
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.config.folder import Configuration, load
from pipeline.core.alerts.rules import AlertRule
from pipeline.core.faults import Fault, Faults, did_you_mean
from pipeline.core.messages.samples import samples
from pipeline.ports import SendFailed
from pipeline.records import Message
from pipeline.terminal.tables import screen


def preview(
    name: Annotated[str, typer.Argument(help="Name of the channel in alerts.toml.")],
    config: Config = CONFIG,
    rule: Annotated[str, typer.Option(help="Name or id of the rule that the samples are of.")] = "",
    kind: Annotated[
        str, typer.Option(help="Only this kind: alert, follow_up, summary, digest, silence, burst, report, test.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Show a sample message of each kind as a channel would send it.

    Uses the template of the channel, its medium, its limits and the reader's time zone. Sends nothing.

    Example: almenara channels preview desk --kind digest
    """
    configuration = load(config)
    if name not in configuration.alerts.channels:
        hint = did_you_mean(name, configuration.alerts.channels)
        raise Faults((Fault("alerts.toml", f"channels.{name}", "does not exist", hint),))
    messages = [message for message in _samples(configuration, rule) if kind in ("", message.kind)]
    if not messages:
        raise typer.BadParameter(f"{kind}: there is no such kind", param_hint="--kind")
    try:
        shown = [(message, part) for message in messages for part in preview_messages(configuration, name, message)]
    except SendFailed as error:
        raise Faults((Fault("alerts.toml", f"channels.{name}", str(error)),)) from None
    if as_json:
        print(json.dumps([{"kind": message.kind, **asdict(part)} for message, part in shown], ensure_ascii=False))
        return
    out = screen()
    for message, part in shown:
        out.rule(f"{message.kind}: {part.where}", align="left", style="dim")
        if part.fault:
            out.print(f"note: the template was not used: {part.fault}", style="yellow", markup=False, highlight=False)
        for text in filter(None, (part.title, part.body)):
            out.print(text, markup=False, highlight=False, soft_wrap=True)


def _samples(configuration: Configuration, name: str) -> tuple[Message, ...]:
    """Sample messages of a rule; of one that is nowhere configured without a name. Raises Faults."""
    if not name:
        return samples()
    rules = {key: rule for rule in configuration.alerts.rules for key in (rule.name, rule.key)}
    found: AlertRule | None = rules.get(name)
    if found is None:
        raise Faults((Fault("alerts.toml", "alert", f"there is no rule {name}", did_you_mean(name, rules)),))
    return samples(found.name, found.key, found.severity)
