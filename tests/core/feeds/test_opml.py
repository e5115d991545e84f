"""OPML in and out."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from pipeline.core.feeds.opml import LIMIT, read_opml, write_opml
from pipeline.records import Feed, Profile

NESTED = """<?xml version="1.0" encoding="ISO-8859-1"?>
<opml version="1.0"><head><title>x</title></head><body>
  <outline text="Am&#233;rica"><outline title="Cono Sur">
    <outline text="El Faro" type="rss" xmlUrl="https://faro.example/rss" htmlUrl="https://faro.example/"/>
    <outline text="Kein Feed" htmlUrl="https://x.example/"/>
  </outline></outline>
  <outline text="El Faro" xmlurl="http://www.faro.example/rss/" category="/wire/x,news"/>
  <outline title="Nur Titel" xmlUrl="https://titel.example/atom"/>
  <outline xmlUrl="https://nameless.example/rss"/>
  <outline text="El Faro" xmlUrl="https://other.example/rss" language="es-VE" country="ve"/>
  <outline text="path" xmlUrl="/etc/passwd"/><outline text="file" xmlUrl="file:///etc/passwd"/>
</body></opml>"""


def test_nested_outlines_are_groups() -> None:
    feeds = read_opml(NESTED.encode("latin-1")).feeds
    assert [(feed.id, feed.name, feed.url, feed.groups) for feed in feeds] == [
        ("el-faro", "El Faro", "https://faro.example/rss", ("América", "Cono Sur", "wire/x", "news")),
        ("nur-titel", "Nur Titel", "https://titel.example/atom", ()),
        ("https-nameless.example-rss", "https://nameless.example/rss", "https://nameless.example/rss", ()),
        ("el-faro-2", "El Faro", "https://other.example/rss", ()),
    ]
    assert (feeds[3].language, feeds[3].country, feeds[3].origin) == ("es", "VE", "opml")


@pytest.mark.parametrize(
    "body",
    [b"", b"no", b"<html><body/></html>", b"<rss/>", b"{}", b"/etc/passwd", b"\x00\x01", b" " * (LIMIT + 1)],
)
def test_bodies_that_are_not_opml(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_opml(body)


def test_hostile_xml(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("TOPSECRET")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    body = (
        f'<!DOCTYPE opml [<!ENTITY l0 "ha">{laughs}<!ENTITY x SYSTEM "file://{secret}">]>'
        '<opml><body><outline text="a &l11; &x;" xmlUrl="https://a.example/rss"/>&l11;&x;</body></opml>'
    )
    started = time.monotonic()
    try:
        feeds = read_opml(body.encode()).feeds
    except ValueError:
        feeds = []
    assert "TOPSECRET" not in repr(feeds)
    assert sum(len(feed.name) for feed in feeds) < 1000
    assert time.monotonic() - started < 2
    deep = "<outline text='g'>" * 3000 + "<outline xmlUrl='https://a.example/rss'/>"
    assert len(read_opml(f"<opml><body>{deep}".encode()).feeds) <= 1


_text = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Cn"), blacklist_characters="\ufffe\uffff"), min_size=1, max_size=30
)
_line = _text.map(lambda s: " ".join(s.split())).filter(bool)
_group = _line.map(lambda s: s.replace(",", " ").strip("/ ").strip()[:40].strip("/ ")).filter(bool)
_feeds = st.lists(
    st.builds(
        Feed,
        id=st.from_regex(r"[a-z][a-z0-9]{0,20}", fullmatch=True), name=_line.map(lambda s: s[:100].strip()),
        url=st.integers(0, 99).map(lambda n: f"https://x.example/feed/{n}?a=1&b={n}"),
        groups=st.lists(_group, max_size=3, unique=True).map(tuple),
        language=st.sampled_from([None, "es", "zh"]), country=st.sampled_from([None, "VE", "TW"]),
        every=st.sampled_from([None, 600.0]), enabled=st.booleans(), ignore_validators=st.booleans(),
        listed_in=st.none() | _line, origin=st.just("opml"),
        profile=st.sampled_from([Profile(), Profile(user_agent="Reader/1")]),
    ),
    max_size=8, unique_by=(lambda feed: feed.id, lambda feed: feed.url),
)  # fmt: skip


@settings(max_examples=50)
@given(_feeds)
def test_round_trip(feeds: list[Feed]) -> None:
    written = write_opml(feeds)
    assert etree.fromstring(written).get("version") == "2.0"
    assert sorted(read_opml(written).feeds, key=lambda feed: feed.id) == sorted(feeds, key=lambda feed: feed.id)
    assert write_opml(read_opml(written).feeds) == written


def test_text_that_xml_cannot_hold() -> None:
    assert read_opml(write_opml([Feed(id="a", name="A\x00\x0bB", url="https://a.example/")])).feeds[0].name == "AB"
