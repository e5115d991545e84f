"""The demo site over HTTP: feeds and pages read back whole, conditional requests, faults."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from html import escape

import feedparser
import httpx
import msgspec
import pytest
import pytest_asyncio
import trafilatura
from trafilatura.settings import Document as Extracted

from pipeline.demo import pages
from pipeline.demo.content import boilerplate, entries, outlets
from pipeline.demo.site import Site

NOW = datetime(2031, 3, 5, 14, 30, tzinfo=UTC)
ARTICLES = {entry.key: entry for entry in entries() if entry.readable}
OUTLETS = {outlet.id: outlet for outlet in outlets()}
FORMATS = {f"{outlet.id}-{feed.id}": feed.format for outlet in outlets() for feed in outlet.feed}


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    async with Site(NOW) as site:
        yield site


@pytest_asyncio.fixture
async def web() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


def feed_url(site: Site, name: str) -> str:
    url: str = next(feed["url"] for feed in site.feeds() if feed["id"] == name)
    return url


# -- feeds


@pytest.mark.parametrize("edition", [1, 2])
async def test_feeds_list_what_the_edition_has(site: Site, web: httpx.AsyncClient, edition: int) -> None:
    if edition == 2:
        site.advance()
    listed = 0
    for feed in site.feeds():
        answer = await web.get(feed["url"])
        form = FORMATS[feed["id"]]
        if form == "json":
            rows = [(item.get("title"), item.get("url")) for item in msgspec.json.decode(answer.content)["items"]]
        else:
            parsed = feedparser.parse(io.BytesIO(answer.content), response_headers=dict(answer.headers))
            assert form == "html" or not parsed.bozo, feed
            rows = [(row.title, row.get("link")) for row in parsed.entries]
        outlet, _, name = feed["id"].partition("-")
        there = [e for e in entries() if e.outlet == outlet and name in e.feeds and e.edition <= edition]
        assert {title for title, _ in rows} == {entry.at(edition).title for entry in there}
        assert all(url for _, url in rows)
        assert bool(rows) == (feed["id"] not in site.expected.broken_feeds)
        listed += len(rows)
    assert edition == 1 or listed == site.expected.listed


async def test_addresses_stay_the_same_after_corrections(site: Site, web: httpx.AsyncClient) -> None:
    def links(rss: bytes) -> dict[str, str]:
        return {row.id: row.link for row in feedparser.parse(io.BytesIO(rss)).entries}

    for name in ("ledger-main", "cordillera-main", "meridien-main"):
        before = links((await web.get(feed_url(site, name))).content)
        site.advance()
        after = links((await web.get(feed_url(site, name))).content)
        assert after.items() > before.items()
        site.edition = 1


async def test_dates_follow_from_now_in_each_feeds_own_way(site: Site, web: httpx.AsyncClient) -> None:
    async def text(name: str) -> str:
        return (await web.get(feed_url(site, name))).text

    assert "<pubDate>Wed, 05 Mar 2031 10:30:00 CET</pubDate>" in await text("meridien-main")  # 5h before
    assert "<published>2031-03-05T09:30:00+00:00</published>" in await text("ledger-main")  # 5h
    assert "<dc:date>2031-03-05T13:20:00+01:00</dc:date>" in await text("elbufer-main")  # 130m
    assert '"date_published": "2031-03-05T07:30:00-03:00"' in await text("aroeira-main")  # 4h
    assert "<pubDate>昨天 25:61</pubDate>" in await text("jiangpan-main")
    assert "<published>2032-04-08T10:30:00-04:00</published>" in await text("cordillera-main")  # in 400 days


async def test_the_second_edition_has_the_correction(site: Site, web: httpx.AsyncClient) -> None:
    site.advance()
    atom = feedparser.parse(io.BytesIO((await web.get(feed_url(site, "ledger-main"))).content))
    row = next(row for row in atom.entries if "Paraguay" in row.title)
    assert (row.published, row.updated) == ("2031-03-05T09:30:00+00:00", "2031-03-05T14:27:00+00:00")
    rss = feedparser.parse(io.BytesIO((await web.get(feed_url(site, "meridien-main"))).content))
    assert next(row for row in rss.entries if "Cap-Vert" in row.title).updated == "2031-03-05T15:26:00+01:00"
    page = await web.get(site.url("troops-ledger"))
    assert "let 430 American soldiers" in page.text
    assert "about 400" not in page.text.lower()


# -- pages


ONE_EACH = list({entry.outlet: entry.key for entry in ARTICLES.values()}.values())


@pytest.mark.slow
@pytest.mark.parametrize("keys", [ONE_EACH, pytest.param(list(ARTICLES), marks=pytest.mark.slow)], ids=["one", "all"])
async def test_an_articles_text_comes_out_whole_and_boilerplate_does_not(
    site: Site, web: httpx.AsyncClient, keys: list[str]
) -> None:
    for key in keys:
        entry = ARTICLES[key]
        answer = await web.get(site.url(key))
        if answer.status_code == 503:
            answer = await web.get(site.url(key))
        outlet = OUTLETS[entry.outlet]
        html = answer.content.decode(outlet.charset)
        read = trafilatura.bare_extraction(html, fast=True, with_metadata=True, include_comments=False)
        assert isinstance(read, Extracted), key
        assert read.text, key
        assert read.title == entry.title
        assert [part for part in entry.paragraphs() if part not in read.text] == [], key
        words = boilerplate()[outlet.language]
        around = (words.cookies, words.newsletter, words.missing_text, "every outlet, person", *words.remarks)
        assert [text for text in around if text in read.text] == [], key


async def test_the_texts_are_escaped(site: Site, web: httpx.AsyncClient) -> None:
    hostile = msgspec.structs.replace(
        ARTICLES["museum-meridien"], title='<b>"&amp;', lead="</script><i>", body="a < b & c"
    )
    outlet = site._outlet(hostile)
    html = pages.article(pages.Sheet(outlet, hostile, outlet.url + "/x", NOW))
    assert '<h1 itemprop="headline">&lt;b&gt;&quot;&amp;amp;</h1>' in html
    assert "<p>a &lt; b &amp; c</p>" in html
    assert "</script><i>" not in html


async def test_charsets_are_declared_rightly_or_not_at_all(site: Site, web: httpx.AsyncClient) -> None:
    table = {
        "coup-estuario": ("text/html; charset=windows-1252", False),
        "museum-meridien": ("text/html; charset=utf-8", True),
        "marines-volta": ("text/html", False),
    }
    for key, (header, in_page) in table.items():
        answer = await web.get(site.url(key))
        assert answer.headers["content-type"] == header
        assert (b"charset=" in answer.content.partition(b"</head>")[0].lower()) == in_page
        text = answer.content.decode(OUTLETS[ARTICLES[key].outlet].charset)
        assert escape(ARTICLES[key].paragraphs()[0]) in text


async def test_json_ld_is_as_the_outlet_has_it(site: Site, web: httpx.AsyncClient) -> None:
    found = {}
    for key in ONE_EACH:
        page = (await web.get(site.url(key))).content.decode(OUTLETS[ARTICLES[key].outlet].charset)
        _, _, rest = page.partition('<script type="application/ld+json">')
        found[key] = rest.partition("</script>")[0]
    for key, text in found.items():
        outlet, entry = OUTLETS[ARTICLES[key].outlet], ARTICLES[key]
        if outlet.jsonld in ("none", "broken"):
            assert bool(text) == (outlet.jsonld == "broken")
            with pytest.raises(msgspec.DecodeError):
                msgspec.json.decode(text)
        else:
            value = msgspec.json.decode(text)
            news = [node for node in value.get("@graph", [value]) if node["@type"] == "NewsArticle"]
            assert [node["headline"] for node in news] == [entry.title]
            assert ("@graph" in value) == (outlet.jsonld == "graph")


async def test_one_article_at_two_addresses_names_one_canonical(site: Site, web: httpx.AsyncClient) -> None:
    for name, key in (("meridien-amp", "bread-meridien"), ("ledger-world", "troops-ledger")):
        feed = feedparser.parse(io.BytesIO((await web.get(feed_url(site, name))).content))
        link = next(row.link for row in feed.entries if row.title == ARTICLES[key].title)
        assert link != site.url(key)
        assert f'<link rel="canonical" href="{site.url(key)}">' in (await web.get(link)).text
        assert site.key(site.url(key)) == key


# -- HTTP


async def test_conditional_get(site: Site, web: httpx.AsyncClient) -> None:
    for url in (feed_url(site, "ribera-main"), feed_url(site, "ledger-main"), site.url("troops-ledger")):
        first = await web.get(url)
        tags = {"If-None-Match": first.headers["etag"]}
        dates = {"If-Modified-Since": first.headers["last-modified"]}
        for headers in (tags, dates, tags | {"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}):
            again = await web.get(url, headers=headers)
            assert (again.status_code, again.content) == (304, b"")
        for headers in ({"If-None-Match": '"other"'}, {"If-Modified-Since": "rubbish"}):
            assert (await web.get(url, headers=headers)).status_code == 200
    site.advance()
    assert (await web.get(feed_url(site, "ledger-main"), headers=dates)).status_code == 200
    assert (await web.get(site.url("troops-ledger"), headers=tags)).status_code == 200
    assert site.served[304] == 9


async def test_what_did_not_change_is_not_sent_again(site: Site, web: httpx.AsyncClient) -> None:
    url = site.url("museum-meridien")
    tag = (await web.get(url)).headers["etag"]
    feed = feed_url(site, "nahr-main")
    feed_tag = (await web.get(feed)).headers["etag"]
    site.advance()
    assert (await web.get(url, headers={"If-None-Match": tag})).status_code == 304
    assert (await web.get(feed, headers={"If-None-Match": feed_tag})).status_code == 304


async def test_gzip_where_the_outlet_has_it_and_the_client_takes_it(site: Site, web: httpx.AsyncClient) -> None:
    assert (await web.get(site.url("museum-meridien"))).headers["content-encoding"] == "gzip"
    plain = await web.get(site.url("museum-meridien"), headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in (await web.get(site.url("coup-estuario"))).headers


async def test_faults(site: Site, web: httpx.AsyncClient) -> None:
    async def get(key: str) -> httpx.Response:
        return await web.get(site.url(key))

    assert [(await get("cocoa-volta")).status_code for _ in range(3)] == [503, 200, 200]
    assert (await get("gone-tejo")).status_code == 404
    assert (await get("report-ledger")).headers["content-type"] == "application/pdf"
    assert (await get("metadata-ledger")).headers["location"].startswith("http://169.254.169.254/")
    for key, words in (
        ("consent-elbufer", "consent_text"),
        ("paywall-meridien", "paywall"),
        ("lost-ribera", "missing"),
    ):
        answer = await get(key)
        assert answer.status_code == 200
        assert getattr(boilerplate()[OUTLETS[key.partition("-")[2]].language], words) in answer.text


async def test_redirects_lead_to_the_article_in_steps(site: Site, web: httpx.AsyncClient) -> None:
    url, steps = site.url("rates-aroeira").partition("/economia")[0] + "/r/8841", []
    while (answer := await web.get(url)).is_redirect:
        url = answer.headers["location"]
        steps.append(url)
    assert len(steps) == 2
    assert steps[-1] == site.url("rates-aroeira")
    assert answer.status_code == 200


async def test_a_taken_port_is_an_error_and_leaves_nothing_open(site: Site) -> None:
    port = int(site.outlets[3].url.rpartition(":")[2])
    other = Site(NOW, port=port)
    with pytest.raises(OSError, match="bind"):
        await other.start()
    assert other._runners == []
