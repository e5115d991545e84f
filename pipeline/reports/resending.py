"""Finds the messages to send again: those that did not arrive, or all of a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from pipeline.core.notification.streams import DELIVERIES, MESSAGES
from pipeline.log.reading import read_all, read_newest
from pipeline.ports import Log
from pipeline.records import Alert, Delivery, Message

FAILED = ("refused", "unsure", "given_up")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages: made since `since`; of a rule, by key or name; on a channel. `all`: also those that arrived."""

    since: datetime
    rule: str = ""
    channel: str = ""
    all: bool = False


async def read_resend(log: Log, wanted: Wanted) -> list[tuple[Message, tuple[str, ...]]]:
    """The messages, each whole and with the channels that are to get it again, oldest first. Raises Unavailable."""
    states, _ = await read_newest(log, DELIVERIES, Delivery)
    messages, _ = await read_newest(log, MESSAGES, Message)
    found = to_resend(messages.values(), states, wanted)
    missing = {id for message, _ in found for id in message.showed}
    alerts = await _alerts(log, missing) if missing else {}
    return [(_whole(message, alerts), channels) for message, channels in found]


async def resend_of(log: Log, id: str, channels: Sequence[str]) -> tuple[Message, tuple[str, ...]] | None:
    """A message, whole, with those of its `channels` that are to get it again; without any, those that it did not
    reach. None if no channel is left, or the message is gone. Raises Unavailable."""
    messages, _ = await read_newest(log, MESSAGES, Message)
    message = messages.get(id)
    if message is None:
        return None
    states, _ = await read_newest(log, DELIVERIES, Delivery)
    known = {name: states[key].status for name in message.channels if (key := f"{id}/{name}") in states}
    ended = {name: status for name, status in known.items() if status != "waiting"}
    chosen = tuple(name for name in ended if (name in channels if channels else ended[name] in FAILED))
    alerts = await _alerts(log, message.showed) if message.showed else {}
    return (_whole(message, alerts), chosen) if chosen else None


def to_resend(
    messages: Iterable[Message], states: Mapping[str, Delivery], wanted: Wanted
) -> list[tuple[Message, tuple[str, ...]]]:
    """The messages with their channels. What still waits is not among them: it is sent anyway."""
    ends = (*FAILED, "sent") if wanted.all else FAILED
    found = []
    for message in sorted(messages, key=lambda one: one.at):
        rules = {message.rule, message.name, *(covered.rule for covered in message.covers)}
        of_rule = not wanted.rule or wanted.rule in rules
        if message.at < wanted.since or not of_rule or message.kind == "report":
            continue
        channels = tuple(
            channel
            for channel in message.channels
            if wanted.channel in ("", channel)
            and (state := states.get(f"{message.id}/{channel}")) is not None
            and state.status in ends
        )
        if channels:
            found.append((message, channels))
    return found


async def _alerts(log: Log, wanted: Collection[str]) -> dict[str, Alert]:
    found, _ = await read_all(log, "alerts", Alert)
    return {alert.id: alert for alert in found.values() if alert.id in wanted}


def _whole(message: Message, alerts: Mapping[str, Alert]) -> Message:
    """An old message with its alerts, as far as they are still on the log; the others are counted."""
    if message.alerts:
        return message
    shown = tuple(alerts[id] for id in message.showed if id in alerts)
    return replace(message, alerts=shown, held_back=message.held_back + len(message.showed) - len(shown), showed=())
