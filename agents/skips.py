"""What people asked to pass over (`almenara skip`), as it stands on the stream `control`; and where a record waits that
another version of the program wrote."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress

import structlog

from agents.health import Health
from pipeline.records import Request, SchemaError, decode
from pipeline.stage import Blocked, Message, Position, Skipped, Unavailable

RECHECK = 2.0  # seconds between looks for new requests while something waits

logger = structlog.get_logger("almenara")


class Skips:
    """The positions that people asked to pass over. One for all stages of a process."""

    def __init__(self, replay: Callable[[str, int], AsyncGenerator[Message, None]], health: Health) -> None:
        """`replay`: that of the log."""
        self._replay, self._health = replay, health
        self._wanted: set[str] = set()
        self._next = 0  # offset of the first request not read yet
        self._looked = float("-inf")
        self._looking = asyncio.Lock()

    def __contains__(self, at: Position) -> bool:
        return str(at) in self._wanted

    async def refresh(self) -> None:
        """Read the new requests, unless that was just done. Raises Unavailable."""
        async with self._looking:
            now = asyncio.get_running_loop().time()
            if now - self._looked < RECHECK / 2:
                return
            async with aclosing(self._replay("control", self._next)) as messages:
                async for message in messages:
                    self._next = message.at.offset + 1
                    with suppress(SchemaError):  # `status` shows that it cannot be read
                        self._wanted.add(decode(Request, message.value or b"").skip or "")
            self._looked = now

    async def check(self, at: Position) -> None:
        """Raise Skipped if a person asked to pass over the record at `at`."""
        with suppress(Unavailable):  # whatever publishes next reports it
            await self.refresh()
        if at in self:
            raise Skipped(f"{at} was passed over on request")

    async def wait(self, part: str, error: Blocked) -> Skipped:
        """Wait until a person asks to pass over the record that blocks `part`. Shows it as a problem meanwhile."""
        try:
            await self.check(error.at)
            logger.error("blocked", part=part, at=str(error.at), error=str(error))
            self._health.note(part, "blocked", str(error), source=str(error.at))
            while True:
                await asyncio.sleep(RECHECK)
                await self.check(error.at)
        except Skipped as skipped:
            return skipped
        finally:
            self._health.clear(part, "blocked", source=str(error.at))
