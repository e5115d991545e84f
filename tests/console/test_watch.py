"""The page Watch."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import httpx

from pipeline.console.pages.watch import by_stage
from pipeline.core.stories.threads import Status, Thread


def thread(id: str, status: Status) -> Thread:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    return Thread(
        id=id, topic="troops", host="LV", senders=("CA",), status=status, start=None, end=date(2027, 6, 30), next=None,
        what="", changed=moment, stories=(id,), titles=("A title",), steps=(),
    )  # fmt: skip


def test_stages_come_in_the_order_of_a_life() -> None:
    found = by_stage([thread("a", "ended"), thread("b", "proposed"), thread("c", "ended"), thread("d", "in force")])
    assert [(stage.status, [one.id for one in stage.threads]) for stage in found] == [
        ("proposed", ["b"]), ("in force", ["d"]), ("ended", ["a", "c"]),
    ]  # fmt: skip


async def test_an_authorisation_with_its_next_date(client: httpx.AsyncClient) -> None:
    text = (await client.get("/watch")).text
    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", text))
    assert "Latvia ← Canada" in shown
    assert "stay ends: 30 Jun 2027, in 485 days" in shown
    assert "The parliament voted 73 to 25" in shown
    assert 'href="/story/t1"' in text
    assert 'href="/article/t1"' in text


async def test_a_country_without_any_says_what_to_do(client: httpx.AsyncClient) -> None:
    text = (await client.get("/watch?host=zz<b>")).text
    assert "No authorisation to watch" in text
    assert "<b>" not in text.partition("<main")[2]


async def test_in_spanish(client: httpx.AsyncClient) -> None:
    text = (await client.get("/watch", headers={"Accept-Language": "es"})).text
    assert "Letonia ← Canadá" in text
