"""Feeds with faults: one wrong character costs at most its own entry, and every entry is an item or a named drop."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.feeds.parse import ENTRY_LIMIT
from tests.core.feeds.bodies import DATA, entry, items, read, rss

BEFORE, AFTER = entry(1), entry(3)


def titles(middle: str, **more: str) -> list[str | None]:
    """The titles of a feed with two good entries around `middle`."""
    found = [item.title for item in items(read(rss(BEFORE, middle, AFTER, **more)))]
    assert (found[0], found[-1]) == ("Nota 1", "Nota 3")
    return found[1:-1]


@pytest.mark.parametrize(
    ("written", "title"),
    [
        # references
        ("Storm &#55357;&#56832; over", "Storm 😀 over"),
        ("Storm &#xD83D;&#xDE00; over", "Storm 😀 over"),
        ("<![CDATA[Storm &#55357;&#56832; over]]>", "Storm 😀 over"),
        ("Half &#55357; of it", "Half \ufffd of it"),
        ("&#146;s &#150; &#147;late&#148; &#133; &#x80;5", "’s – “late” … €5"),
        ("&amp;#8217;s &amp;amp; so", "’s & so"),
        ("S&iacute;&nbsp;&mdash; &hellip; &unknown; &Foo", "Sí — … &unknown; &Foo"),
        ("R&D, AT&T; Q&A & B&B", "R&D, AT&T; Q&A & B&B"),
        ("?a=1&copy=2&reg=3", "?a=1&copy=2&reg=3"),
        ("&#0;a&#1;b&#x1F;c&#xFFFF;d&#99999999;", "\ufffdabcd&#99999999;"),
        ("It&#8217 is &#39;so", "It’ is 'so"),
        # characters
        ("a\x00b\x01c\x0bd\x1fe\ufffef", "abcdef"),
        ("Profit < loss, 3 <5, x<y", "Profit < loss, 3 <5, x<y"),
        ("a > b && c", "a > b && c"),
        # CDATA
        ("<![CDATA[A & B]]>", "A & B"),
        ("Nested <![CDATA[<![CDATA[Votes & voices]]]]><![CDATA[>]]> tonight", "Nested Votes & voices tonight"),
        ("<![CDATA[a <![CDATA[b]]> c]]>", "a b c"),
        ("&lt;![CDATA[A &amp; B]]&gt;", "A & B"),
        ("<![CDATA[One]]> and <![CDATA[two]]>", "One and two"),
        ("<![CDATA[never closed", "never closed"),
        ("<!-- a <b> --> kept <!-- never closed", "kept"),
        # markup
        ("<b>Bold</b> &amp; <i>italic", "Bold & italic"),
        ("&lt;b&gt;Bold&lt;/b&gt; text", "Bold text"),
        ("<span class='x'>One</span><br/>two", "One two"),
    ],
)
def test_titles(written: str, title: str) -> None:
    link = "<link>https://faro.example/2</link>"
    assert titles(f"<item><title>{written}</title>{link}</item>") == [title]


LINK = "<link>https://faro.example/2</link>"


@pytest.mark.parametrize(
    "middle",
    [
        f"<item><title>Nota 2{LINK}</item>",
        "<item><title>Nota 2</title><link>https://faro.example/2<pubDate>28 Nov 2026 10:00:00 GMT</pubDate></item>",
        f"<item><title>Nota 2</title>{LINK}",  # never closed
        f"<item><title>Nota 2</titel>{LINK}</item>",
        f"<item><title>Nota 2</title>{LINK}<description><p>a<br>b<div></description></item>",
        f"<item><title>Nota 2</title>{LINK}<description></p></div></b></description></item>",
        f"<item><title>Nota 2</title>{LINK}</channel_></rs></item>",
        "<ITEM><TITLE>Nota 2</TITLE><LINK>https://faro.example/2</LINK></ITEM>",
        "<item>\n<title> Nota\n 2 </title>\n<link>\n https://faro.example/2 \n</link></item>",
        f"<item><title>Nota 2</title>{LINK}<description><![CDATA[<p>never closed</p></description></item>",
        "<item><title>Nota 2</title><link/>https://faro.example/2<description/></item>",
        f"<item><title>Nota 2</title>{LINK}<x:y z='<'/><media:content url='a>b' /></item>",
        "<item xmlns:r='http://backend.userland.com/rss2'><r:title>Nota 2</r:title>"
        "<r:link>https://faro.example/2</r:link></item>",
        "<atom:entry><atom:title>Nota 2</atom:title><atom:link href='https://faro.example/2'/></atom:entry>",
        f'<item><title>Nota 2</title>{LINK}<enclosure url="a.mp3" title="a > b"></item>',
        "<item><title>Nota 2</title><guid isPermaLink=true>https://faro.example/2</guid></item>",
        f"<!-- <item><title>commented out</title></item> --><item><title>Nota 2</title>{LINK}</item>",
    ],
)
def test_entries(middle: str) -> None:
    assert titles(middle) == ["Nota 2"]
    assert items(read(rss(BEFORE, middle, AFTER)))[1].url == "https://faro.example/2"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\ufeff\n\n", ""), ("", "<script>track()</script><!-- cached -->"), ("<br />\n<b>Warning</b>: in x.php\n", ""),
        ("", "\n</body></html>"), ("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n", ""), ("x" * 10_000, "y" * 10_000),
        ("<!-- a comment -->\n", "\x00\x00\x00"), ("<?xml version='1.0'?><?xml-stylesheet href='a.xsl'?>", "&garbage"),
        ("\u200b", "]]>"),
    ],
)  # fmt: skip
def test_junk_around_the_feed(before: str, after: str) -> None:
    parsed = read(before + rss(BEFORE, AFTER).partition("?>")[2] + after)
    assert len(items(parsed)) == 2
    assert "truncated" not in parsed.notes


def test_several_root_elements() -> None:
    assert len(items(read(rss(BEFORE) + rss(AFTER)))) == 2


@pytest.mark.parametrize("wrap", ["{}", "<pre>{}</pre>", '<?xml version="1.0"?><string xmlns="x">{}</string>',
                                  "<html><body><pre>\n{}</pre>"])  # fmt: skip
def test_a_feed_that_is_escaped_as_a_whole(wrap: str) -> None:
    escaped = rss(BEFORE, AFTER).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert [item.title for item in items(read(wrap.format(escaped)))] == ["Nota 1", "Nota 3"]


@pytest.mark.parametrize("cut", range(60, 500, 7))
def test_a_cut_feed_has_no_half_entries(cut: int) -> None:
    body = rss(*(entry(n, f"<description>Texto {n}</description>") for n in range(1, 6)))
    parsed = read(body[:cut])
    if parsed.problem:
        assert parsed.problem in ("truncated", "not_a_feed")
        return
    assert "truncated" in parsed.notes or cut >= len(body) - len("</rss>")
    for number, item in enumerate(items(parsed), 1):
        assert item.url == f"https://faro.example/{number}"
    assert parsed.listed == len(parsed.entries) + sum(dict(parsed.drops).values())


def test_missing_end_tags_of_the_channel_alone_are_no_cut() -> None:
    assert read(rss(BEFORE).replace("</rss>", "")).notes == ()
    assert read(rss(BEFORE).replace("</channel>", "")).notes == ()


SAMPLES = [(DATA / name).read_bytes() for name in ("rss2.xml", "atom.xml", "rss1.xml", "feed.json")]
PIECES = [b"<", b">", b"&", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"</item>", b"<item>", b"</entry>", b"<entry>", b'"',
          b"\x00", b"\xff", b"&#55357;", b"</", b"<title>", b"{", b"}", b"[", b",", b"\xc3", b"</channel>"]  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from([*PIECES, b""]), st.integers(0, 40)), max_size=8),
)
def test_every_entry_is_an_item_or_a_drop(body: bytes, edits: list[tuple[float, bytes, int]]) -> None:
    for place, piece, removed in edits:
        at = int(place * len(body))
        body = body[:at] + piece + body[at + removed :]
    parsed = read(body)
    assert parsed.listed == len(parsed.entries) + sum(dict(parsed.drops).values())
    assert len({one.key for one in parsed.entries}) == len(parsed.entries)


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    ["<a>", "<title>", "<item>", "</item>", "<a ", "<a b=\"", "<![CDATA[", "<!--", "&#55357;", "<a></b>",
     "<item><title>", "<description><p>", "&amp;", "<link/>", "<![CDATA[]]>", "</title>", "<x:a xmlns:x='http://purl.org/dc/terms/'>"],
)  # fmt: skip
def test_time_is_linear(piece: str) -> None:
    body = rss(entry(1)).replace("</channel>", piece * (400_000 // len(piece)))
    started = time.process_time()
    parsed = read(body)
    assert time.process_time() - started < 4
    assert parsed.listed == len(parsed.entries) + sum(dict(parsed.drops).values())


def test_long_feeds_are_cut_by_date_wherever_the_newest_are() -> None:
    def dated(n: int, day: int) -> str:
        return entry(n, f"<pubDate>{day:02d} Nov 2026 10:00:00 GMT</pubDate>")

    old = [dated(n, 2) for n in range(ENTRY_LIMIT + 5)]
    new = [dated(n + 9_000, 20) for n in range(3)]
    for listed in ([*old, *new], [*new, *old], [*old[:500], *new, *old[500:]]):
        parsed = read(rss(*listed))
        assert len(items(parsed)) == ENTRY_LIMIT
        assert dict(parsed.drops) == {"over_limit": 8}
        assert {f"https://faro.example/{n}" for n in (9000, 9001, 9002)} <= {item.url for item in items(parsed)}
    rising = read(rss(dated(5_000, 1), *old, *new))
    assert items(rising)[0].url.endswith("/8")  # of the same date the later ones, as the feed lists the newest last
    undated = read(rss(*(entry(n) for n in range(ENTRY_LIMIT + 2))))
    assert items(undated)[0].url.endswith("/0")
