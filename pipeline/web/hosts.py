"""Refuses requests that a hostile web page makes a browser send to a server on this machine (DNS rebinding).

Such a request carries the name of the hostile site in its Host header. A server that listens on loopback only is
addressed as localhost or by its address.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

App = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]


def known_hosts(app: App, listens: str) -> App:
    """The application behind the check, if it listens on a loopback address; elsewhere any name may lead to it."""
    if not ipaddress.ip_address(listens.partition("%")[0]).is_loopback:
        return app

    async def checked(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http" and not is_local(Headers(scope=scope).get("host", "")):
            await PlainTextResponse("this server answers to localhost only", 421)(scope, receive, send)
        else:
            await app(scope, receive, send)

    return checked


def is_local(host: str) -> bool:
    """Whether a Host header (RFC 9110, 7.2) names localhost or an address, which no hostile page can make up."""
    name = host.rpartition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
    if name.lower().rstrip(".") == "localhost":
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
