"""`almenara alerts mark`: says which alerts were useful and which were noise."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated

import typer

from pipeline.assembly.backends import clock
from pipeline.assembly.deployment import deployment_for
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.commands.fired import as_row
from pipeline.config.folder import alerts_of
from pipeline.core.faults import did_you_mean
from pipeline.ports import Log
from pipeline.reports.fired import FiredAlert, Ledger, by_prefix, read_ledger
from pipeline.requests.alerts import VERDICTS
from pipeline.requests.alerts import mark as mark_alerts
from pipeline.requests.asking import this_user
from pipeline.requests.names import names_of, only_one
from pipeline.terminal.tables import shortened

SHOWN = 20  # alerts that are named


def mark(
    words: Annotated[
        list[str], typer.Argument(metavar="ID... useful|noise", help="Ids of alerts or messages, then the verdict.")
    ],
    config: Config = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Say whether alerts were useful or noise.

    `alerts stats` shows the share of each rule. The start of an id is enough. The id of a message stands for
    all alerts that it reported. A later mark replaces an earlier one. Works whether or not the daemon runs.

    Example: almenara alerts mark 3f2a91c07d 8e10bb41f2 noise
    """
    *starts, verdict = words
    if verdict not in VERDICTS:
        raise CommandError(f"{verdict!r} is no verdict: {did_you_mean(verdict, VERDICTS, 'end with useful or noise')}")
    if not starts:
        raise CommandError("name at least one alert or message: `almenara alerts fired` shows their ids")
    alerts = alerts_of(config)

    async def act(log: Log) -> list[FiredAlert]:
        ledger = await read_ledger(log)
        chosen = [ledger.alerts[id] for id in _chosen(starts, ledger)]
        await mark_alerts(log, this_user(), clock(), [alert.id for alert in chosen], verdict)
        return chosen

    marked = deployment_for(config).with_log(act, write=True)
    if as_json:
        print(json.dumps({"mark": verdict, "alerts": [as_row(one, alerts) | {"mark": verdict} for one in marked]},
                         ensure_ascii=False))  # fmt: skip
        return
    names = names_of(alerts)
    for alert in marked[:SHOWN]:
        rule = shortened(names.get(alert.rule, alert.rule), 40)
        print(f"{verdict}: {rule}: {shortened(alert.title, 120)} ({shortened(alert.source, 40)})")
    if len(marked) > SHOWN:
        print(f"and {len(marked) - SHOWN} more")
    print(f"{len(marked)} {'alert' if len(marked) == 1 else 'alerts'} marked as {verdict}")


def _chosen(starts: Sequence[str], ledger: Ledger) -> tuple[str, ...]:
    """Ids of the alerts meant, each once. Raises CommandError."""
    chosen: dict[str, None] = {}
    for start in starts:
        if found := by_prefix(start, ledger.alerts):
            chosen[only_one(start, found, "alerts")] = None
        elif found := by_prefix(start, ledger.messages):
            chosen.update(dict.fromkeys(ledger.alerts_of(only_one(start, found, "messages"))))
        else:
            raise CommandError(f"no alert or message has the id {start!r}: `almenara alerts fired` shows them")
    if not chosen:
        raise CommandError("the messages report no alerts that are still known")
    return tuple(chosen)
