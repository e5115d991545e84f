"""The API as a program on this machine uses it: what it answers, what it refuses, what it asks of the stages."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec
import pytest

from pipeline.console.api.table import OPERATIONS, described
from pipeline.console.desk import Desk, NothingYet
from pipeline.console.pages.alerts import MARKS, SPANS, STATUSES
from pipeline.log.reading import read_all
from pipeline.ports import Index
from pipeline.records import AlertRequest, Request, StoryRequest
from pipeline.requests.alerts import VERDICTS
from pipeline.stage import Unavailable

API = "/api/v1"


async def got(client: httpx.AsyncClient, path: str, **query: Any) -> Any:
    answer = await client.get(API + path, params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


async def refused(answer: httpx.Response, status: int) -> str:
    found = answer.json()
    assert (answer.status_code, found["status"]) == (status, status), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert found["title"]
    return str(found.get("detail", ""))


# -- reading


async def test_stories_as_on_the_page_now(client: httpx.AsyncClient) -> None:
    found = await got(client, "/stories", span="all", sort="newest")
    assert [one["id"] for one in found["stories"]] == ["p1", "h1", "m1", "t1"]
    assert found["facets"]["language"]["en"] == 3
    (one,) = (await got(client, "/stories", topic="troops"))["stories"]
    assert (one["independent"], one["size"], one["rules"][0]["severity"]) == (2, 2, "critical")
    assert one["first"]["source"] == "Baltic Daily"


async def test_lists_have_pages(client: httpx.AsyncClient) -> None:
    seen: list[str] = []
    path: str | None = f"{API}/stories?span=all&limit=3"
    while path:
        found = (await client.get(path)).json()
        seen += [one["id"] for one in found["stories"]]
        path = found["next"]
    assert sorted(seen) == ["h1", "m1", "p1", "t1"]
    assert found["total"] == 4


async def test_a_story_by_the_id_of_an_article_in_it(client: httpx.AsyncClient) -> None:
    found = await got(client, "/stories/p3")
    assert (found["card"]["id"], found["story"]["size"]) == ("p1", 4)


async def test_articles_are_searched_with_filters(client: httpx.AsyncClient) -> None:
    found = await got(client, "/articles", q="strike OR huelga", language=["es", "de"])
    assert [one["id"] for one in found["articles"]] == ["p2"]
    assert found["sentence"]
    assert found["facets"]["language"] == {"es": 1}
    newest = await got(client, "/articles", sort="time", since="2026-03-02T11:10:00Z", limit=1)
    assert (newest["total"], newest["articles"][0]["id"]) == (1, "h1")
    assert newest["next"] is None


async def test_an_article_its_versions_and_its_record(client: httpx.AsyncClient, desk: Desk) -> None:
    found = await got(client, "/articles/p1")
    assert (found["article"]["version"], found["article"]["story"], found["author"]) == (2, "p1", "Staff")
    assert "380 workers" in found["text"]
    versions = (await got(client, "/articles/p1/versions"))["versions"]
    assert [one["version"] for one in versions] == found["versions"]
    assert versions[-1]["changes"][0]["after"] == "380"
    document = await (await desk.index()).get("p1")
    assert await got(client, "/articles/p1/record") == msgspec.json.decode(msgspec.json.encode(document))


async def test_alerts_with_filters(client: httpx.AsyncClient) -> None:
    found = await got(client, "/alerts", rule="Port strikes", span="90d")
    assert found["total"] == len(found["alerts"]) > 0
    assert {one["rule"] for one in found["alerts"]} == {"Port strikes"}
    first = found["alerts"][0]
    assert await got(client, f"/alerts/{first['id']}") == first
    assert (await got(client, "/alerts", mark="useful"))["total"] == 0


def test_the_filters_of_alerts_are_those_of_the_page() -> None:
    named = {one["name"]: one["schema"] for one in described()["paths"]["/alerts"]["get"]["parameters"]}
    assert set(named["span"]["enum"]) == set(SPANS)
    assert set(named["status"]["enum"]) == {"", *STATUSES}
    assert set(named["mark"]["enum"]) == {"", *MARKS}
    marked = described()["components"]["schemas"]["Marked"]
    assert set(marked["properties"]["verdict"]["enum"]) == set(VERDICTS)


async def test_rules_with_their_figures(client: httpx.AsyncClient) -> None:
    strikes, troops = (await got(client, "/rules"))["rules"]
    assert (strikes["key"], strikes["channels"], troops["severity"]) == ("Port strikes", ["file"], "critical")
    assert strikes["figures"]["alerts"] > 0
    assert "strike" in strikes["sentence"]


async def test_topics_authorisations_sources_and_the_system(client: httpx.AsyncClient) -> None:
    (topic,) = (await got(client, "/topics"))["topics"]
    assert (topic["id"], topic["articles"]) == ("troops", 2)
    assert [one["id"] for one in (await got(client, "/topics/troops"))["articles"]] == ["t2", "t1"]
    (one,) = (await got(client, "/watch", host="LV"))["authorisations"]
    assert (one["host"], one["senders"]) == ("LV", ["CA"])
    sources = await got(client, "/sources")
    assert sources["counts"] == {"failing": 1, "new": 1, "ok": 3, "paused": 1}
    assert [sources["sources"][0][name] for name in ("id", "health")] == ["hafenblatt", "failing"]
    assert (await got(client, "/sources/diario-costa"))["source"]["state"]["drops"] == {"no_link": 2}
    assert "problems" in await got(client, "/system")


# -- refusals


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/stories?span=5h", 400, "span"),
        ("/stories?colour=red", 400, "colour"),
        ("/stories?page=0", 400, "page"),
        ("/stories?sort=newest&sort=newest", 400, "several times"),
        ("/articles?q=(", 400, "q, column"),
        ("/articles?limit=1000", 400, "limit"),
        ("/articles?page=200&limit=100", 400, "10,000"),
        ("/watch?host=lv", 400, "host"),
        ("/stories/nothing", 404, "no such story"),
        ("/articles/nothing", 404, "no such article"),
        ("/alerts/nothing", 404, "no such alert"),
        ("/topics/nothing", 404, "no such topic"),
        ("/sources/nothing", 404, "no source with this name"),
        ("/nothing", 404, ""),
    ],
)
async def test_refusals_say_why(client: httpx.AsyncClient, path: str, status: int, words: str) -> None:
    assert words in await refused(await client.get(API + path), status)


async def test_wrong_methods_kinds_and_bodies_are_refused(client: httpx.AsyncClient) -> None:
    await refused(await client.post(f"{API}/stories", json={}), 405)
    await refused(await client.get(f"{API}/alerts/a/resend"), 405)
    assert "JSON" in await refused(await client.post(f"{API}/alerts/mark", data={"verdict": "useful"}), 415)
    headers = {"Content-Type": "application/json"}
    await refused(await client.post(f"{API}/alerts/mark", content=b"{", headers=headers), 400)
    await refused(await client.post(f"{API}/alerts/mark", json={"alerts": ["a"], "verdict": "good"}), 400)


async def test_a_page_of_another_site_cannot_ask_for_anything(client: httpx.AsyncClient) -> None:
    body = {"story": "p1"}
    for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        await refused(await client.post(f"{API}/mutes", json=body, headers=headers), 403)
    await refused(await client.get(f"{API}/stories", headers={"Host": "elsewhere.example"}), 421)


@pytest.mark.parametrize(
    "why", [NothingYet("nothing is indexed yet"), Unavailable("the index does not answer")], ids=type
)
async def test_what_does_not_answer_is_a_problem_with_the_time_to_wait(
    client: httpx.AsyncClient, desk: Desk, monkeypatch: pytest.MonkeyPatch, why: Unavailable
) -> None:
    async def fails() -> Index:
        raise why

    monkeypatch.setattr(desk, "index", fails)
    answer = await client.get(f"{API}/stories")
    assert str(why) in await refused(answer, 503)
    assert answer.headers["retry-after"] == "5"


# -- asking


async def audited(desk: Desk) -> tuple[str, str, tuple[str, ...]]:
    found, _ = await read_all(desk.log, "control", Request)
    entry = list(found.values())[-1].audit
    assert entry is not None
    return entry.did, entry.via, entry.about


async def test_stories_are_split_and_merged(client: httpx.AsyncClient, desk: Desk) -> None:
    answer = await client.post(f"{API}/stories/p1/split", json={"articles": ["p3"]})
    assert (answer.status_code, answer.json()["about"]) == (202, ["p1", "p3"])
    assert await audited(desk) == ("split", "api", ("p1", "p3"))
    assert "not in the story" in await refused(
        await client.post(f"{API}/stories/p1/split", json={"articles": ["t1"]}), 422
    )
    assert (await client.post(f"{API}/stories/t1/merge", json={"other": "m1"})).status_code == 202
    requests, _ = await read_all(desk.log, "story-requests", StoryRequest)
    assert [(one.kind, one.story) for one in requests.values()][-1] == ("merge", "m1")


async def test_alerts_are_marked(client: httpx.AsyncClient, desk: Desk) -> None:
    one = (await got(client, "/alerts", span="90d"))["alerts"][0]["id"]
    answer = await client.post(f"{API}/alerts/mark", json={"alerts": [one], "verdict": "noise"})
    assert (answer.status_code, await audited(desk)) == (202, ("mark", "api", (one,)))
    await refused(await client.post(f"{API}/alerts/mark", json={"alerts": [one, "x"], "verdict": "noise"}), 422)
    assert "no message" in await refused(await client.post(f"{API}/alerts/{one}/resend", json={}), 422)


async def test_rules_stories_outlets_and_places_are_muted(client: httpx.AsyncClient, desk: Desk) -> None:
    answer = await client.post(f"{API}/mutes", json={"rule": "port strikes", "place": "Latvia", "hours": 2})
    made = answer.json()["mute"]
    assert (answer.status_code, made["rule"], made["place"]) == (202, "Port strikes", "LV")
    assert made["until"] == "2026-03-02T14:00:00Z"
    assert [one["id"] for one in (await got(client, "/mutes"))["mutes"]] == [made["id"]]
    assert (await client.post(f"{API}/mutes/{made['id']}/end", json={})).status_code == 202
    assert (await got(client, "/mutes"))["mutes"] == []
    requests, _ = await read_all(desk.log, "alert-requests", AlertRequest)
    assert [bool(one.mute) for one in requests.values()]
    for wrong in ({}, {"rule": "nothing"}, {"source": "nothing"}, {"place": "nothing"}):
        assert await refused(await client.post(f"{API}/mutes", json=wrong), 422)


async def test_drafts_of_rules_are_checked(client: httpx.AsyncClient) -> None:
    async def check(**rule: Any) -> Any:
        answer = await client.post(f"{API}/rules/check", json={"rule": rule})
        assert answer.status_code == 200, answer.text
        return answer.json()

    good = await check(name="Ports", query="port language:es", severity="low", channels=["file"])
    assert (good["valid"], good["faults"]) == (True, [])
    assert good["sentence"]
    bad = await check(name="Ports", query="port AND (", channels=["nowhere"])
    assert not bad["valid"]
    assert {one["key"].rpartition(".")[2].partition("[")[0] for one in bad["faults"]} >= {"query"}


async def test_stories_are_followed_and_articles_starred(client: httpx.AsyncClient) -> None:
    for kind, id in (("follow", "p1"), ("star", "t2")):
        assert (await client.post(f"{API}/kept/{kind}/{id}", json={})).json()["on"] is True
    found = await got(client, "/kept")
    assert ([one["id"] for one in found["follow"]], [one["id"] for one in found["star"]]) == (["p1"], ["t2"])
    assert [one["id"] for one in (await got(client, "/stories", only="followed", span="all"))["stories"]] == ["p1"]
    await client.post(f"{API}/kept/follow/p1", json={"on": False})
    assert (await got(client, "/kept"))["follow"] == []
    await refused(await client.post(f"{API}/kept/view/x", json={}), 404)
    await refused(await client.post(f"{API}/kept/star/nothing", json={}), 404)


# -- what describes it


async def test_the_document_has_every_operation(client: httpx.AsyncClient) -> None:
    found = (await client.get(f"{API}/openapi.json")).json()
    assert found == msgspec.json.decode(msgspec.json.encode(described()))
    listed = {(method.upper(), path) for path, made in found["paths"].items() for method in made}
    assert listed == {(one.method, one.path) for one in OPERATIONS}


async def test_a_page_shows_it(client: httpx.AsyncClient) -> None:
    text = (await client.get("/api")).text
    for one in OPERATIONS:
        assert f"{one.method} {API}{one.path}" in text
    assert 'id="s-StoryCard"' in text
