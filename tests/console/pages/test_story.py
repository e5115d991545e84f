"""Tests of the page of a story, and of what people decide there."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from pipeline.assembly.deployment import Deployment
from pipeline.log.reading import read_all
from pipeline.records import AlertRequest, Request, Said, StoryFact, StoryRequest
from pipeline.reports.story_page import fact_table
from tests.console.conftest import sent
from tests.console.newsroom import NOW


async def test_reports_with_copies_and_versions(client: httpx.AsyncClient) -> None:
    text = (await client.get("/story/p1")).text
    order = re.findall(r'<li id="a-([^"]+)"', text)
    assert order == ["p1", "p2", "p3"]  # the copy stands under p1
    assert "1 copy:" in text
    assert re.search(r"<del>400</del>\s*<ins>380</ins>", text)
    assert re.search(r'id="a-p1".*?class="badge good">first<.*?id="a-p2"', text, re.DOTALL)


async def test_facts_stand_in_a_table_of_outlets(client: httpx.AsyncClient) -> None:
    text = (await client.get("/story/t1")).text
    columns = re.findall(r'<th scope="col"><bdi>([^<]+)</bdi>', text)
    assert columns == ["Baltic Daily", "Harbour Post"]
    assert "The parliament voted 73 to 25 to let Canadian troops stay" in text  # the sentence behind a cell
    assert "not said" in text


async def test_a_map_shows_the_places(client: httpx.AsyncClient) -> None:
    text = (await client.get("/story/t1")).text
    assert re.search(r"<svg class=\"map\".*?<title>Riga: 2</title>.*?</svg>", text, re.DOTALL)
    assert re.search(r"<bdi>Riga</bdi></th><td>Latvia</td>", text)


@pytest.mark.parametrize("named", ["none", "https://nowhere.example/x", "%3Cscript%3E", "x" * 3000])
async def test_no_such_story(client: httpx.AsyncClient, named: str) -> None:
    answer = await client.get(f"/story/{named}")
    assert answer.status_code == 404
    assert "<script>" not in answer.text.partition("<main")[2]


async def test_an_article_leads_to_its_story(client: httpx.AsyncClient) -> None:
    answer = await client.get("/story/p3")
    assert (answer.status_code, answer.headers["location"]) == (303, "/story/p1")


async def requests_of(deployment: Deployment) -> tuple[list[StoryRequest], list[AlertRequest], list[str]]:
    """What was asked of relate and notify, and what the audit says was done."""
    log = await deployment.open_log(write=False)
    try:
        stories = list((await read_all(log, "story-requests", StoryRequest))[0].values())
        alerts = list((await read_all(log, "alert-requests", AlertRequest))[0].values())
        entries = (await read_all(log, "control", Request))[0].values()
        return stories, alerts, [entry.audit.did for entry in entries if entry.audit]
    finally:
        await log.close()


async def test_split(client: httpx.AsyncClient, deployment: Deployment) -> None:
    answer = await sent(client, "/story/p1/split", {"article": "p3", "into": ""}, page="/story/p1")
    assert answer.headers["location"] == "/story/p1?done=split"
    assert "will be moved" in (await client.get("/story/p1?done=split")).text
    [asked], _, did = await requests_of(deployment)
    assert (asked.kind, asked.story, asked.articles, asked.into, did) == ("split", "p1", ("p3",), None, ["split"])


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "choose the articles"),
        ({"article": "t1"}, "not in the story"),
        ({"article": "p2", "into": "p1"}, "in the story p1 already"),
    ],
)
async def test_a_split_that_is_refused(
    client: httpx.AsyncClient, deployment: Deployment, fields: dict[str, str], said: str
) -> None:
    answer = await sent(client, "/story/p1/split", fields, page="/story/p1")
    assert answer.status_code == 422
    assert said in answer.text
    assert await requests_of(deployment) == ([], [], [])


async def test_merge(client: httpx.AsyncClient, deployment: Deployment) -> None:
    answer = await sent(client, "/story/p1/merge", {"other": "m1"}, page="/story/p1")
    assert answer.headers["location"] == "/story/p1?done=merge"
    for wrong, said in (("p1", "both are the story"), ("none", "There is no such story")):
        refused = await sent(client, "/story/p1/merge", {"other": wrong}, page="/story/p1")
        assert refused.status_code == 422
        assert said in refused.text
    [asked], _, did = await requests_of(deployment)
    assert (asked.kind, asked.story, asked.into, did) == ("merge", "m1", "p1", ["merge"])


async def test_mute(client: httpx.AsyncClient, deployment: Deployment) -> None:
    answer = await sent(client, "/story/p1/mute", {"for": "7d", "reason": " we\nknow "}, page="/story/p1")
    assert answer.headers["location"] == "/story/p1?done=mute"
    _, [asked], did = await requests_of(deployment)
    assert asked.mute is not None
    assert (asked.mute.story, asked.mute.until - NOW, asked.mute.reason) == ("p1", timedelta(days=7), "we know")
    ended = await sent(client, "/story/p1/unmute", {"id": asked.mute.id}, page="/story/p1")
    assert ended.headers["location"] == "/story/p1?done=unmute"
    assert did == ["mute"]


async def test_forms_need_their_token(client: httpx.AsyncClient, deployment: Deployment) -> None:
    for path in ("/story/p1/split", "/story/p1/merge", "/story/p1/mute", "/keep/follow/p1", "/views"):
        assert (await client.post(path, data={"article": "p3", "other": "m1"})).status_code == 403
    assert await requests_of(deployment) == ([], [], [])


@pytest.mark.parametrize(("values", "marked"), [
    ((73, 75), (True, True)), ((73, 75, 75), (True, False, False)), ((75, 75, 73), (False, False, True)),
    ((73, 74, 75), (True, True, True)), ((73, 73), (False, False)),
])  # fmt: skip
def test_cells_unlike_most_are_marked(values: tuple[int, ...], marked: tuple[bool, ...]) -> None:
    said = tuple(
        Said(article=f"a{n}", source=f"S{n}", language="en", at=NOW, value=value, sentence="")
        for n, value in enumerate(values)
    )
    fact = StoryFact(topic="troops", field="vote", said=said, differs=len(set(values)) > 1)
    [row] = fact_table([fact]).rows
    assert tuple(cell.differs for cell in row.cells if cell) == marked
