"""A server that misbehaves in every way we know, each on its own loopback address, and one good newspaper.

Addresses 127.1.0.N may be fetched from; it listens on 127.0.0.1 and ::1 too, where nothing may ever arrive.
"""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count

from tests.agents.newsroom import article

NETWORK = "127.1.0.0/16"
GOOD = 8  # articles of the good newspaper
MEGABYTE = 1_000_000
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def body(data: bytes | str, kind: str = "text/html; charset=utf-8", status: str = "200 OK", **more: str) -> Answer:
    payload = data.encode() if isinstance(data, str) else data

    async def send(writer: asyncio.StreamWriter) -> None:
        fields = {"content-type": kind, "content-length": str(len(payload))}
        fields |= {name.replace("_", "-"): value for name, value in more.items()}
        await _send(writer, head(status, fields) + payload)

    return send


def head(status: str, fields: dict[str, str]) -> bytes:
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status}\r\n{lines}connection: close\r\n\r\n".encode()


async def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


def endless(piece: bytes, pause: float, kind: str) -> Answer:
    """`piece` again and again, `pause` seconds apart, without end."""

    async def send(writer: asyncio.StreamWriter) -> None:
        await _send(writer, head("200 OK", {"content-type": kind}))
        while True:
            await _send(writer, piece)
            await asyncio.sleep(pause)

    return send


async def silent(writer: asyncio.StreamWriter) -> None:
    """Takes the request and says nothing."""
    await asyncio.sleep(3600)


def redirect(to: str) -> Answer:
    return body("", status="302 Found", location=to)


def bomb(prefix: bytes, kind: str) -> Answer:
    """64 MB of zeros in 0.3 MB."""
    return body(gzip.compress(prefix + bytes(64 * MEGABYTE), 1), kind, content_encoding="gzip")


class Hostile:
    """`async with Hostile() as server:`; then `add` what it is to answer."""

    def __init__(self) -> None:
        self.port = 0
        self.answers: dict[tuple[str, str], Answer] = {}
        self.trespassed: list[str] = []  # requests that came by an address that is not allowed
        self._hosts = count(1)
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Hostile:
        await self._listen("127.0.0.1")
        with suppress(OSError):  # no IPv6 here
            await self._listen("::1")
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self, host: str) -> None:
        server = await asyncio.start_server(self._serve, host, self.port)
        self.port = self.port or server.sockets[0].getsockname()[1]
        self._servers.append(server)

    async def host(self) -> str:
        """A new site, as `127.1.0.7:port`."""
        host = f"127.1.0.{next(self._hosts)}"
        await self._listen(host)
        return f"{host}:{self.port}"

    async def add(self, answer: Answer, path: str = "/a", host: str = "") -> str:
        """The URL that gives `answer`, by default on its own host."""
        host = host or await self.host()
        self.answers[host, path] = answer
        return f"http://{host}{path}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            host = next(line[5:].strip() for line in lines if line.lower().startswith("host:"))
            if not writer.get_extra_info("sockname")[0].startswith("127.1."):
                self.trespassed.append(lines[0])
            known = self.answers.get((host, lines[0].split(" ")[1]), body("not here", status="404 Not Found"))
            await known(writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


def rss(links: list[tuple[str, str]], extra: str = "") -> bytes:
    """A feed of (title, URL)."""
    items = "".join(f"<item><title>{title}</title><link>{url}</link>{extra}</item>" for title, url in links)
    return f'<rss version="2.0"><channel><title>Feed</title>{items}</channel></rss>'.encode()


def page(number: int, before: str = "", after: str = "", charset: str = "") -> str:
    """Article `number` as a page; `before` and `after` stand around its text."""
    title, text = article(number)
    paragraphs = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    meta = f'<meta charset="{charset}">' if charset else ""
    begin = f"<html lang=en><head>{meta}<title>{title}</title></head><body>"
    return f"{begin}{before}<article><h1>{title}</h1>{paragraphs}</article>{after}</body></html>"


def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
