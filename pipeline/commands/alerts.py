"""`almenara alerts list`: shows the alert rules, how often they fired, and which channels fail."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from pipeline.assembly.deployment import deployment_for
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.commands.looked_up import explained, looked_up, print_rules
from pipeline.commands.times import shown
from pipeline.config.folder import alerts_of
from pipeline.ports import Log
from pipeline.reports.alerts import read_alerts
from pipeline.reports.deliveries import FailingChannel, read_deliveries
from pipeline.terminal.tables import print_table, shortened

WHY = 200  # characters of a reason


def list_alerts(config: Config = CONFIG, as_json: AsJson = False) -> None:
    """List the alert rules, and count their alerts of the last 90 days.

    Below the table: what each rule finds, and how often in the index; which channel does not accept the alerts of which
    rule, why, and when it is tried again.

    Example: almenara alerts list --json
    """
    alerts = alerts_of(config)
    rules = alerts.rules
    deployment = deployment_for(config)

    async def act(log: Log) -> tuple[dict[str, Counter[str]], dict[str, tuple[FailingChannel, ...]]]:
        return await read_alerts(log), await read_deliveries(log, {rule.key: rule.channels for rule in rules})

    fired, failing = deployment.with_log(act)
    findings = looked_up(deployment, rules)
    rows: list[dict[str, Any]] = [
        explained(rule, alerts, findings) | {
            "severity": rule.severity, "channels": list(rule.channels),
            "enabled": rule.enabled, "alerts": dict(fired.get(rule.key, {})),
            "failing": [delivery.plain() for delivery in failing[rule.key]],
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
    print_rules(alerts, findings)
    for rule in rules:
        for delivery in failing[rule.key]:
            print(f"! {shortened(rule.name, 40)}: {_failure(delivery, alerts.reader.zone)}")


def _failure(delivery: FailingChannel, zone: str) -> str:
    """What a channel did not take of a rule, and why, in one line; times are those of the reader."""
    counts = [f"{n} {what}" for n, what in ((delivery.waiting, "waiting"), (delivery.lost, "did not arrive")) if n]
    again = f", next try {shown(delivery.next_try, zone)}" if delivery.next_try else ""
    ours = f"of this rule {', '.join(counts) or 'none waiting'}{again}"
    if delivery.why is None:
        return f"channel {delivery.channel}: {ours}"
    since = f" since {shown(delivery.since, zone)}" if delivery.since else ""
    return f"channel {delivery.channel} fails{since}: {shortened(delivery.why, WHY)}; {ours}"
