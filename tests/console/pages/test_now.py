"""Tests of the page Now: what it lists, how it is narrowed down, what readers save."""

from __future__ import annotations

import re

import httpx
import pytest

from pipeline.assembly.deployment import Deployment
from pipeline.log.reading import read_newest
from pipeline.records import Kept
from tests.console.conftest import sent


def listed(answer: httpx.Response) -> list[str]:
    """The stories on a page, in their order."""
    assert answer.status_code == 200
    return re.findall(r'data-story="([^"]+)"', answer.text)


@pytest.mark.parametrize(
    ("query", "stories"),
    [
        ("", ["t1", "p1", "h1", "m1"]),  # a critical rule matched the first, a high one the second
        ("sort=newest", ["p1", "h1", "m1", "t1"]),
        ("topic=troops", ["t1"]),
        ("country=MA&country=LV", ["t1", "m1"]),
        ("language=es", ["p1"]),
        ("source=Harbour+Post&country=PT", ["p1"]),
        ("sources=2", ["p1", "t1"]),
        ("only=matched", ["p1", "t1"]),
        ("rule=Troops+in+Latvia", ["t1"]),
        ("rule=gone", []),
        ("only=followed", []),
        ("q=estibadores", ["p1"]),
        ("q=troops+OR+dockers&country=LV", ["t1"]),
        ("q=topic:(", []),
        ("page=2", []),
        ("topic=%3Cscript%3E", []),
    ],
)
async def test_what_is_listed(client: httpx.AsyncClient, query: str, stories: list[str]) -> None:
    assert sorted(listed(await client.get(f"/?{query}"))) == sorted(stories)
    if query in ("", "sort=newest"):
        assert listed(await client.get(f"/?{query}")) == stories


async def test_a_card_says_what_a_story_is(client: httpx.AsyncClient) -> None:
    text = (await client.get("/?topic=troops")).text
    for said in ("2 independent sources", "Baltic Daily", "Latvia&#39;s parliament lets troops", "Troops in Latvia",
                 "2 reports in the last 24 hours", 'aria-posinset="1"', 'aria-setsize="1"', 'role="feed"'):  # fmt: skip
        assert said in text
    assert 'lang="ar" dir="rtl"' in (await client.get("/?country=MA")).text


async def test_what_comes_from_outside_stays_text(client: httpx.AsyncClient) -> None:
    text = (await client.get("/")).text
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


async def test_filters_are_counted_and_taken_off(client: httpx.AsyncClient) -> None:
    text = (await client.get("/?country=PT&topic=none")).text
    assert "No story fits" in text
    assert 'href="/?topic=none"' in text  # the chip takes Portugal off
    assert re.search(r'href="/\?language=en".*?English.*?<span class="count">3<', (await client.get("/")).text)


async def test_a_mistake_in_a_query_is_shown_where_it_is(client: httpx.AsyncClient) -> None:
    text = (await client.get("/?q=topic:%28coup")).text
    assert "This query cannot be read" in text
    assert "<mark>(coup</mark>" in text


async def test_a_script_gets_only_the_cards(client: httpx.AsyncClient) -> None:
    answer = await client.get("/", headers={"HX-Request": "true"})
    assert listed(answer) == ["t1", "p1", "h1", "m1"]
    assert "<html" not in answer.text


async def test_the_bar_knows_the_view(client: httpx.AsyncClient) -> None:
    text = (await client.get("/?country=LV&q=troops")).text
    assert re.search(r'data-live="now" data-made="[0-9]+-[0-9.]+" data-live-query="q=troops&amp;country=LV"', text)


async def test_a_view_is_saved_and_removed(client: httpx.AsyncClient, deployment: Deployment) -> None:
    answer = await sent(client, "/views", {"view": "/?country=PT&evil=1&page=3", "title": "<b>Ports</b>"}, page="/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?country=PT")
    text = (await client.get("/?country=PT")).text
    assert "&lt;b&gt;Ports&lt;/b&gt;" in text
    log = await deployment.open_log(write=False)
    [kept] = (await read_newest(log, "readers", Kept))[0].values()
    await log.close()
    assert (kept.user, kept.kind, kept.value) == ("", "view", "/?country=PT")
    answer = await sent(client, "/views/remove", {"id": kept.id}, page="/")
    assert answer.headers["location"] == "/?country=PT"
    assert "Ports" not in (await client.get("/")).text


@pytest.mark.parametrize(
    "view", ["https://evil.example/", "//evil.example", "/system", "javascript:alert(1)", "http://["]
)
async def test_only_views_of_this_console_are_saved(client: httpx.AsyncClient, view: str) -> None:
    assert (await sent(client, "/views", {"view": view, "title": "x"}, page="/")).status_code == 400


async def test_followed_stories(client: httpx.AsyncClient) -> None:
    answer = await sent(client, "/keep/follow/t1", {"on": "1", "back": "/?topic=troops"}, page="/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?topic=troops")
    assert listed(await client.get("/?only=followed")) == ["t1"]
    assert 'aria-pressed="true"' in (await client.get("/story/t1")).text
    answer = await sent(client, "/keep/follow/t1", {"on": "0", "back": "https://evil.example"}, page="/")
    assert answer.headers["location"] == "/"
    assert listed(await client.get("/?only=followed")) == []
    assert (await sent(client, "/keep/follow/none", {"on": "1"}, page="/")).status_code == 404
    assert (await sent(client, "/keep/follow/p2", {"on": "1"}, page="/")).status_code == 404  # an article
    assert (await sent(client, "/keep/view/t1", {"on": "1"}, page="/")).status_code == 404


async def test_a_script_gets_the_button_of_what_is_kept(client: httpx.AsyncClient) -> None:
    token = re.findall(r'name="token" value="([^"]+)"', (await client.get("/")).text)[0]
    headers = {"HX-Request": "true", "Origin": str(client.base_url)}
    answer = await client.post("/keep/read/p2", data={"token": token, "on": "1", "back": "/search"}, headers=headers)
    assert 'aria-pressed="true"' in answer.text
    assert "<html" not in answer.text
    assert 'value="0"' in answer.text  # pressed again, it is read no longer
    assert re.search(r'data-act="read" aria-pressed="true"', (await client.get("/article/p2")).text)


async def test_the_form_of_the_query_keeps_the_other_conditions(client: httpx.AsyncClient) -> None:
    text = (await client.get("/", params={"span": "7d", "only": "differs", "sources": "2"})).text
    for name, value in (("span", "7d"), ("only", "differs"), ("sources", "2")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in text
