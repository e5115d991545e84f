"""The messages that wait for channels: each channel has a line of its own, so that none delays another.

Pure: messages and deliveries come in from the log, and every change is a list of deliveries to publish.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipeline.core.alerts.rules import ChannelSpec
from pipeline.core.notification.delivery.attempt import ChannelHealth
from pipeline.core.notification.delivery.line import Line
from pipeline.records import Delivery, Message


class Queue:
    """The lines of all channels. A line without a configured channel waits until there is one."""

    def __init__(self, specs: Mapping[str, ChannelSpec]) -> None:
        self.lines: dict[str, Line] = {}
        self._specs = dict(specs)
        for name in specs:
            self.line(name)

    def line(self, channel: str) -> Line:
        """The line of a channel."""
        if channel not in self.lines:
            self.lines[channel] = Line(channel)
            self._configure(channel)
        return self.lines[channel]

    def reload(self, specs: Mapping[str, ChannelSpec]) -> None:
        """Take what is configured now. What waits is tried at once: the reason may be gone."""
        self._specs = dict(specs)
        for name in {*specs, *self.lines}:
            self.line(name)
            self._configure(name)
            self.retry(name)

    def retry(self, channel: str) -> None:
        """Try a channel again at once."""
        line = self.line(channel)
        line.health = replace(line.health, blocked=None)
        for one in line.waiting.values():
            one.due = one.due if one.own else None

    def put(self, message: Message) -> None:
        """Take a message that is on the log."""
        for channel in message.channels:
            self.line(channel).put(message)

    def put_state(self, state: Delivery) -> None:
        """Take a delivery that is on the log, before its message."""
        self.line(state.channel).put_state(state)

    def restored(self) -> None:
        """All that is on the log was put. Of what waits, the first of each line may have been sent before a kill."""
        for line in self.lines.values():
            line.fresh = bool(line.waiting)

    def forget(self, message: str) -> None:
        """Forget a message that was deleted from the log."""
        for line in self.lines.values():
            line.forget(message)

    def waits(self, message: str) -> bool:
        """Whether some channel still has to deliver the message."""
        return any(message in line.waiting for line in self.lines.values())

    def waiting(self) -> int:
        """How many messages wait, counted once for each channel."""
        return sum(len(line.waiting) for line in self.lines.values())

    def health(self) -> dict[str, ChannelHealth]:
        """The health of the channels that are configured or for which something waits."""
        return {
            name: replace(line.health, waiting=len(line.waiting))
            for name, line in self.lines.items()
            if name in self._specs or line.waiting
        }

    def _configure(self, channel: str) -> None:
        line, spec = self.lines[channel], self._specs.get(channel)
        if spec is not None:
            line.merges, line.give_up = not spec.records, spec.give_up
