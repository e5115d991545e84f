"""Hosts that refuse HTTP/1.1."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.backends.http import HttpFetch
from pipeline.backends.http.guard import Guard, Refused
from pipeline.backends.http.http2 import REMEMBERED, GuardedBackend, Http2Hosts
from tests.contracts.fetch.http2_server import REFUSALS, Http2Server
from tests.contracts.fetch.servers import CERTIFICATE, LOOPBACK, Server, answer, failure
from tests.options import http_options


@pytest.mark.parametrize("refusal", sorted(REFUSALS))
async def test_a_host_that_refuses_http_1_is_read_with_http_2_and_remembered_for_a_day(refusal: str) -> None:
    server, now = Http2Server(refusal, {"/a": b"news", "/b": b"more"}), datetime(2026, 3, 1, tzinfo=UTC)
    await server.start()
    fetch = HttpFetch(http_options(allow_networks=LOOPBACK, ca_file=str(CERTIFICATE)), lambda: now)
    got = await fetch(f"{server.root}/a", {"Accept": "text/html"})
    assert (got.status, got.body, got.content_type) == (200, b"news", "text/html")
    assert (await fetch(f"{server.root}/b")).body == b"more"
    assert [protocol for protocol, _ in server.seen if protocol == "HTTP/2"] == ["HTTP/2"] * 2
    before = server.seen.count(("HTTP/1.1", "/b"))
    assert before == 0
    now += timedelta(seconds=REMEMBERED)
    await fetch(f"{server.root}/b")
    assert server.seen.count(("HTTP/1.1", "/b")) >= 1
    await fetch.close()
    await server.stop()


async def test_an_error_that_http_2_does_not_change_is_asked_for_once_more_only() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    server = Server()
    await server.start(context)
    server.answers["/a"] = answer(b"no", "403 Forbidden")
    fetch = HttpFetch(http_options(allow_networks=LOOPBACK, ca_file=str(CERTIFICATE)))
    for _ in range(3):
        got = await fetch(f"{server.root}/a")
        assert (got.status, got.body) == (403, b"no")
    assert len(server.seen) == 4
    await fetch.close()
    await server.stop()


async def test_http_2_meets_the_same_guard_and_limits() -> None:
    backend = GuardedBackend(Guard())
    for host in ("127.0.0.1", "localhost", "[::1]", "10.0.0.1"):
        with pytest.raises(Refused):
            await backend.connect_tcp(host, 443, 1.0)
    server = Http2Server("status", {"/a": b"x" * 15_000})
    await server.start()
    fetch = HttpFetch(http_options(allow_networks=LOOPBACK, ca_file=str(CERTIFICATE), max_bytes=10_000))
    assert (await failure(fetch, f"{server.root}/a")).reason == "too_large"
    await fetch.close()
    untrusting = HttpFetch(http_options(allow_networks=LOOPBACK))
    assert (await failure(untrusting, f"{server.root}/a")).reason == "tls"
    await untrusting.close()
    await server.stop()


def test_memory_of_hosts_is_bounded() -> None:
    hosts = Http2Hosts(lambda: 0.0)
    for number in range(12_000):
        hosts.learn(f"h{number}", helps=bool(number % 2))
    assert hosts.prefers("h11999")
    assert not hosts.prefers("h11998")
    assert not hosts.may_try("h11998")
    assert hosts.may_try("h1")  # forgotten
    hosts.forget("h11999")
    assert hosts.may_try("h11999")
