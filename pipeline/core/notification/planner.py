"""Decides for every alert, and as time passes, which messages are sent: the state behind the stage notify.

Pure: the state comes in record by record from the log, and every decision is a list of records to publish. The stage
runs it on the clock, `almenara alerts test` on the times of past articles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.core.alerts.rules import AlertRule, ChannelSpec, Reader
from pipeline.records import Alert, AlertRequest, Record


@dataclass(frozen=True, slots=True)
class Plan:
    """What was configured. `rules` by key."""

    rules: Mapping[str, AlertRule] = field(default_factory=dict)
    channels: Mapping[str, ChannelSpec] = field(default_factory=dict)
    reader: Reader = field(default_factory=Reader)


@dataclass(frozen=True, slots=True)
class Decision:
    """`records`: the new state, in order, None deletes; as (stream, key, record). `drop`: why nothing follows."""

    records: tuple[tuple[str, str, Record | None], ...] = ()
    drop: str = ""


class Planner:
    """The state of all alerts, messages and mutes."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def put(self, stream: str, key: str, record: Record | None) -> None:
        """Take a record of the state: on restoring, and what `take`, `ask` and `due` returned."""
        raise NotImplementedError

    def take(self, alert: Alert, now: datetime) -> Decision:
        """Decide about an alert that has arrived."""
        raise NotImplementedError

    def ask(self, request: AlertRequest, now: datetime) -> Decision:
        """Do what a person asked."""
        raise NotImplementedError

    def due(self, now: datetime) -> Decision:
        """Decide what has become due."""
        raise NotImplementedError

    def next_due(self) -> datetime | None:
        """When `due` will next have something."""
        raise NotImplementedError
