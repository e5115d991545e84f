"""A server inside the running event loop: over real HTTP."""

from __future__ import annotations

import asyncio
import signal
import socket
from contextlib import suppress

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from pipeline.web import connections
from pipeline.web.hosts import is_local
from pipeline.web.server import HEALTH, Limits, listen, serving, url_of


async def _hello(_: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


APP = Starlette(routes=[Route("/", _hello)])


async def test_it_answers_while_inside_and_not_after() -> None:
    listener = listen("127.0.0.1", 0)
    url = url_of(listener)
    async with httpx.AsyncClient() as client:
        async with serving(APP, listener):
            assert (await client.get(url)).text == "hello"
        with pytest.raises(httpx.ConnectError):
            await client.get(url)


async def test_signals_stay_with_the_daemon() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    async with serving(APP, listen("127.0.0.1", 0)):
        await asyncio.sleep(0)
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


async def test_an_open_connection_delays_the_end_by_a_second_at_most() -> None:
    listener = listen("127.0.0.1", 0)
    async with serving(APP, listener):
        _, writer = await asyncio.open_connection(*listener.getsockname())
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n")  # and never the rest
        await writer.drain()
        left = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - left < 3
    writer.close()


async def test_half_open_connections_do_not_keep_others_out() -> None:
    listener = listen("127.0.0.1", 0)
    async with serving(APP, listener), httpx.AsyncClient() as client:
        writers = []
        for n in range(3 * HEALTH.connections):
            _, writer = await asyncio.open_connection(*listener.getsockname())
            writer.write(b"" if n % 2 else b"GET / HTTP/1.1\r\nHost: localhost\r\n")
            writers.append(writer)
            if n % 16 == 0:
                assert (await client.get(url_of(listener), headers={"Connection": "close"})).status_code == 200
        assert (await client.get(url_of(listener))).status_code == 200
        for writer in writers:
            writer.close()


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: loc", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET"])
async def test_an_unfinished_request_is_ended(monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr(connections, "WAIT", 0.2)
    listener = listen("127.0.0.1", 0)
    async with serving(APP, listener):
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        writer.write(sent)
        with suppress(ConnectionResetError):
            assert (await asyncio.wait_for(reader.read(), 3)).count(b"hello") == sent.count(b"\r\n\r\n")
        writer.close()


async def test_a_client_that_does_not_read_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "WAIT", 0.1)

    async def much(_: Request) -> PlainTextResponse:
        return PlainTextResponse("x" * 50_000_000)

    listener = listen("127.0.0.1", 0)
    async with serving(Starlette(routes=[Route("/", much)]), listener, Limits(answer=0.3)):
        reader, writer = await asyncio.open_connection(*listener.getsockname(), limit=1000)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await asyncio.sleep(0.6)
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(reader.readexactly(50_000_000), 3)
        writer.close()


async def _body(request: Request) -> PlainTextResponse:
    try:
        return PlainTextResponse(str(len(await request.body())))
    except ClientDisconnect:
        return PlainTextResponse("gone", 400)


async def test_a_body_that_only_trickles_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "WAIT", 0.1)
    monkeypatch.setattr(connections, "SLOW", 0.5)
    listener = listen("127.0.0.1", 0)

    async def trickle(writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"a")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with serving(Starlette(routes=[Route("/", _body, methods=["POST"])]), listener, Limits(answer=None)):
        _, writer = await asyncio.open_connection(*listener.getsockname())
        writer.write(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n")
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(trickle(writer), 5)
        writer.close()


async def test_bodies_that_do_not_come_do_not_keep_others_out() -> None:
    listener = listen("127.0.0.1", 0)
    app = Starlette(routes=[Route("/", _body, methods=["POST"])])
    async with serving(app, listener, Limits(answer=None)), httpx.AsyncClient() as client:
        writers = []
        for _ in range(3 * HEALTH.connections):
            _, writer = await asyncio.open_connection(*listener.getsockname())
            writer.write(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n")
            writers.append(writer)
        assert (await client.post(url_of(listener), content=b"abc")).text == "3"
        for writer in writers:
            writer.close()


async def test_a_stream_that_nobody_reads_is_ended_and_a_slow_reader_gets_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "WAIT", 0.1)
    monkeypatch.setattr(connections, "SLOW", 0.5)

    async def stream(_: Request) -> StreamingResponse:
        return StreamingResponse(iter([b"x" * 100_000] * 100))

    listener = listen("127.0.0.1", 0)
    async with serving(Starlette(routes=[Route("/", stream)]), listener, Limits(answer=None)):
        request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        reader, writer = await asyncio.open_connection(*listener.getsockname(), limit=1000)
        writer.write(request)
        await asyncio.sleep(1.5)  # nothing is read
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(reader.readexactly(10_000_000), 3)
        slow, other = await asyncio.open_connection(*listener.getsockname(), limit=50_000)
        other.write(request)
        taken = 0
        while part := await asyncio.wait_for(slow.read(200_000), 3):
            taken += len(part)
            await asyncio.sleep(0.02)
        assert taken > 10_000_000
        writer.close()
        other.close()


def test_an_address_is_taken_once() -> None:
    with listen("127.0.0.1", 0) as listener, pytest.raises(OSError, match="in use"):
        listen(*listener.getsockname())


def test_a_wildcard_address_is_reached_by_the_name_of_the_machine() -> None:
    with listen("0.0.0.0", 0) as listener:
        assert url_of(listener) == f"http://{socket.gethostname()}:{listener.getsockname()[1]}"


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True), ("localhost:8751", True), ("LOCALHOST.", True), ("127.0.0.1:8751", True),
        ("[::1]:1", True), ("192.168.1.4:8751", True), ("evil.example", False), ("evil.example:8751", False),
        ("127.0.0.1.evil.example", False), ("localhost.evil.example:1", False), ("", False), ("[evil]:1", False),
    ],
)  # fmt: skip
def test_only_localhost_and_addresses_are_local(host: str, local: bool) -> None:
    assert is_local(host) == local


async def test_a_hostile_page_cannot_read_through_a_name_of_its_own() -> None:
    listener = listen("127.0.0.1", 0)
    async with serving(APP, listener), httpx.AsyncClient() as client:
        refused = await client.get(url_of(listener), headers={"Host": "evil.example"})
        assert (refused.status_code, "hello" in refused.text) == (421, False)
        assert (await client.get(url_of(listener))).status_code == 200
