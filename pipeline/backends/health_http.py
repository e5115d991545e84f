"""Asks a process on its health endpoint what is wrong, when it cannot say so on the log."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from urllib.parse import urlsplit

import httpx
import msgspec

from pipeline.records import Heartbeat, Problem

TIMEOUT = 1.0  # seconds for the whole answer
LIMIT = 1_000_000  # bytes of it


class _Answer(msgspec.Struct):
    instance: str = ""
    not_ready: tuple[Problem, ...] = ()


async def ask(beat: Heartbeat) -> tuple[Problem, ...] | None:
    """The problems that the process of a heartbeat reports; None if it does not answer, or another one does.

    Asks only the address that the heartbeat names, and an address of the loopback only on the host of the heartbeat.
    """
    if not _is_reachable(beat):
        return None
    try:
        async with (
            asyncio.timeout(TIMEOUT),
            httpx.AsyncClient(trust_env=False, follow_redirects=False) as client,
            client.stream("GET", f"{beat.health_url.rstrip('/')}/health/ready") as answer,
        ):
            body = b""
            async for part in answer.aiter_raw():
                body += part
                if len(body) > LIMIT:
                    return None
        found = msgspec.json.decode(body, type=_Answer)
    except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, msgspec.MsgspecError, ValueError, OSError):
        return None
    return found.not_ready if found.instance == beat.instance else None


def _is_reachable(beat: Heartbeat) -> bool:
    try:
        parts = urlsplit(beat.health_url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme != "http" or not host:
        return False
    return beat.host == socket.gethostname() or not _is_loopback(host)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
