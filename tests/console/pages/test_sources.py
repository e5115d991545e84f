"""The page Sources: what it shows, and that what people change is on the log, with who did it."""

from __future__ import annotations

import re
from dataclasses import replace

import httpx
import pytest

from pipeline.assembly.console import access_of
from pipeline.console.app import build
from pipeline.console.desk import Desk
from pipeline.core.timing.pace import Pace
from pipeline.discovery.find import find
from pipeline.discovery.look import Looker
from pipeline.log.reading import read_all
from pipeline.records import Audited, Feed, Request
from tests.console.conftest import browser, sent
from tests.console.newsroom import NOW
from tests.fakes import FakeFetch, page

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>
<item><title>Ferry &lt;b&gt;late&lt;/b&gt;</title><link>https://new.example/1</link>
<pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate></item>
</channel></rss>"""
HOME = '<html><head><link rel="alternate" type="application/rss+xml" title="All news" href="/feed.xml"></head></html>'


async def trail(desk: Desk) -> list[Audited]:
    records, _ = await read_all(desk.log, "control", Request)
    return [one.audit for one in records.values() if one.audit]


async def test_what_needs_people_comes_first(client: httpx.AsyncClient) -> None:
    text = (await client.get("/sources")).text
    names = re.findall(r'data-act="open"[^>]*>([^<]+)<', text)
    assert names[0] == "Hafenblatt"
    assert names[-1] == "Paused Times"
    assert "The server has a fault (status 503)." in text
    assert "behind a paywall" in text


@pytest.mark.parametrize(
    ("query", "names"),
    [("health=failing", ["Hafenblatt"]), ("q=costa", ["Diario de la Costa"]), ("q=lv", ["Baltic Daily"]), ("q=zzz", []),
     ("page=99&health=paused", ["Paused Times"]), ("page=x&health=paused", ["Paused Times"])],
)  # fmt: skip
async def test_the_list_is_limited_by_its_address(client: httpx.AsyncClient, query: str, names: list[str]) -> None:
    text = (await client.get(f"/sources?{query}")).text
    assert re.findall(r'data-act="open"[^>]*>([^<]+)<', text) == names


async def test_a_source_is_paused_and_read_again_with_an_entry_of_the_audit(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    feeds = desk.follower.feeds.by_key
    answer = await sent(client, "/sources/harbour-post/pause", {}, page="/sources/harbour-post")
    assert answer.headers["location"] == "/sources/harbour-post?done=paused"
    assert not feeds["harbour-post"].enabled
    assert "Paused: it is no longer read." in (await client.get(answer.headers["location"])).text
    await sent(client, "/sources/harbour-post/resume", {}, page="/sources/harbour-post")
    assert feeds["harbour-post"].enabled
    assert [(one.via, one.did, one.about, one.note) for one in await trail(desk)] == [
        ("console", "feeds", ("harbour-post",), "1 disabled"), ("console", "feeds", ("harbour-post",), "1 enabled"),
    ]  # fmt: skip


async def test_a_removed_source_is_gone(client: httpx.AsyncClient, desk: Desk) -> None:
    await sent(client, "/sources/hafenblatt/remove", {}, page="/sources/hafenblatt")
    assert desk.follower.feeds.by_key["hafenblatt"].removed
    assert (await client.get("/sources/hafenblatt")).status_code == 404
    assert (await client.get("/sources/nothing")).status_code == 404


async def test_feeds_of_a_site_are_found_shown_and_added(desk: Desk) -> None:
    pages = {
        "https://new.example": page("https://new.example/", HOME),
        "https://new.example/feed.xml": page(
            "https://new.example/feed.xml", RSS.format(title="New &lt;News&gt;"), content_type="application/rss+xml"
        ),
    }  # fmt: skip
    looker = Looker(FakeFetch(pages), Pace(0.0, 8), lambda: NOW)
    desk.look = lambda feed: find(looker, feed)
    async with browser(build(desk, access_of(desk.configuration().settings))) as client:
        answer = await sent(client, "/sources/look", {"url": "new.example"}, page="/sources/add")
        assert "1 feed found" in answer.text
        assert "Ferry &lt;b&gt;late" in answer.text or "Ferry late" in answer.text
        [address] = re.findall(r'name="feed" value="([^"]+)" checked', answer.text)
        added = await sent(
            client, "/sources/add", {"feed": address, f"name {address}": "New News", "country": "pt"},
            page="/sources/add",
        )  # fmt: skip
        assert added.headers["location"] == "/sources/new-news?done=added"
        feed: Feed = desk.follower.feeds.by_key["new-news"]
        assert (feed.url, feed.country, feed.origin) == ("https://new.example/feed.xml", "PT", "cli")
        again = await sent(client, "/sources/look", {"url": "new.example"}, page="/sources/add")
        assert "read already" in again.text


@pytest.mark.parametrize("url", ["", "ftp://x", "javascript:alert(1)", "http://", "a b"])
async def test_what_is_no_address_is_said_to_be_none(client: httpx.AsyncClient, url: str) -> None:
    answer = await sent(client, "/sources/look", {"url": url}, page="/sources/add")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


async def test_a_site_without_a_feed_says_what_to_try(desk: Desk) -> None:
    looker = Looker(FakeFetch({}), Pace(0.0, 8), lambda: NOW)
    desk.look = lambda feed: find(looker, feed)
    async with browser(build(desk, access_of(desk.configuration().settings))) as client:
        answer = await sent(client, "/sources/look", {"url": "nowhere.example"}, page="/sources/add")
        assert "No feed was found there" in answer.text


async def test_readers_may_look_but_not_change(desk: Desk) -> None:
    access = access_of(desk.configuration().settings)
    from pipeline.console.safety.access import Proxy

    reading = replace(access, open=False, proxy=Proxy("X-User", ("127.0.0.1/32",), "reader"))
    async with browser(build(desk, reading)) as client:
        client.headers["X-User"] = "ben"
        text = (await client.get("/sources/harbour-post")).text
        assert "/pause" not in text
        assert (await sent(client, "/sources/harbour-post/pause", {})).status_code == 403
        assert desk.follower.feeds.by_key["harbour-post"].enabled
