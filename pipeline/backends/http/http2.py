"""Speaks HTTP/2 with the few hosts that refuse HTTP/1.1, under the same check of addresses, and remembers them.

httpx's own transport does it (httpcore and h2), which takes four times the CPU of aiohttp's; so HTTP/1.1 comes first.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any

import httpcore
import httpx

from pipeline.backends.http.guard import Guard
from pipeline.backends.http.resolver import Resolver

REMEMBERED = 86_400.0  # seconds
_HOSTS = 10_000


class Http2Hosts:
    """Remembers for a day which hosts are read with HTTP/2, and for which that was no use. `now`: seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._hosts: dict[str, tuple[float, bool]] = {}

    def prefers(self, host: str) -> bool:
        """Whether the host is to be asked with HTTP/2 at once."""
        return self._known(host) is True

    def may_try(self, host: str) -> bool:
        """Whether nothing is known of the host."""
        return self._known(host) is None

    def learn(self, host: str, helps: bool) -> None:
        """Remember whether HTTP/2 helps."""
        self._hosts.pop(host, None)
        if len(self._hosts) >= _HOSTS:
            del self._hosts[next(iter(self._hosts))]
        self._hosts[host] = (self._now() + REMEMBERED, helps)

    def forget(self, host: str) -> None:
        """Ask the host with HTTP/1.1 again."""
        self._hosts.pop(host, None)

    def _known(self, host: str) -> bool | None:
        until, helps = self._hosts.get(host, (0.0, False))
        return helps if until > self._now() else None


class GuardedBackend(httpcore.AnyIOBackend):
    """Connects to addresses that the guard allows only."""

    def __init__(self, guard: Guard) -> None:
        self._guard, self._resolver = guard, Resolver()

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:  # fmt: skip
        """Connect to one address after the other. Raises Refused, socket.gaierror, httpcore.ConnectError."""
        failure: Exception | None = None
        for address in await self._addresses(host.strip("[]"), port):
            self._guard.check(address)
            try:
                return await super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError(f"{host} has no address")

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            return [str(ip_address(host))]
        except ValueError:
            return [found["host"] for found in await self._resolver.resolve(host, port, socket.AF_UNSPEC)]


def http2_transport(context: ssl.SSLContext, proxy: httpx.Proxy | None, guard: Guard) -> httpx.AsyncHTTPTransport:
    """A transport that offers HTTP/2. With a proxy, that connects instead of us and must check addresses itself."""
    transport = httpx.AsyncHTTPTransport(verify=context, trust_env=False, http2=True, proxy=proxy)
    if proxy is None:
        transport._pool = httpcore.AsyncConnectionPool(
            ssl_context=context, http1=True, http2=True, max_connections=20, network_backend=GuardedBackend(guard)
        )
    return transport
