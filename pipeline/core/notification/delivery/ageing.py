"""Decides when a message on the log loses its alerts, and when it is deleted with its deliveries."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from heapq import heappop, heappush

from msgspec.structs import replace

from pipeline.records import Message

WHOLE = timedelta(days=14)  # for which a message is kept whole, so that it can be sent again as it was
KEPT = timedelta(days=100)  # longer than states of alerts (90 days): it says that they were reported
AGAIN = timedelta(days=1)  # later for a message that some channel still has to deliver
EVERY = timedelta(hours=1)  # between two looks: bodies are read from the log
MOST = 500  # messages in one look


class Ageing:
    """The messages by the moment at which something is to be done about them."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, str]] = []
        self._channels: dict[str, tuple[tuple[str, ...], datetime, bool]] = {}  # id -> channels, moment, whole
        self._next: datetime | None = None

    def put(self, message: Message) -> None:
        """Take a message that is on the log."""
        whole = bool(message.alerts)
        moment = message.at + (WHOLE if whole else KEPT)
        self._channels[message.id] = (message.channels, moment, whole)
        heappush(self._heap, (moment, message.id))

    def due(self, now: datetime, waits: Callable[[str], bool]) -> tuple[list[str], dict[str, tuple[str, ...]]]:
        """The messages that are to lose their alerts, and those to delete, with their channels. Without those that
        `waits` says are still to be delivered."""
        thin: list[str] = []
        gone: dict[str, tuple[str, ...]] = {}
        if self._next is not None and now < self._next:
            return thin, gone
        self._next = now + EVERY
        while self._heap and self._heap[0][0] <= now and len(thin) + len(gone) < MOST:
            moment, id = heappop(self._heap)
            channels, current, whole = self._channels.get(id, ((), None, False))
            if current != moment:
                continue  # replaced by a later entry
            if waits(id):
                self.again([id], now)
            elif whole:
                thin.append(id)
            else:
                gone[id] = channels
                del self._channels[id]
        return thin, gone

    def again(self, messages: Iterable[str], now: datetime) -> None:
        """Look at messages again in a day."""
        for id in messages:
            channels, _, whole = self._channels[id]
            self._channels[id] = (channels, now + AGAIN, whole)
            heappush(self._heap, (now + AGAIN, id))


def without_alerts(message: Message) -> Message:
    """What is kept of an old message: that it reported its alerts, but not what it showed."""
    return replace(message, alerts=(), showed=tuple(alert.id for alert in message.alerts))
