"""What became of the alerts of a rule about one article: decided, held, sent, or never there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from pipeline.core.alerts.firing import alert_id
from pipeline.core.notification.streams import ALERT_STATE, DELIVERIES, MESSAGES, MUTES
from pipeline.ports import Log
from pipeline.records import AlertState, Delivery, Message, Mute, Record, SchemaError, decode

VERSIONS = 100  # of an article: relate keeps fewer
STARTED = "started/"

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of the alert about one version. `deliveries`: of its message, by channel; a channel that is missing
    there was not tried yet."""

    state: AlertState
    message: Message | None = None
    deliveries: Mapping[str, Delivery] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class History:
    """`fates` by version. `started`: since when the rule has been in force; None: not known. `mutes`: those in force
    that concern the article or the rule."""

    fates: Mapping[int, Fate] = field(default_factory=dict)
    started: datetime | None = None
    mutes: tuple[Mute, ...] = ()

    @property
    def reported(self) -> int:
        """The newest version that was reported; 0 if none."""
        return max((number for number, fate in self.fates.items() if fate.state.status == "reported"), default=0)


async def read_history(log: Log, rule: str, article: str, applies: Callable[[Mute], bool]) -> History:
    """The history of the rule (its key) and the article. `applies`: whether a mute concerns them.

    Raises Unavailable.
    """
    ids = {alert_id(article, number, rule): number for number in range(1, VERSIONS + 1)}
    start = STARTED + rule
    states = await _newest(log, ALERT_STATE, AlertState, lambda key: key in ids or key == start)
    wanted = {state.message for state in states.values() if state.message}
    messages = await _newest(log, MESSAGES, Message, lambda key: key in wanted) if wanted else {}
    sent = await _newest(log, DELIVERIES, Delivery, lambda key: key.rsplit("/", 1)[0] in wanted) if wanted else {}
    mutes = await _newest(log, MUTES, Mute, lambda key: True)
    fates = {}
    for key, state in states.items():
        if key in ids:
            own = {one.channel: one for one in sent.values() if one.message == state.message}
            fates[ids[key]] = Fate(state, messages.get(state.message), own)
    started = states[start].at if start in states else None
    return History(dict(sorted(fates.items())), started, tuple(mute for mute in mutes.values() if applies(mute)))


async def _newest(log: Log, stream: str, kind: type[R], wanted: Callable[[str], bool]) -> dict[str, R]:
    """The newest readable records of the keys that are wanted: the others are not even decoded."""
    found: dict[str, R] = {}
    async with aclosing(log.replay(stream)) as messages:
        async for message in messages:
            if message.stale or not wanted(message.key):
                continue
            if message.value is None:
                found.pop(message.key, None)
                continue
            try:
                found[message.key] = decode(kind, message.value)
            except SchemaError:
                continue
    return found
