"""What one fetch remembers while it follows redirects: where it was, cookies, credentials."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import unquote

import httpx

from pipeline.backends.http.inflate import ACCEPT_ENCODING
from pipeline.backends.http.options import HttpOptions
from pipeline.backends.http.profiles import basic, headers_to
from pipeline.core.redirects.wrappers import unwrapped
from pipeline.core.urls import join
from pipeline.ports import FetchFailed
from pipeline.records import Profile

_ACCEPT = "text/html,application/xhtml+xml;q=0.9,application/xml;q=0.8,*/*;q=0.5"
_PERMANENT = frozenset({301, 308})
_COOKIES, _COOKIE_BYTES = 50, 8192


class Chain:
    """One fetch: the requests that it makes, one after another. Cookies live as long as it does."""

    def __init__(self, url: str, extra: Mapping[str, str], profile: Profile, options: HttpOptions) -> None:
        self.permanent, self.jumped = True, False
        self._options, self._profile = options, profile
        self._headers = {"user-agent": options.user_agent, "accept": _ACCEPT}
        self._extra = {name.lower(): value for name, value in extra.items()}
        self._cookies: httpx.Cookies | None = None  # most chains have none
        self._seen = set[tuple[httpx.URL, str]]()
        self._hops = 0
        self.target = httpx.URL(unwrapped(url.strip()))
        if self.target.userinfo:
            user, _, password = self.target.userinfo.decode().partition(":")
            self._extra["authorization"] = basic(unquote(user), unquote(password))
        self._enter(self.target)

    @property
    def moved_to(self) -> str | None:
        """The present address, if only permanent redirects led to it."""
        return str(self.target) if self._hops and self.permanent else None

    def headers(self) -> httpx.Headers:
        """The headers of the next request. Raises FetchFailed for a missing secret."""
        found = self._headers | self._extra | headers_to(self.target, self._profile)
        found["accept-encoding"] = ACCEPT_ENCODING
        if cookies := "; ".join(filter(None, (found.get("cookie"), self._cookie(self.target)))):
            found["cookie"] = cookies
        return httpx.Headers(found, encoding="utf-8")  # an ETag may contain any character

    def remember(self, response: httpx.Response) -> None:
        """Keep the cookies of an answer, for the rest of the chain."""
        if "set-cookie" not in response.headers:
            return
        if self._cookies is None:
            self._cookies = httpx.Cookies(CookieJar(DefaultCookiePolicy(strict_domain=True)))
        if len(self._cookies.jar) < _COOKIES:
            self._cookies.extract_cookies(response)

    def follow(self, location: str, status: int) -> None:
        """Go where the answer with `status` redirects to. Raises FetchFailed."""
        self.permanent = self.permanent and status in _PERMANENT
        try:
            target = httpx.URL(unwrapped(join(str(self.target), location)))
        except (ValueError, httpx.InvalidURL):
            raise FetchFailed("redirects", f"to {location[:200]!r}, not an HTTP address", temporary=False) from None
        self._move(target)

    def jump(self, location: str) -> bool:
        """Go where the page that was read leads. Returns False if that is the page itself. Raises FetchFailed."""
        target = httpx.URL(unwrapped(location)).copy_with(userinfo=b"", fragment=None)
        if (target, self._cookie(target)) in self._seen:
            return False
        self.permanent, self.jumped = False, True
        self._move(target)
        return True

    def _move(self, target: httpx.URL) -> None:
        if not same_site(self.target, target):
            for name in ("authorization", "cookie"):
                self._extra.pop(name, None)
        self._hops += 1
        self._enter(target)

    def _enter(self, target: httpx.URL) -> None:
        target = target.copy_with(userinfo=b"", fragment=None)
        if target.scheme not in ("http", "https") or not target.host:
            raise FetchFailed("protocol", f"not an HTTP address: {str(target)[:200]}", temporary=False)
        self.target = target
        place = (target, self._cookie(target))  # a gate sends back to where one came from, with a cookie
        if place in self._seen or self._hops > self._options.redirects:
            raise FetchFailed("redirects", f"{self._hops} redirects, last to {target}", temporary=False)
        self._seen.add(place)

    def _cookie(self, target: httpx.URL) -> str:
        if self._cookies is None:
            return ""
        request = httpx.Request("GET", target)
        self._cookies.set_cookie_header(request)
        value: str = request.headers.get("cookie", "")
        return value if len(value) <= _COOKIE_BYTES else ""


def same_site(one: httpx.URL, other: httpx.URL) -> bool:
    """Whether credentials may be sent after a redirect: to the same origin, or the same host with TLS."""
    if one.host != other.host:
        return False
    upgraded = (one.scheme, one.port, other.scheme, other.port) == ("http", None, "https", None)
    return upgraded or (one.scheme, one.port) == (other.scheme, other.port)
