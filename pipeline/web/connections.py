"""Connections that cannot stay open for long, so that clients which send nothing do not keep others out.

uvicorn alone has no limit for requests that are never completed: enough half-open connections, and each further request
gets 503.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

#: Whoever reaches the port could fill the log with what is no request: uvicorn warns of each.
_QUIET = logging.getLogger("uvicorn.clients")
_QUIET.setLevel(logging.ERROR)
WAIT = 5.0  # seconds after which a connection without an answer in progress is closed
SLOW = 60.0  # seconds that a client may take for the body of a request, or without reading anything of an answer


class BoundedConnection(H11Protocol):
    """One connection of uvicorn. The oldest one that only waits is closed when there are too many."""

    answer: ClassVar[
        float | None
    ]  # seconds after which it is closed in any case: its client does not read; None: never
    opened: float
    _slow: float  # since when the client is slow
    _held = 0  # bytes that wait to be read by the client
    _limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.logger = _QUIET
        self.opened = self._slow = self.loop.time()
        self._limit = self.loop.call_at(self.opened + WAIT, self._look)
        if self.limit_concurrency is not None and len(self.connections) >= self.limit_concurrency:
            others: Any = self.connections - {self}
            waiting = [other for other in others if other.is_waiting and not other.transport.is_closing()]
            if waiting:
                min(waiting, key=lambda other: other.opened).drop()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._limit is not None:
            self._limit.cancel()
        super().connection_lost(exc)

    @property
    def is_idle(self) -> bool:
        """Whether no answer is in progress: nothing came, or a part of a request, or all was answered."""
        return self.cycle is None or self.cycle.response_complete

    @property
    def is_waiting(self) -> bool:
        """Whether its client is to go on: with a request, or with the body of one."""
        return self.is_idle or self.conn.their_state is h11.SEND_BODY

    def drop(self) -> None:
        """Close at once, and stop counting."""
        self.connections.discard(self)
        self.transport.abort()

    def _look(self) -> None:
        """Close it if it waits for nothing, or for a client that has been slow for too long."""
        now, before = self.loop.time(), self._held
        self._held = self.transport.get_write_buffer_size()
        slow = self.conn.their_state is h11.SEND_BODY or self._held == before > 0
        if not slow:
            self._slow = now
        if (self.is_idle and not self._held) or now - self._slow >= SLOW:
            self.drop()
        elif self.answer is not None:
            self._limit = self.loop.call_at(self.opened + self.answer, self.drop)
        else:
            self._limit = self.loop.call_later(WAIT, self._look)


def bounded(answer: float | None) -> type[BoundedConnection]:
    """The connections of a server whose answers may take that many seconds; None: any time, as a stream does."""
    return type("BoundedConnection", (BoundedConnection,), {"answer": answer})
