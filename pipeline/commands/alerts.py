"""`almenara alerts list`."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from pipeline.assembly.backends import load_for, with_log
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.config.folder import alerts_of
from pipeline.log.feeds import newest
from pipeline.ports import Log
from pipeline.records import AlertState, decode
from pipeline.terminal.tables import columns_of, shortened


def list_alerts(config: Config = CONFIG, as_json: AsJson = False) -> None:
    """List every alert rule and how its alerts of the last 90 days ended.

    Example: almenara alerts list --json
    """
    rules = alerts_of(config).rules
    fired = with_log(load_for(config), read_alerts)
    rows: list[dict[str, Any]] = [
        {
            "name": rule.name, "severity": rule.severity, "query": rule.query, "channels": list(rule.channels),
            "enabled": rule.enabled, "alerts": dict(fired.get(rule.name, {})),
        }
        for rule in rules
    ]  # fmt: skip
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    lines = []
    for row in rows:
        ended = ", ".join(f"{status} {n}" for status, n in sorted(row["alerts"].items())) or "never fired"
        name = shortened(row["name"], 40) + ("" if row["enabled"] else " (off)")
        lines.append((name, row["severity"], ended, ", ".join(row["channels"]), shortened(row["query"], 80)))
    columns_of(("name", "severity", "last 90 days", "channels", "query"), lines, spare=("channels", "severity"))


async def read_alerts(log: Log) -> dict[str, Counter[str]]:
    """Rule -> how many of its alerts are in which status; of those that are still remembered."""
    fired: dict[str, Counter[str]] = {}
    for value in (await newest(log, "alert-state")).values():
        state = decode(AlertState, value)
        fired.setdefault(state.rule, Counter())[state.status] += 1
    return fired
