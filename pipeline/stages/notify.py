"""The notify stage: delivers alerts to their channels, retries failed ones, and sends backlog as one summary per rule.

An alert is sent twice to a channel only if the process died between the send and its record, and then with the same id.
Only this stage writes `alert-state`. The driver never runs `step` and `tick` at the same time (window 1).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from pipeline import ports
from pipeline.core.alerts.ledger import Batch, DeliveryOptions, Ledger
from pipeline.failpoints import point
from pipeline.records import Alert, AlertState, Record
from pipeline.records import Message as Notice
from pipeline.stage import Drop, Emit, Message, Out, Position, ReadState, Stage

STATE = "alert-state"
EXPIRED = 500  # alerts forgotten in one tick


#: Called after each attempt to send: the channel, the alerts, and the error if they were not accepted.
Tried = Callable[[str, Sequence[Alert], str | None], None]


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """The health of a channel. `error` None: the last send succeeded. Nothing is sent before `blocked`."""

    sent: int = 0
    failures: int = 0  # in a row
    error: str | None = None
    since: datetime | None = None
    blocked: datetime | None = None


class Notify(Stage):
    """Alerts in, messages out. `channels`: by the names that rules use; a name without a channel counts as failing."""

    name: ClassVar[str] = "notify"
    reads: ClassVar[dict[str, type[Record]]] = {"alerts": Alert}
    writes: ClassVar[tuple[str, ...]] = (STATE,)
    anchor: ClassVar[str] = "alerts"
    owns: ClassVar[dict[str, type[Record]]] = {STATE: AlertState}
    ahead = 1  # each send is recorded before the next: a kill in between repeats at most one alert
    settling: float = 5.0  # seconds a tick waits for the outputs of the last step to be committed

    def __init__(
        self, channels: Mapping[str, ports.Channel], clock: ports.Clock, options: DeliveryOptions | None = None
    ) -> None:
        self.options = options or DeliveryOptions()
        self.health: dict[str, ChannelHealth] = {}
        self.tried: Tried = lambda channel, alerts, error: None
        self._channels = dict(channels)
        self._retired: list[ports.Channel] = []
        self._clock = clock
        self._ledger = Ledger(self.options)
        self._unsettled: set[str] = set()  # alerts whose state was returned but may not be durable
        self._settled = asyncio.Event()
        self._settled.set()

    def reload(self, channels: Mapping[str, ports.Channel]) -> None:
        """Use new channels. Alerts that wait for a channel are sent to the new one at once."""
        self._retired += self._channels.values()
        self._channels = dict(channels)
        self.health = {
            name: replace(channel, blocked=None) for name, channel in self.health.items() if name in channels
        }

    async def restore(self, read: ReadState) -> None:
        self._ledger = Ledger(self.options)
        self._unsettled.clear()
        self._settled.set()
        await read(STATE, self._take_state)

    def _take_state(self, message: Message, state: AlertState | None) -> None:
        if message.stale and self._ledger.get(message.key):
            return
        if state is None:
            self._ledger.remove(message.key)
        else:
            self._ledger.put(state)

    async def step(self, record: Alert, at: Position) -> Emit | Drop:
        known = self._ledger.get(record.id)
        if known is not None and record.id not in self._unsettled:
            return Drop("repeat", record.id)
        return self._emit([known or await self._first_attempt(record)])

    async def _first_attempt(self, alert: Alert) -> AlertState:
        now = self._clock()
        if self._ledger.is_skipped_copy(alert):
            return self._ledger.first_state(alert, "copy", now)
        if alert.backlog:
            return self._ledger.first_state(alert, "held", now)
        state = self._ledger.first_state(alert, "pending", now, alert.channels)
        blocked = self._blocked(now)
        batches = [Batch(name, (alert,)) for name in alert.channels if name not in blocked]
        return (await self._deliver(batches, {alert.id: state}) or [state])[0]

    def _blocked(self, now: datetime) -> dict[str, datetime]:
        return {
            name: channel.blocked for name, channel in self.health.items() if channel.blocked and channel.blocked > now
        }

    async def tick(self, now: datetime) -> Emit | None:
        """Send what is due and forget old alerts. First waits until the outputs of the last step are durable: an older
        state must not follow a newer one on the log."""
        try:
            await asyncio.wait_for(self._settled.wait(), self.settling)
        except TimeoutError:
            return None
        while self._retired:
            await self._retired.pop().close()
        batches = self._ledger.due(now, self._blocked(now))
        alerts = [alert.id for batch in batches for alert in batch.alerts]
        changed = await self._deliver(batches, {alert: state for alert in alerts if (state := self._ledger.get(alert))})
        old = self._ledger.expired(now, EXPIRED)
        for alert in old:
            self._ledger.remove(alert)
        if not changed and not old:
            return None
        return Emit(self._emit(changed).outs + tuple(Out(STATE, alert, None) for alert in old))

    def next_tick(self) -> datetime | None:
        return self._ledger.next_due(self._blocked(self._clock()))

    async def settled(self) -> None:
        self._unsettled.clear()
        self._settled.set()

    async def close(self) -> None:
        for channel in (*self._retired, *self._channels.values()):
            await channel.close()

    @property
    def waiting(self) -> int:
        """Alerts held or still to be sent to some channel."""
        return self._ledger.waiting()

    def _emit(self, states: Sequence[AlertState]) -> Emit:
        for state in states:
            self._ledger.put(state)
            self._unsettled.add(state.id)
        self._settled.clear()
        return Emit(tuple(Out(STATE, state.id, state) for state in states))

    # -- sending

    async def _deliver(self, batches: Sequence[Batch], states: Mapping[str, AlertState]) -> list[AlertState]:
        """Send the batches, all channels at once. Returns the new states of the alerts that were tried."""
        channels: dict[str, list[Batch]] = {}
        for batch in batches:
            channels.setdefault(batch.channel, []).append(batch)
        results = await asyncio.gather(*(self._serve(name, queue) for name, queue in channels.items()))
        served: dict[str, set[str]] = {}
        refused: set[str] = set()
        for batch, error in (result for queue in results for result in queue):
            for alert in batch.alerts:
                accepted = served.setdefault(alert.id, set())
                refused.add(alert.id) if error else accepted.add(batch.channel)
        now = self._clock()
        return [
            self._ledger.after_attempt(states[alert], now, accepted, alert in refused)
            for alert, accepted in served.items()
        ]

    async def _serve(self, name: str, queue: Sequence[Batch]) -> list[tuple[Batch, str | None]]:
        """Send one channel's batches in order. Returns those that were tried, each with its error or None.

        A failure of a single alert does not stop the others. After a second failure, or one of a larger batch, the
        channel counts as down and the rest waits.
        """
        results: list[tuple[Batch, str | None]] = []
        failures = 0
        for batch in queue:
            error = await self._send(name, batch.alerts)
            self._update_health(name, error, len(batch.alerts))
            self.tried(name, batch.alerts, error)
            results.append((batch, error))
            if error is not None:
                failures += 1 if len(batch.alerts) == 1 else 2
                if failures >= 2:
                    break
        return results

    async def _send(self, name: str, alerts: Sequence[Alert]) -> str | None:
        channel = self._channels.get(name)
        if channel is None:
            return "no such channel is configured"
        slow = asyncio.get_running_loop().call_later(self.options.slow, self._note_slow, name)
        try:
            point("send.before")
            notice = _message(alerts, self._clock())
            await asyncio.wait_for(channel.send(notice, notice.id), self.options.timeout)
            point("send.after")
        except TimeoutError:
            return f"no answer in {self.options.timeout:g} s"
        except ports.SendFailed as error:
            return str(error)
        except Exception as error:  # an exception of a library must not stop the other channels
            return f"{type(error).__name__} in the channel"  # its text may carry the URL
        finally:
            slow.cancel()
        return None

    def _note_slow(self, name: str) -> None:
        """Show that a send has no answer yet: it may take minutes until it is given up."""
        before = self.health.get(name, ChannelHealth())
        if before.error is None:
            why = f"no answer for {self.options.slow:g} s, and still waiting"
            self.health[name] = replace(before, error=why, since=self._clock())

    def _update_health(self, name: str, error: str | None, sent: int) -> None:
        before = self.health.get(name, ChannelHealth())
        if error is None:
            self.health[name] = ChannelHealth(sent=before.sent + sent)
            return
        now = self._clock()
        failures = before.failures + 1
        self.health[name] = replace(
            before,
            failures=failures,
            error=error,
            since=before.since or now,
            blocked=now + timedelta(seconds=self._ledger.wait(failures)),
        )


def _message(alerts: Sequence[Alert], now: datetime) -> Notice:
    first = alerts[0]
    return Notice(
        id=first.id, kind="alert" if len(alerts) == 1 else "summary", rule=first.rule, name=first.rule,
        severity=first.severity, channels=first.channels, at=now, alerts=tuple(alerts),
    )  # fmt: skip
