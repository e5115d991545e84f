"""Asking a process on its health endpoint, whatever answers there."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from pipeline.backends import health_http
from pipeline.records import Heartbeat
from tests.reports.problem_cases import NOW, beat

HERE = socket.gethostname()
PROBLEM = {"part": "log", "state": "unavailable", "why": "full", "since": NOW.isoformat(), "next_try": None}
READY = {"ready": False, "instance": "desk", "not_ready": [PROBLEM], "stages": ["poll"], "version": "1"}


@asynccontextmanager
async def server(answer: bytes | None) -> AsyncIterator[str]:
    """A server that answers every request with these bytes; None: it never answers."""
    ended: list[asyncio.Task[Any]] = []

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        ended.append(task)
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            assert request.startswith(b"GET /health/ready ")
            if answer is None:
                await reader.read()
            else:
                writer.write(answer)
                await writer.drain()
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    running = await asyncio.start_server(respond, "127.0.0.1", 0)
    async with running:
        yield f"http://127.0.0.1:{running.sockets[0].getsockname()[1]}"
        await asyncio.gather(*ended, return_exceptions=True)


def response(body: bytes | dict[str, Any], status: str = "503 Service Unavailable", **headers: str) -> bytes:
    data = json.dumps(body).encode() if isinstance(body, dict) else body
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\n{more}Content-Length: {len(data)}\r\n\r\n".encode() + data


def at(url: str, **changes: Any) -> Heartbeat:
    return beat(**{"host": HERE, "health_url": url} | changes)


async def test_it_says_what_is_wrong() -> None:
    async with server(response(READY)) as url:
        [problem] = await health_http.ask(at(url)) or ()
    assert (problem.part, problem.state, problem.why, problem.since) == ("log", "unavailable", "full", NOW)


async def test_nothing_is_wrong() -> None:
    async with server(response(READY | {"ready": True, "not_ready": []}, "200 OK")) as url:
        assert await health_http.ask(at(url)) == ()


@pytest.mark.parametrize(
    "answer",
    [
        response(READY | {"instance": "another"}),
        response(b"<html>a page</html>"),
        response(b"\xff\xfe"),
        response({"instance": "desk", "not_ready": [{"part": "log"}]}),
        response(b"[" * 5000),
        response(b'{"a":"' + b"x" * (health_http.LIMIT + 1) + b'"}'),
        response(b"", "302 Found", Location="http://127.0.0.1:1/elsewhere"),
        b"no HTTP at all",
        b"",
    ],
    ids=["another process", "HTML", "bytes", "other JSON", "nested", "too large", "redirect", "no HTTP", "nothing"],
)
async def test_something_else_answers(answer: bytes) -> None:
    async with server(answer) as url:
        assert await health_http.ask(at(url)) is None


async def test_it_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_http, "TIMEOUT", 0.2)
    async with server(None) as url:
        assert await health_http.ask(at(url)) is None


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://127.0.0.1:1", HERE),  # nothing listens
        ("http://127.0.0.1:{port}", "another-host"),  # its loopback is not ours
        ("http://[::1]:{port}", "another-host"),
        ("http://localhost:{port}", "another-host"),
        ("https://127.0.0.1:{port}", HERE),
        ("file:///etc/passwd", HERE),
        ("http://[", HERE),
        ("http://127.0.0.1:notaport", HERE),
        ("", HERE),
    ],
)
async def test_an_address_that_is_not_asked(url: str, host: str) -> None:
    async with server(response(READY)) as there:
        port = there.rpartition(":")[2]
        assert await health_http.ask(at(url.format(port=port), host=host)) is None
