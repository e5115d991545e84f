"""Decides for every alert, and as time passes, which messages are sent: the state behind the stage notify.

Pure: the state comes in record by record from the log, and every decision is a list of records to publish. The stage
runs it on the clock, `almenara alerts test` on the times of past articles.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pipeline.core.alerts.firing import AlertSet
from pipeline.core.alerts.rules import AlertRule, ChannelSpec, Reader
from pipeline.core.notification.streams import ALERT_STATE, MESSAGES, MUTES
from pipeline.records import Alert, AlertRequest, AlertState, Message, Mute, Record


@dataclass(frozen=True, slots=True)
class Plan:
    """What was configured. `rules` by key."""

    rules: Mapping[str, AlertRule] = field(default_factory=dict)
    channels: Mapping[str, ChannelSpec] = field(default_factory=dict)
    reader: Reader = field(default_factory=Reader)


def plan_of(alerts: AlertSet) -> Plan:
    """The plan of what alerts.toml says."""
    return Plan({rule.key: rule for rule in alerts.rules}, alerts.channels, alerts.reader)


@dataclass(frozen=True, slots=True)
class Decision:
    """`records`: the new state, in order, None deletes; as (stream, key, record). `drop`: why nothing follows.

    The planner has them already: they are not `put` again. Any prefix of them is a consistent state.
    """

    records: tuple[tuple[str, str, Record | None], ...] = ()
    drop: str = ""


class Planner:
    """The state of all alerts, messages and mutes."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._states: dict[str, AlertState] = {}
        self._messages: dict[str, Message] = {}
        self._mutes: dict[str, Mute] = {}

    def reload(self, plan: Plan, now: datetime) -> None:
        """Go on with another configuration. `due` has something if held alerts must come out because of it."""
        self.plan = plan

    def put(self, stream: str, key: str, record: Record | None) -> None:
        """Take a record of the log, on restoring: streams and records in any order; later, of another's records only
        deletions. Other streams than those of streams.py are ignored."""
        kept: dict[str, dict[str, Any]] = {ALERT_STATE: self._states, MESSAGES: self._messages, MUTES: self._mutes}
        if stream not in kept:
            return
        if record is None:
            kept[stream].pop(key, None)
        else:
            kept[stream][key] = record

    def take(self, alert: Alert, now: datetime) -> Decision:
        """Decide about an alert that has arrived."""
        if alert.id in self._states:
            return Decision(drop="repeat")
        message = Message(
            id=message_id("now", alert.id), kind="alert", rule=alert.rule, name=alert.name, severity=alert.severity,
            channels=alert.channels, at=now, alerts=(alert,), reported=(alert.id,), changes=alert.changes,
        )  # fmt: skip
        state = AlertState(
            id=alert.id, rule=alert.rule, status="reported", at=now, message=message.id, article=alert.article,
            original=alert.duplicate_of or alert.article, version=alert.version, story=alert.story_id,
            title=alert.title, source=alert.source, url=alert.url, language=alert.language,
        )  # fmt: skip
        return self._decided([(MESSAGES, message.id, message), (ALERT_STATE, state.id, state)])

    def ask(self, request: AlertRequest, now: datetime) -> Decision:
        """Do what a person asked: mute, unmute, mark, resend, started."""
        if request.mute:
            return self._decided([(MUTES, request.mute.id, request.mute)])
        if request.unmute:
            return self._decided([(MUTES, request.unmute, None)])
        return Decision(drop="unknown")

    def due(self, now: datetime) -> Decision:
        """Decide what has become due. If more is due than one answer should hold, `next_due` is not after `now`."""
        return Decision()

    def next_due(self) -> datetime | None:
        """When `due` will next have something."""
        return None

    def unstarted(self) -> tuple[str, ...]:
        """Keys of the enabled rules in force whose past alerts were not asked for (AlertRequest.started)."""
        return ()

    def waiting(self) -> int:
        """How many alerts are held."""
        return 0

    def _decided(self, records: list[tuple[str, str, Record | None]]) -> Decision:
        for record in records:
            self.put(*record)
        return Decision(tuple(records))


def message_id(*cause: str) -> str:
    """The id of a message, which follows from its cause."""
    return hashlib.sha256("\0".join(cause).encode()).hexdigest()[:32]
