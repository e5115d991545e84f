"""Sitemaps, Google News sitemaps and indexes as feeds."""

from __future__ import annotations

import gzip
import time
from datetime import timedelta

import pytest

from pipeline.core.feeds.draft import Child
from pipeline.core.feeds.parse import BODY_LIMIT, ENTRY_LIMIT
from pipeline.core.feeds.sitemap import precise, ranked
from tests.core.feeds.bodies import SEEN, items, read

SPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)
NEWS = """<url><loc>https://faro.example/a?x=1&amp;y=2</loc><lastmod>2026-11-22T05:30:00Z</lastmod><news:news>
<news:publication><news:name>El Faro</news:name><news:language>es</news:language></news:publication>
<news:publication_date>2026-11-22T04:00:00+00:00</news:publication_date>
<news:title><![CDATA[El muelle & la feria]]></news:title>
<news:keywords>puerto, obras</news:keywords></news:news>
<image:image><image:loc>https://faro.example/a.jpg</image:loc></image:image></url>"""


def urlset(*entries: str, root: str = f"<urlset {SPACES}>") -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>{root}{"".join(entries)}</urlset>'


def url(path: str, changed: str = "") -> str:
    return f"<url><loc>https://faro.example{path}</loc>{f'<lastmod>{changed}</lastmod>' if changed else ''}</url>"


def index(*children: tuple[str, str]) -> str:
    listed = "".join(
        f"<sitemap><loc>{loc}</loc>{f'<lastmod>{mod}</lastmod>' if mod else ''}</sitemap>" for loc, mod in children
    )
    return f'<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</sitemapindex>'


def test_a_news_sitemap() -> None:
    parsed = read(urlset(NEWS))
    (item,) = items(parsed)
    assert (item.url, item.title, item.language) == ("https://faro.example/a?x=1&y=2", "El muelle & la feria", "es")
    assert item.published
    assert item.published.value == SEEN - timedelta(hours=2)
    assert item.updated
    assert item.updated.value == SEEN - timedelta(minutes=30)
    assert (item.image, item.untitled) == ("https://faro.example/a.jpg", False)
    assert (parsed.kind, parsed.title, parsed.listed, parsed.drops) == ("news sitemap", "El Faro", 1, ())


@pytest.mark.parametrize(
    ("body", "urls"),
    [
        (urlset(url("/a", "2026-11-22"), root="<urlset>"), ["/a"]),  # no namespace
        (urlset(NEWS, root="<urlset>"), ["/a?x=1&y=2"]),  # prefixes that nobody declares
        (
            '<s:urlset xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9">'
            "<s:url><s:loc>https://faro.example/a</s:loc></s:url></s:urlset>",
            ["/a"],
        ),
        (NEWS.replace("news:", "n:").join(
            ('<urlset xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">', "</urlset>")), ["/a?x=1&y=2"]),
        ("\n\n<!-- made by hand -->" + urlset(url("/a")), ["/a"]),
        (urlset(url("/a?b=1&c=2"), url("/b")), ["/a?b=1&c=2", "/b"]),  # a bare ampersand
        (urlset("<url><loc> /relative </loc></url>"), ["/relative"]),
        (urlset(url("/a"), "<url><loc>https://faro.example/b"), ["/a", "/b"]),  # cut off
        (urlset(url("/a"), "<url><lastmod>x", url("/b")), ["/a", "/b"]),  # an entry that is not closed
        (urlset(url("/a"), "<url></url>", "<url><loc>mailto:x@y.example</loc></url>", url("/b")), ["/a", "/b"]),
    ],
)  # fmt: skip
def test_what_is_read(body: str, urls: list[str]) -> None:
    parsed = read(body)
    assert [item.url.removeprefix("https://faro.example") for item in items(parsed)] == urls
    assert len(parsed.entries) + sum(count for _, count in parsed.drops) == parsed.listed


def test_only_the_pages_of_the_last_days_are_items() -> None:
    parsed = read(
        urlset(
            url("/old", "2021-05-01"), url("/week", "2026-11-14T06:00:00Z"), url("/new", "2026-11-21"), url("/undated"),
            url("/", "2026-11-22"), url("", "2026-11-22"), url("/?p=4", "2026-11-22"), url("/odd", "yesterday-ish"),
        )
    )  # fmt: skip
    assert [item.url.removeprefix("https://faro.example") for item in items(parsed)] == [
        "/new", "/undated", "/?p=4", "/odd",
    ]  # fmt: skip
    assert dict(parsed.drops) == {"old": 2, "home_page": 2}
    assert parsed.kind == "sitemap"
    new = items(parsed)[0]
    assert new.title is None
    assert (new.published and new.published.source, new.untitled) == ("feed-updated", True)


def test_a_large_sitemap_is_cut_by_date_and_quick() -> None:
    old = [url(f"/o/{n}", "2020-01-01T00:00:00Z") for n in range(8_000)]
    new = [url(f"/n/{n}", "2026-11-22T01:00:00Z") for n in range(2_000)]
    started = time.process_time()
    parsed = read(urlset(*old, *new))
    assert time.process_time() - started < 10
    assert len(parsed.entries) == ENTRY_LIMIT
    assert dict(parsed.drops) == {"old": 8_000, "over_limit": 1_000}


def test_gzip() -> None:
    packed = gzip.compress(urlset(NEWS, url("/b")).encode())
    assert len(items(read(packed, "application/x-gzip"))) == 2
    cut = read(gzip.compress(urlset(*(url(f"/{n * n}", "2026-11-22") for n in range(3_000))).encode())[:-2000])
    assert cut.notes[:1] == ("truncated",)
    assert len(cut.entries) > 100
    assert read(gzip.compress(b" " * (BODY_LIMIT + 1))).problem == "too_large"


@pytest.mark.parametrize(
    ("children", "best"),
    [
        ([("post-1.xml", ""), ("post-2.xml", ""), ("category-sitemap.xml", "")], ["post-2.xml", "post-1.xml"]),
        ([("a.xml", "2026-11-01"), ("news.xml", ""), ("b.xml", "2026-11-20")], ["news.xml", "b.xml", "a.xml"]),
        ([("2026-09.xml", ""), ("2026-11.xml", ""), ("2025.xml", "")], ["2026-11.xml", "2026-09.xml", "2025.xml"]),
        ([("1.xml", "2026-11-22T08:00:00+05:00"), ("2.xml", "2026-11-22T04:00:00Z")], ["2.xml", "1.xml"]),
        ([("newsletter.xml", "2026-01-01"), ("posts.xml", "2026-11-20")], ["posts.xml", "newsletter.xml"]),
        ([("tag-sitemap.xml", ""), ("author-sitemap.xml", "")], ["author-sitemap.xml", "tag-sitemap.xml"]),
        ([("", "2026-11-22")], []),
    ],
)  # fmt: skip
def test_the_newest_children_of_an_index_come_first(children: list[tuple[str, str]], best: list[str]) -> None:
    base = "https://faro.example/"
    parsed = read(index(*((name and base + name, changed) for name, changed in children)))
    assert [child.url.removeprefix(base) for child in parsed.children] == best
    assert (parsed.kind, parsed.problem, parsed.entries) == ("sitemap index", None, ())


def test_addresses_of_children() -> None:
    parsed = read(index(("/a.xml", ""), ("https://faro.example/a.xml", ""), ("file:///etc/passwd", ""), ("b.xml", "")))
    assert [child.url for child in parsed.children] == ["https://faro.example/b.xml", "https://faro.example/a.xml"]
    assert len(ranked(tuple(Child(f"https://faro.example/{n}.xml") for n in range(3_000)))) == 50


@pytest.mark.parametrize(
    ("changed", "so"),
    [("2026-11-22", False), ("", False), ("2026-11-22T00:00:00Z", False), ("2026-11-22T05:01:00+02:00", True)],
)
def test_dates_that_prove_that_nothing_changed(changed: str, so: bool) -> None:
    assert precise(changed) is so


@pytest.mark.parametrize("root", ["urlset", "sitemapindex"])
def test_hostile_sitemaps(root: str) -> None:
    bomb = f'<!DOCTYPE {root} [<!ENTITY x SYSTEM "file:///etc/passwd">]><{root}><url><loc>&x;</loc></url></{root}>'
    assert read(bomb).problem == "entities"
    assert read(f"<{root}>").problem == "truncated"
    assert "no_entries" in read(f"<{root}></{root}>").notes
    started = time.process_time()
    read(f"<{root}>" + "<url><loc>" * 20_000)
    assert time.process_time() - started < 10
