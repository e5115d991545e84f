"""Shows a message as a channel would send it, without sending it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from pipeline.backends.channels.payload import alert_json, message_json
from pipeline.core.alerts.rules import ChannelSpec
from pipeline.core.messages.form import Limit, Medium, Voice
from pipeline.core.messages.write import fault_of, page, written
from pipeline.core.query.snippets import CLOSE, OPEN
from pipeline.ports import Channel
from pipeline.records import Message


@dataclass(frozen=True, slots=True)
class Shown:
    """A part of a message. `where`: the service or medium that gets it; `fault`: why its template was not used."""

    where: str
    title: str
    body: str
    fault: str = ""


def previews(spec: ChannelSpec, channel: Channel, voice: Voice, message: Message) -> Iterator[Shown]:
    """Everything that the opened channel of this type sends for the message. Raises SendFailed if it is broken."""
    from pipeline.backends.channels.apprise import AppriseChannel

    if isinstance(channel, AppriseChannel):
        for name, medium, limit in channel.targets():
            yield from _parts(name, message, medium, limit, voice)
    elif spec.type == "terminal":
        for part in _parts("terminal", message, Medium.TERMINAL, Limit(title=0), voice):
            yield _unmarked(part)
    elif spec.type == "mail":
        yield from _parts("text", message, Medium.PLAIN, Limit(), voice)
        for part in _parts("HTML", message, Medium.HTML, Limit(), voice):
            yield Shown(part.where, part.title, page(part.body), part.fault)
    elif spec.type == "atom":
        yield from _parts("entry", message, Medium.HTML, Limit(), voice)
    else:
        rows = [message_json(message, voice)]
        if spec.type == "file" and message.alerts:
            rows = [alert_json(alert, voice.kibana) for alert in message.alerts]
        for row in rows:
            yield Shown("JSON", "", msgspec.json.format(msgspec.json.encode(row), indent=2).decode())


def _parts(where: str, message: Message, medium: Medium, limit: Limit, voice: Voice) -> Iterator[Shown]:
    fault = fault_of(message, medium, voice)
    for part in written(message, medium, limit, voice):
        yield Shown(where, part.title, part.body, fault)


def _unmarked(part: Shown) -> Shown:
    return Shown(part.where, part.title, part.body.replace(OPEN, "").replace(CLOSE, ""), part.fault)
