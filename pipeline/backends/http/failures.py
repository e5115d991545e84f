"""Translates exceptions of httpx, httpcore and aiohttp into FetchFailed and Unavailable."""

from __future__ import annotations

import errno
import re
import ssl
from collections.abc import Iterator

import aiohttp

from pipeline.backends.http.guard import MARK, Refused
from pipeline.ports import FetchFailed
from pipeline.stage import Unavailable

#: Errors for which this machine is responsible, not the site: it has run out of a resource.
_LOCAL_ERRORS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL})


def translated(error: Exception, own_proxy: bool = False) -> FetchFailed | Unavailable:
    """The failure that `error` means. `own_proxy`: the feed has its own, which is not ours to wait for.

    httpx's aiohttp transport reports every failure to connect as a timeout, so the chain of causes is searched for
    aiohttp's own exceptions.
    """
    chain = list(causes(error))
    detail = next((text for link in chain if (text := " ".join(str(link).split()))), type(error).__name__)
    detail = re.sub(r" ssl:\w+", "", detail)[:500]

    def has(*kinds: type[BaseException]) -> bool:
        return any(isinstance(link, kinds) for link in chain)

    # For several addresses aiohappyeyeballs joins the errors into one OSError, of which only the text is left.
    refusal = next((str(link) for link in chain if isinstance(link, OSError) and MARK in str(link)), None)
    if has(Refused) or refusal:
        return FetchFailed("refused_address", refusal or detail, temporary=False)
    if any(isinstance(link, OSError) and link.errno in _LOCAL_ERRORS for link in chain):
        return Unavailable(f"cannot open connections: {detail}")
    if has(aiohttp.ClientProxyConnectionError):
        if own_proxy:
            return FetchFailed("proxy", detail, temporary=True)
        return Unavailable(f"the proxy cannot be reached: {detail}")
    if has(aiohttp.ClientConnectorDNSError):
        return FetchFailed("dns", detail, temporary=True)
    if has(ssl.SSLError, ssl.CertificateError, aiohttp.ClientSSLError):
        setting = "ca_file or verify" if has(ssl.SSLCertVerificationError) else "min_tls"
        hint = f" (docs/feeds.md: {setting})" if "CERTIFICATE" in detail or "PROTOCOL" in detail.upper() else ""
        return FetchFailed("tls", detail + hint, temporary=True)
    if has(TimeoutError):
        return FetchFailed("timeout", detail, temporary=True)
    if has(aiohttp.ClientPayloadError):
        return FetchFailed("protocol", detail, temporary=True)
    if has(aiohttp.ClientConnectionError, aiohttp.ClientHttpProxyError):
        return FetchFailed("connect", detail, temporary=True)
    return FetchFailed("protocol", detail, temporary=False)


def refuses_http1(error: Exception) -> bool:
    """Whether a server with TLS failed as those do that speak only HTTP/2: no common protocol, the connection closed
    without an answer, or an answer that is not HTTP/1."""
    for link in causes(error):
        if isinstance(link, ssl.SSLError):
            return "NO_APPLICATION_PROTOCOL" in str(link).upper().replace(" ", "_")
        if isinstance(link, aiohttp.ClientConnectorError | TimeoutError):
            return False
        if isinstance(link, aiohttp.ServerDisconnectedError | ConnectionError | aiohttp.ClientResponseError):
            return True
    return False


def causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and those that caused it."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__
