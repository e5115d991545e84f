"""Certificates are verified."""

from __future__ import annotations

import asyncio
import ssl

from pipeline.backends.http import HttpFetch
from tests.contracts.fetch.servers import CERTIFICATE, LOOPBACK, Server, answer, failure
from tests.options import http_options


async def test_certificates_are_verified() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    server = Server()
    await server.start(context)
    server.answers["/a"] = answer(b"secure")
    strict = HttpFetch(http_options(allow_networks=LOOPBACK))
    error = await failure(strict, f"{server.root}/a")
    assert (error.reason, error.temporary) == ("tls", True)
    assert server.seen == []
    trusting = HttpFetch(http_options(allow_networks=LOOPBACK, ca_file=str(CERTIFICATE)))
    assert (await trusting(f"{server.root}/a")).body == b"secure"
    await strict.close()
    await trusting.close()
    await server.stop()


async def test_no_tls_where_tls_was_asked_for(fetch: HttpFetch) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(5)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    error = await failure(fetch, f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/a")
    assert (error.reason, error.temporary) == ("tls", True)
    server.close()
