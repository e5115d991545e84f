"""Fetches pages over HTTP from servers that may be hostile. Keeps no cookies.

Uses httpx with the transport of aiohttp, which takes a quarter of the CPU of httpx's own at 200 connections. Every
address is checked when it is connected to (guard.py), every body is decompressed within a limit (inflate.py), every
redirect is followed here.
"""

from __future__ import annotations

import asyncio
import base64
import errno
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import unquote

import aiohttp
import certifi
import httpx
from httpx_aiohttp import AiohttpTransport

from pipeline.backends.http.guard import MARK, Guard, Refused
from pipeline.backends.http.inflate import ACCEPT_ENCODING, BadEncoding, Inflate, TooLarge
from pipeline.backends.http.resolver import Resolver
from pipeline.core.urls import join
from pipeline.ports import Clock, FetchFailed
from pipeline.records import Page
from pipeline.stage import Unavailable

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_ACCEPT = "text/html,application/xhtml+xml;q=0.9,application/xml;q=0.8,*/*;q=0.5"
_MEDIA = ("audio/", "video/", "image/", "font/")
_LINE, _FIELD, _FIELDS = 16_384, 32_768, 200  # aiohttp's 8190 is too little for the policy headers of some outlets
#: Errors for which this machine is responsible, not the site: it has run out of a resource.
_LOCAL_ERRORS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL})


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """The settings of [fetch], and options without a setting. Times in seconds."""

    agent: str  # name and version
    contact: str  # URL where the operator of a site learns who reads it; may be empty
    allow_networks: tuple[str, ...]  # as CIDR, that may be read besides public addresses
    proxy: (
        str  # http://[user:password@]host:port; it connects instead of us, and must check addresses itself. Empty: none
    )
    timeout: float  # of a whole fetch, with its redirects: limits servers that answer byte by byte
    max_bytes: int  # of a body, compressed and decompressed
    redirects: int
    ca_file: str | None = None  # further certificate authorities, PEM
    connections: int = 100
    connect: float = 10.0
    silence: float = 15.0  # between two pieces of an answer

    @property
    def user_agent(self) -> str:
        return f"{self.agent} (+{self.contact})" if self.contact else self.agent


class HttpFetch:
    """Fetches pages (`ports.Fetch`). Calls may run concurrently on one event loop. Close it."""

    def __init__(self, options: HttpOptions, now: Clock = lambda: datetime.now(UTC)) -> None:
        """Raises ValueError for a malformed network or proxy, OSError for a missing `ca_file`."""
        self.options = options
        self._now = now
        self._deadlines: set[asyncio.Timeout] = set()
        self._guard = Guard(self.options.allow_networks)
        self._tls = _trust(self.options.ca_file)
        proxy = _proxy(self.options.proxy) if self.options.proxy else None
        transport = AiohttpTransport(verify=self._tls, trust_env=False, proxy=proxy, client=self._session)
        self._client = httpx.AsyncClient(
            transport=transport,
            trust_env=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            timeout=httpx.Timeout(None, connect=self.options.connect, read=self.options.silence),
        )
        self._client.headers.clear()

    def _session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            resolver=Resolver(),
            ssl=self._tls,
            limit=self.options.connections,
            ttl_dns_cache=300,
            # The proxy may be at any address: the operator chose it.
            socket_factory=None if self.options.proxy else self._guard.socket,
        )
        return aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False,
            max_line_size=_LINE, max_field_size=_FIELD, max_headers=_FIELDS,
        )  # fmt: skip

    async def __call__(self, url: str, headers: Mapping[str, str] | None = None) -> Page:
        """GET `url`, following redirects; `headers` win over ours. Raises FetchFailed, Unavailable."""
        try:
            async with asyncio.timeout(self.options.timeout) as deadline:
                self._deadlines.add(deadline)
                try:
                    return await self._follow(url, headers or {})
                finally:
                    self._deadlines.discard(deadline)
        except Exception as error:
            if self._client.is_closed:
                raise Unavailable("fetching is closed") from error
            if (failure := self._failure(error)) is None:
                raise
            raise failure from error

    def _failure(self, error: Exception) -> FetchFailed | Unavailable | None:
        """Translate an exception. None if it needs no translation, or is a bug: it is then raised unchanged."""
        match error:
            case TimeoutError():
                return FetchFailed("timeout", f"no complete answer within {self.options.timeout:g} s", temporary=True)
            case TooLarge():
                return FetchFailed("too_large", f"more than {self.options.max_bytes} bytes", temporary=False)
            case BadEncoding():
                return FetchFailed("bad_encoding", str(error), temporary=True)
            case httpx.HTTPError() | httpx.InvalidURL() | aiohttp.ClientError() | OSError() | ValueError():
                return _translated(error)
        return None

    async def close(self) -> None:
        """Close every connection. Calls in progress, and later ones, raise Unavailable."""
        for deadline in self._deadlines:  # aiohttp would not end calls that wait for data
            deadline.reschedule(0)
        await self._client.aclose()

    async def _follow(self, url: str, extra: Mapping[str, str]) -> Page:
        headers = httpx.Headers(
            {"user-agent": self.options.user_agent, "accept": _ACCEPT, **{k.lower(): v for k, v in extra.items()}},
            encoding="utf-8",  # an ETag may contain any character
        )
        headers["accept-encoding"] = ACCEPT_ENCODING
        target = httpx.URL(url.strip())
        if target.userinfo:
            user, _, password = target.userinfo.decode().partition(":")
            headers["authorization"] = _basic(unquote(user), unquote(password))
        permanent, seen = True, set[httpx.URL]()
        while True:
            target = target.copy_with(userinfo=b"", fragment=None)
            if target.scheme not in ("http", "https") or not target.host:
                raise FetchFailed("protocol", f"not an HTTP address: {str(target)[:200]}", temporary=False)
            if target in seen or len(seen) > self.options.redirects:
                raise FetchFailed("redirects", f"{len(seen)} redirects, last to {target}", temporary=False)
            self._guard.check_host(target.raw_host.decode())
            moved = bool(seen)
            seen.add(target)
            async with self._client.stream("GET", target, headers=headers, follow_redirects=False) as response:
                location = response.headers.get("location") if response.status_code in _REDIRECTS else None
                if location is None:
                    return await self._page(target, response, str(target) if moved and permanent else None)
                permanent = permanent and response.status_code in _PERMANENT
            next_target = _redirect(target, location)
            if not _same_site(target, next_target):
                for name in ("authorization", "cookie"):
                    headers.pop(name, None)
            target = next_target

    async def _page(self, url: httpx.URL, response: httpx.Response, permanent: str | None) -> Page:
        content_type = response.headers.get("content-type", "")
        if response.status_code == 200 and content_type.strip().lower().startswith(_MEDIA):
            raise FetchFailed("media", content_type[:100], temporary=False)
        return Page(
            url=str(url), status=response.status_code, body=await self._body(response), fetched_at=self._now(),
            content_type=content_type, headers={k.lower(): v for k, v in response.headers.items()}, permanent=permanent,
        )  # fmt: skip

    async def _body(self, response: httpx.Response) -> bytes:
        limit = self.options.max_bytes
        length = response.headers.get("content-length", "")
        if length.isdecimal() and len(length) < 20 and int(length) > limit:
            raise TooLarge
        inflate = Inflate(response.headers.get("content-encoding", ""), limit)
        pieces, wire = [], 0
        async for chunk in response.aiter_raw():
            wire += len(chunk)
            if wire > limit:
                raise TooLarge
            pieces.append(inflate.feed(chunk))
        inflate.finish()
        return b"".join(pieces)


@lru_cache(maxsize=8)
def _trust(ca_file: str | None) -> ssl.SSLContext:
    """Trust the certificate authorities of the system, of Mozilla (some systems have none), and of `ca_file`."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


def _basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def _proxy(url: str) -> httpx.Proxy:
    """The proxy, with name and password as a header: the transport would use a deprecated class of aiohttp."""
    proxy = httpx.Proxy(url)
    return httpx.Proxy(proxy.url, headers={"Authorization": _basic(*proxy.auth)}) if proxy.auth else proxy


def _redirect(source: httpx.URL, location: str) -> httpx.URL:
    try:
        return httpx.URL(join(str(source), location))
    except (ValueError, httpx.InvalidURL):
        raise FetchFailed("redirects", f"to {location[:200]!r}, not an HTTP address", temporary=False) from None


def _same_site(one: httpx.URL, other: httpx.URL) -> bool:
    """Whether credentials may be sent after a redirect: to the same origin, or the same host with TLS."""
    if one.host != other.host:
        return False
    upgraded = (one.scheme, one.port, other.scheme, other.port) == ("http", None, "https", None)
    return upgraded or (one.scheme, one.port) == (other.scheme, other.port)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _translated(error: Exception) -> FetchFailed | Unavailable:
    """Translate an exception of httpx or aiohttp. httpx's aiohttp transport reports every failure to connect as a
    timeout, so the chain of causes is searched for aiohttp's own exceptions."""
    chain = list(_causes(error))
    detail = next((text for link in chain if (text := " ".join(str(link).split()))), type(error).__name__)
    detail = detail.replace(" ssl:default", "")[:500]

    def has(*kinds: type[BaseException]) -> bool:
        return any(isinstance(link, kinds) for link in chain)

    # For several addresses aiohappyeyeballs joins the errors into one OSError, of which only the text is left.
    refusal = next((str(link) for link in chain if isinstance(link, OSError) and MARK in str(link)), None)
    if has(Refused) or refusal:
        return FetchFailed("refused_address", refusal or detail, temporary=False)
    if any(isinstance(link, OSError) and link.errno in _LOCAL_ERRORS for link in chain):
        return Unavailable(f"cannot open connections: {detail}")
    if has(aiohttp.ClientProxyConnectionError):
        return Unavailable(f"the proxy cannot be reached: {detail}")
    if has(aiohttp.ClientConnectorDNSError):
        return FetchFailed("dns", detail, temporary=True)
    if has(ssl.SSLError, ssl.CertificateError, aiohttp.ClientSSLError):
        return FetchFailed("tls", detail, temporary=True)
    if has(TimeoutError):
        return FetchFailed("timeout", detail, temporary=True)
    if has(aiohttp.ClientPayloadError):
        return FetchFailed("protocol", detail, temporary=True)
    if has(aiohttp.ClientConnectionError, aiohttp.ClientHttpProxyError):
        return FetchFailed("connect", detail, temporary=True)
    return FetchFailed("protocol", detail, temporary=False)
