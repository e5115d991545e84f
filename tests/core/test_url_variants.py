"""The addresses of one article have one id; different articles never do."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.url_parameters import is_session, is_tracking
from pipeline.core.url_variants import direct
from pipeline.core.urls import address_id, article_id, canonical

PLAIN = "https://example.org/news/rain-12345.html"


@pytest.mark.parametrize(
    "url",
    [
        "http://www.example.org/news/rain-12345.html",
        "https://m.example.org/news/rain-12345.html",
        "https://mobile.example.org/news/rain-12345.html",
        "https://amp.example.org/news/rain-12345.html",
        "https://www.m.example.org/news/rain-12345.html",
        "https://example.org/amp/news/rain-12345.html",
        "https://example.org/news/amp/rain-12345.html",
        "https://example.org/news/rain-12345.html/amp",
        "https://example.org/news/rain-12345.html/amp/",
        "https://example.org/news/rain-12345.html/amp.html",
        "https://example.org/news/rain-12345.amp.html",
        "https://example.org/news/rain-12345.html?amp",
        "https://example.org/news/rain-12345.html?amp=1&utm_source=x",
        "https://example.org/news/rain-12345.html?outputType=amp",
        "https://example.org/news/rain-12345.html?m=1",
        "https://example-org.cdn.ampproject.org/c/s/example.org/news/rain-12345.html",
        "https://example-org.cdn.ampproject.org/v/s/m.example.org/amp/news/rain-12345.html?usqp=mq331AQ&amp_js_v=0.1",
        "https://cdn.ampproject.org/c/example.org/news/rain-12345.html",
        "https://www.google.com/amp/s/example.org/news/rain-12345.html?amp=1",
        "https://www.google.co.uk/amp/s/www.example.org/news/rain-12345.html/amp",
        "https://example.org/news/rain-12345.html;jsessionid=5A1F2C.node7",
        "https://example.org/news/rain-12345.html;JSESSIONID=5A1F2C?utm_medium=rss",
        "https://example.org/(S(lit3py55t21z5v55vlm25s55))/news/rain-12345.html",
        "https://example.org/news/rain-12345.html?PHPSESSID=e2c1d8c2f0a94d65a3b7c0d9e8f7a6b5",
        "https://example.org/news/rain-12345.html?sid=e2c1d8c2f0a94d65a3b7c0d9e8f7a6b5",
        "https://example.org/news/rain-12345.html?fbclid=1&gclid=2&mc_cid=3&xtor=RSS-4&at_medium=5&ref=rss#comments",
    ],
)
def test_addresses_of_one_article(url: str) -> None:
    assert article_id(url) == article_id(PLAIN)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a?id=1", "https://example.org/a?id=2"),
        ("https://example.org/?p=1", "https://example.org/?p=2"),
        ("https://example.org/a?page=2", "https://example.org/a"),
        ("https://example.org/a?lang=es", "https://example.org/a?lang=en"),
        ("https://es.example.org/a", "https://en.example.org/a"),
        ("https://example.org/es/a", "https://example.org/en/a"),
        ("https://example.org/a?m=1", "https://example.org/a?m=2"),
        ("https://example.org/a?m=1", "https://example.org/a"),  # a month
        ("https://example.org/a?sid=1", "https://example.org/a?sid=2"),  # an article of PHP-Nuke
        ("https://example.org/a?sid=04/12/28/1234", "https://example.org/a?sid=04/12/28/1235"),
        ("https://example.org/a?session=12", "https://example.org/a?session=13"),
        ("https://example.org/a?source=reuters", "https://example.org/a?source=ap"),
        ("https://example.org/a?ref=1", "https://example.org/a?ref=2"),
        ("https://example.org/a?a=1&a=2", "https://example.org/a?a=2&a=1"),
        ("https://example.org/guitars/amp/12", "https://example.org/guitars/12"),
        ("https://example.org/amp", "https://example.org/"),
        ("https://example.org/stamp", "https://example.org/st"),
        ("https://example.org/a;v=1", "https://example.org/a;v=2"),
        ("https://example.org/#!/amp/1", "https://example.org/#!/1"),
        ("https://m.github.io/a", "https://github.io/a"),  # sites of two people
        ("https://m.github.io/a", "https://mobile.github.io/a"),
        ("https://m.com/a", "https://com/a"),
        ("https://news.google.com/amp/s/example.org/a", "https://example.org/a"),
    ],
)
def test_different_articles(one: str, other: str) -> None:
    assert article_id(one) != article_id(other)


def test_feeds_are_known_by_their_whole_address() -> None:
    assert address_id("http://www.example.org/rss/") == address_id("https://example.org/rss")
    assert address_id("https://m.example.org/rss") != address_id("https://example.org/rss")


def test_a_copy_in_a_cache_is_read_at_the_publisher() -> None:
    copy = "https://www-example-org.cdn.ampproject.org/c/s/www.example.org/amp/a?b=1"
    assert direct(copy) == "https://www.example.org/amp/a?b=1"
    assert direct("https://www.google.com/amp/example.org/a") == "http://example.org/a"
    assert direct("https://www.google.com/amp/") == "https://www.google.com/amp/"


_names = st.text(alphabet="abcxyz", min_size=1, max_size=8)
_values = st.text(alphabet="abc0123456789-", max_size=12)
_pairs = st.lists(st.tuples(_names, _values), max_size=5, unique_by=lambda pair: pair[0])
_noise = st.lists(
    st.sampled_from(["utm_source=x", "UTM_Medium=rss", "fbclid=9", "ref=rss", "jsessionid=1A", "amp=1", "xtor=RSS-3"]),
    max_size=4,
)
_hosts = st.sampled_from(["", "www.", "m.", "amp.", "mobile."])
_path = st.lists(_names, min_size=1, max_size=3).map("/".join)


@settings(deadline=None)
@given(_path, _pairs, st.data())
def test_order_and_additions_change_nothing(path: str, pairs: list[tuple[str, str]], data: st.DataObject) -> None:
    def url(pairs: list[tuple[str, str]], host: str, more: list[str]) -> str:
        query = [*(f"{name}={value}" for name, value in pairs), *more]
        return f"https://{host}example.org/{path}?{'&'.join(data.draw(st.permutations(query)))}"

    one = url(pairs, "", [])
    assert article_id(one) == article_id(url(pairs, data.draw(_hosts), data.draw(_noise)))
    assert article_id(canonical(one)) == article_id(one)


@settings(deadline=None)
@given(_path, _path, _pairs, _pairs)
def test_other_paths_and_parameters_are_other_articles(
    path: str, other: str, pairs: list[tuple[str, str]], others: list[tuple[str, str]]
) -> None:
    def url(path: str, pairs: list[tuple[str, str]]) -> str:
        return f"https://example.org/{path}?{'&'.join(f'{name}={value}' for name, value in pairs)}"

    same = path == other and sorted(pairs) == sorted(others)
    assert (article_id(url(path, pairs)) == article_id(url(other, others))) is same


@pytest.mark.parametrize("name", ["id", "p", "page", "cid", "eid", "article", "lang", "s=rain", "tag", "feed=rss2"])
def test_what_may_identify_an_article_is_kept(name: str) -> None:
    pair = name if "=" in name else f"{name}=12345"
    assert not is_tracking(pair)
    assert not is_session(pair)
