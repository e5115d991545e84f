"""Which redirects are followed, and how far."""

from __future__ import annotations

from collections.abc import Awaitable

import pytest

from pipeline.backends.http import HttpFetch
from tests.contracts.fetch.servers import Request, Server, answer, failure


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


# -- cookies, kept within one chain


def gate(server: Server) -> None:
    """`/a` needs a cookie that `/set` gives, where a gate on the way leads."""

    async def walled(request: Request) -> None:
        if "gate=ok" in request.headers.get("cookie", ""):
            await request.reply(b"news")
        else:
            await request.reply(status="302 Found", location="/gate?back=/a")

    server.answers["/a"] = walled
    server.answers["/gate"] = answer(status="302 Found", location="/set?t=7")
    server.answers["/set"] = answer(status="302 Found", location="/a", set_cookie="gate=ok; Path=/; HttpOnly")


async def test_a_cookie_that_one_answer_of_a_chain_sets_is_sent_to_the_next(server: Server, fetch: HttpFetch) -> None:
    gate(server)
    for _ in range(2):  # and then it is forgotten
        server.seen.clear()
        assert (await fetch(f"{server.root}/a")).body == b"news"
        assert [request.target for request in server.seen] == ["/a", "/gate?back=/a", "/set?t=7", "/a"]
        assert [request.headers.get("cookie") for request in server.seen] == [None, None, None, "gate=ok"]


async def test_a_page_that_redirects_to_itself_with_a_cookie(server: Server, fetch: HttpFetch) -> None:
    async def self_gate(request: Request) -> None:
        if "SID=1" in request.headers.get("cookie", ""):
            await request.reply(b"news")
        else:
            await request.reply(status="302 Found", location=request.target, set_cookie="SID=1")

    server.answers["/a"] = self_gate
    assert (await fetch(f"{server.root}/a")).body == b"news"


async def test_cookies_are_not_sent_to_another_host_and_make_no_endless_chain(server: Server, fetch: HttpFetch) -> None:
    other = Server()
    await other.start()
    server.answers["/a"] = answer(status="302 Found", set_cookie="a=1", location=f"http://localhost:{other.port}/b")
    other.answers["/b"] = answer(b"x")
    await fetch(f"{server.root}/a")
    assert "cookie" not in other.seen[0].headers
    await other.stop()

    def count(request: Request) -> Awaitable[None]:
        return request.reply(status="302 Found", location="/c", set_cookie=f"n={len(server.seen)}")

    server.answers["/c"] = count
    assert (await failure(fetch, f"{server.root}/c")).reason == "redirects"
    assert len(server.seen) <= fetch.options.redirects + 2


# -- redirects inside pages

REFRESH = "<html><head><meta http-equiv=refresh content='0;url={}'></head><body>One moment</body></html>"
SCRIPT = "<html><script>location.replace('{}')</script></html>"


@pytest.mark.parametrize("body", [REFRESH, SCRIPT])
async def test_a_page_that_only_leads_on_is_followed(server: Server, fetch: HttpFetch, body: str) -> None:
    server.answers["/a"] = answer(body.format("/b").encode(), content_type="text/html")
    server.answers["/b"] = answer(status="302 Found", location="/c")
    server.answers["/c"] = answer(b"news")
    got = await fetch(f"{server.root}/a")
    assert (got.body, got.url, got.jumped, got.permanent) == (b"news", f"{server.root}/c", True, None)


async def test_a_refresh_in_a_header(server: Server, fetch: HttpFetch) -> None:
    server.answers["/a"] = answer(b"", refresh="0; url=/b")
    server.answers["/b"] = answer(b"news")
    assert (await fetch(f"{server.root}/a")).body == b"news"


async def test_a_wrapped_address_is_asked_for_directly(server: Server, fetch: HttpFetch) -> None:
    server.answers["/b"] = answer(b"news")
    assert (await fetch(f"https://www.google.com/url?rct=j&url={server.root}/b&ct=ga")).url == f"{server.root}/b"
    server.answers["/a"] = answer(status="302 Found", location=f"https://l.facebook.com/l.php?u={server.root}/b")
    assert (await fetch(f"{server.root}/a")).url == f"{server.root}/b"


async def test_redirects_inside_pages_meet_the_same_limits(server: Server, fetch: HttpFetch) -> None:
    def onwards(request: Request) -> Awaitable[None]:
        return request.reply(REFRESH.format(f"/n?{len(server.seen)}").encode(), content_type="text/html")

    server.answers["/n"] = onwards
    error = await failure(fetch, f"{server.root}/n?0")
    assert (error.reason, error.temporary) == ("redirects", False)
    assert len(server.seen) == fetch.options.redirects + 1
    for target in ("http://169.254.169.254/latest/meta-data", "http://10.0.0.1/", "http://0x7f.1/"):
        server.answers["/a"] = answer(SCRIPT.format(target).encode(), content_type="text/html")
        assert (await failure(fetch, f"{server.root}/a")).reason == "refused_address"
    wrapped = "https://www.google.com/url?q=http://10.0.0.1/"
    assert (await failure(fetch, wrapped)).reason == "refused_address"


async def test_two_pages_that_lead_to_each_other(server: Server, fetch: HttpFetch) -> None:
    server.answers["/a"] = answer(REFRESH.format("/b").encode(), content_type="text/html")
    server.answers["/b"] = answer(REFRESH.format("/a").encode(), content_type="text/html")
    assert (await fetch(f"{server.root}/a")).url == f"{server.root}/b"  # it is read as it is
