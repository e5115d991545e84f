from __future__ import annotations

import contextlib
import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.core.urls import LIMIT, article_id, canonical, join, registrable


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTPS://Example.COM", "https://example.com/"),
        ("https://example.com:443/a", "https://example.com/a"),
        ("http://example.com:80/a", "http://example.com/a"),
        ("http://example.com:443/a", "http://example.com:443/a"),
        ("https://example.com:/a", "https://example.com/a"),
        ("https://example.com./a", "https://example.com/a"),
        ("https://user:secret@example.com/a", "https://example.com/a"),
        ("https://example.com/a#comments", "https://example.com/a"),
        ("https://example.com/#!/news/12", "https://example.com/#!/news/12"),
        ("  https://example.com/a\n", "https://example.com/a"),
        ("https://example.com/a\n/b", "https://example.com/a/b"),
        ("https://example.com/a b", "https://example.com/a%20b"),
        ("https://example.com/%7ea/%c3%a9/%2f", "https://example.com/~a/%C3%A9/%2F"),
        ("https://example.com/é?q=é", "https://example.com/%C3%A9?q=%C3%A9"),
        ("https://example.com/100%", "https://example.com/100%25"),
        ("https://example.com/100%2", "https://example.com/100%252"),
        ("https://example.com/a/./b/../c", "https://example.com/a/c"),
        ("https://example.com/../..", "https://example.com/"),
        ("https://example.com/a/..", "https://example.com/"),
        ("https://example.com/a//b/", "https://example.com/a//b/"),
        ("https://example.com/a?", "https://example.com/a"),
        ("https://example.com/a?b=2&a=1", "https://example.com/a?b=2&a=1"),
        ("https://example.com/a?id=1+2&b=%20", "https://example.com/a?id=1+2&b=%20"),
        ("https://example.com/a?utm_source=x&id=7&fbclid=y", "https://example.com/a?id=7"),
        ("https://example.com/a?UTM_Source=x", "https://example.com/a"),
        ("https://example.com/a?%75tm_source=x", "https://example.com/a"),
        ("https://example.com/a?xtor=RSS-1", "https://example.com/a"),
        ("https://example.com/a?at_medium=RSS&at_campaign=K", "https://example.com/a"),
        ("https://example.com/a?maca=en-rss-all&ns_mchannel=rss&x=1", "https://example.com/a?x=1"),
        ("https://example.com/a?partner=rss&emc=rss&source=RSS_feed", "https://example.com/a"),
        ("https://example.com/a?format=rss&feed=rss2", "https://example.com/a?format=rss&feed=rss2"),
        ("https://example.com/a?cid=3&ref=4&source=5", "https://example.com/a?cid=3&ref=4&source=5"),
        ("https://example.com?id=7", "https://example.com/?id=7"),
        ("https://españa.example/", "https://xn--espaa-rta.example/"),
        ("https://中国.example/新闻", "https://xn--fiqs8s.example/%E6%96%B0%E9%97%BB"),
        ("https://foo_bar.example.com/a", "https://foo_bar.example.com/a"),
        ("http://[::0001]:8080/", "http://[::1]:8080/"),
        ("http://good.example\\@evil.example/", "http://good.example/@evil.example/"),
        ("https:\\\\example.com\\a?b\\c", "https://example.com/a?b%5Cc"),
    ],
)
def test_canonical(url: str, expected: str) -> None:
    assert canonical(url) == expected


@pytest.mark.parametrize(
    "url",
    ["", "a", "/a/b", "//example.com/a", "ftp://example.com/", "file:///etc/passwd", "javascript:alert(1)",
     "mailto:a@b.example", "data:text/html,x", "https://", "https:///a", "http://[::1",
     "http://[fe80::1%25eth0]/", "http://exa mple.com/",
     "http://example.com:99999/", "http://example.com:x/", "http://example.com:0/", "http://%65xample.com/",
     "http://..", "http://a..b/", "http://" + "a" * 64 + ".com/", "http://" + "a." * 200 + "com/", "http://\ud800/",
     "https://example.com/" + "é" * LIMIT, "https://example.com/" + "a" * LIMIT],
)  # fmt: skip
def test_an_invalid_url_raises_value_error(url: str) -> None:
    for function in (canonical, article_id):
        with pytest.raises(ValueError, match=r"."):
            function(url)


_texts = st.text(max_size=60) | st.text(alphabet=string.printable + "%éß", max_size=60)
_urls = st.builds(
    "{}{}{}".format, st.sampled_from(["http://", "https://", "HTTP://e.com/", "https://e.com?"]), _texts, _texts
)


@settings(deadline=None)
@given(_urls)
@example("http://a/%%2525")
@example("http://a/%2E%2e/b")
@example("http://ß.example/")
@example("http://a/?&&a&utm_x")
@example("http://a/#/\ud800")
@example("http://１.example/")
@example("http://a。b/")
def test_canonical_is_idempotent_and_raises_nothing_but_value_error(url: str) -> None:
    try:
        once = canonical(url)
    except ValueError:
        return
    assert canonical(once) == once
    assert once.isascii()
    assert article_id(once) == article_id(url)
    assert registrable(url) == registrable(once)


@settings(deadline=None)
@given(_texts, _texts)
def test_join_raises_nothing_but_value_error(base: str, link: str) -> None:
    for start in (base, "https://example.com/feed.xml"):
        with contextlib.suppress(ValueError):
            assert join(start, link).lower().startswith("http")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://example.com/a", "https://example.com/a"),
        ("https://www.example.com/a", "https://example.com/a"),
        ("https://example.com/a/", "https://example.com/a"),
        ("https://example.com/a/?id=1", "https://example.com/a?id=1"),
        ("https://example.com/a?utm_source=rss", "https://example.com/a#top"),
    ],
)
def test_one_article(one: str, other: str) -> None:
    assert article_id(one) == article_id(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.com/a", "https://example.com/A"),
        ("https://example.com/a", "https://example.com/b"),
        ("https://example.com/a?id=1", "https://example.com/a?id=2"),
        ("https://example.com/a?id=1", "https://example.com/a"),
        ("https://example.com/?p=1", "https://example.com/?p=2"),
        ("https://en.example.com/a", "https://es.example.com/a"),
        ("https://example.com:8080/a", "https://example.com/a"),
        ("https://example.com/a%2Fb", "https://example.com/a/b"),
        ("https://example.com/#!/1", "https://example.com/#!/2"),
        ("https://www.com/a", "https://com/a"),
    ],
)
def test_two_articles(one: str, other: str) -> None:
    assert article_id(one) != article_id(other)


def test_article_ids_never_change() -> None:
    """Ids are on disk: a change of this value needs a migration."""
    assert article_id("https://www.example.com/news/1/?utm_source=x") == "c45fb3eee671cb00caa0ddf57dfcc8bf"


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://news.bbc.co.uk/a", "bbc.co.uk"),
        ("https://www.telesurtv.net/a", "telesurtv.net"),
        ("https://www.folha.uol.com.br/a", "uol.com.br"),
        ("https://a.b.c.gov.ar/", "c.gov.ar"),
        ("https://one.blogspot.com/", "one.blogspot.com"),
        ("https://x.city.kawasaki.jp/", "city.kawasaki.jp"),
        ("https://www.münchen.de/", "xn--mnchen-3ya.de"),
        ("https://新闻.公司.cn/", "xn--efvy88h.xn--55qx5d.cn"),
        ("https://gov.uk/a", "gov.uk"),
        ("https://co.uk/a", "co.uk"),
        ("https://news.corp.internal/", "news.corp.internal"),
        ("http://localhost:8000/a", "localhost:8000"),
        ("http://localhost/a", "localhost:80"),
        ("https://127.0.0.1/a", "127.0.0.1:443"),
        ("http://127.0.0.1:8001/a", "127.0.0.1:8001"),
        ("http://0x7f.1/a", "0x7f.1:80"),
        ("http://[::1]:8001/a", "[::1]:8001"),
    ],
)
def test_registrable(url: str, domain: str) -> None:
    assert registrable(url) == domain


BASE = "https://example.com/feeds/all.xml"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://example.org/a", "https://example.org/a"),
        ("/news/1", "https://example.com/news/1"),
        ("news/1", "https://example.com/feeds/news/1"),
        ("../news/1", "https://example.com/news/1"),
        ("?p=1", "https://example.com/feeds/all.xml?p=1"),
        ("//cdn.example.org/a", "https://cdn.example.org/a"),
        ("www.example.org/a", "https://www.example.org/a"),
        ("http:/example.org/a", "http://example.org/a"),
        ("http:///example.org/a", "http://example.org/a"),
        ("https//example.org/a", "https://example.org/a"),
        ("https:example.org/a", "https://example.org/a"),
        ("feed://example.org/rss", "http://example.org/rss"),
        ("feed:https://example.org/rss", "https://example.org/rss"),
        ("\n  https://example.org/a\t ", "https://example.org/a"),
        ("<![CDATA[ https://example.org/a ]]>", "https://example.org/a"),
        ("https://example.org/?a=1&amp;b=2&#038;c=3", "https://example.org/?a=1&b=2&c=3"),
        ("https://example.org/go?u=https://example.net/", "https://example.org/go?u=https://example.net/"),
        ("httpd-news", "https://example.com/feeds/httpd-news"),
    ],
)
def test_join(link: str, expected: str) -> None:
    assert join(BASE, link) == expected


@pytest.mark.parametrize(
    "link",
    ["", "  ", "mailto:a@b.example", "javascript:void(0)", "file:///etc/passwd", "urn:uuid:1", "tag:example.com,2026:1",
     "http://", "http://[", "http:// x y/"],
)  # fmt: skip
def test_a_link_without_an_http_address(link: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        join(BASE, link)
