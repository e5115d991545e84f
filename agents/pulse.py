"""Ends a worker whose event loop stands still. Nothing in the loop can notice that, not even the watchdog; and the
threads of its consumers go on telling the broker that it lives, so no other worker would get its partitions."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

STALLED = 4  # the exit code that commands/endings.py gives for Stalled
CHECKS = 10  # in the time after which it gives up

logger = structlog.get_logger("worker")


class Pulse:
    """A thread that asks the running loop for a sign of life. `patience`: seconds without one until it calls `end`."""

    def __init__(self, patience: float, end: Callable[[int], object] = os._exit) -> None:
        self._patience, self._end = patience, end
        self._answered = threading.Event()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch the running loop inside."""
        left = threading.Event()
        loop, ident = asyncio.get_running_loop(), threading.get_ident()
        thread = threading.Thread(target=self._watch, args=(loop, ident, left), name="pulse", daemon=True)
        thread.start()
        try:
            yield
        finally:
            left.set()

    def _watch(self, loop: asyncio.AbstractEventLoop, ident: int, left: threading.Event) -> None:
        checks = CHECKS  # counted, not timed: a process that was stopped for an hour may answer first
        self._answered.set()
        while not left.wait(self._patience / CHECKS):
            if self._answered.is_set():
                checks = CHECKS
                self._answered.clear()
                loop.call_soon_threadsafe(self._answered.set)
            elif (checks := checks - 1) == 0:
                frame = sys._current_frames().get(ident)
                stack = "".join(traceback.format_stack(frame)) if frame else ""
                logger.error("event loop stands still", seconds=self._patience, stack=stack[-4000:])
                self._end(STALLED)
                return
