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
