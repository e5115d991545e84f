"""Tokens of programs: made by a command, sent with each request to the API and to feeds, and nowhere else."""

from __future__ import annotations

import base64
from pathlib import Path

import httpx
import pytest
from starlette.datastructures import Headers

from pipeline.assembly.console import access_of
from pipeline.console.app import build
from pipeline.console.desk import Desk
from pipeline.console.safety.programs import sent_token
from pipeline.console.safety.users import Users
from pipeline.log.reading import read_all
from pipeline.records import Request
from tests.console.conftest import browser, sent
from tests.console.safety.test_parts import FAST, PASSWORD


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


@pytest.fixture
def users(desk: Desk) -> Users:
    """Ana, an editor with a password and a token; a program that may read."""
    settings = desk.configuration().settings
    users = Users(settings.console.users_file(settings.data), FAST)
    users.put("ana", "editor", PASSWORD)
    return users


def client_of(desk: Desk) -> httpx.AsyncClient:
    return browser(build(desk, access_of(desk.configuration().settings, FAST)))


async def test_a_program_reads_with_its_token(desk: Desk, users: Users) -> None:
    token = users.give_token("dashboard", "reader")
    async with client_of(desk) as client:
        for headers in (bearer(token), basic("dashboard", token), basic("", token)):
            for path in ("/api/v1/stories", "/atom/now"):
                answer = await client.get(path, headers=headers)
                assert answer.status_code == 200
                assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/api/v1/stories", "/atom/now"])
async def test_without_a_token_that_is_valid_nothing_is_read(desk: Desk, users: Users, path: str) -> None:
    token = users.give_token("dashboard", "reader")
    async with client_of(desk) as client:
        for headers in ({}, bearer(token[:-1]), bearer(""), basic("ana", PASSWORD), {"Authorization": "Digest x"}):
            answer = await client.get(path, headers=headers)
            assert answer.status_code == 401
            assert "Basic" in answer.headers["www-authenticate"]


async def test_a_token_opens_no_page(desk: Desk, users: Users) -> None:
    token = users.give_token("dashboard", "editor")
    async with client_of(desk) as client:
        assert (await client.get("/system", headers=bearer(token))).status_code == 303
        assert not await users.check("dashboard", token)
        assert not await users.check("dashboard", "")


async def test_roles_hold_for_tokens_and_the_audit_names_the_program(desk: Desk, users: Users) -> None:
    reader, editor = users.give_token("dashboard", "reader"), users.give_token("ana")
    async with client_of(desk) as client:
        body = {"articles": ["p3"]}
        answer = await client.post("/api/v1/stories/p1/split", json=body, headers=bearer(reader))
        assert (answer.status_code, answer.json()["status"]) == (403, 403)
        answer = await client.post("/api/v1/kept/star/t1", json={}, headers=bearer(reader))
        assert answer.status_code == 200
        answer = await client.post("/api/v1/stories/p1/split", json=body, headers=bearer(editor))
        assert answer.status_code == 202
    found, _ = await read_all(desk.log, "control", Request)
    entry = list(found.values())[-1].audit
    assert entry is not None
    assert (entry.by, entry.via, entry.did) == ("ana", "api", "split")


async def test_a_session_also_needs_its_token(desk: Desk, users: Users) -> None:
    async with client_of(desk) as client:
        await sent(client, "/login", {"name": "ana", "password": PASSWORD, "next": "/"}, page="/login")
        assert (await client.get("/api/v1/stories")).status_code == 200
        assert (await client.post("/api/v1/kept/star/t1", json={})).status_code == 403
        text = (await client.get("/settings")).text
        token = text.partition('"X-Token": "')[2].partition('"')[0]
        assert token
        assert (await client.post("/api/v1/kept/star/t1", json={}, headers={"X-Token": token})).status_code == 200


def test_tokens_are_replaced_and_taken(tmp_path: Path) -> None:
    users = Users(tmp_path / "users.json", FAST)
    users.put("ana", "reader", PASSWORD)
    first, second = users.give_token("Ana"), users.give_token("ana", "editor")
    assert users.with_token(first) is None
    assert (found := users.with_token(second)) is not None
    assert (found.name, found.role, found.ways) == ("ana", "editor", ("password", "token"))
    assert second not in users.file.read_text()
    users.put("ana", "editor", PASSWORD)  # another password ends it
    assert users.with_token(second) is None
    assert not users.take_token("ana")
    program = users.give_token("cron", "reader")
    assert users.take_token("cron")
    assert users.with_token(program) is None
    assert [user.name for user in users.all()] == ["ana"]
    with pytest.raises(ValueError, match="--role"):
        users.give_token("nobody")


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic bmFtZTphOmI=", "a:b"), ("Basic !", ""), ("Basic", ""),
     ("Digest abc", ""), ("", "")],
)  # fmt: skip
def test_tokens_are_read_from_headers(header: str, token: str) -> None:
    assert sent_token(Headers({"Authorization": header})) == token
    assert sent_token(Headers({})) is None
