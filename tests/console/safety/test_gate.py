"""The gate as browsers meet it: logins, roles, forged requests, proxies, limits."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
from starlette.types import ASGIApp

from pipeline.assembly.console import access_of
from pipeline.config.settings import Console
from pipeline.console.app import build
from pipeline.console.desk import Desk
from pipeline.console.safety.access import Access, Proxy, Who
from pipeline.console.safety.rate import Rate
from pipeline.console.safety.users import Users
from pipeline.log.reading import read_all
from pipeline.records import Request
from pipeline.stage import Unavailable
from tests.console.conftest import browser, sent
from tests.console.safety.conftest import log_in
from tests.console.safety.test_parts import FAST, PASSWORD

Make = Callable[..., ASGIApp]


async def test_who_is_not_known_is_asked_to_log_in_and_comes_back(desk: Desk, access: Access) -> None:
    async with browser(build(desk, access)) as client:
        asked = await client.get("/system?a=1&b=2")
        assert (asked.status_code, asked.headers["location"]) == (303, "/login?next=%2Fsystem%3Fa%3D1%26b%3D2")
        form = await client.get(asked.headers["location"])
        assert 'name="next" value="/system?a=1&amp;b=2"' in form.text
        done = await log_in(client, "ana", goal="/system?a=1&b=2")
        assert (done.status_code, done.headers["location"]) == (303, "/system?a=1&b=2")
        assert (await client.get("/system")).status_code == 200


@pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {"Accept": "application/json"}])
async def test_scripts_are_refused_instead(desk: Desk, access: Access, headers: dict[str, str]) -> None:
    async with browser(build(desk, access)) as client:
        assert (await client.get("/system", headers=headers)).status_code == 401


async def test_files_need_no_login_and_give_no_cookie(desk: Desk, access: Access) -> None:
    async with browser(build(desk, access)) as client:
        text = (await client.get("/login")).text
        address = re.findall(r'href="(/static/[^"]+css)"', text)[0]
        client.cookies.clear()
        answer = await client.get(address)
        assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)


async def test_a_wrong_login_says_no_more_than_that(desk: Desk, access: Access) -> None:
    async with browser(build(desk, access)) as client:
        for name, password in (("ana", "wrong password"), ("eve", PASSWORD)):
            answer = await log_in(client, name, password)
            assert answer.status_code == 401
            assert "Name or password is wrong." in answer.text
        assert (await client.get("/system")).status_code == 303


@pytest.mark.parametrize("goal", ["//evil.example/", "https://evil.example/", "/\\evil.example"])
async def test_a_login_is_no_open_redirect(desk: Desk, access: Access, goal: str) -> None:
    async with browser(build(desk, access)) as client:
        assert (await log_in(client, "ana", goal=goal)).headers["location"] == "/"
        assert (await client.get("/login", params={"next": goal})).headers["location"] == "/"


async def test_logins_are_limited_by_address_and_by_name(desk: Desk, access: Access) -> None:
    app = build(desk, replace(access, logins=Rate(per_minute=1, burst=3)))
    async with browser(app, "192.0.2.1") as client:
        answers = [(await log_in(client, f"user{n}", "wrong password")).status_code for n in range(4)]
        assert answers == [401, 401, 401, 429]
    async with browser(app, "192.0.2.2") as client:
        assert (await log_in(client, "ana", "wrong password")).status_code == 401
        await log_in(client, "ana", "wrong password")
        await log_in(client, "ana", "wrong password")
    async with browser(app, "192.0.2.3") as client:  # another address, the same name
        answer = await log_in(client, "ana")
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0


async def test_requests_are_limited_for_each_user(desk: Desk, access: Access) -> None:
    app = build(desk, replace(access, requests=Rate(per_minute=60, burst=6)))
    async with browser(app) as client:
        answers = [(await client.get("/login")).status_code for _ in range(8)]
    assert answers == [200] * 6 + [429] * 2


async def test_the_cookie_is_out_of_reach_of_scripts_and_sites(desk: Desk, access: Access) -> None:
    app = build(desk, access)
    async with browser(app) as client:
        plain = (await client.get("/login")).headers["set-cookie"]
        assert plain.startswith("almenara=")
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(plain.split("; "))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="https://127.0.0.1") as client:
        answer = await client.get("/login")
        assert answer.headers["set-cookie"].startswith("__Host-almenara=")
        assert "Secure" in answer.headers["set-cookie"].split("; ")
        assert "max-age" in answer.headers["strict-transport-security"]


async def test_a_login_makes_another_session_and_a_logout_ends_all_copies_of_it(desk: Desk, access: Access) -> None:
    app = build(desk, access)
    async with browser(app) as client, browser(app) as thief:
        await client.get("/login")
        before = client.cookies["almenara"]
        await log_in(client, "ana")
        assert client.cookies["almenara"] != before
        thief.cookies.set("almenara", client.cookies["almenara"], domain="127.0.0.1")
        assert (await thief.get("/system")).status_code == 200
        assert (await sent(client, "/logout", {})).status_code == 303
        assert (await thief.get("/system")).status_code == 303


@pytest.mark.parametrize("change", ["removed", "password"])
async def test_a_changed_user_is_out_at_once(desk: Desk, access: Access, change: str) -> None:
    async with browser(build(desk, access)) as client:
        await log_in(client, "ana")
        if change == "removed":
            access.users.remove("ana")
        else:
            access.users.put("ana", "editor", "another password")
        assert (await client.get("/system")).status_code == 303


async def test_a_login_is_on_the_log(desk: Desk, access: Access) -> None:
    async with browser(build(desk, access)) as client:
        await log_in(client, "ana", "wrong password")
        await log_in(client, "ana")
    records, _ = await read_all(desk.log, "control", Request)
    audits = [one.audit for one in records.values() if one.audit]
    assert [(one.by, one.via, one.did) for one in audits] == [("ana", "console", "login")]


# -- forged requests


async def test_a_form_needs_the_token_of_the_session(client: httpx.AsyncClient, desk: Desk) -> None:
    form = {"language": "es", "zone": "UTC", "theme": "dark"}
    assert (await client.post("/settings", data=form)).status_code == 403
    assert (await client.post("/settings", data=form | {"token": "A" * 43})).status_code == 403
    async with browser(build(desk, access_of(desk.configuration().settings))) as other:
        foreign = re.findall(r'name="token" value="([^"]+)"', (await other.get("/settings")).text)[0]
    assert (await client.post("/settings", data=form | {"token": foreign})).status_code == 403
    assert (await sent(client, "/settings", form)).status_code == 303
    assert '<html lang="es"' in (await client.get("/settings")).text


async def test_the_token_may_come_in_a_header(client: httpx.AsyncClient) -> None:
    token = re.findall(r'name="token" value="([^"]+)"', (await client.get("/settings")).text)[0]
    form = {"language": "es", "zone": "UTC", "theme": "dark"}
    assert (await client.post("/settings", data=form, headers={"X-Token": token})).status_code == 303


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421), ({"Host": "evil.example:8750"}, 421), ({"Host": "127.0.0.1:8750"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403), ({"X-Forwarded-For": "192.0.2.9"}, 403),
        ({"Forwarded": "for=192.0.2.9"}, 403),
    ],
)  # fmt: skip
async def test_what_does_not_come_from_here_is_refused(
    client: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    answer = await client.get("/settings", headers=headers)
    assert answer.status_code == status
    assert ("Settings" in answer.text) == (status == 200)
    assert "content-security-policy" in answer.headers


async def test_a_form_of_another_site_is_refused_even_with_a_token(client: httpx.AsyncClient) -> None:
    token = re.findall(r'name="token" value="([^"]+)"', (await client.get("/settings")).text)[0]
    answer = await client.post("/settings", data={"token": token}, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403


async def test_what_is_too_large_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/settings", params={"q": "x" * 9000})).status_code == 414
    assert (await client.post("/settings", content=b"x" * 5_000_001)).status_code == 413

    async def parts() -> object:  # without a length
        for _ in range(6):
            yield b"x" * 1_000_000

    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await client.post("/settings", content=parts(), headers=kind)).status_code in (400, 413)  # type: ignore[arg-type]


# -- roles


@pytest.mark.parametrize(
    ("role", "route", "may"),
    [
        ("editor", "dead.replay", True), ("reader", "dead.replay", False), ("reader", "settings.save", True),
        ("reader", "kept.save", True), ("reader", "anything.new", False), ("reader", "logout", True),
    ],
)  # fmt: skip
def test_readers_may_change_only_what_is_theirs(access: Access, role: str, route: str, may: bool) -> None:
    assert access.may(Who("x", role, "session"), route) is may  # type: ignore[arg-type]


# -- proxies


@pytest.mark.parametrize(
    ("peer", "header", "status"),
    [("10.0.0.5", "cara", 200), ("10.0.0.6", "cara", 303), ("10.0.0.5", "", 303), ("::ffff:10.0.0.5", "cara", 200)],
)
async def test_only_a_trusted_proxy_may_name_the_user(
    desk: Desk, access: Access, peer: str, header: str, status: int
) -> None:
    proxied = replace(access, proxy=Proxy("X-User", ("10.0.0.5/32",)))
    async with browser(build(desk, proxied), peer) as client:
        answer = await client.get("/system", headers={"X-User": header, "X-Forwarded-For": "192.0.2.1"})
        assert answer.status_code == status


def test_a_user_whom_the_proxy_names_has_the_role_of_the_file_else_that_of_the_setting(access: Access) -> None:
    from starlette.datastructures import Headers

    proxied = replace(access, proxy=Proxy("X-User", ("10.0.0.0/8",)))
    for name, role in (("ana", "editor"), ("cara", "reader")):
        who = proxied.who(None, Headers({"X-User": name}), "10.1.2.3")
        assert who is not None
        assert (who.name, who.role, who.by) == (name, role, "proxy")


# -- where it may listen


@pytest.mark.parametrize(
    ("console", "users", "open_"),
    [
        ({}, False, True), ({}, True, False), ({"listen": "0.0.0.0:8750"}, True, False),
        ({"hosts": ("news.example.org",)}, True, False), ({"listen": "[::1]:8750"}, False, True),
        ({"listen": "0.0.0.0:8750", "proxy_header": "X-User", "proxies": ("10.0.0.0/8",)}, False, False),
    ],
)  # fmt: skip
def test_it_is_open_only_where_nobody_else_comes(desk: Desk, console: object, users: bool, open_: bool) -> None:
    settings = desk.configuration().settings
    settings = settings.model_copy(update={"console": Console.model_validate(console)})
    if users:
        Users(settings.console.users_file(settings.data), FAST).put("ana", "editor", PASSWORD)
    assert access_of(settings, FAST).open is open_


@pytest.mark.parametrize("console", [{"listen": "0.0.0.0:8750"}, {"hosts": ("news.example.org",)}])
def test_without_users_it_does_not_start_where_others_reach_it(desk: Desk, console: object) -> None:
    settings = desk.configuration().settings
    settings = settings.model_copy(update={"console": Console.model_validate(console)})
    with pytest.raises(Unavailable, match="almenara users add"):
        access_of(settings, FAST)
