"""`almenara feeds add`, `feeds test` and `feeds show` on a real local site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.asking import Ask
from tests.commands.news_site import NewsSite, rss, serving

FEED = "application/rss+xml"


@pytest.fixture
def site(config: Path) -> Iterator[NewsSite]:
    (config / "almenara.toml").write_text(
        '[fetch]\nallow_networks = ["127.0.0.0/8"]\ndelay_per_site = "0s"\ntimeout = "5s"\n'
    )
    with serving() as site:
        yield site


def polled(ask: Ask) -> dict[str, str]:
    return {line["feed"]["id"]: line["feed"]["url"] for line in ask("feeds", "list", "--json").lines}


def test_a_feed_is_added_as_it_is_under_its_title(ask: Ask, site: NewsSite) -> None:
    site.put("/news", rss("Harbour Post", 1, 2, 3), FEED)
    answer = ask("feeds", "add", f"{site.url}/news")
    assert answer.code == 0
    assert "3 entries, newest 60 min ago, about one every 60 min" in answer.out
    assert "Harbour council votes for pier 1" in answer.out
    assert polled(ask) == {"harbour-post": f"{site.url}/news"}
    assert site.asked == ["/news"]
    again = ask("feeds", "add", f"{site.url}/news/")
    assert (again.code, "is already polled, as harbour-post" in again.err) == (1, True)


HOME = """<html><head><title>Harbour Post</title>
<link rel="alternate" type="application/rss+xml" title="Comments" href="./comments.xml">
{links}</head><body>{body}</body></html>"""
LINK = '<link rel="alternate" type="application/{kind}+xml" title="{title}" href="{href}">'


def test_the_feed_of_a_page_is_added(ask: Ask, site: NewsSite) -> None:
    site.put("/", HOME.format(links=LINK.format(kind="atom", title="News", href="/news.xml"), body=""))
    site.put("/news.xml", rss("Harbour Post", 1), FEED)
    site.put("/comments.xml", rss("Comments on Harbour Post", 8, 9), FEED)
    answer = ask("feeds", "add", site.url.removeprefix("http://") + "/")
    assert answer.code == 1  # without a scheme it means https
    assert ask("feeds", "add", f"{site.url}/").code == 0
    assert polled(ask) == {"news": f"{site.url}/news.xml"}


def test_of_several_feeds_someone_has_to_choose(ask: Ask, site: NewsSite) -> None:
    links = "".join(LINK.format(kind="rss", title=f"News {n}", href=f"/{n}.xml") for n in (1, 2, 3))
    site.put("/", HOME.format(links=links, body=""))
    for n in (1, 2, 3):
        site.put(f"/{n}.xml", rss(f"News {n}", n), FEED)
    answer = ask("feeds", "add", f"{site.url}/")
    assert answer.code == 1
    assert "3 feeds were found" in answer.err
    assert "--pick N" in answer.err
    assert "2. News 2" in answer.out
    assert polled(ask) == {}
    assert ask("feeds", "add", f"{site.url}/", "--pick", "2", "--country", "pe").code == 0
    assert list(polled(ask)) == ["news-2"]
    assert ask("feeds", "add", f"{site.url}/", "--pick", "9").code == 1
    assert ask("feeds", "add", f"{site.url}/", "--yes").code == 0
    (found,) = ask("feeds", "add", f"{site.url}/", "--all", "--json").lines
    assert [each["preview"]["items"] for each in found["found"]] == [1, 1, 1]
    assert sorted(polled(ask)) == ["news-1", "news-2", "news-3"]


@pytest.mark.parametrize(
    ("path", "home", "where"),
    [
        ("/feed/", '<meta name="generator" content="WordPress 6.4">', "platform"),
        ("/rss/", '<meta name="generator" content="Ghost 5.0">', "platform"),
        ("/latest.xml", '<a href="/latest.xml">RSS</a>', "linked"),
        ("/syndication/all", '<a href="feed:{BASE}/syndication/all">Subscribe</a>', "linked"),
        ("/atom.xml", "nothing at all", "often"),
    ],
)
def test_where_feeds_are_found(ask: Ask, site: NewsSite, path: str, home: str, where: str) -> None:
    site.put("/", f"<html><body>{home}</body></html>")
    site.put(path, rss("Harbour Post", 1, 2), FEED)
    (answer,) = ask("feeds", "add", f"{site.url}/", "--json").lines
    assert [change["url"] for change in answer["changes"]] == [f"{site.url}{path}"]
    assert where in answer["found"][0]["how"]


def test_the_link_header_and_the_same_feed_twice(ask: Ask, site: NewsSite) -> None:
    links = '</f>; rel="alternate"; type="application/rss+xml", </g>; rel=alternate; type="application/atom+xml"'
    site.put("/", "<html></html>", Link=links)
    site.put("/f", rss("Harbour Post", 1, 2), FEED)
    site.put("/g", rss("Harbour Post", 1, 2), FEED)
    assert ask("feeds", "add", f"{site.url}/").code == 0
    assert list(polled(ask).values()) == [f"{site.url}/f"]


def test_a_news_sitemap_is_the_last_resort(ask: Ask, site: NewsSite) -> None:
    site.put("/", "<html></html>")
    site.put("/robots.txt", "User-agent: *\nDisallow: /\nSitemap: {BASE}/map-all.xml\nSitemap: {BASE}/map-news.xml\n")
    listed = "<url><loc>{BASE}/a1</loc></url>"
    site.put("/map-news.xml", f"<urlset>{listed}</urlset>", "text/xml")
    assert ask("feeds", "add", f"{site.url}/", "--name", "Post").code == 0
    assert polled(ask) == {"post": f"{site.url}/map-news.xml"}
    assert "/map-all.xml" not in site.asked


def test_what_is_no_feed_is_rejected_with_the_reason(ask: Ask, site: NewsSite) -> None:
    site.put("/", "<html><head><title>Nothing here</title></head></html>")
    answer = ask("feeds", "add", f"{site.url}/")
    assert (answer.code, answer.out) == (1, "")
    assert "is no feed: not_a_feed: an HTML page: Nothing here; nor is any of" in answer.err
    assert "What to try:" in answer.err
    missing = ask("feeds", "add", f"{site.url}/gone.xml")
    assert (missing.code, "http_404" in missing.err) == (1, True)
    assert polled(ask) == {}
    assert len(site.asked) < 80


def test_a_feed_that_moved_is_added_at_its_new_address(ask: Ask, site: NewsSite) -> None:
    site.put("/new", rss("Harbour Post", 1), FEED)
    site.put("/old", "", status=301, Location="/new")
    site.put("/for-now", "", status=302, Location="/new")
    assert ask("feeds", "add", f"{site.url}/for-now").code == 0
    assert polled(ask) == {"harbour-post": f"{site.url}/for-now"}
    ask("feeds", "remove", "harbour-post")
    assert ask("feeds", "add", f"{site.url}/old").code == 0
    assert f"{site.url}/new" in polled(ask).values()


def test_warnings(ask: Ask, site: NewsSite) -> None:
    site.put("/empty", rss("Empty"), FEED)
    assert "warning: it lists no entries" in ask("feeds", "add", f"{site.url}/empty").out
    old = "<item><title>x</title><link>{BASE}/x</link><pubDate>Mon, 05 Jan 2015 10:00:00 GMT</pubDate></item>"
    site.put("/old", rss("Old", more=old), FEED)
    assert "warning: its newest entry is from 2015-01-05" in ask("feeds", "add", f"{site.url}/old").out


def test_a_feed_is_tested_without_being_added(ask: Ask, site: NewsSite) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /a2\nCrawl-delay: 3")
    more = "<item><title>No link or text</title></item><item><title>Bad</title><link>ftp://x.example/</link></item>"
    site.put("/f", rss("Harbour Post", 1, 2, more=more), FEED, ETag='"1"', Cache_Control="max-age=60")
    site.put("/", "", status=301, Location="/f")
    shown = ask("feeds", "test", f"{site.url}/")
    assert shown.code == 0
    for text in (
        f"redirect   to {site.url}/f (for good)", 'etag: "1"', "cache-control: max-age=60", "RSS 2.0: Harbour Post",
        "entries    4 = ", f"robots.txt forbids {site.url}/a2, a delay of 3 s", "about one every 60 min",
        f"robots.txt allows {site.url}/a1",
    ):  # fmt: skip
        assert text in shown.out, shown.out
    report = ask("feeds", "test", f"{site.url}/", "--json").json
    assert report["feed"]["listed"] == report["feed"]["items"] + sum(report["feed"]["drops"].values())
    assert (report["ok"], report["answer"]["status"], report["answer"]["charset"]) == (True, 200, "utf-8")
    assert polled(ask) == {}
    failing = ask("feeds", "test", f"{site.url}/missing")
    assert (failing.code, "http_404" in failing.out) == (1, True)
    assert ask("feeds", "test", f"{site.url}/missing", "--json").json["failure"]["reason"] == "http_404"


@pytest.mark.slow
def test_a_feed_is_shown_with_its_polls_and_articles(ask: Ask, site: NewsSite) -> None:
    site.put("/f", rss("Harbour Post", 1), FEED)
    text = "<p>" + "The harbour council of Lindmouth voted on Monday to build a second pier. " * 12 + "</p>"
    site.put("/a1", f"<html><head><title>Pier</title></head><body><article>{text}</article></body></html>")
    ask("feeds", "add", f"{site.url}/f")
    assert "state      never polled" in ask("feeds", "show", "harbour-post").out
    assert ask("poll", "--once", "--json").code == 0
    shown = ask("feeds", "show", f"{site.url}/f").out
    assert "state      works; it lists 1 entries" in shown
    assert "article    " in shown
    assert "/a1" in shown
    site.put("/f", "gone", status=410)
    ask("poll", "--once", "--json")
    report = json.loads(ask("feeds", "show", "harbour-post", "--json").out)
    assert [note["outcome"] for note in report["state"]["history"]] == ["gone", "ok"]
    assert report["state"]["history"][1]["new"] == 1
    assert [each["url"] for each in report["articles"]] == [f"{site.url}/a1"]
    assert ask("feeds", "show", "nobody").code == 1
