"""What any Fetch does, and what it asks for."""

from __future__ import annotations

import pytest

from pipeline import __version__
from pipeline.backends.http import HttpFetch
from pipeline.ports import FetchFailed
from pipeline.records import Page
from pipeline.stage import Unavailable
from tests.contracts.fetch.servers import Server, answer, failure
from tests.fakes import FakeFetch, page
from tests.options import http_options


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
