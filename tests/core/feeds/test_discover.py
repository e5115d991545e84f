"""Where a page may have feeds."""

from __future__ import annotations

import time

import pytest

from pipeline.core.feeds.discover import Candidate, linked, offered, sitemaps, title_of, usual, whole

PAGE = "https://news.example/world/"


def urls(found: list[Candidate]) -> list[str]:
    return [each.url for each in found]


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<link rel="alternate" type="application/rss+xml" href="/rss">', ["https://news.example/rss"]),
        ("<LINK HREF=feed.xml TYPE=application/atom+xml REL=Alternate>", ["https://news.example/world/feed.xml"]),
        ('<link rel="alternate" type="application/feed+json" href="//c.example/f.json">', ["https://c.example/f.json"]),
        ('<link rel="alternate" type="text/xml" href="/x?a=1&amp;b=2">', ["https://news.example/x?a=1&b=2"]),
        ('<link rel="feed" href="/f">', ["https://news.example/f"]),
        ('<base href="https://b.example/"><link rel=alternate type="text/xml" href="f">', ["https://b.example/f"]),
        ('<link rel="alternate" hreflang="de" href="/de"><link rel="alternate" type="text/html" href="/m">', []),
        ('<link rel="stylesheet" type="text/css" href="/feed.css">', []),
        ('<a href="/world.rss">World</a>', ["https://news.example/world.rss"]),
        ('<a href="feed:https://news.example/all">all</a>', ["https://news.example/all"]),
        ('<a href="/export.xml">RSS</a><a href="/other.xml">Other</a>', ["https://news.example/export.xml"]),
        ('<a href="/feedback.html">Feedback</a><a href="/atomic-energy">Atoms</a><a href="/rss-help.pdf">x</a>', []),
        ('<link rel="alternate" type="application/rss+xml" title="Comments" href="/c"><link rel="alternate" '
         'type="application/rss+xml" href="/n">', ["https://news.example/n", "https://news.example/c"]),
        ('<link rel=alternate type="application/rss+xml" href="javascript:x"><a href="http://[bad/feed">feed</a>', []),
    ],
)  # fmt: skip
def test_feeds_that_a_page_names(html: str, found: list[str]) -> None:
    assert urls(linked(f"<html><head>{html}</head></html>", {}, PAGE)) == found


def test_link_headers() -> None:
    header = (
        '<https://news.example/f?a=1,2>; rel="alternate"; type="application/rss+xml"; title="All, and more", '
        '<style.css>; rel=preload, <rel>; type=application/atom+xml; rel="alternate nofollow", </w>; rel=alternate'
    )
    found = linked("", {"link": header}, PAGE)
    assert urls(found) == ["https://news.example/f?a=1,2", "https://news.example/world/rel"]
    assert found[0].title == "All, and more"


@pytest.mark.parametrize(
    ("page", "html", "feed"),
    [
        ("https://x.example/", '<script src="/wp-content/a.js">', "https://x.example/feed/"),
        ("https://x.example/blog/", '<script src="/wp-includes/a.js">', "https://x.example/blog/feed/"),
        ("https://post.substack.com/", "", None),
        ("https://x.example/", '<img src="https://substackcdn.com/a">', "https://x.example/feed"),
        ("https://a.blogspot.com/", "x.blogspot.com", "https://a.blogspot.com/feeds/posts/default?alt=rss"),
        ("https://www.youtube.com/channel/UC0123456789abcdefghijkl", "",
         "https://www.youtube.com/feeds/videos.xml?channel_id=UC0123456789abcdefghijkl"),
        ("https://www.youtube.com/@name", '"externalId":"UC0123456789abcdefghijkl"',
         "https://www.youtube.com/feeds/videos.xml?channel_id=UC0123456789abcdefghijkl"),
        ("https://www.youtube.com/playlist?list=PL12", "", "https://www.youtube.com/feeds/videos.xml?playlist_id=PL12"),
        ("https://medium.com/@jo", "", "https://medium.com/feed/@jo"),
        ("https://www.reddit.com/r/news/", "", "https://www.reddit.com/r/news/.rss"),
        ("https://github.com/a/b", "", "https://github.com/a/b/releases.atom"),
        ("https://masto.example/@jo", "", "https://masto.example/@jo.rss"),
        ("https://x.example/", '<meta name="generator" content="Hugo 0.1">', "https://x.example/index.xml"),
        ("https://x.example/", "plain", None),
    ],
)  # fmt: skip
def test_feeds_that_a_platform_has(page: str, html: str, feed: str | None) -> None:
    found = urls(offered(html, page))
    assert feed in found if feed else found == []


def test_usual_places_are_tried_near_the_page_first() -> None:
    assert urls(usual(PAGE))[:2] == ["https://news.example/world/feed", "https://news.example/world/rss"]
    assert urls(usual("https://news.example/"))[0] == "https://news.example/feed"
    assert len(usual(PAGE)) <= 20
    named = ["https://news.example/a.xml", "https://news.example/news.xml"]
    assert urls(sitemaps(named, PAGE))[:2] == named[::-1]


@pytest.mark.parametrize(
    ("typed", "address"),
    [("news.example", "https://news.example"), (" news.example/x ", "https://news.example/x"),
     ("http://news.example", "http://news.example"), ("feed:https://news.example/f", "https://news.example/f"),
     ("feed://https://news.example/f", "https://news.example/f")],
)  # fmt: skip
def test_what_a_person_types(typed: str, address: str) -> None:
    assert whole(typed) == address
    for wrong in ("nonsense", "", "ftp://x.example/", "/etc/passwd", "https://"):
        with pytest.raises(ValueError, match=r"."):
            whole(wrong)


def test_titles_and_hostile_pages() -> None:
    assert title_of("<head><title>\n A &amp; B </title>") == "A & B"
    assert title_of("<p>") == ""
    for bad in (
        "<a " * 100_000,
        "<link href='" * 50_000,
        '<a href="/rss">' * 30_000,
        "<title>" * 50_000,
        "<" * 500_000,
    ):
        started = time.process_time()
        assert len(linked(bad, {"link": "<" * 50_000}, PAGE)) <= 12
        title_of(bad)
        assert time.process_time() - started < 4
