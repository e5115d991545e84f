"""Merges messages that waited for a channel into one, and keeps a message within the size of a record."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from pipeline.core.alerts.rules import SEVERITIES
from pipeline.records import Alert, Message, encode

MERGED = ("alert", "follow_up", "summary")  # kinds that may be merged; a digest has its own heading
MOST_ALERTS = 100  # shown in one merged message; the others are counted
MOST_BYTES = 700_000  # of a message on the log; a Kafka message holds 1 MB

WAITED = "Waited because this channel could not be reached."


def key_of(messages: Sequence[str]) -> str:
    """The id of the message that these are merged into; always the same for the same ids."""
    return "merged-" + hashlib.sha256("\0".join(messages).encode()).hexdigest()[:24]


def merged(messages: Sequence[Message], channel: str) -> Message:
    """One summary in place of the messages, which are in order. An alert that several of them show is shown once."""
    alerts: dict[str, Alert] = {}
    for message in messages:
        alerts.update((alert.id, alert) for alert in message.alerts)
    rules = {message.rule: message.name for message in messages}
    one = len(rules) == 1
    shown = tuple(alerts.values())[:MOST_ALERTS]
    return Message(
        id=key_of([message.id for message in messages]),
        kind="summary",
        rule=messages[0].rule if one else "",
        name=messages[0].name if one else "",
        severity=max((message.severity for message in messages), key=_rank),
        channels=(channel,),
        at=messages[-1].at,
        alerts=shown,
        held_back=sum(message.held_back for message in messages) + len(alerts) - len(shown),
        muted=sum(message.muted for message in messages),
        findings=sum(message.findings for message in messages),
        text="\n".join([WAITED, *(line for message in messages for line in _findings(message))]),
        by_story=_summed([message.by_story for message in messages]),
        by_rule=_summed(map(_by_rule, messages)) if not one else {},
    )


def fitting(message: Message) -> Message:
    """The message, showing as many of its alerts as a record can hold; the others are counted in `held_back`."""
    while len(message.alerts) > 1 and len(encode(message)) > MOST_BYTES:
        half = len(message.alerts) // 2
        hidden = len(message.alerts) - half
        message = replace(message, alerts=message.alerts[:half], held_back=message.held_back + hidden)
    return message


def _findings(message: Message) -> list[str]:
    """What it says of silences and bursts: the last lines of its text."""
    return message.text.splitlines()[-message.findings :] if message.findings else []


def _by_rule(message: Message) -> dict[str, int]:
    return message.by_rule or {message.name: len(message.alerts) + message.held_back}


def _summed(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    return dict(sum(map(Counter, counts), Counter[str]()))


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else 0
