"""`almenara alerts list`."""

from __future__ import annotations

import json as json_format
from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from pipeline.backends.log_sqlite import SqliteLog
from pipeline.configuration import alerts_of
from pipeline.records import AlertState, decode
from pipeline.wiring import load_for, with_log


def list_alerts(config: Path, as_json: bool) -> None:
    """Every rule with how its alerts of the last 90 days ended."""
    rules = alerts_of(config).rules
    fired = with_log(load_for(config), _fired)
    rows: list[dict[str, Any]] = [
        {
            "name": rule.name, "severity": rule.severity, "query": rule.query, "channels": list(rule.channels),
            "enabled": rule.enabled, "alerts": dict(fired.get(rule.name, {})),
        }
        for rule in rules
    ]  # fmt: skip
    if as_json:
        print(json_format.dumps(rows, ensure_ascii=False))
        return
    table = Table("name", "severity", "query", "channels", "fired", box=None, header_style="bold")
    for row in rows:
        ended = ", ".join(f"{status} {n}" for status, n in sorted(row["alerts"].items())) or "never"
        name = row["name"] if row["enabled"] else f"{row['name']} (off)"
        table.add_row(name, row["severity"], row["query"], ", ".join(row["channels"]), ended)
    Console(markup=False).print(table)


async def _fired(log: SqliteLog) -> dict[str, Counter[str]]:
    fired: dict[str, Counter[str]] = {}
    async for message in log.replay("alert-state"):
        if message.value is not None:
            state = decode(AlertState, message.value)
            fired.setdefault(state.rule, Counter())[state.status] += 1
    return fired
