"""Signed links of messages: they work once, for anybody, and opening them changes nothing."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from msgspec.structs import replace

from pipeline.assembly.console import access_of
from pipeline.console.app import build
from pipeline.console.desk import Desk
from pipeline.core.alerts.signed_links import signed
from pipeline.log.reading import read_all
from pipeline.records import AlertRequest
from tests.builders import alert
from tests.console.conftest import browser, sent
from tests.console.newsroom import NOW
from tests.reports.ledgers import state

ALERT = replace(alert("Dockers strike", id="a1"), seen=NOW - timedelta(hours=1))


@pytest.fixture
async def secret(desk: Desk) -> bytes:
    """The secret of the links, after the alert fired."""
    await desk.log.publish([state("a1", article="p1", story="p1", title="Dockers <strike>", at=NOW, seen=NOW)])
    await desk.follower.look()
    return access_of(desk.configuration().settings).secret


async def requests_of(desk: Desk) -> list[AlertRequest]:
    found, _ = await read_all(desk.log, "alert-requests", AlertRequest)
    return list(found.values())


async def test_a_link_asks_first_and_works_once(client: httpx.AsyncClient, desk: Desk, secret: bytes) -> None:
    path = f"/act/{signed(secret, 'useful', ALERT)}"
    for _ in range(2):
        answer = await client.get(path)
        assert answer.status_code == 200
        assert "Mark this alert as useful?" in answer.text
        assert "Dockers &lt;strike&gt;" in answer.text
    assert await requests_of(desk) == []
    assert "marked as useful" in (await sent(client, path, {}, page=path)).text
    assert [one.mark for one in await requests_of(desk)] == [("a1", "useful")]
    assert (await client.get(path)).status_code == 410
    assert (await sent(client, path, {})).status_code == 410
    assert len(await requests_of(desk)) == 1


async def test_a_link_needs_no_login(desk: Desk, secret: bytes) -> None:
    access = access_of(desk.configuration().settings)
    object.__setattr__(access, "open", False)
    path = f"/act/{signed(secret, 'mute', ALERT)}"
    async with browser(build(desk, access)) as client:
        assert (await client.get("/alerts")).status_code in (303, 401)
        answer = await sent(client, path, {}, page=path)
    assert answer.status_code == 200
    (asked,) = await requests_of(desk)
    assert asked.mute
    assert (asked.mute.story, asked.mute.until) == ("p1", NOW + timedelta(days=1))


@pytest.mark.parametrize("made", ["other secret", "too old", "no such alert", "nonsense"])
async def test_links_that_are_not_valid(client: httpx.AsyncClient, secret: bytes, made: str) -> None:
    text = {
        "other secret": signed(b"x" * 32, "noise", ALERT),
        "too old": signed(secret, "noise", replace(ALERT, seen=NOW - timedelta(days=15))),
        "no such alert": signed(secret, "noise", replace(ALERT, id="zz")),
        "nonsense": "abc",
    }[made]
    assert (await client.get(f"/act/{text}")).status_code == 404
