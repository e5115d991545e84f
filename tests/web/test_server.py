"""A server inside the running event loop: over real HTTP."""

from __future__ import annotations

import asyncio
import signal
import socket

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from pipeline.web.hosts import is_local
from pipeline.web.server import listen, serving, url_of


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
