"""Formats and extensions: what each element of a feed becomes in an item."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.records import Feed
from tests.core.feeds.bodies import entry, items, read, rss

ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{}</feed>'
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
LINKS = "&lt;a href='x'&gt;&lt;/a&gt;" * 200
TEXT = "The mayor has resigned. " * 30


def jsonfeed(*entries: Any, **head: Any) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "T", **head, "items": entries})


@pytest.mark.parametrize(
    "body",
    [
        "<rss version='0.91'><channel><item><title>A</title><link>https://faro.example/1</link></item></channel></rss>",
        "<rss version='0.92'><channel><item><title>A</title><link>https://faro.example/1</link></item></channel></rss>",
        f"<rdf:RDF {RDF} xmlns='http://my.netscape.com/rdf/simple/0.9/'><channel><title>T</title></channel>"
        "<item><title>A</title><link>https://faro.example/1</link></item></rdf:RDF>",
        f"<rdf:RDF {RDF} xmlns='http://purl.org/rss/1.0/'><channel rdf:about='x'><title>T</title></channel>"
        "<item rdf:about='https://faro.example/1'><title>A</title></item></rdf:RDF>",
        f"<r:RDF {RDF.replace(':rdf', ':r')} xmlns:s='http://purl.org/rss/1.0/'><s:item r:about='https://faro.example/1'>"
        "<s:title>A</s:title></s:item></r:RDF>",
        f"<Channel xmlns='http://purl.org/net/rss1.1#' {RDF}><title>T</title><items rdf:parseType='Collection'>"
        "<item rdf:about='https://faro.example/1'><title>A</title><link>https://faro.example/1</link></item>"
        "</items></Channel>",
        "<CHANNEL HREF='https://faro.example/'><TITLE>T</TITLE><ITEM HREF='/1'><TITLE>A</TITLE></ITEM></CHANNEL>",
        "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><title>A</title>"
        "<link rel='alternate' href='https://faro.example/1'/></entry></feed>",
        "<atom:feed xmlns:atom='http://www.w3.org/2005/Atom'><atom:entry><atom:title>A</atom:title>"
        "<atom:link href='https://faro.example/1'/></atom:entry></atom:feed>",
        jsonfeed({"id": "1", "title": "A", "url": "https://faro.example/1"}),
        jsonfeed({"id": 1, "title": "A", "url": "https://faro.example/1"}, version="https://jsonfeed.org/version/1"),
    ],
)
def test_formats(body: str) -> None:
    (item,) = items(read(body))
    assert (item.title, item.url) == ("A", "https://faro.example/1")


@pytest.mark.parametrize(
    ("elements", "url"),
    [
        ('<link href="/1"/>', "https://faro.example/1"),
        ('<link rel="self" href="/x"/><link rel="alternate" href="/1"/>', "https://faro.example/1"),
        ('<link type="application/pdf" href="/1.pdf"/><link type="text/html" href="/1"/>', "https://faro.example/1"),
        ('<content src="/1" type="text/html"/>', "https://faro.example/1"),
        ('<content src="/2"/><link href="/1"/>', "https://faro.example/1"),
        ('<link rel="enclosure" href="/x.mp3"/><id>https://faro.example/1</id>', "https://faro.example/1"),
        ('<link xml:base="https://other.example/a/" href="1"/>', "https://other.example/a/1"),
        ("<link>https://faro.example/1</link>", "https://faro.example/1"),  # RSS's way
        (
            '<feedburner:origLink>/1</feedburner:origLink><link href="https://proxy.example/x"/>',
            "https://faro.example/1",
        ),
    ],
)
def test_links_of_atom(elements: str, url: str) -> None:
    assert items(read(ATOM.format(f"<entry><title>A</title>{elements}</entry>")))[0].url == url


@pytest.mark.parametrize(
    ("head", "base", "url", "also"),
    [
        ("", "", "https://feeds.example/a/1", ()),
        (
            "<link>https://site.example/news/</link>",
            "",
            "https://feeds.example/a/1",
            ("https://site.example/news/a/1",),
        ),
        ("<link>https://feeds.example/</link>", "", "https://feeds.example/a/1", ()),
        ("<link>not an address:</link>", "", "https://feeds.example/a/1", ()),
        ("<link>https://site.example/</link>", ' xml:base="https://base.example/"', "https://base.example/a/1", ()),
    ],
)
def test_relative_links(head: str, base: str, url: str, also: tuple[str, ...]) -> None:
    body = rss("<item><title>A</title><link>a/1</link></item>", more=head).replace("<rss", f"<rss{base}")
    (item,) = items(read(body, url="https://feeds.example/rss"))
    assert (item.url, item.also) == (url, also)


@pytest.mark.parametrize(
    ("extra", "image"),
    [
        ('<media:content url="/a.jpg" medium="image" width="800"/>', "/a.jpg"),
        ('<media:content url="/s.jpg" medium="image" width="80"/>'
         '<media:content url="/l.jpg" medium="image" width="800"/>', "/l.jpg"),
        ('<media:content url="/v.mp4" type="video/mp4"/><media:thumbnail url="/t.jpg"/>', "/t.jpg"),
        ('<media:content url="/v.mp4" medium="video"><media:thumbnail url="/t.jpg"/></media:content>', "/t.jpg"),
        ('<media:group><media:content url="/g.jpg" type="image/jpeg"/></media:group>', "/g.jpg"),
        ('<media:content url="/a.webp?x=1"/>', "/a.webp?x=1"),
        ('<enclosure url="/e.jpg" type="image/jpeg" length="1"/>', "/e.jpg"),
        ('<enclosure url="/e.mp3" type="audio/mpeg"/><itunes:image href="/i.jpg"/>', "/i.jpg"),
        ("<image><url>/u.jpg</url></image>", "/u.jpg"),
        ("<image>/plain.jpg</image>", "/plain.jpg"),
        ('<atom:link rel="enclosure" type="image/png" href="/l.png"/>', "/l.png"),
        ('<description><![CDATA[<img width="1" src="/pixel"><img src="/in.jpg">Text]]></description>', "/in.jpg"),
        ('<description>&lt;img src="/esc.jpg?a=1&amp;amp;b=2"&gt;</description>', "/esc.jpg?a=1&b=2"),
        ('<media:content url="javascript:x" medium="image"/>', None),
        ("", None),
    ],
)  # fmt: skip
def test_pictures(extra: str, image: str | None) -> None:
    (item,) = items(read(rss(entry(1, extra))))
    assert item.image == (image and f"https://faro.example{image}")


@pytest.mark.parametrize(
    "extra",
    [
        f"<content:encoded><![CDATA[<p>{TEXT}</p>]]></content:encoded>",
        f"<description><![CDATA[<p>{TEXT}</p>]]></description>",
        f"<description>&lt;p&gt;{TEXT}&lt;/p&gt;</description>",
        f"<description><p>{TEXT}</p></description>",
        f"<description>Short.</description><content:encoded><![CDATA[<p>{TEXT}</p>]]></content:encoded>",
        f"<description>{LINKS}Short.</description><content:encoded>&lt;p&gt;{TEXT}&lt;/p&gt;</content:encoded>",
        f"<body xmlns='http://www.w3.org/1999/xhtml'><p>{TEXT}</p></body>",
    ],
)
def test_the_feeds_own_text_is_kept_whole(extra: str) -> None:
    (item,) = items(read(rss(entry(1, extra))))
    assert item.content is not None
    assert item.content.strip() == f"<p>{TEXT}</p>"


@pytest.mark.parametrize(
    ("extra", "author"),
    [
        ("<dc:creator><![CDATA[Ana Ruiz]]></dc:creator>", "Ana Ruiz"),
        ("<author>ana@faro.example (Ana Ruiz)</author>", "Ana Ruiz"),
        ("<author>Ana Ruiz &lt;ana@faro.example&gt;</author>", "Ana Ruiz"),
        ("<author>Ana Ruiz</author><dc:creator>Ana Ruiz</dc:creator>", "Ana Ruiz"),
        ("<author><name>Ana Ruiz</name><email>a@b.example</email></author>", "Ana Ruiz"),
        ("<dc:creator>Ana Ruiz</dc:creator><dc:creator>Bo Chen</dc:creator>", "Ana Ruiz, Bo Chen"),
        ("<itunes:author>Ana Ruiz</itunes:author>", "Ana Ruiz"),
        ("<author/>", None),
    ],
)
def test_authors(extra: str, author: str | None) -> None:
    assert items(read(rss(entry(1, extra))))[0].author == author


@pytest.mark.parametrize(
    ("fields", "author"),
    [
        ({"authors": [{"name": "Ana"}, {"name": "Bo"}]}, "Ana, Bo"),
        ({"author": {"name": "Ana"}}, "Ana"),
        ({"author": "Ana"}, "Ana"),
        ({"authors": "Ana"}, "Ana"),
        ({"authors": ["Ana", "Bo"]}, "Ana, Bo"),
        ({"authors": {"name": "Ana"}}, "Ana"),
        ({"author": [{"name": "Ana"}]}, "Ana"),
        ({"authors": [{"name": "Ana"}], "author": {"name": "Ana"}}, "Ana"),
        ({"authors": None, "author": {"name": "Ana"}}, "Ana"),
        ({"authors": [None, {}, {"url": "x"}, 5, [["Ana"]]]}, None),
        ({"authors": None, "author": None}, None),
        ({"authors": []}, None),
        ({"author": {"name": None, "email": "ana@faro.example"}}, "ana@faro.example"),
    ],
)
def test_authors_of_json_feed(fields: dict[str, Any], author: str | None) -> None:
    (item,) = items(read(jsonfeed({"id": "1", "url": "https://faro.example/1", "title": "A", **fields})))
    assert item.author == author


@pytest.mark.parametrize(
    ("fields", "image"),
    [
        ({"image": "/a.jpg"}, "/a.jpg"),
        ({"banner_image": "/b.jpg"}, "/b.jpg"),
        ({"attachments": [{"url": "/x.mp3", "mime_type": "audio/mpeg"}, {"url": "/c.jpg", "mime_type": "image/jpeg"}]},
         "/c.jpg"),
        ({"content_html": '<p><img src="/d.jpg"></p>'}, "/d.jpg"),
        ({"image": None, "attachments": "x"}, None),
    ],
)  # fmt: skip
def test_pictures_of_json_feed(fields: dict[str, Any], image: str | None) -> None:
    (item,) = items(read(jsonfeed({"id": "1", "url": "https://faro.example/1", "title": "A", **fields})))
    assert item.image == (image and f"https://faro.example{image}")


def item_of(n: int, more: str = "") -> str:
    return f'{{"id": "{n}", "url": "https://faro.example/{n}", "title": "Nota {n}"{more}}}'


@pytest.mark.parametrize(
    ("listed", "found", "drops", "notes"),
    [
        (f"{item_of(1)}, {item_of(2)},", [1, 2], {}, ()),  # a comma too many
        (f'{item_of(1)}, {{"id": bad}}, {item_of(3)}', [1, 3], {"bad_entry": 1}, ()),
        (f'{item_of(1)}, 5, null, "x", {item_of(3)}', [1, 3], {"bad_entry": 3}, ()),
        (item_of(1, ', "summary": "a\x0bb\nc"'), [1], {}, ()),
        (item_of(1, ', "summary": "\\ud83d lone, \\ud83d\\ude00"'), [1], {}, ("bad_encoding",)),
        (item_of(1, ', "tags": [1, 2,],'), [1], {}, ()),
    ],
)
def test_faults_in_json(listed: str, found: list[int], drops: dict[str, int], notes: tuple[str, ...]) -> None:
    parsed = read(f'{{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{listed}]}}')
    assert [item.title for item in items(parsed)] == [f"Nota {n}" for n in found]
    assert dict(parsed.drops) == drops
    assert parsed.listed == len(found) + sum(drops.values())


def test_json_that_is_cut() -> None:
    body = jsonfeed(*({"id": str(n), "url": f"https://faro.example/{n}", "title": f"Nota {n}"} for n in range(20)))
    parsed = read(body[: len(body) // 2])
    assert "truncated" in parsed.notes
    assert 8 <= len(items(parsed)) <= 10


@pytest.mark.parametrize(
    ("body", "garbled"),
    [
        (rss(entry(1), entry(2)).replace("Nota 1", "Caf\ufffd 1"), [True, False]),
        (rss(entry(1), entry(2)).replace("Nota 1", "CafÃ© 1"), [False, False]),
        (rss(entry(1), entry(2)), [False, False]),
    ],
)
def test_only_entries_that_lost_characters_are_marked(body: str, garbled: list[bool]) -> None:
    parsed = read(body)
    assert [item.garbled for item in items(parsed)] == garbled
    assert ("bad_encoding" in parsed.notes) == any(garbled)


def test_the_language_of_the_outlet_decodes_a_feed() -> None:
    title = "Совет гавани проголосовал за второй причал"
    body = rss(entry(1).replace("Nota 1", title)).encode("cp1251")
    (item,) = items(
        read(body, "text/xml; charset=utf-8", feed=Feed(id="r", name="R", url="https://r.example/", language="ru"))
    )
    assert item.title == title


@pytest.mark.parametrize(
    "body",
    [
        '<entry xmlns="http://www.w3.org/2005/Atom"><title>A</title><link href="https://faro.example/1"/>'
        "<updated>2026-03-02T08:00:00Z</updated><content type='html'>&lt;p&gt;Long&lt;/p&gt;</content></entry>",
        "<news><item><title>A</title><link>https://faro.example/1</link>"
        "<pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate></item></news>",
    ],
    ids=["one entry", "another root"],
)
def test_a_document_of_an_unknown_format_is_read_by_the_second_reader(body: str) -> None:
    parsed = read(body)
    assert [(e.item.title, e.item.url, e.item.published and e.item.published.raw[:4]) for e in parsed.entries] in (
        [("A", "https://faro.example/1", "2026")], [("A", "https://faro.example/1", "Mon,")],
    )  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        "<svg xmlns='http://www.w3.org/2000/svg'><title>A</title></svg>",
        "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><news><item><title>&e;</title><link>https://faro.example/1"
        "</link></item></news>",
        "<error><code>403</code></error>",
    ],
    ids=["no entries", "entities", "an answer of an API"],
)
def test_what_is_no_feed_stays_refused(body: str) -> None:
    assert read(body).problem == "not_a_feed"
