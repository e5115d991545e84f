"""Notes and logs when a channel for alerts fails, and when it works again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

import structlog

from pipeline.core.notification.delivery.attempt import ChannelHealth

EVERY = 2.0  # seconds between two looks

logger = structlog.get_logger("almenara")


class Notes(Protocol):
    """Where problems are noted (agents/health.py)."""

    def note(self, part: str, state: str, why: str, *, since: datetime | None, next_try: datetime | None) -> None: ...

    def clear(self, part: str, state: str) -> None: ...


class ChannelWatch:
    """`channels`: the health of the channels that this process sends to; none if another worker sends now."""

    def __init__(self, notes: Notes, channels: Callable[[], Mapping[str, ChannelHealth]]) -> None:
        self._notes, self._channels = notes, channels
        self._failing: dict[str, str] = {}  # why, by channel

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self.once()
            await asyncio.sleep(EVERY)

    def once(self) -> None:
        """Note what changed since the last look."""
        channels = self._channels()
        for name, channel in channels.items():
            if channel.error:
                self._fails(name, channel.error, channel)
        for name in [name for name in self._failing if name not in channels or not channels[name].error]:
            del self._failing[name]
            self._notes.clear(f"channel {name}", "failing")
            if name in channels:
                logger.info("channel recovered", channel=name)

    def _fails(self, name: str, why: str, channel: ChannelHealth) -> None:
        said = (
            f"{why} ({channel.waiting} message{' waits' if channel.waiting == 1 else 's wait'})"
            if channel.waiting
            else why
        )
        self._notes.note(f"channel {name}", "failing", said, since=channel.since, next_try=channel.blocked)
        if self._failing.get(name) != why:
            self._failing[name] = why
            again = {"next_try": f"{channel.blocked:%H:%M:%S}"} if channel.blocked else {}
            logger.error("channel failed", channel=name, why=why, **again)
