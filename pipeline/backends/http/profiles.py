"""Applies the profile of a feed to one request: what it may be sent, and over which connection.

Secrets are read from the environment and from files here, for each request, and kept nowhere.
"""

from __future__ import annotations

import base64
import os
import re
from dataclasses import dataclass
from pathlib import Path

import httpx

from pipeline.ports import FetchFailed
from pipeline.records import Profile

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Route:
    """How connections are made. Requests with the same route share them."""

    proxy: str = ""
    ca_file: str | None = None
    min_tls: str | None = None
    verify: bool = True


def route_to(target: httpx.URL, profile: Profile, proxy: str) -> Route:
    """The route to `target`. `proxy`: that of the settings. Raises FetchFailed for a missing secret."""
    if profile.proxy:
        proxy = "" if profile.proxy == "none" else filled(profile.proxy)
    if not _concerns(profile, target):
        return Route(proxy)
    return Route(proxy, profile.ca_file, profile.min_tls, profile.verify)


def headers_to(target: httpx.URL, profile: Profile) -> dict[str, str]:
    """The headers that the profile adds, in lower case. Raises FetchFailed for a missing secret.

    Headers and password go only to the hosts of the profile, and without TLS only if the feed itself has none.
    """
    found = {"user-agent": profile.user_agent} if profile.user_agent else {}
    if not _concerns(profile, target) or (target.scheme == "http" and not profile.plain):
        return found
    found |= {name.lower(): filled(value) for name, value in profile.headers.items()}
    if profile.username:
        found["authorization"] = basic(profile.username, _password(profile))
    return found


def basic(user: str, password: str) -> str:
    """The value of the header for HTTP basic authentication (RFC 7617)."""
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def filled(text: str) -> str:
    """`text` with each `${NAME}` replaced from the environment. Raises FetchFailed for one that is not set."""
    return _VARIABLE.sub(lambda found: _variable(found[1]), text)


def _variable(name: str) -> str:
    if name not in os.environ:
        raise FetchFailed("secret", f"the environment variable {name} is not set", temporary=True)
    return os.environ[name]


def _password(profile: Profile) -> str:
    if profile.password_env:
        return _variable(profile.password_env)
    if not profile.password_file:
        return ""
    try:
        return Path(profile.password_file).read_text(encoding="utf-8").strip("\r\n")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise FetchFailed("secret", f"cannot read {profile.password_file}: {reason}", temporary=True) from error


def _concerns(profile: Profile, target: httpx.URL) -> bool:
    return target.raw_host.decode().strip("[]").lower() in profile.hosts
