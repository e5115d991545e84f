"""Which names the console answers to, and which pages of others may lead to it.

A hostile page can make a name of its own lead to this machine (DNS rebinding), so the Host header must be an address or
a known name. It can also make a browser send requests here: the browser says where they come from.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers

from pipeline.web.hosts import is_local

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def is_known(host: str, names: frozenset[str]) -> bool:
    """Whether a Host header is an address, localhost, or one of the names (lower case)."""
    name = host.partition(":")[0].lower().rstrip(".")
    return is_local(host) or name in names


def is_foreign(method: str, headers: Headers, scheme: str) -> bool:
    """Whether a page of another site made the browser send this. Links from elsewhere may be followed.

    https://www.w3.org/TR/fetch-metadata/; browsers without it send Origin with requests that change something.
    """
    site = headers.get("sec-fetch-site")
    if site in ("same-origin", "none"):
        return False
    if site is not None:
        followed = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") in ("document", None)
        return not (method in ("GET", "HEAD") and followed)
    origin = headers.get("origin")
    if origin is None or method in SAFE:
        return False
    return _place(origin) != _place(f"{scheme}://{headers.get('host', '')}")


def _place(address: str) -> tuple[str, str, int | None] | None:
    try:
        parts = urlsplit(address)
        return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None
