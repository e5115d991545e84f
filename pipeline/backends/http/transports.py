"""Sends requests: over HTTP/1.1 with aiohttp, or over HTTP/2 to hosts that refuse it. Keeps connections per route."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from pipeline.backends.http.failures import refuses_http1
from pipeline.backends.http.guard import Guard
from pipeline.backends.http.heads import make_tolerant
from pipeline.backends.http.http2 import Http2Hosts, http2_transport
from pipeline.backends.http.options import HttpOptions
from pipeline.backends.http.profiles import Route, basic
from pipeline.backends.http.resolver import Resolver
from pipeline.backends.http.tls import tls_context
from pipeline.ports import Clock, FetchFailed

_LINE, _FIELD, _FIELDS = 65_536, 65_536, 500  # aiohttp's 8190 is too little for the policy headers of some outlets
#: Statuses with which servers refuse HTTP/1.1: some firewalls, RFC 9110, and Amazon's load balancers.
_REFUSALS = frozenset({403, 426, 464, 505})


class Transports:
    """The connections to all hosts. Close it."""

    def __init__(self, options: HttpOptions, now: Clock) -> None:
        """Raises ValueError for a malformed network or proxy, OSError for a missing `ca_file`."""
        self._options = options
        self._guard = Guard(options.allow_networks)
        self._hosts = Http2Hosts(lambda: _seconds(now()))
        self._clients: dict[tuple[Route, bool], httpx.AsyncClient] = {}
        self.closed = False
        self._client(Route(options.proxy), http2=False)

    def check_host(self, host: str) -> None:
        """Raise Refused for an address literal that may not be connected to."""
        self._guard.check_host(host)

    @asynccontextmanager
    async def answer(self, target: httpx.URL, headers: httpx.Headers, route: Route) -> AsyncIterator[httpx.Response]:
        """The answer to a GET, whose body is not read yet. Raises what httpx, aiohttp and ssl do."""
        request = partial(httpx.Request, "GET", target, headers=headers)
        response = await self._answer(request, target, route)
        try:
            yield response
        finally:
            await response.aclose()

    async def close(self) -> None:
        """Close every connection."""
        self.closed = True
        for client in self._clients.values():
            await client.aclose()

    async def _answer(self, request: partial[httpx.Request], target: httpx.URL, route: Route) -> httpx.Response:
        if target.scheme != "https":
            return await self._send(request, route, http2=False)
        host = target.netloc.decode()
        if self._hosts.prefers(host):
            try:
                return await self._send(request, route, http2=True)
            except Exception:
                self._hosts.forget(host)
                raise
        try:
            response = await self._send(request, route, http2=False)
        except Exception as error:
            if not refuses_http1(error) or (other := await self._by_http2(request, host, route)) is None:
                raise
            return other
        if response.status_code in _REFUSALS and (other := await self._by_http2(request, host, route)):
            await response.aclose()
            return other
        return response

    async def _by_http2(self, request: partial[httpx.Request], host: str, route: Route) -> httpx.Response | None:
        """The answer over HTTP/2 if that helps, as is then remembered."""
        if not self._hosts.may_try(host):
            return None
        other = None
        with suppress(Exception):  # the failure with HTTP/1.1 is the one to report
            other = await self._send(request, route, http2=True)
        helps = other is not None and other.http_version == "HTTP/2" and other.status_code < 400
        self._hosts.learn(host, helps)
        if other is not None and not helps:
            await other.aclose()
        return other if helps else None

    async def _send(self, request: partial[httpx.Request], route: Route, http2: bool) -> httpx.Response:
        client = self._client(route, http2)
        made = request(extensions={"timeout": client.timeout.as_dict()})
        return await client.send(made, stream=True, follow_redirects=False)

    def _client(self, route: Route, http2: bool) -> httpx.AsyncClient:
        if client := self._clients.get((route, http2)):
            return client
        files = tuple(file for file in (self._options.ca_file, route.ca_file) if file)
        protocols = ("h2", "http/1.1") if http2 else ("http/1.1",)
        try:
            context = tls_context(files, route.min_tls, route.verify, protocols=protocols)
        except OSError as error:
            if route.ca_file:
                raise FetchFailed("tls", f"cannot read {route.ca_file}: {error}", temporary=True) from error
            raise
        proxy = _proxy(route.proxy) if route.proxy else None
        if http2:
            transport: httpx.AsyncBaseTransport = http2_transport(context, proxy, self._guard)
        else:
            session = partial(self._session, proxied=proxy is not None, context=context)
            transport = AiohttpTransport(verify=context, trust_env=False, proxy=proxy, client=session)
        client = httpx.AsyncClient(
            transport=transport,
            trust_env=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # chain.py keeps those of one fetch
            timeout=httpx.Timeout(None, connect=self._options.connect, read=self._options.silence),
        )
        client.headers.clear()
        self._clients[route, http2] = client
        return client

    def _session(self, proxied: bool, context: object) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            resolver=Resolver(),
            ssl=context,  # type: ignore[arg-type]
            limit=self._options.connections,
            ttl_dns_cache=300,
            # The proxy may be at any address: the operator chose it.
            socket_factory=None if proxied else self._guard.socket,
        )
        make_tolerant(connector)
        return aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False,
            max_line_size=_LINE, max_field_size=_FIELD, max_headers=_FIELDS,
        )  # fmt: skip


def _seconds(now: datetime) -> float:
    return now.timestamp()


def _proxy(url: str) -> httpx.Proxy:
    """The proxy, with name and password as a header: the transport would use a deprecated class of aiohttp."""
    proxy = httpx.Proxy(url)
    return httpx.Proxy(proxy.url, headers={"Authorization": basic(*proxy.auth)}) if proxy.auth else proxy
