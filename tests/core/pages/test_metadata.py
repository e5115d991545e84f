"""What a page says about itself, and broken ways of saying it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.core.pages import jsonld, markup, metadata
from pipeline.core.pages.headlines import without_site
from pipeline.core.pages.metadata import Meta
from pipeline.records import Sourced
from tests.core.pages.pages import SEEN, URL, stored


def read(head: str, body: str = "", url: str = URL, **more: Any) -> Meta:
    tree = markup.parse(f"<html><head>{head}</head><body>{body}<p>x</p></body></html>".encode())
    assert tree is not None
    return metadata.read(tree, url, SEEN, **more)


def block(value: Any) -> str:
    return f'<script type="application/ld+json">{value if isinstance(value, str) else json.dumps(value)}</script>'


NEWS = {"@type": "NewsArticle", "headline": "Harbour budget approved", "datePublished": "2026-03-01T09:00:00Z"}


def test_a_whole_page() -> None:
    tree = markup.parse(stored("article-es.html"))
    assert tree is not None
    url = "https://example.org/regiones/puerto-salaverna-reabre-20260301?ref=x"
    meta = metadata.read(tree, url, SEEN)
    assert meta.headlines[0] == Sourced("El puerto de Salaverna reabre tras la tormenta", "json-ld")
    assert meta.author == Sourced("Ana Quiroz", "json-ld")
    assert (meta.published[0].value, meta.published[0].source) == (datetime(2026, 3, 1, 14, 30, tzinfo=UTC), "json-ld")
    assert meta.published[0].raw == "2026-03-01T09:30:00-05:00"
    assert meta.modified
    assert meta.modified.value == datetime(2026, 3, 1, 16, tzinfo=UTC)
    assert meta.description == "Los barcos vuelven a salir tres días después del temporal."
    assert meta.image == "https://example.org/fotos/puerto.jpg"
    assert (meta.section, meta.site, meta.language) == ("Regiones", "El Faro del Norte", "es")
    assert meta.canonical == "https://www.example.org/regiones/puerto-salaverna-reabre-20260301"
    assert meta.article
    assert meta.free is True


@pytest.mark.parametrize(
    "script",
    [
        json.dumps(NEWS),
        json.dumps([{"@type": "Organization"}, NEWS]),
        json.dumps({"@graph": [{"@type": "WebPage"}, NEWS]}),
        json.dumps({"@type": "WebPage", "mainEntity": NEWS}),
        "<!-- " + json.dumps(NEWS) + " -->",
        "//<![CDATA[\n" + json.dumps(NEWS) + "\n//]]>",
        json.dumps(NEWS) + ";",
        json.dumps(NEWS)[:-1] + ",}",
        json.dumps(NEWS).replace('"', "&quot;"),
        json.dumps(NEWS).replace("budget", "budget\n"),
        json.dumps(NEWS) + json.dumps({"@type": "BreadcrumbList"}),
        json.dumps(NEWS | {"@type": ["NewsArticle", "Article"]}),
        json.dumps(NEWS | {"@type": "http://schema.org/NewsArticle"}),
        json.dumps(NEWS | {"@type": "ReportageNewsArticle"}),
        json.dumps(NEWS | {"headline": ["Harbour budget approved"]}),
        json.dumps(NEWS | {"headline": {"@value": "Harbour budget approved"}}),
        json.dumps(NEWS | {"headline": "Harbour&nbsp;budget <i>approved</i>"}),
    ],
)
def test_json_ld_in_every_shape(script: str) -> None:
    meta = read(block(script))
    assert meta.headlines[0] == Sourced("Harbour budget approved", "json-ld")
    assert meta.published[0].source == "json-ld"


@pytest.mark.parametrize(
    "script",
    [
        "",
        "{",
        "null",
        "[]",
        "[" * 100_000,
        '{"@type":5}',
        '{"@graph":7}',
        "{}" * 3,
        '"x"',
        '{"@type":"NewsArticle","headline":7,"author":[[1]],"image":[[]],"datePublished":{}}',
    ],
)
def test_broken_json_ld_is_ignored(script: str) -> None:
    assert read(block(script)).published == ()


def test_a_broken_block_does_not_hide_a_good_one() -> None:
    assert read(block('{"@type": broken') + block(NEWS)).headlines[0].source == "json-ld"


@pytest.mark.parametrize(
    "own",
    [
        {"url": URL},
        {"mainEntityOfPage": URL},
        {"mainEntityOfPage": {"@id": f"{URL}#main"}},
        {"@id": URL.replace("https", "http") + "/"},
    ],
)
def test_of_several_articles_the_one_about_this_page(own: dict[str, Any]) -> None:
    others = [NEWS | {"headline": f"Other {n}", "url": f"https://news.example.org/other-{n}"} for n in range(3)]
    meta = read(block([others[0], NEWS | own, *others[1:]]))
    assert meta.headlines[0].value == "Harbour budget approved"


def test_of_several_articles_without_address_the_one_the_title_names() -> None:
    meta = read("<title>Harbour budget approved - Coastwire</title>" + block([NEWS | {"headline": "Other"}, NEWS]))
    assert meta.headlines[0].value == "Harbour budget approved"


def test_articles_of_a_list_are_not_the_page() -> None:
    others = [{"@type": "ListItem", "item": NEWS | {"headline": f"Other {n}"}} for n in range(3)]
    meta = read(block({"@type": "ItemList", "itemListElement": others}))
    assert (meta.headlines, meta.published, meta.article, meta.listing) == ((), (), False, True)


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("Ana Quiroz", "Ana Quiroz"),
        ({"@type": "Person", "name": "Ana Quiroz"}, "Ana Quiroz"),
        ([{"name": "Ana Quiroz"}, {"name": "Li Wei"}], "Ana Quiroz, Li Wei"),
        ({"name": ["Ana Quiroz", "Li Wei"]}, "Ana Quiroz, Li Wei"),
        ("By Ana Quiroz", "Ana Quiroz"),
        ("Por: Ana Quiroz", "Ana Quiroz"),
        ("https://news.example.org/authors/ana", None),
        ("ana@news.example.org", None),
        ("admin", None),
        ("wordpressadmin", None),
        ("Unknown", None),
        ("Copyright Haus & Co. KG - all rights reserved", None),
        ("Rosa Admiral", "Rosa Admiral"),
        (None, None),
        ([{"name": "Ana Quiroz"}, {"name": "Coastwire"}], "Ana Quiroz"),
        ({"name": "Coastwire"}, None),
        ("Byron Diaz", "Byron Diaz"),
    ],
)
def test_author(author: Any, name: str | None) -> None:
    found = read(block(NEWS | {"author": author, "publisher": {"name": "Coastwire"}})).author
    assert (found.value if found else None) == name


@pytest.mark.parametrize(
    ("head", "source", "moment"),
    [
        ('<meta property="article:published_time" content="2026-02-28T10:00:00+02:00">', "opengraph", (2026, 2, 28, 8)),
        ('<meta name="pubdate" content="2026-02-28T10:00:00Z">', "meta", (2026, 2, 28, 10)),
        ('<meta itemprop="datePublished" content="2026-02-28">', "meta", (2026, 2, 28)),
        ('<meta name="DC.date.issued" content="2026-02-28">', "meta", (2026, 2, 28)),
        ('<meta name="sailthru.date" content="Sat, 28 Feb 2026 10:00:00 +0000">', "meta", (2026, 2, 28, 10)),
        ("", None, None),
        ('<meta property="article:published_time" content="soon">', None, None),
        ('<meta property="article:published_time" content="2026-04-01T10:00:00Z">', "opengraph", (2026, 3, 1, 18)),
    ],
)
def test_published(head: str, source: str | None, moment: tuple[int, ...] | None) -> None:
    dates = read(head).published
    assert (dates[0].source if dates else None) == source
    assert [date.value for date in dates[:1]] == ([datetime(*moment, tzinfo=UTC)] if moment else [])  # type: ignore


@pytest.mark.parametrize(
    "body",
    [
        '<h1>Title</h1><time datetime="2026-02-28T10:00:00Z">yesterday</time>',
        '<time itemprop="datePublished" datetime="2026-02-28T10:00:00Z">yesterday</time><h1>Title</h1>',
        '<time datetime="2025-01-01">other</time><h1>Title</h1><time datetime="2026-02-28T10:00:00Z">yesterday</time>',
        '<span itemprop="datePublished" content="2026-02-28T10:00:00Z">yesterday</span>',
        '<h1>Title</h1><time class="updated" datetime="2026-03-01T10:00:00Z">u</time>'
        '<time datetime="2026-02-28T10:00:00Z">p</time>',
    ],
)
def test_published_in_the_body(body: str) -> None:
    (first, *_) = read("", body).published
    assert (first.value, first.source) == (datetime(2026, 2, 28, 10, tzinfo=UTC), "html")


@pytest.mark.parametrize(
    ("title", "site", "left"),
    [
        ("Rain in Lima | El Diario", "El Diario", "Rain in Lima"),
        ("Rain in Lima - El Diario", "El Diario", "Rain in Lima"),
        ("El Diario: Rain in Lima", "El Diario", "El Diario: Rain in Lima"),
        ("El Diario | Rain in Lima", "El Diario", "Rain in Lima"),
        ("Rain in Lima — Example.org", "", "Rain in Lima"),
        ("Rain in Lima | World | El Diario", "El Diario", "Rain in Lima | World"),
        ("Opinion | Rain in Lima", "El Diario", "Opinion | Rain in Lima"),
        ("Lima - Cusco: rain", "El Diario", "Lima - Cusco: rain"),
        ("El Diario", "El Diario", "El Diario"),
        ("Rain-soaked Lima", "Lima", "Rain-soaked Lima"),
        ("雨のリマ｜日報", "日報", "雨のリマ"),
    ],
)
def test_the_site_is_cut_from_titles(title: str, site: str, left: str) -> None:
    assert without_site(title, site, URL) == left


@pytest.mark.parametrize(
    ("head", "body", "first"),
    [
        ('<meta property="og:title" content="Rain &amp; wind in Lima">', "<h1>Rain & wind</h1>", "Rain & wind in Lima"),
        ("<title>Rain in Lima - Coastwire</title>", "<h1>Coastwire</h1>", "Rain in Lima"),
        ("<title>Rain in Lima</title>", "<h1>The Daily Coast</h1>", "The Daily Coast"),
        (
            '<title>Rain falls in Lima for a week</title><meta property="og:title" content="Rain falls in…">',
            "",
            "Rain falls in Lima for a week",
        ),
        (block(NEWS | {"headline": "Soup"}) + "<title>Rain in Lima</title>", "<h1>Rain in Lima</h1>", "Rain in Lima"),
    ],
)
def test_headline(head: str, body: str, first: str) -> None:
    assert read(head, body).headlines[0].value == first


@pytest.mark.parametrize(
    ("link", "url", "canonical"),
    [
        (
            "https://news.example.org/a/story",
            "https://news.example.org/a/story?utm_source=x",
            "https://news.example.org/a/story",
        ),
        ("/a/story", "https://amp.example.org/a/story", "https://amp.example.org/a/story"),
        ("https://www.example.org/a/story", "https://amp.example.org/amp/a/story", "https://www.example.org/a/story"),
        ("https://elsewhere.example.com/a/story", "https://news.example.org/a/story", None),
        ("https://news.example.org/", "https://news.example.org/a/story", None),
        ("https://news.example.org/a", "https://news.example.org/a/story", None),
        ("https://news.example.org/404", "https://news.example.org/a/story", None),
        ("https://news.example.org/view", "https://news.example.org/view?id=7", None),
        (
            "https://news.example.org/view?id=7",
            "https://news.example.org/view?id=7&x=2",
            "https://news.example.org/view?id=7",
        ),
        ("javascript:void(0)", "https://news.example.org/a/story", None),
        ("https://[bad", "https://news.example.org/a/story", None),
    ],
)
def test_canonical(link: str, url: str, canonical: str | None) -> None:
    assert read(f'<link rel="canonical" href="{link}">', url=url).canonical == canonical


@pytest.mark.parametrize(
    ("html", "language"),
    [
        ('<html lang="pt-BR">', "pt"),
        ('<html><meta property="og:locale" content="es_ES">', "es"),
        ('<html><meta http-equiv="content-language" content="de">', "de"),
        ('<html lang="und">', None),
        ('<html lang="">', None),
    ],
)
def test_language(html: str, language: str | None) -> None:
    tree = markup.parse(html.encode() + b"<body><p>x")
    assert tree is not None
    assert metadata.read(tree, URL, SEEN).language == language


@pytest.mark.parametrize(
    ("value", "free"),
    [
        (True, True),
        (False, False),
        ("False", False),
        ("true", True),
        ("http://schema.org/False", False),
        ("maybe", None),
        (None, None),
    ],
)
def test_free(value: Any, free: bool | None) -> None:
    assert jsonld.free({"isAccessibleForFree": value}) is free
    if value is not None:
        parts = [{"@type": "WebPageElement", "isAccessibleForFree": value, "cssSelector": ".paid"}, "x"]
        assert jsonld.free({"hasPart": parts}) is (False if free is False else None)
