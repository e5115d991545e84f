"""Runs an ASGI application on a socket of this process, inside the event loop that is already running."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import uvicorn

from pipeline.web.certificates import Certificate
from pipeline.web.connections import WAIT, bounded
from pipeline.web.hosts import known_hosts

BACKLOG = 64  # connections that wait to be accepted
IDLE = 10  # seconds a connection without a request is kept
LEAVE = 1  # seconds that answers in progress have when the server ends


@dataclass(frozen=True, slots=True)
class Limits:
    """What clients may use. `connections`: open at once; a further one ends the oldest that waits for a request.
    `answer`: seconds that an answer may take; None: any time, as a stream does. `local`: on a loopback address, it
    answers to localhost and addresses only. `tls`: the certificate, to serve HTTPS."""

    connections: int = 64
    answer: float | None = 15.0
    local: bool = True
    tls: Certificate | None = None


HEALTH = Limits()


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, with an end to handshakes of TLS that clients do not go on with."""
        await super().startup(sockets=[])
        loop, config = asyncio.get_running_loop(), self.config
        for one in sockets or ():
            self.servers.append(
                await loop.create_server(
                    self._connection, sock=one, ssl=config.ssl, backlog=BACKLOG,
                    ssl_handshake_timeout=WAIT if config.ssl else None,
                )
            )  # fmt: skip

    def _connection(self) -> asyncio.Protocol:
        make: Any = self.config.http_protocol_class
        connection: asyncio.Protocol = make(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return connection

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Leave signals to the daemon."""
        return nullcontext()


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there. Port 0: any free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


def url_of(listener: socket.socket, tls: bool = False) -> str:
    """The address at which other processes reach it: http://HOST:PORT."""
    scheme = "https" if tls else "http"
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # every address of this machine
        host = socket.gethostname()
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


@asynccontextmanager
async def serving(app: Any, listener: socket.socket, limits: Limits = HEALTH) -> AsyncIterator[None]:
    """Answer requests inside. Logs no requests; handles no signals."""
    checked = known_hosts(app, listener.getsockname()[0]) if limits.local else app
    config = uvicorn.Config(
        checked, log_config=None, access_log=False, lifespan="off",
        http=bounded(limits.answer), ws="none", server_header=False, limit_concurrency=limits.connections + 1,
        timeout_keep_alive=IDLE, timeout_graceful_shutdown=LEAVE, proxy_headers=False,
    )  # fmt: skip
    config.load()
    config.ssl = limits.tls.context if limits.tls else None
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.wait([task])
        listener.close()
