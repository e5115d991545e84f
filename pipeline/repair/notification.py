"""Restores what notify must remember after one of its streams was lost, so that nothing is sent twice.

What waited may be lost with its stream: that is less bad than to send everything again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from msgspec.structs import replace

from pipeline.core.notification.streams import ALERT_STATE, DELIVERIES, MESSAGES, MUTES, RHYTHMS
from pipeline.log.kinds import BrokerLog
from pipeline.log.reading import read_newest
from pipeline.records import Alert, AlertState, Delivery, Message, SchemaError, decode
from pipeline.stage import Out

BATCH = 500  # records published at once
OWNER = "repair"  # the name under which state streams are written


class NotifyRepair:
    """Repairs the state of notify, if one of its streams is among the `lost`."""

    def __init__(self, log: BrokerLog, lost: Collection[str], now: datetime, say: Callable[[str], None]) -> None:
        self._log, self._lost, self._now, self._say = log, set(lost), now, say

    async def run(self, committed: Mapping[tuple[str, str, int], int]) -> None:
        """`committed`: how far groups had read before the repair. Raises Unavailable."""
        if ALERT_STATE in self._lost:
            done = await self._note_reported(committed)
            self._say(f"alert-state: {done} alerts noted as reported; those that were held are among them")
        elif MESSAGES in self._lost:
            done = await self._note_held_as_reported()
            self._say(f"messages: {done} alerts that were held noted as reported; those not sent yet are lost")
        if DELIVERIES in self._lost:
            done = await self._note_delivered()
            self._say(f"deliveries: {done} messages noted as sent; those that waited for a channel are among them")
        if MUTES in self._lost:
            self._say("mutes: nothing is muted any more; repeat `almenara alerts mute` where it is still wanted")
        if RHYTHMS in self._lost:
            self._say(
                "alert-rhythms: silences and bursts are reported again when their rhythm was learned for two weeks"
            )

    async def _note_reported(self, committed: Mapping[tuple[str, str, int], int]) -> int:
        """Note as reported what notify has read from `alerts`. What a worker noted on the new stream before the repair
        stays."""
        await self._log.claim(ALERT_STATE, 0, OWNER)
        noted = {message.key async for message in self._log.replay(ALERT_STATE) if message.value}
        outs = []
        async for message in self._log.replay("alerts"):
            alert = _alert(message.value)
            read = message.at.offset < committed.get(("notify", "alerts", message.at.partition), 0)
            if alert and read and alert.id not in noted:
                outs.append(Out(ALERT_STATE, alert.id, _reported(alert, self._now)))
        return await self._publish(outs)

    async def _note_held_as_reported(self) -> int:
        """The messages said which held alerts were reported."""
        await self._log.claim(ALERT_STATE, 0, OWNER)
        states, _ = await read_newest(self._log, ALERT_STATE, AlertState)
        held = [state for state in states.values() if state.status == "held"]
        done = [replace(state, status="reported", at=self._now, due=None, alert=None) for state in held]
        return await self._publish([Out(ALERT_STATE, state.id, state) for state in done])

    async def _note_delivered(self) -> int:
        """Note every message as sent on all its channels."""
        await self._log.claim(DELIVERIES, 0, OWNER)
        noted = {message.key async for message in self._log.replay(DELIVERIES) if message.value}
        messages, _ = await read_newest(self._log, MESSAGES, Message)
        outs = []
        for message in messages.values():
            for channel in message.channels:
                key = f"{message.id}/{channel}"
                state = Delivery(message=message.id, channel=channel, status="sent", at=self._now, key=message.id)
                if key not in noted:
                    outs.append(Out(DELIVERIES, key, state))
        return await self._publish(outs)

    async def _publish(self, outs: list[Out]) -> int:
        for first in range(0, len(outs), BATCH):
            await self._log.publish(outs[first : first + BATCH])
        return len(outs)


def _alert(value: bytes | None) -> Alert | None:
    try:
        return decode(Alert, value) if value is not None else None
    except SchemaError:
        return None


def _reported(alert: Alert, now: datetime) -> AlertState:
    return AlertState(
        id=alert.id, rule=alert.rule, status="reported", at=now, article=alert.article,
        original=alert.duplicate_of or alert.article, version=alert.version, story=alert.story_id, merged=alert.merged,
        title=alert.title, source=alert.source, url=alert.url, language=alert.language,
    )  # fmt: skip
