"""Writes alerts and messages as JSON, for files and web hooks (docs/alerts.md)."""

from __future__ import annotations

from typing import Any

import msgspec

from pipeline.core.alerts.kibana_link import KibanaLink
from pipeline.core.messages.form import Limit, Medium, Voice
from pipeline.core.messages.write import written
from pipeline.records import Alert, Message, Profile

SHORT = ("id", "rule", "name", "severity", "article", "version", "title", "url", "source", "language", "published",
         "first_seen")  # fmt: skip


def alert_json(alert: Alert, kibana: KibanaLink | None) -> dict[str, Any]:
    """An alert, with its link to Kibana as `kibana`. How its feed is read, and its traits, concern nobody outside."""
    row = msgspec.structs.asdict(alert) | {"profile": Profile(), "traits": None}
    return row | {"kibana": kibana.link([alert])} if kibana else row


def message_json(message: Message, voice: Voice, short: bool = False) -> dict[str, Any]:
    """The body of a web hook: `type`, `timestamp`, `data`, as Standard Webhooks advises. `short`: of alerts only the
    most important fields."""
    (part,) = written(message, Medium.PLAIN, Limit(title=250, parts=1), voice)
    alerts = [alert_json(alert, voice.kibana) for alert in message.alerts]
    if short:
        alerts = [{name: row[name] for name in SHORT} for row in alerts]
    data = {
        "id": message.id, "kind": message.kind, "rule": message.rule, "name": message.name,
        "severity": message.severity, "title": part.title, "text": part.body[:2000] if short else part.body,
        "alerts": alerts, "held_back": message.held_back, "story": message.story, "grown": message.grown,
        "changes": message.changes,
    }  # fmt: skip
    if voice.kibana and message.alerts:
        data["kibana"] = voice.kibana.link(message.alerts)
    return {"type": f"almenara.{message.kind}", "timestamp": message.at, "data": data}
