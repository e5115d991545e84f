"""Fetches pages over HTTP from servers that may be hostile.

Uses httpx with the transport of aiohttp, which takes a quarter of the CPU of httpx's own at 200 connections. Every
address is checked when it is connected to (guard.py), every body is decompressed within a limit (inflate.py), every
redirect is followed here, also those inside pages, and cookies live no longer than one chain of redirects (chain.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import aiohttp
import httpcore
import httpx

from pipeline.backends.http.body import read_body
from pipeline.backends.http.chain import Chain
from pipeline.backends.http.failures import translated
from pipeline.backends.http.inflate import BadEncoding, TooLarge
from pipeline.backends.http.options import HttpOptions as HttpOptions
from pipeline.backends.http.profiles import route_to
from pipeline.backends.http.transports import Transports
from pipeline.core.redirects.inside import leads_to
from pipeline.ports import NO_PROFILE, Clock, FetchFailed
from pipeline.records import Page, Profile
from pipeline.stage import Unavailable

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MEDIA = ("audio/", "video/", "image/", "font/")


class HttpFetch:
    """Fetches pages (`ports.Fetch`). Calls may run concurrently on one event loop. Close it."""

    def __init__(self, options: HttpOptions, now: Clock = lambda: datetime.now(UTC)) -> None:
        """Raises ValueError for a malformed network or proxy, OSError for a missing `ca_file`."""
        self.options = options
        self._now = now
        self._deadlines: set[asyncio.Timeout] = set()
        self._transports = Transports(options, now)

    async def __call__(self, url: str, headers: Mapping[str, str] | None = None, profile: Profile = NO_PROFILE) -> Page:
        """GET `url`, following redirects; `headers` win over ours, `profile` over both. Raises FetchFailed,
        Unavailable."""
        try:
            async with asyncio.timeout(self.options.timeout) as deadline:
                self._deadlines.add(deadline)
                try:
                    return await self._follow(url, headers or {}, profile)
                finally:
                    self._deadlines.discard(deadline)
        except Exception as error:
            if self._transports.closed:
                raise Unavailable("fetching is closed") from error
            if (failure := self._failure(error, bool(profile.proxy))) is None:
                raise
            raise failure from error

    def _failure(self, error: Exception, own_proxy: bool) -> FetchFailed | Unavailable | None:
        """Translate an exception. None if it needs no translation, or is a bug: it is then raised unchanged."""
        match error:
            case TimeoutError():
                return FetchFailed("timeout", f"no complete answer within {self.options.timeout:g} s", temporary=True)
            case TooLarge():
                return FetchFailed("too_large", f"more than {self.options.max_bytes} bytes", temporary=False)
            case BadEncoding():
                return FetchFailed("bad_encoding", str(error), temporary=True)
            case (
                httpx.HTTPError() | httpx.InvalidURL() | aiohttp.ClientError() | OSError() | ValueError()
                | httpcore.NetworkError() | httpcore.TimeoutException()
            ):  # fmt: skip
                return translated(error, own_proxy)
        return None

    async def close(self) -> None:
        """Close every connection. Calls in progress, and later ones, raise Unavailable."""
        for deadline in self._deadlines:  # aiohttp would not end calls that wait for data
            deadline.reschedule(0)
        await self._transports.close()

    async def _follow(self, url: str, extra: Mapping[str, str], profile: Profile) -> Page:
        chain = Chain(url, extra, profile, self.options)
        while True:
            target = chain.target
            self._transports.check_host(target.raw_host.decode())
            route = route_to(target, profile, self.options.proxy)
            async with self._transports.answer(target, chain.headers(), route) as response:
                chain.remember(response)
                location = response.headers.get("location") if response.status_code in _REDIRECTS else None
                page = None if location is not None else await self._page(chain, response)
            if page is None:
                chain.follow(location or "", response.status_code)
                continue
            inside = leads_to(page)
            if inside is None or not chain.jump(inside):
                return page

    async def _page(self, chain: Chain, response: httpx.Response) -> Page:
        content_type = response.headers.get("content-type", "")
        if response.status_code == 200 and content_type.strip().lower().startswith(_MEDIA):
            raise FetchFailed("media", content_type[:100], temporary=False)
        body, cut = await read_body(response, self.options.max_bytes)
        return Page(
            url=str(chain.target), status=response.status_code, body=body, fetched_at=self._now(),
            content_type=content_type, headers={k.lower(): v for k, v in response.headers.items()},
            permanent=chain.moved_to, jumped=chain.jumped, cut=cut,
        )  # fmt: skip
