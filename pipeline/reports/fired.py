"""Reads from the log which alerts fired, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pipeline.core.notification.streams import ALERT_STATE, DELIVERIES, MESSAGES, MUTES
from pipeline.log.reading import read_newest
from pipeline.ports import Log
from pipeline.records import AlertState, Count, Covered, Delivery, Moment, Mute, Record, Value

STARTED = "started"  # status of a record that is no alert: a rule has been in force


class FiredAlert(Record, frozen=True, kw_only=True):
    """The parts of an AlertState that reports show: the others would fill the memory, of a hundred thousand."""

    id: str
    rule: str  # key
    status: str
    at: Moment
    why: str = ""
    due: Moment | None = None
    message: str = ""
    article: str = ""
    version: Count = 0
    story: str = ""
    title: str = ""
    source: str = ""
    url: str = ""
    language: str | None = None
    seen: Moment | None = None
    mark: str = ""


class AlertId(Value, frozen=True, kw_only=True):
    """The part of an Alert within a message that reports need."""

    id: str


class SentMessage(Record, frozen=True, kw_only=True):
    """The parts of a Message that reports show."""

    id: str
    kind: str
    rule: str
    name: str
    channels: tuple[str, ...]
    at: Moment
    alerts: tuple[AlertId, ...] = ()
    reported: tuple[str, ...] = ()
    showed: tuple[str, ...] = ()
    covers: tuple[Covered, ...] = ()

    @property
    def only_recorded(self) -> bool:
        """Whether it went only to channels that keep records, and says nothing of what readers know."""
        return self.kind == "alert" and not self.reported and not self.covers


@dataclass(frozen=True, slots=True)
class Ledger:
    """All that notify remembers, by id."""

    alerts: Mapping[str, FiredAlert] = field(default_factory=dict)
    messages: Mapping[str, SentMessage] = field(default_factory=dict)
    deliveries: Mapping[str, tuple[Delivery, ...]] = field(default_factory=dict)  # by message
    mutes: Mapping[str, Mute] = field(default_factory=dict)

    def alerts_of(self, message: str) -> tuple[str, ...]:
        """Ids of the alerts that a message reported, without those that are forgotten."""
        found = self.messages.get(message)
        named = (*found.reported, *found.showed, *(alert.id for alert in found.alerts)) if found else ()
        later = (alert.id for alert in self.alerts.values() if alert.message == message)
        return tuple(one for one in dict.fromkeys((*named, *later)) if one in self.alerts)


@dataclass
class LedgerFold:
    """The ledger while the log grows: `take_…` with the newest record of a key, None if it was forgotten."""

    alerts: dict[str, FiredAlert] = field(default_factory=dict)
    messages: dict[str, SentMessage] = field(default_factory=dict)
    deliveries: dict[str, tuple[Delivery, ...]] = field(default_factory=dict)
    mutes: dict[str, Mute] = field(default_factory=dict)

    @property
    def now(self) -> Ledger:
        return Ledger(self.alerts, self.messages, self.deliveries, self.mutes)

    def take_state(self, key: str, state: AlertState | None) -> None:
        self.alerts.pop(key, None)
        if state is not None and state.status != STARTED:
            self.alerts[key] = FiredAlert(**{name: getattr(state, name) for name in FiredAlert.__struct_fields__})

    def take_message(self, key: str, message: SentMessage | None) -> None:
        self.messages.pop(key, None)
        if message is not None:
            self.messages[key] = message

    def take_delivery(self, key: str, delivery: Delivery | None) -> None:
        message, _, channel = key.rpartition("/")
        others = tuple(one for one in self.deliveries.pop(message, ()) if one.channel != channel)
        if found := (*others, delivery) if delivery is not None else others:
            self.deliveries[message] = found


async def read_ledger(log: Log) -> Ledger:
    """What notify remembers, as it is on the log. Raises Unavailable."""
    states, _ = await read_newest(log, ALERT_STATE, FiredAlert)
    messages, _ = await read_newest(log, MESSAGES, SentMessage)
    deliveries, _ = await read_newest(log, DELIVERIES, Delivery)
    mutes, _ = await read_newest(log, MUTES, Mute)
    alerts = {key: state for key, state in states.items() if state.status != STARTED}
    made = LedgerFold(alerts, messages, mutes=mutes)
    for key, delivery in deliveries.items():
        made.take_delivery(key, delivery)
    return made.now


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which alerts to list; empty: any. `mark`: useful, noise, or none for those that nobody marked."""

    since: datetime
    rule: str = ""  # key
    story: str = ""
    status: str = ""
    mark: str = ""


def fired(ledger: Ledger, wanted: Wanted) -> list[FiredAlert]:
    """The alerts that are wanted, newest first."""
    found = [alert for alert in ledger.alerts.values() if is_wanted(alert, wanted)]
    return sorted(found, key=lambda alert: (alert.at, alert.id), reverse=True)


def is_wanted(alert: FiredAlert, wanted: Wanted) -> bool:
    """Whether a list of what is wanted has the alert."""
    return (
        alert.at >= wanted.since
        and wanted.rule in ("", alert.rule)
        and wanted.story in ("", alert.story)
        and wanted.status in ("", alert.status)
        and wanted.mark in ("", alert.mark or "none")
    )


def plain(alert: FiredAlert, ledger: Ledger) -> dict[str, Any]:
    """An alert as values of JSON, with the message it went out with and what became of that on each channel."""
    message = ledger.messages.get(alert.message)
    sent = {one.channel: one for one in ledger.deliveries.get(alert.message, ())}
    channels = dict.fromkeys([*(message.channels if message else ()), *sent])
    return {
        "id": alert.id, "rule": alert.rule, "status": alert.status, "why": alert.why, "at": _iso(alert.at),
        "seen": _iso(alert.seen), "due": _iso(alert.due) if alert.status == "held" else None, "title": alert.title,
        "source": alert.source, "language": alert.language, "url": alert.url, "article": alert.article,
        "version": alert.version, "story": alert.story, "message": alert.message or None,
        "kind": message.kind if message else None, "mark": alert.mark or None,
        "channels": [
            {"channel": name, "status": one.status if one else "waiting", "at": _iso(one.at) if one else None}
            for name in channels for one in [sent.get(name)]
        ],
    }  # fmt: skip


def by_prefix(start: str, ids: Iterable[str]) -> list[str]:
    """The ids that start with `start`; only the id itself if it is one."""
    found = [one for one in ids if one.startswith(start)]
    return [start] if start in found else found


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
