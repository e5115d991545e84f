"""A small world in which a planner runs: rules, articles and a log that can be read again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from pipeline.core.alerts.rules import AlertRule, ChannelSpec, Reader
from pipeline.core.notification.planning.planner import Decision, Plan, Planner
from pipeline.core.notification.streams import ALERT_STATE, MESSAGES
from pipeline.core.query.tree import And
from pipeline.records import Alert, AlertRequest, AlertState, Change, Message, Mute, Record, Traits, decode, encode
from tests.builders import SEEN, alert

READERS, KEEPERS = ("mail",), ("file",)
CHANNELS = {
    "mail": ChannelSpec(name="mail", type="apprise"),
    "chat": ChannelSpec(name="chat", type="apprise"),
    "file": ChannelSpec(name="file", type="file"),
}


def rule(name: str = "Troops", **changes: Any) -> AlertRule:
    fields: dict[str, Any] = {
        "name": name, "query": "troops", "node": And(()), "asked": And(()), "severity": "high", "channels": READERS,
    }  # fmt: skip
    return AlertRule(**fields | changes)


def plan(*rules: AlertRule, **reader: Any) -> Plan:
    return Plan({rule.key: rule for rule in rules}, CHANNELS, Reader(**reader))


def found(article: str = "a1", number: str = "3", **changes: Any) -> Alert:
    """An alert whose text has a number."""
    fields: dict[str, Any] = {
        "traits": Traits(title=article, words=number, numbers=(number,), amounts=(number,)),
        "channels": READERS,
    }
    return alert(article, **fields | changes)


class World:
    """A planner and the log of what it has decided."""

    def __init__(self, *rules: AlertRule, now: datetime = SEEN, **reader: Any) -> None:
        self.now = now
        self.planner = Planner(plan(*(rules or (rule(),)), **reader))
        self.log: list[tuple[str, str, Record | None]] = []
        self.drops: list[str] = []

    def take(self, *alerts: Alert, after: float = 0) -> list[Message]:
        """Pass some seconds, then hand over alerts. Returns the messages that follow at once."""
        self.now += timedelta(seconds=after)
        return [message for one in alerts for message in self._done(self.planner.take(one, self.now))]

    def ask(self, **request: Any) -> list[Message]:
        return self._done(self.planner.ask(AlertRequest(at=self.now, **request), self.now))

    def mute(self, id: str = "m", hours: float = 1, **what: Any) -> None:
        self.ask(mute=Mute(id=id, at=self.now, until=self.now + timedelta(hours=hours), **what))

    def reload(self, *rules: AlertRule, **reader: Any) -> None:
        self.planner.reload(plan(*rules, **reader), self.now)

    def tick(self) -> list[Message]:
        return self._done(self.planner.due(self.now))

    def run(self, seconds: float = 0, *, days: float = 0, until: datetime | None = None) -> list[Message]:
        """Let time pass, and do what becomes due. Returns the messages."""
        end = until or self.now + timedelta(days=days, seconds=seconds)
        sent: list[Message] = []
        for _ in range(100_000):
            due = self.planner.next_due()
            if due is None or due > end:
                self.now = end
                return sent
            self.now = max(self.now, due)
            sent += self.tick()
        raise AssertionError("it is never done")

    def restart(self, *rules: AlertRule, **reader: Any) -> None:
        """Read the log again, as after a kill."""
        plan_then = plan(*rules, **reader) if rules else self.planner.plan
        self.planner = restored(plan_then, self.log)

    def _done(self, decision: Decision) -> list[Message]:
        self.log += decision.records
        self.drops += [decision.drop] if decision.drop else []
        return [record for _, _, record in decision.records if isinstance(record, Message)]

    def states(self) -> dict[str, AlertState]:
        return {key: state for key, state in newest(self.log)[ALERT_STATE].items() if isinstance(state, AlertState)}

    def statuses(self) -> dict[str, str]:
        """Article -> status of its newest version."""
        states = sorted(self.states().values(), key=lambda state: state.version)
        return {state.article: state.status for state in states}


def newest(log: Iterable[tuple[str, str, Record | None]]) -> dict[str, dict[str, Record]]:
    """What a compacted log keeps: stream -> key -> record."""
    kept: dict[str, dict[str, Record]] = {ALERT_STATE: {}, MESSAGES: {}}
    for stream, key, record in log:
        if record is None:
            kept.setdefault(stream, {}).pop(key, None)
        else:
            kept.setdefault(stream, {})[key] = record
    return kept


def restored(plan_then: Plan, log: Sequence[tuple[str, str, Record | None]]) -> Planner:
    """A planner that has read what is kept of the log, streams and keys in another order than they came."""
    planner = Planner(plan_then)
    for stream, records in sorted(newest(log).items(), reverse=True):
        for key, record in sorted(records.items()):
            planner.put(stream, key, decode(type(record), encode(record)))
    return planner


def shown(message: Message) -> list[str]:
    return [one.article for one in message.alerts]


def change(kind: str, before: str, after: str) -> Change:
    return Change(kind=kind, before=before, after=after)
