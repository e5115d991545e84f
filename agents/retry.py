"""Retries with back-off while one of our services is unavailable, for both drivers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from agents.health import Health
from pipeline.records import OtherSchema
from pipeline.stage import Unavailable

T = TypeVar("T")


class Retry:
    """Repeats an action until what it needs is available, and keeps `health` up to date.

    A success ends the pauses of all actions with the same name.
    """

    def __init__(self, health: Health) -> None:
        self._health = health
        self._available: dict[str, asyncio.Event] = {}  # by name, set when an action with the name succeeds

    async def __call__(self, name: str, action: Callable[[], Awaitable[T]]) -> T:
        """Return the result of `action`, repeated while it raises Unavailable or OtherSchema."""
        attempt = 0
        while True:
            try:
                result = await action()
            except (Unavailable, OtherSchema) as error:
                attempt += 1
                await self.pause(name, error if isinstance(error, Unavailable) else Unavailable(str(error)), attempt)
            else:
                self._health.recovered(name)
                if name in self._available:
                    self._available.pop(name).set()
                return result

    async def pause(self, name: str, error: Unavailable, attempt: int) -> None:
        """Note the failure, and wait until the next attempt or until an action with the same name succeeds."""
        available = self._available.setdefault(name, asyncio.Event())
        with suppress(TimeoutError):
            async with asyncio.timeout(self._health.failed(name, error, attempt)):
                await available.wait()
