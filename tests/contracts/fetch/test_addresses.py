"""Which addresses may be connected to."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address

import pytest

from pipeline.backends.http import HttpFetch
from pipeline.backends.http.guard import Guard, Refused
from tests.contracts.fetch.servers import Server, answer, failure
from tests.options import http_options


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0x7f.1", "2130706433", "127.1", "0",
     "0.0.0.0", "[::]", "[64:ff9b::7f00:1]"],
)  # fmt: skip
async def test_loopback_is_refused_however_it_is_written(server: Server, host: str) -> None:
    server.answers["/a"] = answer(b"secret")
    fetch = HttpFetch(http_options())
    error = await failure(fetch, f"http://{host}:{server.port}/a")
    assert (error.reason, error.temporary) == ("refused_address", False)
    assert server.seen == []
    await fetch.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"])
async def test_loopback_is_read_when_allowed(server: Server, fetch: HttpFetch, host: str) -> None:
    server.answers["/a"] = answer(b"demo")
    assert (await fetch(f"http://{host}:{server.port}/a")).body == b"demo"


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("100.100.100.200", False),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("169.254.169.254", False),
        ("168.63.129.16", False),
        ("192.0.0.192", False),
        ("192.0.2.1", False),
        ("192.88.99.1", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("239.1.1.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("::127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::8.8.8.8", True),
        ("64:ff9b::10.0.0.1", False),
        ("64:ff9b:1::10.0.0.1", False),
        ("2002:808:808::1", True),
        ("2002:a00:1::1", False),
        ("2001:0:808:808:0:0:f7f7:f7f7", True),
        ("2001:0:808:808:0:0:f5ff:fffe", False),
        ("2001:0:a00:1:0:0:f7f7:f7f7", False),
        ("fc00::1", False),
        ("fd00:ec2::254", False),
        ("fe80::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("100::1", False),
        ("2001:db8::1", False),
        ("3fff::1", False),
        ("5f00::1", False),
    ],
)
def test_which_addresses_are_public(address: str, allowed: bool) -> None:
    assert Guard().allows(ip_address(address)) is allowed
    assert Guard(["0.0.0.0/0", "::/0"]).allows(ip_address(address))


def test_an_allowed_network_opens_no_other() -> None:
    guard = Guard(["10.1.0.0/16"])
    guard.check("10.1.2.3")
    guard.check("::ffff:10.1.2.3")
    for address in ("10.2.0.1", "127.0.0.1", "::1", "fe80::1%eth0"):
        with pytest.raises(Refused):
            guard.check(address)
    with pytest.raises(ValueError, match="10"):
        Guard(["10.1.0.0/99"])


async def test_a_host_with_ipv6_only(fetch: HttpFetch) -> None:
    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.0 200 OK\r\n\r\nnews")
        writer.close()

    server = await asyncio.start_server(reply, "::1", 0)
    assert (await fetch(f"http://[::1]:{server.sockets[0].getsockname()[1]}/a")).body == b"news"
    server.close()
