"""The API where it changes rules and sources: what is written, what is refused, and who did it."""

from __future__ import annotations

import asyncio
import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from pipeline.assembly.console import access_of
from pipeline.config.edit_rules import RuleFile
from pipeline.console.api.table import OPERATIONS
from pipeline.console.app import build
from pipeline.console.desk import Desk
from pipeline.console.safety.users import Users
from pipeline.core.timing.pace import Pace
from pipeline.discovery.find import find
from pipeline.discovery.look import Looker
from pipeline.log.reading import read_all
from pipeline.records import AlertRequest, Feed
from tests.console.api.test_answers import API, audited, got, refused
from tests.console.conftest import browser
from tests.console.newsroom import NOW
from tests.console.pages.test_opml import FILE
from tests.console.safety.test_parts import FAST
from tests.fakes import FakeFetch, page

RULE = "/rules/Port%20strikes"
RSS = '<rss version="2.0"><channel><title>New</title><item><title>A</title><link>https://new.example/1</link></item></channel></rss>'


async def done(client: httpx.AsyncClient, path: str, status: int = 202, **body: Any) -> Any:
    answer = await client.post(API + path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def feeds(desk: Desk) -> dict[str, Feed]:
    return desk.follower.feeds.by_key


# -- rules


async def test_rules_are_added_changed_switched_off_and_removed(client: httpx.AsyncClient, desk: Desk) -> None:
    file = desk.configuration().folder / "alerts.toml"
    file.write_text("# ours\n" + file.read_text())
    made = await done(client, "/rules", 200, rule={"name": "Ports", "query": "port", "channels": ["file"]})
    assert (made["key"], await audited(desk)) == ("Ports", ("new rule", "api", ("Ports",)))
    one = await got(client, "/rules/ports")
    assert (one["rule"]["query"], one["revision"]) == ("port", made["revision"])
    off = await done(client, "/rules/Ports/change", 200, rule={"enabled": False}, revision=made["revision"])
    assert (await got(client, "/rules/Ports"))["rule"]["enabled"] is False
    assert await audited(desk) == ("changed rule", "api", ("Ports",))
    on = await done(client, "/rules/Ports/change", 200, rule={"enabled": None}, revision=off["revision"])
    assert "enabled" not in (await got(client, "/rules/Ports"))["rule"]
    gone = await done(client, "/rules/Ports/remove", 200, revision=on["revision"])
    assert gone["revision"] == RuleFile.read(file.parent).version
    await refused(await client.get(f"{API}/rules/Ports"), 404)
    assert file.read_text().startswith("# ours\n")
    assert await audited(desk) == ("removed rule", "api", ("Ports",))


async def test_a_file_that_changed_meanwhile_is_not_overwritten(client: httpx.AsyncClient, desk: Desk) -> None:
    seen = (await got(client, RULE))["revision"]
    file = desk.configuration().folder / "alerts.toml"
    file.write_text(file.read_text() + "# by somebody else\n")
    for path, body in (
        (f"{RULE}/change", {"rule": {"severity": "low"}, "revision": seen}), (f"{RULE}/remove", {"revision": seen}),
        ("/rules", {"rule": {"name": "Ports", "query": "port", "channels": ["file"]}, "revision": seen}),
    ):  # fmt: skip
        assert "changed meanwhile" in await refused(await client.post(API + path, json=body), 409)
    assert file.read_text().endswith("# by somebody else\n")
    assert "Ports" not in file.read_text()


async def test_faults_of_a_rule_are_said_one_by_one(client: httpx.AsyncClient) -> None:
    seen = (await got(client, RULE))["revision"]
    wrong = {"query": "port AND (", "severity": "bad"}
    answer = await client.post(f"{API}{RULE}/change", json={"rule": wrong, "revision": seen})
    assert "query" in await refused(answer, 422)
    assert {one["key"].rpartition(".")[2] for one in answer.json()["faults"]} == {"query", "severity"}
    await refused(await client.post(f"{API}/rules/nothing/change", json={"rule": wrong, "revision": seen}), 404)
    await refused(await client.post(f"{API}/rules/nothing/remove", json={"revision": seen}), 404)
    await refused(await client.post(f"{API}{RULE}/change", json={"rule": {}, "revision": seen}), 400)
    await refused(await client.post(f"{API}{RULE}/change", json={"rule": {"severity": "low"}}), 400)


async def test_a_draft_is_tried_on_the_past(client: httpx.AsyncClient) -> None:
    draft = {"name": "Ports", "query": "strike OR huelga", "channels": ["file"]}
    trial = (await done(client, "/trials", rule=draft, days=7))["trial"]
    async with asyncio.timeout(30):
        while (found := await got(client, f"/trials/{trial}"))["state"] == "running":
            await asyncio.sleep(0.05)
    assert (found["state"], found["error"]) == ("done", "")
    assert found["result"]["articles"] > 0
    assert found["result"]["query"] == "strike OR huelga"
    await refused(await client.get(f"{API}/trials/nothing"), 404)
    await refused(await client.post(f"{API}/trials", json={"rule": {"name": "x", "query": "("}}), 422)


async def test_channels_are_tested(client: httpx.AsyncClient, desk: Desk) -> None:
    assert (await done(client, "/channels/file/test"))["about"] == ["file"]
    requests, _ = await read_all(desk.log, "alert-requests", AlertRequest)
    assert [one.again for one in requests.values()] == [("file",)]
    await refused(await client.post(f"{API}/channels/nothing/test", json={}), 404)


# -- sources


async def test_feeds_are_found_added_changed_paused_and_removed(desk: Desk) -> None:
    feed = page("https://new.example/rss", RSS, content_type="application/rss+xml")
    looker = Looker(FakeFetch({"https://new.example/rss": feed}), Pace(0.0, 8), lambda: NOW)
    desk.look = lambda feed: find(looker, feed)
    async with browser(build(desk, access_of(desk.configuration().settings))) as client:
        (found,) = (await done(client, "/sources/look", 200, url="new.example/rss"))["feeds"]
        assert (found["url"], found["title"], found["source"]) == ("https://new.example/rss", "New", None)
        settings = {"name": "New", "language": "en", "groups": ["Sea"], "headers": {"X-Edition": "world"}}
        assert (await done(client, "/sources", url=found["url"], settings=settings))["about"] == ["new"]
        assert await audited(desk) == ("feeds", "api", ("new",))
        one = await got(client, "/sources/new")
        assert one["settings"] == {"id": "new", "url": found["url"], **settings}
        assert (await done(client, "/sources/look", 200, url="new.example/rss"))["feeds"][0]["source"] == "new"
        await refused(await client.post(f"{API}/sources", json={"url": found["url"]}), 422)

        change = {"settings": {"every": 600, "headers": None}, "revision": one["revision"]}
        await done(client, "/sources/new/change", **change)
        assert (feeds(desk)["new"].every, feeds(desk)["new"].profile.headers) == (600.0, {})
        assert "meanwhile" in await refused(await client.post(f"{API}/sources/new/change", json=change), 409)

        await done(client, "/sources/new/pause")
        assert not feeds(desk)["new"].enabled
        await refused(await client.post(f"{API}/sources/new/pause", json={}), 422)
        await done(client, "/sources/new/resume")
        assert feeds(desk)["new"].enabled
        await done(client, "/sources/new/remove")
        assert feeds(desk)["new"].removed
        await refused(await client.post(f"{API}/sources/new/remove", json={}), 404)


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"every": 1}, "every"), ({"country": "Ireland"}, "country"), ({"colour": "red"}, "colour"),
        ({"id": "other"}, "id"), ({"url": "https://costa.example/rss"}, "url"),
        ({"headers": {"X-A": "${HOME}"}}, "headers"), ({"proxy": "http://10.0.0.1:3128"}, "proxy"),
        ({"username": "a", "password_file": "/etc/shadow"}, "password_file"),
    ],
)  # fmt: skip
async def test_faults_of_settings_are_said_one_by_one(
    client: httpx.AsyncClient, desk: Desk, settings: dict[str, Any], key: str
) -> None:
    before = feeds(desk)["harbour-post"]
    answer = await client.post(f"{API}/sources/harbour-post/change", json={"settings": settings})
    await refused(answer, 422)
    assert [one["key"] for one in answer.json()["faults"]] == [key]
    assert feeds(desk)["harbour-post"] == before
    if key != "url":
        await refused(
            await client.post(f"{API}/sources", json={"url": "https://new.example/rss", "settings": settings}), 422
        )


async def test_addresses_that_are_none_are_refused(client: httpx.AsyncClient) -> None:
    for path in ("/sources/look", "/sources"):
        await refused(await client.post(API + path, json={"url": "javascript:alert(1)"}), 422)


async def test_opml_goes_out_is_looked_into_and_comes_in(client: httpx.AsyncClient, desk: Desk) -> None:
    answer = await client.get(f"{API}/opml")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/x-opml; charset=utf-8")
    assert "https://harbour.example/rss" in answer.text
    before = set(feeds(desk))
    found = await done(client, "/opml/preview", 200, opml=FILE)
    assert [one["name"] for one in found["new"]] == ["Fresh", "Goals", "Loose"]
    assert [one["source"] for one in found["known"]] == ["harbour-post"]
    assert ([one["line"] for one in found["twice"]], [one["name"] for one in found["refused"]]) == ([3], ["Bad"])
    assert set(feeds(desk)) == before
    assert (await done(client, "/opml/add", opml=FILE, feeds=["https://goals.example/rss"]))["about"] == ["goals"]
    assert (await done(client, "/opml/add", opml=FILE))["about"] == ["fresh", "loose"]
    await refused(await client.post(f"{API}/opml/add", json={"opml": FILE}), 422)
    await refused(await client.post(f"{API}/opml/add", json={"opml": FILE, "feeds": ["https://x.example"]}), 422)
    await refused(await client.post(f"{API}/opml/preview", json={"opml": "<html>"}), 422)


# -- what is read


async def test_a_search_is_exported_as_the_page_does(client: httpx.AsyncClient) -> None:
    found = await client.get(f"{API}/articles/export", params={"q": "strike OR huelga", "language": ["es", "en"]})
    assert (found.status_code, found.headers["content-type"]) == (200, "application/x-ndjson")
    rows = [msgspec.json.decode(line) for line in found.content.splitlines()]
    assert {one["language"] for one in rows} == {"en", "es"}
    assert (
        found.content == (await client.get("/search/export.jsonl?q=strike OR huelga&language=es&language=en")).content
    )
    table = await client.get(f"{API}/articles/export?q=huelga&form=csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert len(list(csv.reader(io.StringIO(table.text)))) == 2
    await refused(await client.get(f"{API}/articles/export?q=("), 400)
    await refused(await client.get(f"{API}/articles/export?form=xml"), 400)
    await refused(await client.get(f"{API}/articles/export?page=2"), 400)


async def test_the_state_of_the_configuration(client: httpx.AsyncClient, desk: Desk) -> None:
    found = await got(client, "/system/configuration")
    assert (found["valid"], found["faults"]) == (True, [])
    (desk.configuration().folder / "alerts.toml").write_text('[[alert]]\nname = "x"\nquery = "("\n')
    desk.forget()
    found = await got(client, "/system/configuration")
    assert not found["valid"]
    assert found["faults"][0]["file"] == "alerts.toml"
    assert found["faults"][0]["line"] is not None


async def test_dead_records_are_listed_and_put_back(client: httpx.AsyncClient, desk: Desk) -> None:
    (one,) = (await got(client, "/dead"))["records"]
    assert (one["number"], one["stage"], one["replayed"]) == (0, "clean", False)
    assert await done(client, "/dead/replay", 200, numbers=[0]) == {"replayed": [0], "refused": {}}
    assert await audited(desk) == ("replay", "api", ("0",))
    assert (await got(client, "/dead"))["records"][0]["replayed"]
    assert "77" in await refused(await client.post(f"{API}/dead/replay", json={"numbers": [77]}), 422)
    (entry,) = (await got(client, "/system/audit"))["entries"]
    assert (entry["did"], entry["via"]) == ("replay", "api")


async def test_views_are_saved_and_forgotten(client: httpx.AsyncClient) -> None:
    made = await done(client, "/kept/views", 200, address="/search?q=port&page=3", title="Ports")
    assert (made["value"], made["title"]) == ("/search?q=port", "Ports")
    assert [one["id"] for one in (await got(client, "/kept"))["view"]] == [made["id"]]
    assert (await done(client, f"/kept/views/{made['id']}/remove", 200))["on"] is False
    assert (await got(client, "/kept"))["view"] == []
    await refused(await client.post(f"{API}/kept/views/{made['id']}/remove", json={}), 404)
    for address in ("https://evil.example/", "//evil.example/", "/system", "javascript:1"):
        await refused(await client.post(f"{API}/kept/views", json={"address": address, "title": "x"}), 422)


# -- who may


async def test_readers_change_nothing(desk: Desk, tmp_path: Path) -> None:
    users = Users(tmp_path / "users.json", FAST)
    token = users.give_token("dashboard", "reader")
    access = replace(access_of(desk.configuration().settings), users=users, open=False)
    free = {"rules.check", "opml.preview"}  # they change nothing; what is kept is the reader's
    changing = [one for one in OPERATIONS if one.method == "POST" and one.tag != "kept" and one.id not in free]
    assert all(one.editors for one in changing)
    async with browser(build(desk, access)) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        one = await got(client, "/sources/harbour-post")
        assert (one["settings"], one["revision"]) == (None, None)
        for one in changing:
            path = one.path.replace("{", "").replace("}", "")
            assert "editors" in await refused(await client.post(API + path, json={}), 403), one.id
