"""Heads of responses that browsers accept."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.backends.http import HttpFetch
from pipeline.backends.http.heads import HEAD_LIMIT, end_of_head, repaired
from pipeline.ports import FetchFailed
from pipeline.stage import Unavailable
from tests.contracts.fetch.servers import HEAD, LOOPBACK, Server, raw
from tests.options import http_options

OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\nContent-Length: 4\nX-A: b\n\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\nX-A: b\r\n\n",
        b"\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-A: b\r\n\r\n",
        OK + b"Content-Length : 4\r\nX-A\t: b\r\n\r\n",
        OK + b"Content-Length:4\r\nX-A:b\r\n\r\n",
        OK + b" Content-Length: 4\r\nX-A: b\r\n\r\n",
        OK + b"X-A: b\r\nContent-Length: 4\r\nX-\xf1: \xe9\r\nX-C: \xe9\xff\r\n\r\n",
        OK + b"Content-Length: 4\r\nContent-Length: 4\r\nX-A: b\r\n\r\n",
        OK + b"Content-Length: 4, 4\r\nX-A: b\r\n\r\n",
        OK + b"Content-Length: 4\r\nno field at all\r\n: nameless\r\nX B: c\r\n<b>X</b>\r\nX-A: b\r\n\r\n",
        OK + b"X-C: folded\r\n\tvalue\r\nX-A: b\r\nContent-Length: 4\r\n\r\n",
        OK + b"X-A: b\0\x01\r\nContent-Length: 4\r\n\r\n",
        OK + b"Content-Length: abc\r\nX-A: b\r\n\r\n",
        OK + b"Content-Length: -5\r\nX-A: b\r\n\r\n",
        OK + b"Content-Length: 4\r\nTransfer-Encoding: identity\r\nX-A: b\r\n\r\n",
        OK + b"Content-Length: 4\r\nUpgrade: h2,h2c\r\nConnection: Upgrade, Keep-Alive\r\nX-A: b\r\n\r\n",
        OK + b"Content-Length: 4\r\nX-A: b\r\nX-Long: " + b"y" * 60_000 + b"\r\n\r\n",
        OK + b"Content-Length: 4\r\nX-A: b\r\n" + b"".join(b"x-%d: y\r\n" % n for n in range(400)) + b"\r\n",
        b"HTTP/1.1 200\r\nContent-Length: 4\r\nX-A: b\r\n\r\n",
        b"HTTP/1.1 200 \r\nContent-Length: 4\r\nX-A: b\r\n\r\n",
        b"HTTP/1.1  200  OK\r\nContent-Length: 4\r\nX-A: b\r\n\r\n",
        b"http/1.1 200 ok\r\nContent-Length: 4\r\nX-A: b\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nX-A: b\r\n\r\n",
        b"HTTP/1 200 OK\r\nContent-Length: 4\r\nX-A: b\r\n\r\n",
        b"HTTP/2 200\r\nContent-Length: 4\r\nX-A: b\r\n\r\n",
        b"HTTP 200 OK\r\nX-A: b\r\n\r\n",
        b"ICY 200 OK\r\nX-A: b\r\n\r\n",
        "HTTP/1.1 200 Très bien\r\nContent-Length: 4\r\nX-A: b\r\n\r\n".encode("latin-1"),
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 4\r\nX-A: b\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 3 + OK + b"Content-Length: 4\r\nX-A: b\r\n\r\n",
    ],
)
@pytest.mark.parametrize("bytewise", [False, True])
async def test_a_head_that_browsers_accept(server: Server, fetch: HttpFetch, head: bytes, bytewise: bool) -> None:
    if bytewise and len(head) > 2000:
        pytest.skip("the same as a short one")
    data = head + b"news"
    server.answers["/a"] = raw(*([data[n : n + 1] for n in range(len(data))] if bytewise else [data]))
    got = await fetch(f"{server.root}/a")
    assert (got.status, got.body, got.headers["x-a"]) == (200, b"news", "b")


@pytest.mark.parametrize(
    "rest",
    [
        b"Transfer-Encoding: chunked\r\n\r\n4\r\nnews\r\n0\r\n\r\n",
        b"Transfer-Encoding: Chunked\r\nTransfer-Encoding: chunked\r\n\r\n4;ext=1\r\nnews\r\n0\r\n\r\n",
        b"Content-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nnews\r\n0\r\n\r\n",
        b"Transfer-Encoding: identity, chunked\r\n\r\n0004\r\nnews\r\n0\r\nTrailer: x\r\n\r\n",
        b"Transfer-Encoding : chunked\n\n4\r\nnews\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n4  \r\nnews\r\n0\r\n\r\n",
    ],
)
async def test_chunks(server: Server, fetch: HttpFetch, rest: bytes) -> None:
    server.answers["/a"] = raw(HEAD + rest, close=False)
    assert (await fetch(f"{server.root}/a")).body == b"news"


async def test_connections_are_kept_after_a_repaired_head(server: Server, fetch: HttpFetch) -> None:
    async def once(request: object) -> None:
        await server.seen[-1].send(b"HTTP/1.1 200\nContent-Length : 4\n\nnews")

    server.answers["/a"] = once
    assert [(await fetch(f"{server.root}/a")).body for _ in range(3)] == [b"news"] * 3
    assert len({id(request.writer) for request in server.seen}) == 1


PIECES = [b"\r\n", b"\n", b":", b" ", b"HTTP/1.1 200 OK\r\n", b"\0", b"Content-Length: 5\r\n", b"\r\n\r\n"]


@given(st.binary(max_size=200), st.lists(st.sampled_from(PIECES), max_size=12))
def test_any_head_is_repaired_once_and_for_all(data: bytes, pieces: list[bytes]) -> None:
    head = b"HTTP/1.1 200 OK\r\n" + data.join(pieces)
    fixed, status = repaired(head)
    assert status == 200
    assert end_of_head(fixed) == len(fixed)
    assert repaired(fixed) == (fixed, 200)


_LINE = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([b"Content-Length: 4", b"Content-Length: 5", b"Transfer-Encoding: chunked", b"Connection: close",
                     b"Content-Encoding: br", b"Location: /a", b"Set-Cookie: a=\xff", b"Refresh: 0;url=/a", b" fold",
                     b"Content-Type: \xff", b"Upgrade: h2c", b"Connection: upgrade", b"HTTP/1.1 200 OK", b""]),
)  # fmt: skip
_FIRST = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"HTTP/1.1 200 OK", b"HTTP/1.1 302 Found", b"HTTP/1.1 101 Switching", b"HTTP/1.1 100", b"ICY 200",
                     b"HTTP/1.1 204 x", b"HTTP/1.1 304 x", b"HTTP/1.1 999", b"HTTP/0.9 200 OK"]),
)  # fmt: skip


@pytest.mark.slow
async def test_no_answer_crashes_or_hangs_the_client(server: Server) -> None:
    """Fuzzing over real sockets, for fifteen seconds: each answer is a page or a failure, at once."""
    fetch = HttpFetch(http_options(allow_networks=LOOPBACK, timeout=2.0, silence=1.0, max_bytes=100_000))
    answers: list[bytes] = []
    reasons = set[str]()

    @settings(max_examples=3_000, deadline=None, database=None)
    @given(_FIRST, st.lists(_LINE, max_size=8), st.sampled_from([b"\r\n", b"\n"]), st.binary(max_size=40))
    def make(first: bytes, lines: list[bytes], end: bytes, body: bytes) -> None:
        answers.append(end.join((first, *lines, b"", body)))

    make()
    started, tried, longest = time.monotonic(), 0, 0.0
    for data in answers:
        if time.monotonic() - started > 15:
            break
        server.answers["/a"] = raw(data)
        began = time.monotonic()
        try:
            await fetch(f"{server.root}/a")
        except FetchFailed as error:
            reasons.add(error.reason)
        except Unavailable as error:
            raise AssertionError(data) from error
        tried, longest = tried + 1, max(longest, time.monotonic() - began)
    assert tried > 300
    assert reasons <= {"protocol", "connect", "bad_encoding", "redirects", "too_large", "timeout"}
    assert longest < 3
    server.answers["/b"] = raw(HEAD + b"content-length: 4\r\n\r\nfine")
    assert (await fetch(f"{server.root}/b")).body == b"fine"
    await fetch.close()


def test_a_head_that_never_ends_is_given_up() -> None:
    assert end_of_head(OK + b"X: " + b"y" * HEAD_LIMIT) == -1
