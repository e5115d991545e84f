"""OPML files: what they have is shown before anything is added, and the reader chooses."""

from __future__ import annotations

import base64
import re
import zlib

import httpx
import pytest
from msgspec.structs import replace

from pipeline.console.desk import Desk
from pipeline.core.feeds.seed import site_key
from pipeline.requests.opml import LONGEST
from pipeline.stage import Out
from tests.console.conftest import sent, words_of
from tests.console.hostile import POISON, escapes

FILE = """<?xml version="1.0"?><opml version="2.0"><body>
<outline text="Ports"><outline text="Fresh" xmlUrl="https://fresh.example/rss" language="pt"/>
<outline text="Fresh again" xmlUrl="https://fresh.example/rss"/></outline>
<outline text="Sport"><outline text="Goals" xmlUrl="https://goals.example/rss"/></outline>
<outline text="Loose" xmlUrl="https://loose.example/rss"/>
<outline text="Post" xmlUrl="https://harbour.example/rss"/>
<outline text="Bad" xmlUrl="ftp://x"/>
</body></opml>"""


async def looked(client: httpx.AsyncClient, content: bytes, name: str = "my.opml") -> httpx.Response:
    found = re.search(r'name="token" value="([^"]+)"', (await client.get("/sources/add")).text)
    assert found
    return await client.post("/sources/opml", data={"token": found[1]}, files={"file": (name, content)})


async def added(client: httpx.AsyncClient, page: httpx.Response, **fields: object) -> httpx.Response:
    hidden = dict(re.findall(r'type="hidden" name="(token|file|name)" value="([^"]*)"', page.text))
    return await client.post("/sources/opml/add", data={**hidden, **fields})


def urls(desk: Desk) -> set[str]:
    return {feed.url for feed in desk.follower.feeds.by_key.values() if not feed.removed}


async def test_a_file_is_shown_before_anything_is_added(client: httpx.AsyncClient, desk: Desk) -> None:
    before = urls(desk)
    page = await looked(client, FILE.encode())
    text = words_of(page)
    assert "Nothing is added yet. 3 feeds are new · 1 is read already · 1 is not read · 1 is listed twice" in text
    assert re.findall(r'name="feed" value="([^"]+)"[^>]* checked', page.text) == [
        "https://fresh.example/rss", "https://goals.example/rss", "https://loose.example/rss",
    ]  # fmt: skip
    assert re.findall(r'name="folder" value="([^"]+)"', page.text) == ["Ports", "Sport"]
    assert 'href="/sources/harbour-post"' in page.text
    assert "ftp://x" in text
    assert "is also in line 2" in text
    assert urls(desk) == before


async def test_only_the_chosen_feeds_of_chosen_folders_are_added(client: httpx.AsyncClient, desk: Desk) -> None:
    page = await looked(client, FILE.encode())
    every = ["https://fresh.example/rss", "https://goals.example/rss", "https://loose.example/rss"]
    before = urls(desk)
    answer = await added(client, page, feed=[*every, "https://other.example/"], folder=["Ports"])
    assert "2 sources added. 1 was there already. 1 was not chosen." in words_of(answer)
    assert urls(desk) - before == {every[0], every[2]}
    fresh = next(one for one in desk.follower.feeds.by_key.values() if one.url == every[0])
    assert (fresh.groups, fresh.language) == (("Ports",), "pt")
    again = await looked(client, FILE.encode())
    assert "1 feed is new" in words_of(again)
    assert (await added(client, again)).status_code == 400


async def test_what_the_console_exports_is_all_known(client: httpx.AsyncClient) -> None:
    opml = await client.get("/sources/opml")
    assert "attachment" in opml.headers["content-disposition"]
    assert "0 feeds are new · 6 are read already" in words_of(await looked(client, opml.content))


async def test_a_feed_that_was_removed_is_not_chosen_by_itself(client: httpx.AsyncClient, desk: Desk) -> None:
    gone = replace(desk.follower.feeds.by_key["harbour-post"], removed=True, enabled=False)
    await desk.log.publish([Out("feeds", gone.id, gone, by=site_key(gone))])
    await desk.follower.look()
    page = await looked(client, FILE.encode())
    assert "was removed once" in page.text
    assert "https://harbour.example/rss" not in re.findall(r'name="feed" value="([^"]+)"[^>]* checked', page.text)
    await added(client, page, feed=["https://harbour.example/rss"])
    assert not desk.follower.feeds.by_key["harbour-post"].removed


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<html></html>", "not OPML"), (b"", "not OPML"), (b"x" * (LONGEST + 1), "more than 4 MB"),
        (b"<opml>" + b'<outline xmlUrl="https://%d.example"/>' * 5_001 % tuple(range(5_001)), "5,001 feeds"),
    ],
    ids=["html", "empty", "large", "many"],
)  # fmt: skip
async def test_what_is_no_list_of_feeds_is_refused(client: httpx.AsyncClient, content: bytes, why: str) -> None:
    answer = await looked(client, content)
    assert answer.status_code == 400
    assert why in re.findall(r'role="alert">([^<]*)<', answer.text)[0]


async def test_a_hostile_file_does_nothing(client: httpx.AsyncClient) -> None:
    value = POISON.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    bomb = '<!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    outlines = "".join(
        f'<outline text="{value}"><outline text="{value}" xmlUrl="{address}" category="{value}"/></outline>'
        for address in ("https://a.example/rss", "javascript:window.ran=1", f"https://b.example/{value}")
    )
    answer = await looked(client, f"{bomb}<opml><body>{outlines}<outline text='&b;'/></body></opml>".encode(), POISON)
    assert answer.status_code == 200
    assert escapes(answer.text) == []


@pytest.mark.parametrize(
    "packed", ["", "x", "AAAA", base64.urlsafe_b64encode(zlib.compress(b" " * 50_000_000)).decode()]
)
async def test_a_damaged_file_is_not_read(client: httpx.AsyncClient, packed: str) -> None:
    answer = await sent(client, "/sources/opml/add", {"file": packed, "feed": "x"}, page="/sources/add")
    assert answer.status_code == 400
