"""Runs a coroutine to its end, as `asyncio.run` does, for results of any size."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def result_of(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of the coroutine.

    `asyncio.run` turns the result of its task into text as it restores the handler of Ctrl-C, and throws the text away
    (signal._int_to_enum, also in Python 3.13). Of a hundred thousand records that takes longer than reading them.
    """
    found: list[T] = []

    async def run() -> None:
        found.append(await coroutine)

    asyncio.run(run())
    return found[0]
