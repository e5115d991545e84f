"""Signed links of messages: they work once, for anybody, and opening them changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from pipeline.assembly.console import access_of
from pipeline.console.app import build
from pipeline.console.desk import Desk
from pipeline.core.alerts.signed_links import signed
from pipeline.log.reading import read_all
from pipeline.records import AlertRequest, Message
from pipeline.stage import Out
from tests.builders import alert
from tests.console.conftest import browser, sent, words_of
from tests.console.newsroom import NOW
from tests.reports.ledgers import delivery, state

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
    again = await client.get(path)
    assert again.status_code == 410
    assert "This link was used already" in again.text
    assert "cannot be understood" not in again.text
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


def sent_to(*channels: tuple[str, str]) -> list[Out]:
    """The alert went out in a message, with these outcomes by channel."""
    made = Message(id="m1", kind="alert", rule="Port strikes", name="Port strikes", severity="high", at=NOW,
                   channels=tuple(name for name, _ in channels), alerts=(ALERT,))  # fmt: skip
    told = state("a1", article="p1", story="p1", title="Dockers <strike>", at=NOW, seen=NOW, message="m1")
    return [told, Out("messages", "m1", made), *(delivery("m1", status, channel=name) for name, status in channels)]


@pytest.mark.parametrize(
    ("channels", "again"),
    [
        ((("mail", "sent"), ("chat", "given_up"), ("pager", "waiting")), ("chat",)),
        ((("mail", "sent"), ("pager", "waiting")), ("mail",)), ((("chat", "sent"), ("mail", "sent")), ("chat", "mail")),
    ],
)  # fmt: skip
async def test_a_message_is_sent_again_to_whom_it_did_not_reach_else_to_all(
    client: httpx.AsyncClient, desk: Desk, secret: bytes, channels: Any, again: tuple[str, ...]
) -> None:
    await desk.log.publish(sent_to(*channels))
    await desk.follower.look()
    path = f"/act/{signed(secret, 'again', ALERT)}"
    assert f"Send this message again? To: {', '.join(again)}" in words_of(await client.get(path)).replace(" ,", ",")
    assert await requests_of(desk) == []
    assert "sent again within seconds" in (await sent(client, path, {}, page=path)).text
    (asked,) = await requests_of(desk)
    assert asked.resend
    assert (asked.resend.id, asked.again) == ("m1", again)
    assert (await sent(client, path, {})).status_code == 410


async def test_a_link_is_not_used_up_by_a_message_that_cannot_be_sent_again(
    client: httpx.AsyncClient, desk: Desk, secret: bytes
) -> None:
    path = f"/act/{signed(secret, 'again', ALERT)}"
    for known in ([], sent_to(("pager", "waiting"))):
        await desk.log.publish(known)
        await desk.follower.look()
        assert (await client.get(path)).status_code == 409
        assert (await sent(client, path, {})).status_code == 409
    await desk.log.publish([delivery("m1", "refused", channel="pager")])
    await desk.follower.look()
    assert "sent again" in (await sent(client, path, {}, page=path)).text


@pytest.mark.parametrize("made", ["other secret", "too old", "no such alert", "nonsense"])
async def test_links_that_are_not_valid(client: httpx.AsyncClient, secret: bytes, made: str) -> None:
    text = {
        "other secret": signed(b"x" * 32, "noise", ALERT),
        "too old": signed(secret, "noise", replace(ALERT, seen=NOW - timedelta(days=15))),
        "no such alert": signed(secret, "noise", replace(ALERT, id="zz")),
        "nonsense": "abc",
    }[made]
    assert (await client.get(f"/act/{text}")).status_code == 404
