"""What was written is not lost: forms that are sent after the end of a session, a restart, or by a client that goes."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from html import unescape

import httpx
import pytest
from structlog.testing import capture_logs

from pipeline.assembly.console import console_served
from pipeline.assembly.deployment import Deployment
from pipeline.config.folder import load
from pipeline.console.app import build
from pipeline.console.desk import Desk
from pipeline.console.safety.access import Access
from pipeline.web.server import listen, url_of
from tests.console.conftest import browser, token_of
from tests.console.newsroom import NOW
from tests.console.safety.test_parts import PASSWORD

QUERY = 'strike OR "los muelles" OR huelga'
RULE = {"name": "A rule that took an hour", "query": QUERY, "channels": "file", "trigger": "article", "enabled": "1"}


def _fields(text: str) -> dict[str, str]:
    """The form of a page, as a browser would send it."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', text)
    return {unescape(name): unescape(value) for name, value in found}


async def _log_in(client: httpx.AsyncClient, name: str = "ana", **fields: str) -> httpx.Response:
    form = {"token": token_of((await client.get("/login")).text), "name": name, "password": PASSWORD, **fields}
    return await _post(client, "/login", form)


async def _post(client: httpx.AsyncClient, path: str, form: dict[str, str]) -> httpx.Response:
    return await client.post(path, data=form, headers={"Origin": str(client.base_url)})


@pytest.mark.parametrize("lost", ["cookie", "user", "password"])
async def test_a_rule_that_is_saved_after_the_session_is_saved_after_a_login(
    desk: Desk, access: Access, lost: str
) -> None:
    async with browser(build(desk, access)) as client:
        await _log_in(client)
        form = {**_fields((await client.get("/rules/edit")).text), **RULE}
        if lost == "cookie":
            client.cookies.clear()
        elif lost == "user":
            access.users.remove("ana")
        access.users.put("ana", "editor", PASSWORD)
        late = await _post(client, "/rules/edit", form)
        assert late.status_code == 401
        assert "You were logged out" in late.text
        carried = _fields(late.text)
        wrong = await _post(client, "/login", {**carried, "name": "ana", "password": "wrong password"})
        assert (wrong.status_code, _fields(wrong.text)["kept"]) == (401, carried["kept"])
        again = await _post(client, "/login", {**_fields(wrong.text), "name": "ana", "password": PASSWORD})
        assert again.status_code == 200
        form = _fields(again.text)
        assert {name: form[name] for name in RULE} == RULE
        saved = await _post(client, "/rules/edit", form)
        assert (saved.status_code, saved.headers["location"]) == (303, "/rules?done=saved")
    rules = {rule.name: rule for rule in load(desk.configuration().folder).alerts.rules}
    assert rules[RULE["name"]].query.split() == QUERY.split()


async def test_a_form_with_the_token_of_another_session_is_shown_before_it_is_sent(desk: Desk, access: Access) -> None:
    async with browser(build(desk, access)) as client:
        await _log_in(client)
        form = {**_fields((await client.get("/rules/edit")).text), **RULE}
        client.cookies.clear()
        await _log_in(client)  # in another window, or after a restart with another secret
        late = await _post(client, "/rules/edit", form)
        assert late.status_code == 403
        assert RULE["name"] not in {rule.name for rule in load(desk.configuration().folder).alerts.rules}
        assert (await _post(client, "/rules/edit", _fields(late.text))).status_code == 303
        assert RULE["name"] in {rule.name for rule in load(desk.configuration().folder).alerts.rules}


async def test_a_login_does_not_give_rights_that_the_user_has_not(desk: Desk, access: Access) -> None:
    async with browser(build(desk, access)) as client:
        late = await _post(client, "/rules/edit", RULE)
        again = await _post(client, "/login", {**_fields(late.text), "name": "ben", "password": PASSWORD})
        assert (await _post(client, "/rules/edit", _fields(again.text))).status_code == 403


@pytest.mark.parametrize("kept", ["", "[", "[1]", '["//evil.example/", []]', '["https://evil.example", [["a", "b"]]]'])
async def test_a_login_leads_nowhere_else(desk: Desk, access: Access, kept: str) -> None:
    async with browser(build(desk, access)) as client:
        answer = await _log_in(client, kept=kept)
        assert answer.status_code in (200, 303)
        assert "evil.example" not in answer.text + answer.headers.get("location", "")


async def test_scripts_and_large_forms_are_refused(desk: Desk, access: Access) -> None:
    async with browser(build(desk, access)) as client:
        headers = {"Origin": str(client.base_url), "HX-Request": "true"}
        checked = await client.post("/rules/check", data=RULE, headers=headers)
        assert (checked.status_code, "hx-redirect" in checked.headers) == (401, False)
        large = await _post(client, "/rules/edit", {**RULE, "query": "x" * 300_000})
        assert (large.status_code, len(large.text) < 50_000) == (403, True)
        upload = await client.post(
            "/sources/opml", files={"file": b"<opml/>"}, headers={"Origin": str(client.base_url)}
        )
        assert upload.status_code == 403


async def test_when_the_clock_jumps_users_log_in_again(desk: Desk, access: Access) -> None:
    async with browser(build(desk, access)) as client:
        await _log_in(client)
        moved = NOW
        desk.clock = lambda: moved
        async with browser(build(desk, access)) as later:
            later.cookies = client.cookies
            for step, status in ((timedelta(days=13), 200), (timedelta(days=-3), 303), (timedelta(days=60), 303)):
                moved = NOW + step
                assert (await later.get("/settings")).status_code == status, step


async def test_who_goes_while_sending_leaves_no_error(deployment: Deployment, desk: Desk) -> None:
    listener = listen("127.0.0.1", 0)
    configuration = desk.configuration()
    with capture_logs() as logs:
        async with console_served(deployment, lambda: configuration, listener):
            _, writer = await asyncio.open_connection(*listener.getsockname())
            head = "POST /settings HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nContent-Length: 99\r\n"
            writer.write(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\nname=".encode())
            await writer.drain()
            await asyncio.sleep(0.3)
            writer.close()
            await asyncio.sleep(0.3)
            async with httpx.AsyncClient(base_url=url_of(listener)) as client:
                assert (await client.get("/settings")).status_code == 200
    assert [line for line in logs if line["log_level"] in ("warning", "error")] == []
