"""Servers that are slow, endless or broken."""

from __future__ import annotations

import asyncio
import gzip
import socket
import sys
import tracemalloc
import zlib

import brotli
import pytest

from pipeline.backends.http import HttpFetch
from tests.contracts.fetch.servers import HEAD, LOOPBACK, Answer, Request, Server, answer, failure, raw
from tests.options import http_options

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (b"HTTP/1.1 200 OK\r\n",),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n",),
    ],
    ids=["before headers", "in headers", "before the body"],
)
async def test_a_server_that_hangs(server: Server, pieces: tuple[bytes, ...]) -> None:
    server.answers["/a"] = raw(*pieces, close=False)
    fetch = HttpFetch(http_options(allow_networks=LOOPBACK, silence=0.1))
    error = await failure(fetch, f"{server.root}/a")
    assert (error.reason, error.temporary) == ("timeout", True)
    await fetch.close()


async def test_a_server_that_drips_meets_the_deadline(server: Server) -> None:
    async def drip(request: Request) -> None:
        await request.send(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        for _ in range(1000):
            await request.send(b"x")
            await asyncio.sleep(0.02)

    server.answers["/a"] = drip
    fetch = HttpFetch(http_options(allow_networks=LOOPBACK, silence=5, timeout=0.3))
    error = await failure(fetch, f"{server.root}/a")
    assert (error.reason, error.temporary) == ("timeout", True)
    await fetch.close()


async def test_an_endless_body(server: Server, fetch: HttpFetch) -> None:
    async def endless(request: Request) -> None:
        await request.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            await request.send(b"x" * 65536)

    server.answers["/a"] = endless
    error = await failure(fetch, f"{server.root}/a")
    assert (error.reason, error.temporary) == ("too_large", False)


async def test_a_body_said_to_be_too_large_is_not_read(server: Server, fetch: HttpFetch) -> None:
    server.answers["/a"] = raw(b"HTTP/1.1 200 OK\r\ncontent-length: 50000000\r\n\r\n", close=False)
    assert (await failure(fetch, f"{server.root}/a")).reason == "too_large"


@pytest.mark.parametrize("coding", ["gzip", "gzip, gzip", "deflate", "br", "zstd", "br, zstd", ""])
async def test_a_bomb(server: Server, fetch: HttpFetch, coding: str) -> None:
    body = b"\0" * 20_000_000
    pack = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstd.compress}
    for name in (coding or "gzip").split(", "):
        body = pack[name](body)
    server.answers["/a"] = answer(body, content_encoding=coding)
    tracemalloc.start()
    assert (await failure(fetch, f"{server.root}/a")).reason == "too_large"
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(b"news" * 99, mtime=0)),
        ("x-gzip", gzip.compress(b"news" * 99, mtime=0)),
        ("GZIP", gzip.compress(b"news", mtime=0) + gzip.compress(b"news" * 98, mtime=0)),
        ("gzip", gzip.compress(b"news" * 99, mtime=0) + b"\0\0\0 garbage"),
        ("deflate", zlib.compress(b"news" * 99)),
        ("deflate", zlib.compress(b"news" * 99, wbits=-15)),
        ("deflate, gzip", gzip.compress(zlib.compress(b"news" * 99), mtime=0)),
        ("br", brotli.compress(b"news" * 99)),
        ("zstd", zstd.compress(b"news" * 99)),
        ("zstd", zstd.compress(b"news") + zstd.compress(b"news" * 98)),
        ("gzip, br", brotli.compress(gzip.compress(b"news" * 99, mtime=0))),
        ("identity", b"news" * 99),
        ("", b"news" * 99),
        ("utf-8", b"news" * 99),
        ("none", gzip.compress(b"news" * 99, mtime=0)),
        ("", gzip.compress(b"news" * 99, mtime=0)),
        ("gzip", gzip.compress(gzip.compress(b"news" * 99, mtime=0), mtime=0)),
    ],
)
async def test_encodings(server: Server, fetch: HttpFetch, coding: str, body: bytes) -> None:
    server.answers["/a"] = answer(body, content_encoding=coding)
    assert (await fetch(f"{server.root}/a")).body == b"news" * 99


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("body", [b"<html>not packed</html>", b"\xef\xbb\xbf <rss/>" + b" " * 500, b'{"items": []}'])
async def test_a_page_that_is_not_compressed_as_it_says(
    server: Server, fetch: HttpFetch, coding: str, body: bytes
) -> None:
    server.answers["/a"] = answer(body, content_encoding=coding)
    assert (await fetch(f"{server.root}/a")).body == body


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", b"not packed"),
        ("gzip", b"\x1f"),
        ("gzip", gzip.compress(b"news" * 99, mtime=0)[:10]),
        ("deflate", b"\xff\xff\xff\xff"),
        ("br", b"\xff\xff\xff\xff"),
        ("zstd", b"\x28\xb5\x2f\xfd"),
        ("zstd", b"\x28\xb5\x2f\xfd\xff\xff\xff\xff\xff"),
        ("compress", b"\x1f\x9d\x90"),
        ("gzip, gzip, gzip", b""),
    ],
)
async def test_a_lying_content_encoding(server: Server, fetch: HttpFetch, coding: str, body: bytes) -> None:
    server.answers["/a"] = answer(body, content_encoding=coding)
    assert (await failure(fetch, f"{server.root}/a")).reason == "bad_encoding"


async def test_an_empty_body_may_call_itself_anything_we_know(server: Server, fetch: HttpFetch) -> None:
    server.answers["/a"] = answer(b"", "304 Not Modified", content_encoding="gzip")
    assert (await fetch(f"{server.root}/a")).body == b""


@pytest.mark.parametrize(
    ("reply", "reason", "temporary"),
    [
        (raw(HEAD + b"content-length: 100\r\n\r\n"), "protocol", True),
        (raw(HEAD + b"transfer-encoding: chunked\r\n\r\n5\r\n"), "protocol", True),
        (raw(HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n"), "protocol", False),
        (raw(HEAD + b"content-length: 5\r\ncontent-length: 7\r\n\r\nshort12"), "protocol", False),
        (raw(HEAD + b"".join(b"x-%d: y\r\n" % n for n in range(600)) + b"\r\n"), "protocol", False),
        (raw(HEAD + b"x: " + b"y" * 100_000 + b"\r\n\r\n"), "protocol", False),
        (raw(b"SSH-2.0-OpenSSH_9.6\r\n"), "protocol", False),
        (raw(b"\0" * 500), "protocol", False),
        (raw(), "connect", True),
        (answer(b"\0", content_type="video/mp4"), "media", False),
    ],
    ids=["no body", "no chunk", "bad chunk", "two lengths", "600 headers", "huge header", "ssh",
         "zeros", "closed", "video"],
)  # fmt: skip
async def test_broken_answers(server: Server, fetch: HttpFetch, reply: Answer, reason: str, temporary: bool) -> None:
    server.answers["/a"] = reply
    error = await failure(fetch, f"{server.root}/a")
    assert (error.reason, error.temporary) == (reason, temporary), error.detail
    server.answers["/b"] = answer(b"fine")
    assert (await fetch(f"{server.root}/b")).body == b"fine"


async def test_policy_headers_of_twenty_kilobytes_are_lived_with(server: Server, fetch: HttpFetch) -> None:
    server.answers["/a"] = answer(b"x", content_security_policy="y" * 20_000)
    assert (await fetch(f"{server.root}/a")).status == 200


async def test_a_connection_that_is_reset(server: Server, fetch: HttpFetch) -> None:
    async def reset(request: Request) -> None:
        request.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        request.writer.transport.abort()

    server.answers["/a"] = reset
    error = await failure(fetch, f"{server.root}/a")
    assert (error.reason, error.temporary) == ("connect", True)


async def test_nobody_listens(fetch: HttpFetch) -> None:
    error = await failure(fetch, "http://127.0.0.1:1/a")
    assert (error.reason, error.temporary) == ("connect", True)


@pytest.mark.parametrize(
    "url",
    ["", "a", "ftp://127.0.0.1/", "file:///etc/passwd", "javascript:alert(1)", "http://", "http://[::1", "http://a b/",
     "http://127.0.0.1:99999/", "http://0177.0.0.1/", "http://" + "a." * 200, "http://\ud800/",
     "http://a/" + "b" * 70_000],
)  # fmt: skip
async def test_no_address_at_all(fetch: HttpFetch, url: str) -> None:
    error = await failure(fetch, url)
    assert error.reason in ("protocol", "dns")
