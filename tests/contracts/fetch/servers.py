"""Real servers on loopback that answer as badly as servers do, for tests of the Fetch protocol."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from pipeline.backends.http import HttpFetch
from pipeline.ports import NO_PROFILE, FetchFailed
from pipeline.records import Profile

CERTIFICATE = Path(__file__).parents[2] / "data" / "tls" / "localhost.pem"  # self-signed, made for these tests
LOOPBACK = ("127.0.0.0/8", "::1/128")
LIMIT = 200_000
HEAD = b"HTTP/1.1 200 OK\r\n"
Answer = Callable[["Request"], Awaitable[None]]


class Request:
    """One request as a raw server sees it."""

    def __init__(self, head: bytes, writer: asyncio.StreamWriter) -> None:
        lines = head.decode("latin-1").split("\r\n")
        self.target = lines[0].split(" ")[1]
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:-2])}
        self.writer = writer

    async def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()

    async def reply(self, body: bytes = b"", status: str = "200 OK", **headers: str) -> None:
        fields = {"content-length": str(len(body)), **{k.replace("_", "-"): v for k, v in headers.items()}}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        await self.send(f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + body)


class Listener:
    """Accepts connections on loopback; each has a task, which `stop` cancels."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self, tls: ssl.SSLContext | None = None) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]
        self.root = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"

    async def stop(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await self.serve(reader, writer)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError


class Server(Listener):
    """A server on loopback; `answers` by path. `seen` are the requests that came."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, Answer] = {}
        self.seen: list[Request] = []
        self.root = ""

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        await self.listen(tls)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                request = Request(await reader.readuntil(b"\r\n\r\n"), writer)
                self.seen.append(request)
                await self.answers[request.target.partition("?")[0]](request)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


async def failure(fetch: HttpFetch, url: str, profile: Profile = NO_PROFILE) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        await fetch(url, None, profile)
    return caught.value


def answer(body: bytes = b"", status: str = "200 OK", **headers: str) -> Answer:
    return lambda request: request.reply(body, status, **headers)


def raw(*pieces: bytes, close: bool = True) -> Answer:
    async def reply(request: Request) -> None:
        await request.send(*pieces)
        if close:
            request.writer.close()
        else:
            await asyncio.sleep(60)

    return reply
