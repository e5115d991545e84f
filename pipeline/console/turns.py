"""Keeps pages from holding the event loop, on which the stages and live updates run too.

Fifty pages that are asked for at once are all ready at once, too, and would be made in one turn of the loop. So texts
are made in a thread, one after the other, and what else pages do goes on in turns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, cast

from pipeline.ports import Index


class Turns:
    """The turns of one process."""

    def __init__(self) -> None:
        self._waiting = asyncio.Lock()
        self._making = ThreadPoolExecutor(1, "pages")  # more would only share the interpreter

    async def next(self) -> None:
        """Wait for a turn of the loop in which nobody else goes on who waits here."""
        async with self._waiting:
            await asyncio.sleep(0)

    async def made(self, make: Callable[[], str]) -> str:
        """The text that `make` makes, in the thread. It must not depend on what changes meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(self._making, make)

    def paced(self, index: Index) -> Index:
        """The index, whose answers come in turns: what is made of an answer is as much work as the answer is long."""
        return cast(Index, _Paced(index, self))

    def close(self) -> None:
        """End the thread."""
        self._making.shutdown(wait=False)


class _Paced:
    def __init__(self, index: Index, turns: Turns) -> None:
        self._index, self._turns = index, turns

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._index, name)
        if not iscoroutinefunction(method):
            return method

        @wraps(method)
        async def paced(*given: Any, **named: Any) -> Any:
            answer = await method(*given, **named)
            await self._turns.next()
            return answer

        return paced
