"""The Fetch seam, over real servers on loopback that behave as badly as servers do."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import os
import resource
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import __version__
from pipeline.backends.http import HttpFetch
from pipeline.backends.http.guard import Guard, Refused
from pipeline.backends.http.inflate import BadEncoding, Inflate, TooLarge
from pipeline.ports import FetchFailed
from pipeline.records import Page
from pipeline.stage import Unavailable
from tests.fakes import FakeFetch, page
from tests.limits import in_own_process, limit
from tests.options import http_options

CERTIFICATE = Path(__file__).parents[1] / "data" / "tls" / "localhost.pem"  # self-signed, made for these tests
LOOPBACK = ("127.0.0.0/8", "::1/128")
LIMIT = 200_000
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


class Server:
    """A server on loopback; `answers` by path. `seen` are the requests that came."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.seen: list[Request] = []
        self.root = ""
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]
        self.root = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"

    async def stop(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            while True:
                request = Request(await reader.readuntil(b"\r\n\r\n"), writer)
                self.seen.append(request)
                await self.answers[request.target.partition("?")[0]](request)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def fetch() -> AsyncIterator[HttpFetch]:
    fetch = HttpFetch(http_options(allow_networks=LOOPBACK, max_bytes=LIMIT, contact="https://example.com/bot"))
    yield fetch
    await fetch.close()


async def failure(fetch: HttpFetch, url: str) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        await fetch(url)
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


# What any Fetch does


@pytest.mark.parametrize("kind", ["http", "fake"])
@pytest.mark.parametrize("status", [200, 304, 404, 410, 429, 500, 503])
async def test_any_status_is_a_page(server: Server, fetch: HttpFetch, kind: str, status: int) -> None:
    body = b"" if status == 304 else "señal".encode()
    server.answers["/a"] = answer(body, f"{status} So", content_type="text/html; charset=utf-8", retry_after="5")
    url = f"{server.root}/a"
    known = page(url, body, status, "text/html; charset=utf-8", headers={"retry-after": "5"})
    got: Page = await (fetch if kind == "http" else FakeFetch({url: known}))(url)
    assert (got.status, got.body, got.url, got.permanent) == (status, body, url, None)
    assert got.content_type == "text/html; charset=utf-8"
    assert got.headers["retry-after"] == "5"
    assert got.fetched_at.tzinfo is not None


@pytest.mark.parametrize("kind", ["http", "fake"])
async def test_a_host_nobody_knows_is_worth_another_try(fetch: HttpFetch, kind: str) -> None:
    with pytest.raises(FetchFailed) as caught:
        await (fetch if kind == "http" else FakeFetch())("http://no-such-host.invalid/a")
    assert caught.value.reason == "dns"
    assert caught.value.temporary


# What is asked


async def test_the_request_says_who_we_are_and_what_we_read(server: Server, fetch: HttpFetch) -> None:
    server.answers["/a"] = answer(set_cookie="id=1; Path=/")
    await fetch(f"{server.root}/a")
    await fetch(
        f"{server.root}/a", {"Accept": "application/rss+xml", "If-None-Match": 'W/"ñ"', "user-agent": "Other/1"}
    )
    first, second = (request.headers for request in server.seen)
    assert first["user-agent"] == f"Almenara/{__version__} (+https://example.com/bot)"
    assert first["accept"].startswith("text/html")
    assert first["accept-encoding"] == "gzip, deflate"
    assert second["accept"] == "application/rss+xml"
    assert second["user-agent"] == "Other/1"
    assert second["if-none-match"].encode("latin-1").decode() == 'W/"ñ"'
    assert "cookie" not in second


async def test_one_connection_serves_several_requests(server: Server, fetch: HttpFetch) -> None:
    server.answers["/a"] = answer(b"x")
    for _ in range(3):
        await fetch(f"{server.root}/a")
    assert len({id(request.writer) for request in server.seen}) == 1


async def test_a_password_in_the_address_is_sent_but_neither_kept_nor_passed_on(
    server: Server, fetch: HttpFetch
) -> None:
    other = Server()
    await other.start()
    server.answers["/a"] = answer(status="302 Found", location="/b")
    server.answers["/b"] = answer(status="302 Found", location=f"{other.root}/c")
    other.answers["/c"] = answer(b"x")
    got = await fetch(server.root.replace("//", "//us%40er:pass@") + "/a")
    assert [request.headers.get("authorization") for request in server.seen] == ["Basic dXNAZXI6cGFzcw=="] * 2
    assert "authorization" not in other.seen[0].headers
    assert got.url == f"{other.root}/c"
    await other.stop()


async def test_no_proxy_is_taken_from_the_environment(
    server: Server, fetch: HttpFetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    server.answers["/a"] = answer(b"x")
    assert (await fetch(f"{server.root}/a")).body == b"x"


async def test_a_configured_proxy_connects_but_not_to_private_literals(server: Server) -> None:
    server.answers["http://example.com/a"] = answer(b"by proxy")
    fetch = HttpFetch(http_options(proxy=f"http://me:secret@127.0.0.1:{server.port}"))
    assert (await fetch("http://example.com/a")).body == b"by proxy"
    assert server.seen[0].headers["proxy-authorization"].startswith("Basic ")
    server.answers["example.com:443"] = answer(status="403 Forbidden")
    error = await failure(fetch, "https://example.com/a")
    assert (error.reason, error.temporary) == ("connect", True)
    assert server.seen[1].headers["proxy-authorization"] == server.seen[0].headers["proxy-authorization"]
    assert (await failure(fetch, "http://169.254.169.254/latest")).reason == "refused_address"
    await fetch.close()
    dead = HttpFetch(http_options(proxy="http://127.0.0.1:1"))
    with pytest.raises(Unavailable, match="proxy"):
        await dead("http://example.com/a")
    await dead.close()


# Servers that are slow, endless, broken


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (b"HTTP/1.1 200 OK\r\n",),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345",),
    ],
    ids=["before headers", "in headers", "in body"],
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


@pytest.mark.parametrize("layers", [1, 2])
async def test_a_gzip_bomb(server: Server, fetch: HttpFetch, layers: int) -> None:
    body, coding = b"\0" * 20_000_000, ", ".join(["gzip"] * layers)
    for _ in range(layers):
        body = gzip.compress(body, mtime=0)
    server.answers["/a"] = answer(body, content_encoding=coding)
    assert (await failure(fetch, f"{server.root}/a")).reason == "too_large"


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
        ("identity", b"news" * 99),
        ("", b"news" * 99),
    ],
)
async def test_encodings(server: Server, fetch: HttpFetch, coding: str, body: bytes) -> None:
    server.answers["/a"] = answer(body, content_encoding=coding)
    assert (await fetch(f"{server.root}/a")).body == b"news" * 99


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", b"<html>not packed</html>"),
        ("gzip", gzip.compress(b"news" * 99, mtime=0)[:-9]),
        ("gzip", b"\x1f"),
        ("deflate", b"\xff\xff\xff\xff"),
        ("br", b"\x0b\x02\x80news\x03"),
        ("zstd", b"\x28\xb5\x2f\xfd"),
        ("gzip, gzip, gzip", b""),
    ],
)
async def test_a_lying_content_encoding(server: Server, fetch: HttpFetch, coding: str, body: bytes) -> None:
    server.answers["/a"] = answer(body, content_encoding=coding)
    assert (await failure(fetch, f"{server.root}/a")).reason == "bad_encoding"


async def test_an_empty_body_may_call_itself_anything_we_know(server: Server, fetch: HttpFetch) -> None:
    server.answers["/a"] = answer(b"", "304 Not Modified", content_encoding="gzip")
    assert (await fetch(f"{server.root}/a")).body == b""


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("reply", "reason", "temporary"),
    [
        (raw(HEAD + b"content-length: 100\r\n\r\nshort"), "protocol", True),
        (raw(HEAD + b"transfer-encoding: chunked\r\n\r\n5\r\nshort\r\n"), "protocol", True),
        (raw(HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n"), "protocol", False),
        (raw(HEAD + b"content-length: -5\r\n\r\n"), "protocol", False),
        (raw(HEAD + b"content-length: 5\r\ncontent-length: 7\r\n\r\nshort12"), "protocol", False),
        (raw(HEAD + b"".join(b"x-%d: y\r\n" % n for n in range(300)) + b"\r\n"), "protocol", False),
        (raw(HEAD + b"x: " + b"y" * 100_000 + b"\r\n\r\n"), "protocol", False),
        (raw(b"SSH-2.0-OpenSSH_9.6\r\n"), "protocol", False),
        (raw(b"\0" * 500), "protocol", False),
        (raw(), "connect", True),
        (answer(b"\0", content_type="video/mp4"), "media", False),
    ],
    ids=["short", "chunks cut", "bad chunk", "negative length", "two lengths", "300 headers", "huge header", "ssh",
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


# Redirects


async def test_the_way_of_redirects(server: Server, fetch: HttpFetch) -> None:
    server.answers["/old"] = answer(status="301 Moved", location="/mid?x=1#y")
    server.answers["/mid"] = answer(status="308 Moved", location="new")
    server.answers["/temp"] = answer(status="302 Found", location="/old")
    server.answers["/new"] = answer(b"x")
    new = f"{server.root}/new"
    lasting = await fetch(f"{server.root}/old")
    assert (lasting.url, lasting.permanent) == (new, new)
    passing = await fetch(f"{server.root}/temp")
    assert (passing.url, passing.permanent) == (new, None)


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("/a", "redirects"),
        ("#there", "redirects"),
        ("/n?0", "redirects"),
        ("file:///etc/passwd", "redirects"),
        ("ftp://127.0.0.1/", "redirects"),
        ("http://", "redirects"),
        ("http://10.0.0.1/", "refused_address"),
        ("http://[::ffff:10.0.0.1]/", "refused_address"),
        ("http://0x0a.1/", "refused_address"),
        ("http://169.254.169.254/latest/meta-data", "refused_address"),
    ],
)
async def test_redirects_that_are_not_followed(server: Server, fetch: HttpFetch, location: str, reason: str) -> None:
    def onwards(request: Request) -> Awaitable[None]:
        return request.reply(status="302 Found", location=f"/n?{int(request.target.partition('?')[2]) + 1}")

    server.answers["/a"] = answer(status="302 Found", location=location)
    server.answers["/n"] = onwards
    error = await failure(fetch, f"{server.root}/a")
    assert (error.reason, error.temporary) == (reason, False)
    assert len(server.seen) <= fetch.options.redirects + 1


async def test_a_redirect_status_without_a_place_is_a_page(server: Server, fetch: HttpFetch) -> None:
    server.answers["/a"] = answer(b"lost", "302 Found")
    assert (await fetch(f"{server.root}/a")).status == 302


# Addresses


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


# TLS


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


# Our own side


async def test_after_close_nothing_is_fetched(server: Server, fetch: HttpFetch) -> None:
    await fetch.close()
    with pytest.raises(Unavailable):
        await fetch(f"{server.root}/a")


async def test_close_ends_what_is_under_way(server: Server, fetch: HttpFetch) -> None:
    server.answers["/a"] = raw(HEAD + b"content-length: 9\r\n\r\n", close=False)
    task = asyncio.create_task(fetch(f"{server.root}/a"))
    while not server.seen:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    await fetch.close()
    with pytest.raises(Unavailable):
        await task


def test_no_more_file_descriptors_is_our_own_fault() -> None:
    in_own_process(_run_out_of_file_descriptors)


def _run_out_of_file_descriptors() -> None:
    async def run() -> None:
        server, fetch = Server(), HttpFetch(http_options(allow_networks=LOOPBACK))
        await server.start()
        server.answers["/a"] = answer(b"x")
        limit(resource.RLIMIT_NOFILE, 256)
        taken: list[int] = []
        with contextlib.suppress(OSError):
            while True:
                taken.append(os.dup(0))
        with pytest.raises(Unavailable, match="open files"):
            await fetch(f"{server.root}/a")
        for descriptor in taken:
            os.close(descriptor)
        assert (await fetch(f"{server.root}/a")).body == b"x"
        await fetch.close()
        await server.stop()

    asyncio.run(run())


async def test_cancelling_a_fetch_gives_its_connection_back(server: Server) -> None:
    server.answers["/a"] = raw(close=False)
    server.answers["/b"] = answer(b"x")
    fetch = HttpFetch(http_options(allow_networks=LOOPBACK, connections=1))
    task = asyncio.create_task(fetch(f"{server.root}/a"))
    while not server.seen:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await fetch(f"{server.root}/b")).body == b"x"
    await fetch.close()


# Unpacking


@settings(deadline=None)
@given(st.binary(max_size=300), st.lists(st.integers(1, 50), max_size=20))
def test_bytes_that_are_anything_are_unpacked_or_refused(data: bytes, cuts: list[int]) -> None:
    for coding in ("gzip", "deflate", "deflate, gzip"):
        inflate, rest, got = Inflate(coding, 1000), data, b""
        try:
            for cut in [*cuts, len(data)]:
                got += inflate.feed(rest[:cut])
                rest = rest[cut:]
            inflate.finish()
        except (BadEncoding, TooLarge):
            pass
        assert len(got) <= 1000


@settings(deadline=None)
@given(st.binary(max_size=2000), st.lists(st.integers(1, 50), max_size=20), st.sampled_from([31, 15, -15]))
def test_pieces_of_any_size_give_the_same(data: bytes, cuts: list[int], wbits: int) -> None:
    packed = zlib.compress(data, wbits=wbits)
    inflate, rest, got = Inflate("gzip" if wbits == 31 else "deflate", len(data)), packed, b""
    for cut in [*cuts, len(packed)]:
        got += inflate.feed(rest[:cut])
        rest = rest[cut:]
    inflate.finish()
    assert got == data
