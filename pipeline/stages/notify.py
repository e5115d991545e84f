"""The notify stage: decides which messages are sent, and has them delivered.

A step never sends. It asks the planner, and publishes its records; only when they are on the log do new messages go to
the senders, which work beside the steps. What becomes of them is published by a tick. So a kill at any point loses
nothing, and a message is sent twice only if the process died between the send and its record, with the same key.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import ClassVar

from pipeline import ports
from pipeline.core.notification.delivery.ageing import Ageing, without_alerts
from pipeline.core.notification.delivery.attempt import ChannelHealth
from pipeline.core.notification.delivery.episodes import Episodes
from pipeline.core.notification.delivery.merge import fitting
from pipeline.core.notification.planning.planner import Decision, Plan, Planner
from pipeline.core.notification.streams import ALERT_STATE, DELIVERIES, MESSAGES, MUTES, RHYTHMS
from pipeline.records import Alert, AlertRequest, AlertRhythm, AlertState, Delivery, Mute, Record
from pipeline.records import Message as Notice
from pipeline.stage import Drop, Emit, Message, Out, Position, ReadState, Stage, Unavailable
from pipeline.stages.senders import Senders, Tried, delivery_key

REQUESTS = "alert-requests"


class Notify(Stage):
    """Alerts and requests of people in, messages out. `channels`: by the names that rules use."""

    name: ClassVar[str] = "notify"
    reads: ClassVar[dict[str, type[Record]]] = {"alerts": Alert, REQUESTS: AlertRequest}
    writes: ClassVar[tuple[str, ...]] = (ALERT_STATE, MESSAGES, DELIVERIES, MUTES, RHYTHMS)
    anchor: ClassVar[str] = "alerts"
    owns: ClassVar[dict[str, type[Record]]] = {
        DELIVERIES: Delivery, MESSAGES: Notice, ALERT_STATE: AlertState, MUTES: Mute, RHYTHMS: AlertRhythm,
    }  # fmt: skip
    forgets: ClassVar[bool] = True  # what was decided but not published is decided again

    def __init__(
        self, plan: Plan, channels: Mapping[str, ports.Channel], clock: ports.Clock, jitter: Callable[[], float]
    ) -> None:
        self.planner = Planner(plan)
        self.senders = Senders(plan.channels, channels, clock, jitter)
        self._clock = clock
        self._episodes = Episodes()
        self._ageing = Ageing()
        self._owned = False  # whether the state is in memory, and this process alone writes it
        self._wake: Callable[[], None] = lambda: None

    @property
    def health(self) -> dict[str, ChannelHealth]:
        """The health of the channels; empty where another process sends."""
        return self.senders.queue.health() if self._owned else {}

    @property
    def waiting(self) -> int:
        """Alerts held, and messages still to be sent, counted once for each channel."""
        return self.planner.waiting() + self.senders.queue.waiting()

    def unstarted(self) -> tuple[str, ...]:
        """Keys of rules whose past alerts were not asked for; none where another process owns the state."""
        return self.planner.unstarted() if self._owned else ()

    def on_tried(self, tried: Tried) -> None:
        """Call `tried` after each attempt to send."""
        self.senders.tried = tried

    def reload(self, plan: Plan, channels: Mapping[str, ports.Channel]) -> None:
        """Go on with another configuration. What waits for a channel is tried at once."""
        self.planner.reload(plan, self._clock())
        self.senders.reload(plan.channels, channels)
        self._wake()

    def wakes(self, wake: Callable[[], None]) -> None:
        self._wake = self.senders.results.wake = wake

    def asks(self, owns: Callable[[], Awaitable[bool]]) -> None:
        self.senders.owned = owns

    # -- state ------------------------------------------------------------------------------------------------------

    async def restore(self, read: ReadState) -> None:
        self._owned = False
        self.planner = Planner(self.planner.plan)
        self._episodes, self._ageing = Episodes(), Ageing()
        self.senders.forget()
        for stream in self.owns:
            await read(stream, self._take)
        self.senders.queue.restored()
        self.senders.load = partial(_load, read)
        self._owned = True
        self.senders.start()
        self._wake()

    def _take(self, message: Message, record: Record | None) -> None:
        """Take a record of the state. Of what a former owner still wrote only what it sent counts: the owner decides
        everything else itself."""
        if message.stale and not (isinstance(record, Delivery) and record.status == "sent"):
            return
        stream, key = message.at.stream, message.key
        self.planner.put(stream, key, record)
        self._deliver(stream, key, record)
        if isinstance(record, Delivery):
            self._episodes.lost([record])
        elif isinstance(record, Notice):
            self._episodes.put(record)
            self._ageing.put(record)

    def _deliver(self, stream: str, key: str, record: Record | None) -> None:
        """Take what is on the log into the queue."""
        queue = self.senders.queue
        if isinstance(record, Delivery):
            queue.put_state(record)
        elif isinstance(record, Notice):
            queue.put(record)
        elif stream == MESSAGES:
            queue.forget(key)

    async def suspend(self, patience: float) -> bool:
        if not self._owned:
            return False
        await self.senders.stop(patience)
        self._owned = False
        return bool(self.senders.results)

    async def close(self) -> None:
        await self.senders.stop(0)
        await self.senders.close()

    # -- records ----------------------------------------------------------------------------------------------------

    async def step(self, record: Alert | AlertRequest, at: Position) -> Emit | Drop:
        now = self._clock()
        if isinstance(record, Alert):
            return self._outcome(self.planner.take(record, now))
        if record.resend is not None:
            return self._resend(record, record.resend, now)
        return self._outcome(self.planner.ask(record, now))

    def _outcome(self, decision: Decision) -> Emit | Drop:
        outs = _outs(decision)
        return Drop(decision.drop, outs=outs) if decision.drop else Emit(outs)

    def _resend(self, request: AlertRequest, message: Notice, now: datetime) -> Emit | Drop:
        """Send a message again to the channels that were named, unless this request was done already."""
        queue = self.senders.queue
        again = [name for name in request.again if not queue.line(name).was_asked(message.id, request.at)]
        if not again:
            return Drop("repeat")
        states = [
            Delivery(message=message.id, channel=name, status="waiting", at=now, key=message.id, resent=request.at)
            for name in again
        ]
        outs = [Out(DELIVERIES, delivery_key(state), state) for state in states]
        return Emit((*outs, Out(MESSAGES, message.id, message)))

    async def tick(self, now: datetime) -> Emit | None:
        """Publish results, decide what is due by time, report channels, delete what is old."""
        results = self.senders.results.take()
        self._episodes.lost(out.record for out in results if isinstance(out.record, Delivery))
        if not self._owned:  # the last tick before another process goes on
            return Emit(tuple(results)) if results else None
        outs = [*results, *_outs(self.planner.due(now))]
        queue = self.senders.queue
        reports = self._episodes.due(queue.health(), self.senders.specs, now, self.planner.plan.reader.zone)
        outs += [Out(MESSAGES, report.id, report) for report in reports]
        outs += await self._old(now)
        await self.senders.look()
        due = self.planner.next_due()
        if due is not None and due <= now:
            self._wake()
        return Emit(tuple(outs)) if outs else None

    async def _old(self, now: datetime) -> list[Out]:
        """Drop the alerts of old messages, and delete very old ones with their deliveries."""
        thin, gone = self._ageing.due(now, self.senders.queue.waits)
        try:
            found = await self.senders.load(set(thin)) if thin else []
        except Unavailable:  # the results of sends must be published nevertheless
            self._ageing.again(thin, now)
            found = []
        outs = [Out(MESSAGES, message.id, without_alerts(message)) for message in found]
        for id, channels in gone.items():
            outs.append(Out(MESSAGES, id, None))
            outs += [Out(DELIVERIES, f"{id}/{channel}", None) for channel in channels]
            self.planner.put(MESSAGES, id, None)
        return outs

    def next_tick(self) -> datetime | None:
        if self.senders.sending():
            return self._clock()
        moments = [self.planner.next_due(), *(line.when() for line in self.senders.queue.lines.values())]
        return min((moment for moment in moments if moment is not None), default=None)

    async def settled(self, outs: Sequence[Out]) -> None:
        self.senders.results.settled(outs)
        for out in outs:
            asked = isinstance(out.record, Delivery) and out.record.resent and not out.record.attempts
            if out.stream == MESSAGES or asked:
                self._deliver(out.stream, out.key, out.record)
            if isinstance(out.record, Notice):
                self._ageing.put(out.record)
                self.senders.wake(out.record.channels)


def _outs(decision: Decision) -> tuple[Out, ...]:
    return tuple(
        Out(stream, key, fitting(record) if isinstance(record, Notice) else record)
        for stream, key, record in decision.records
    )


async def _load(read: ReadState, wanted: set[str]) -> list[Notice]:
    """The messages from the log, those that are there."""
    found: dict[str, Notice] = {}

    def take(message: Message, record: Record | None) -> None:
        if message.key in wanted and isinstance(record, Notice):
            found[message.key] = record

    await read(MESSAGES, take)
    return list(found.values())
