"""The pages of alerts, on the newsroom's log."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from pipeline.console.desk import Desk
from pipeline.core.alerts.firing import alert_id
from pipeline.log.reading import read_all
from pipeline.ports import Log
from pipeline.records import AlertRequest, Request
from pipeline.stage import Out
from tests.console.conftest import sent, words_of
from tests.console.newsroom import NOW
from tests.reports.ledgers import delivery, message, mute, state

STRIKES = "Port strikes"
SENT, HELD = (alert_id(article, 1, STRIKES) for article in ("p1", "p2"))


@pytest.fixture
async def ledger(desk: Desk) -> None:
    """Alerts of the newsroom as notify would have left them."""
    recent: dict[str, Any] = {"at": NOW - timedelta(hours=1), "seen": NOW - timedelta(hours=1)}
    outs = [
        state(SENT, STRIKES, article="p1", version=1, story="p1", message="m1", title="Dockers strike", **recent),
        state(HELD, STRIKES, article="p2", version=1, story="p1", status="held", why="quiet",
              due=NOW + timedelta(hours=8), title="Huelga de estibadores", language="es", **recent),
        state("a3", "gone", article="h1", version=1, story="h1", title="<b>bold</b>", mark="noise", **recent),
        state("old", STRIKES, article="p9", story="x9", at=NOW - timedelta(days=40), title="Long ago"),
        message("m1", SENT, rule=STRIKES, at=NOW), delivery("m1", "refused"),
    ]  # fmt: skip
    await published(desk, outs)


async def published(desk: Desk, outs: list[Out]) -> None:
    await desk.log.publish(outs)
    await desk.follower.look()


async def requests_of(log: Log) -> list[AlertRequest]:
    found, _ = await read_all(log, "alert-requests", AlertRequest)
    return list(found.values())


async def test_alerts_are_grouped_by_story(client: httpx.AsyncClient, ledger: None) -> None:
    answer = await client.get("/alerts")
    text = words_of(answer)
    assert "8 alerts · 3 stories" in text
    assert answer.text.count("<article") == 3
    assert "held: quiet hours" in text
    assert "t: refused" in text
    assert "Lisbon dockers began a strike on Monday." in text  # why
    assert "<b>bold</b>" not in answer.text
    assert "Long ago" not in text


@pytest.mark.parametrize(
    ("query", "seen", "unseen"),
    [
        ("?status=held", "Huelga de estibadores", "&lt;b&gt;bold"),
        ("?mark=noise", "&lt;b&gt;bold", "Huelga"),
        ("?span=90d", "Long ago", "No alerts"),
        ("?rule=gone", "&lt;b&gt;bold", "Huelga"),
        ("?story=p1&mark=none", "Dockers strike", "&lt;b&gt;bold"),
        ("?rule=nothing%3Cscript%3E", "No alerts", "<script>"),
        ("?page=2", "No alerts", "Huelga"),
        ("?page=-1&span=x&status=y", "Huelga", "No alerts"),
    ],
)
async def test_filters(client: httpx.AsyncClient, ledger: None, query: str, seen: str, unseen: str) -> None:
    text = (await client.get(f"/alerts{query}")).text.partition("<main")[2]
    assert seen in text
    assert unseen not in text


async def test_one_alert_says_why_and_what_became_of_it(client: httpx.AsyncClient, ledger: None) -> None:
    text = words_of(await client.get(f"/alerts/{SENT}"))
    assert 'Articles with "strike", "huelga" or "streik", in title or text.' in text.replace("&#34;", '"')
    assert "holds strike" in re.sub(r"\s+", " ", text)
    assert "t refused" in text
    assert (await client.get("/alerts/none")).status_code == 404


async def test_a_rule_that_is_gone_is_said(client: httpx.AsyncClient, ledger: None) -> None:
    assert "no longer in alerts.toml" in words_of(await client.get("/alerts/a3"))


async def test_marks_are_asked_for_with_who_did_it(client: httpx.AsyncClient, ledger: None, desk: Desk) -> None:
    fields = {"alert": SENT, "verdict": "useful", "back": "/alerts?span=24h"}
    answer = await sent(client, "/alerts/mark", fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts?span=24h&done=mark")
    assert await requests_of(desk.log) == [AlertRequest(at=NOW, mark=(SENT, "useful"))]
    entries, _ = await read_all(desk.log, "control", Request)
    assert [(one.audit.via, one.audit.did, one.audit.about) for one in entries.values() if one.audit] == [
        ("console", "mark", (SENT,))
    ]


@pytest.mark.parametrize("fields", [{"alert": SENT, "verdict": "?"}, {"alert": "zz", "verdict": "useful"}, {}])
async def test_marks_of_nothing_are_refused(
    client: httpx.AsyncClient, ledger: None, desk: Desk, fields: dict[str, str]
) -> None:
    assert (await sent(client, "/alerts/mark", fields)).status_code == 400
    assert await requests_of(desk.log) == []


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/alerts//evil", "/\\evil", "javascript:1"])
async def test_a_form_leads_back_to_the_alerts_only(client: httpx.AsyncClient, ledger: None, back: str) -> None:
    answer = await sent(client, "/alerts/mark", {"alert": SENT, "verdict": "noise", "back": back})
    assert answer.headers["location"] == "/alerts?done=mark"


async def test_mute_and_unmute(client: httpx.AsyncClient, ledger: None, desk: Desk) -> None:
    fields = {"what": "story", "story": "p1", "rule": STRIKES, "for": "7d", "reason": "we  know"}
    assert (await sent(client, "/alerts/mute", fields)).status_code == 303
    (asked,) = await requests_of(desk.log)
    assert asked.mute
    assert (asked.mute.story, asked.mute.rule, asked.mute.reason) == ("p1", "", "we know")
    assert asked.mute.until == NOW + timedelta(days=7)
    assert "Muted now" in (await client.get("/alerts")).text  # also before notify has read it
    assert (await sent(client, "/alerts/unmute", {"id": asked.mute.id})).status_code == 303
    assert (await requests_of(desk.log))[-1].unmute == asked.mute.id
    assert (await sent(client, "/alerts/mute", {"what": "all"})).status_code == 400


async def test_a_message_is_sent_again_to_the_channels_chosen(
    client: httpx.AsyncClient, ledger: None, desk: Desk
) -> None:
    assert (await sent(client, f"/alerts/{SENT}/resend", {})).status_code == 303
    assert (await sent(client, f"/alerts/{SENT}/resend", {"channel": "t"})).status_code == 303
    assert [one.again for one in await requests_of(desk.log)] == [("t",), ("t",)]
    assert (await sent(client, f"/alerts/{HELD}/resend", {})).status_code == 400


async def test_what_is_muted_is_listed(client: httpx.AsyncClient, desk: Desk) -> None:
    over, on = (mute(id, NOW + timedelta(days=days), reason=id) for id, days in (("over", -1), ("on", 1)))
    await published(desk, [over, on])
    text = words_of(await client.get("/alerts"))
    assert "Muted now" in text
    assert "over" not in text.partition("Muted now")[2]
