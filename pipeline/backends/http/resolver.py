"""Resolves names with the system's resolver, each in its own daemon thread. Caches nothing."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

MAX_CONCURRENT = 64


class Resolver(AbstractResolver):
    """A resolver for aiohttp. aiohttp's own uses asyncio's executor, whose few threads a few dead domains would block
    (getaddrinfo takes 5 s and more, and cannot be cancelled), and for which Python waits at exit."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(MAX_CONCURRENT)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of `host`. Raises socket.gaierror."""
        async with self._free:
            infos = await _in_thread(host, port, family)
        return [
            ResolveResult(
                hostname=host, host=address[0], port=port, family=kind, proto=protocol, flags=socket.AI_NUMERICHOST
            )
            for kind, _, protocol, _, address in infos
            if kind in (socket.AF_INET, socket.AF_INET6)
        ]

    async def close(self) -> None:
        pass


async def _in_thread(host: str, port: int, family: int) -> list[Any]:
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[Any]] = loop.create_future()

    def answered(infos: list[Any], error: Exception | None) -> None:
        if not answer.done():  # cancelled meanwhile
            answer.set_exception(error) if error else answer.set_result(infos)

    def look_up() -> None:
        infos: list[Any] = []
        failure: Exception | None = None
        try:
            infos = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        except Exception as error:
            failure = error
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(answered, infos, failure)

    threading.Thread(target=look_up, name="dns", daemon=True).start()
    return await answer
