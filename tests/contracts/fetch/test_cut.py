"""Servers that hang up, or fall silent, before the end that they announced."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest

from pipeline.backends.http import HttpFetch
from tests.contracts.fetch.servers import HEAD, LOOPBACK, Answer, Request, Server, answer, raw
from tests.options import http_options

BODY = b"<html><body>news</body></html>"
PACKED = gzip.compress(b"news" * 99, mtime=0)


async def reset(request: Request) -> None:
    await request.send(HEAD + b"content-length: 99\r\n\r\n" + BODY)
    request.writer.transport.abort()


@pytest.mark.parametrize(
    "reply",
    [
        raw(HEAD + b"content-length: 99\r\n\r\n" + BODY),
        raw(HEAD + b"content-length: 99\r\n\r\n" + BODY, close=False),
        raw(HEAD + b"transfer-encoding: chunked\r\n\r\n1e\r\n" + BODY + b"\r\n"),
        raw(HEAD + b"transfer-encoding: chunked\r\n\r\n1e\r\n" + BODY + b"\r\nff\r\n"),
        reset,
    ],
    ids=["length", "silence", "no last chunk", "half a chunk", "reset"],
)
async def test_what_came_is_given_and_marked(server: Server, reply: Answer) -> None:
    fetch = HttpFetch(http_options(allow_networks=LOOPBACK, silence=0.3))
    server.answers["/a"] = reply
    got = await fetch(f"{server.root}/a")
    assert got.body == BODY
    assert got.cut
    server.answers["/b"] = answer(BODY)
    assert (await fetch(f"{server.root}/b")).cut == ""
    await fetch.close()


@pytest.mark.parametrize(
    ("coding", "body", "came"),
    [
        ("gzip", PACKED[:-10], None),
        ("deflate", zlib.compress(b"news" * 99)[:-4], b"news" * 99),
        ("br", brotli.compress(bytes(range(256)) * 40)[:-20], None),
    ],
)
async def test_a_compressed_body_without_its_end(
    server: Server, fetch: HttpFetch, coding: str, body: bytes, came: bytes | None
) -> None:
    server.answers["/a"] = answer(body, content_encoding=coding)
    got = await fetch(f"{server.root}/a")
    assert got.body
    assert came in (None, got.body)
    assert got.cut == "compressed body is cut off"


@pytest.mark.parametrize(
    "body",
    [
        PACKED[:-8],  # without checksum and length
        PACKED[:-3],
        PACKED[:-8] + bytes(8),
        gzip.compress(b"news" * 9, mtime=0) + gzip.compress(b"news" * 90, mtime=0),
        b"\x1f\x8b\x08\x1e" + bytes(6) + b"\x03\x00abc" + b"name\0comment\0" + b"\0\0" + PACKED[10:],
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_gzip_is_believed_without_its_checksum(server: Server, fetch: HttpFetch, body: bytes, size: int) -> None:
    head = HEAD + b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(body)
    server.answers["/a"] = raw(head, *(body[at : at + size] for at in range(0, len(body), size)))
    got = await fetch(f"{server.root}/a")
    assert (got.body, got.cut) == (b"news" * 99, "")
