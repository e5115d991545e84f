"""The Atom feeds of views, read back with feedparser and checked against RFC 4287."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import urlsplit

import feedparser
import httpx
import pytest
from lxml import etree

A = "{http://www.w3.org/2005/Atom}"
FEEDS = [
    "/atom/now", "/atom/now?span=all&sort=newest", "/atom/search?q=strike", "/atom/alerts?span=90d",
    "/atom/rules/Port%20strikes", "/atom/watch?all=1", "/atom/topics/troops",
]  # fmt: skip


async def read(client: httpx.AsyncClient, path: str) -> Any:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "application/atom+xml")
    found = feedparser.parse(answer.content)
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == "atom10"
    return found


@pytest.mark.parametrize("path", FEEDS)
async def test_every_feed_has_what_the_format_demands(client: httpx.AsyncClient, path: str) -> None:
    root = etree.fromstring((await client.get(path)).content)
    entries = root.findall(f"{A}entry")
    assert entries
    for element in (root, *entries):  # 4.1.1, 4.1.2: exactly one each
        assert all(len(element.findall(f"{A}{name}")) == 1 for name in ("id", "title", "updated"))
        assert element.findtext(f"{A}author/{A}name")
        assert str(element.findtext(f"{A}id")).startswith("urn:uuid:")
    assert len({one.findtext(f"{A}id") for one in entries}) == len(entries)
    assert root.findtext(f"{A}updated") == max(str(one.findtext(f"{A}updated")) for one in entries)
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{A}link")}
    assert links["self"] == f"http://127.0.0.1:8750{path}"
    assert (await client.get(str(links["alternate"]))).status_code == 200


async def test_stories_with_sources_facts_and_rules(client: httpx.AsyncClient) -> None:
    found = await read(client, "/atom/now?q=troops")
    assert found.feed.title == "Almenara: Now: troops"
    (entry,) = found.entries
    assert (entry.title, entry.link) == ("Latvia's parliament lets troops stay", "http://127.0.0.1:8750/story/t1")
    assert "2 independent sources, 2 articles" in entry.summary
    assert "<li>Host: Latvia</li>" in entry.summary
    assert "Troops in Latvia (critical)" in entry.summary
    assert {tag.term for tag in entry.tags} == {"troops"}


async def test_articles_lead_to_their_outlets_with_the_words_found(client: httpx.AsyncClient) -> None:
    found = await read(client, "/atom/search?q=huelga")
    (entry,) = found.entries
    assert (entry.link, entry.author) == ("https://costa.example/p2", "Diario de la Costa")
    raw = (await client.get("/atom/search?q=huelga")).text  # feedparser takes off such elements
    assert "&lt;mark&gt;huelga&lt;/mark&gt;" in raw


async def test_an_alert_has_one_entry_in_every_feed(client: httpx.AsyncClient) -> None:
    every = {one.id: one for one in (await read(client, "/atom/alerts?span=90d")).entries}
    of_rule = (await read(client, "/atom/rules/Port%20strikes")).entries
    assert of_rule
    assert {one.id for one in of_rule} < set(every)
    assert all(one.title == every[one.id].title for one in of_rule)
    assert "Alert rule: Port strikes" in re.sub(r"<[^>]*>", "", of_rule[0].summary)


async def test_an_alert_shows_the_sentence_that_matched_and_why(client: httpx.AsyncClient) -> None:
    text = html.unescape((await client.get("/atom/rules/Port%20strikes")).text)  # feedparser takes off such elements
    assert re.search(r'<blockquote lang="es" dir="ltr">Los estibadores .*<mark>huelga</mark>', text)
    assert "Why: <bdi>Articles with &#34;strike&#34;" in text


async def test_authorisations_with_their_stories(client: httpx.AsyncClient) -> None:
    (entry,) = (await read(client, "/atom/watch")).entries
    assert entry.title.startswith("Latvia ← Canada: ")
    assert "/story/t1" in entry.summary
    assert not (await read(client, "/atom/watch?host=FR")).entries


async def test_hostile_titles_are_text(client: httpx.AsyncClient) -> None:
    found = await read(client, "/atom/now?q=markup&span=all")
    (entry,) = found.entries
    assert entry.title_detail.type == "text/plain"
    found = await read(client, "/atom/search?q=markup")
    assert "<img" not in found.entries[0].summary
    assert "&lt;img src=x onerror=alert(2)&gt;" in found.entries[0].summary


async def test_a_feed_that_did_not_change_is_not_sent_again(client: httpx.AsyncClient) -> None:
    first = await client.get("/atom/search?q=strike")
    again = await client.get("/atom/search?q=strike", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("path", "status"),
    [("/atom/search?q=(", 400), ("/atom/rules/nothing", 404), ("/atom/topics/nothing", 404), ("/atom/none", 404)],
)
async def test_what_has_no_feed(client: httpx.AsyncClient, path: str, status: int) -> None:
    assert (await client.get(path)).status_code == status


@pytest.mark.parametrize(
    "page", ["/?q=troops", "/search?q=strike", "/alerts?span=90d", "/rules", "/watch", "/topics/troops"]
)
async def test_pages_link_to_their_feeds(client: httpx.AsyncClient, page: str) -> None:
    text = (await client.get(page)).text
    address = re.findall(r'<link rel="alternate" type="application/atom\+xml" href="([^"]+)"', text)[0]
    assert f'class="tool" href="{address}"' in text
    assert urlsplit(address).query == urlsplit(page).query
    await read(client, address.replace("&amp;", "&"))


async def test_feeds_are_written_in_the_language_of_the_reader(client: httpx.AsyncClient) -> None:
    answer = await client.get("/atom/now", headers={"Accept-Language": "es"})
    assert answer.headers["content-language"] == "es"
