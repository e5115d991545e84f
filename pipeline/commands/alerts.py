"""`almenara alerts list`: shows the alert rules and how often they fired."""

from __future__ import annotations

import json
from typing import Any

from pipeline.assembly.deployment import deployment_for
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.config.folder import alerts_of
from pipeline.reports.alerts import read_alerts
from pipeline.terminal.tables import print_table, shortened


def list_alerts(config: Config = CONFIG, as_json: AsJson = False) -> None:
    """List the alert rules, and count their alerts of the last 90 days.

    Example: almenara alerts list --json
    """
    rules = alerts_of(config).rules
    fired = deployment_for(config).with_log(read_alerts)
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
    print_table(("name", "severity", "last 90 days", "channels", "query"), lines, spare=("channels", "severity"))
