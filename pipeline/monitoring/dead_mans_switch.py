"""Calls a URL regularly while all is well. The service behind it raises the alarm when the calls stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from pipeline.ports import CallFailed

logger = structlog.get_logger("almenara")


class DeadMansSwitch:
    """`call` calls the URL (raises CallFailed) every `every` seconds while `is_ready()`. `called` is given whether it
    succeeded.

    A call that fails is logged once until one succeeds; it is no problem of the pipeline.
    """

    def __init__(
        self, call: Callable[[], Awaitable[None]], is_ready: Callable[[], bool], every: float,
        called: Callable[[bool], None] = lambda succeeded: None,
    ) -> None:  # fmt: skip
        self._call, self._is_ready, self._every, self._called = call, is_ready, every, called
        self._failing = False

    async def run(self) -> None:
        """Call until cancelled."""
        while True:
            await self.once()
            await asyncio.sleep(self._every)

    async def once(self) -> None:
        """Call the URL, if all is well."""
        if not self._is_ready():
            return
        try:
            await self._call()
        except CallFailed as error:
            if not self._failing:
                logger.warning("heartbeat URL failed", error=str(error), next_try=f"{self._every:g} s")
            self._failing = True
        else:
            if self._failing:
                logger.info("heartbeat URL answers again")
            self._failing = False
        self._called(not self._failing)
