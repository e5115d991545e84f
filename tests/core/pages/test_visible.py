"""Bylines and dates that only readers see, and what only looks like one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.core.pages import markup, metadata
from pipeline.core.pages.metadata import Meta
from tests.core.pages.pages import SENTENCE

SEEN = datetime(2026, 11, 29, 12, tzinfo=UTC)
TITLE = "Harbour budget approved after a long night"


def read(
    above: str = "", below: str = "", end: str = "", language: str = "en", url: str = "https://example.org/a"
) -> Meta:
    body = f"{above}<article><h1>{TITLE}</h1>{below}<p>{SENTENCE * 3}</p><p>{SENTENCE * 3}</p></article>{end}"
    tree = markup.parse(f"<html lang={language}><head><title>{TITLE}</title></head><body>{body}</body></html>".encode())
    assert tree is not None
    return metadata.read(tree, url, SEEN)


@pytest.mark.parametrize(
    ("below", "author"),
    [
        ("<p>By Jane Doe</p>", "Jane Doe"),
        ("<div>Von Anna Weiß und Karl Braun</div>", "Anna Weiß, Karl Braun"),
        ("<span>Por José Peña Ruiz</span>", "José Peña Ruiz"),
        ("<p>Par Anne Blanc, à Port-Louis</p>", "Anne Blanc"),
        ("<p>Автор: Иван Петров</p>", "Иван Петров"),
        ("<div class='byline'>Jane Doe</div>", "Jane Doe"),
        ("<div class='article-author'><img alt=x><b>Jane Doe</b> <i>Reporter</i></div>", "Jane Doe Reporter"),
        ("<div class='meta'>By <a rel='author' href='/j'>Jane Doe</a> and <a rel='author' href='/k'>John Roe</a></div>",
         "Jane Doe, John Roe"),
        ("<a href='/authors/jane-doe'>Jane Doe</a>", "Jane Doe"),
        ("<span itemprop='author'><span itemprop='name'>Jane Doe</span></span>", "Jane Doe"),
        ("<p class='autor'>Jane Doe | 12.05.2026</p>", "Jane Doe"),
        ("<p>By the harbour wall</p>", None),
        ("<dl><dd class='createdby'>Written by <span>Jane Doe</span></dd></dl>", "Jane Doe"),
        ("<p>By Monday the council will have decided.</p>", None),
        ("<div class='author'>Staff</div>", None),
        ("<div class='author'>Follow us and read every story about the harbour</div>", None),
        ("<section class='comments'><span class='author'>Joe Loud</span></section>", None),
        ("<div class='comment'><span class='comment-author'>Joe Loud</span></div>", None),
        ("<aside><span class='author'>Jane Doe</span></aside>", None),
    ],
)  # fmt: skip
def test_bylines(below: str, author: str | None) -> None:
    found = read(below=below).author
    if author == "Jane Doe Reporter":  # the role may stay
        assert found
        assert found.value.startswith("Jane Doe")
    else:
        assert (found.value if found else None) == author
        assert found is None or found.source == "html"


@pytest.mark.parametrize(
    ("below", "language", "published", "updated"),
    [
        ("<p>12 May 2026</p>", "en", "2026-05-12", None),
        ("<div>12 de mayo de 2026, 14:30 h</div>", "es", "2026-05-12", None),
        ("<span class='fecha'>12/05/2026</span>", "es", "2026-05-12", None),
        ("<time>12. Mai 2026</time>", "de", "2026-05-12", None),
        ("<p>Stand: 13.05.2026, 9 Uhr</p>", "de", None, "2026-05-13"),
        ("<p>Updated 13 May 2026</p>", "en", None, "2026-05-13"),
        ("<p>Updated 13 May 2026 · Published 12 May 2026</p>", "en", "2026-05-12", "2026-05-13"),
        ("<span class='updated'>13 May 2026</span><span class='published'>12 May 2026</span>", "en",
         "2026-05-12", "2026-05-13"),
        ("<p>Publié le 12 mai 2026 à 10h15 - Mis à jour le 13 mai 2026</p>", "fr", "2026-05-12", "2026-05-13"),
        ("<div class='date'>2026年5月12日</div>", "ja", "2026-05-12", None),
        ("<p>The festival opens on 24 December 2026</p>", "en", None, None),  # in the future
        ("<div class='related'><span class='date'>12 May 2026</span></div>", "en", None, None),
        ("<p>" + SENTENCE + "It began on 12 May 2026 and ended with a vote. " + SENTENCE + "</p>", "en", None, None),
    ],
)  # fmt: skip
def test_dates(below: str, language: str, published: str | None, updated: str | None) -> None:
    meta = read(below=below, language=language)
    assert [date.value.date().isoformat() for date in meta.published[:1]] == ([published] if published else [])
    assert (meta.modified.value.date().isoformat() if meta.modified else None) == updated
    assert all(date.source == "html" for date in meta.published)


def test_blogs_have_author_and_date_below_the_post() -> None:
    posted = '<abbr class="published" title="2026-05-12T09:00:00+02:00">9:00 AM</abbr>'
    meta = read(
        end=f"<div class='post-footer'>Posted by <span class='fn'>Jane Doe</span> at <a href='/x'>{posted}</a></div>"
    )
    assert meta.author
    assert meta.author.value == "Jane Doe"
    assert meta.published[0].value == datetime(2026, 5, 12, 7, tzinfo=UTC)
    assert read(end="<footer>By <span class='fn'>Jane Doe</span>, 12 May 2026</footer>").author is None


def test_the_date_beside_the_headline_counts_more_than_one_above_or_far_away() -> None:
    meta = read("<div class='date'>1 May 2026</div>", "<p>12 May 2026</p>", "<div class='date'>3 May 2026</div>")
    assert meta.published[0].value == datetime(2026, 5, 12, tzinfo=UTC)


def test_the_day_of_the_visit_at_the_top_of_the_page_is_no_date_of_the_article() -> None:
    assert read("<div class='date'>Sunday, 29 November 2026</div>").published == ()


def test_a_visible_time_is_in_the_zone_of_the_site() -> None:
    date = read(below="<p>12 de mayo de 2026, 22:30 h</p>", language="es", url="https://example.com.pe/a").published[0]
    assert (date.value, date.zone, date.zone_from) == (
        datetime(2026, 5, 13, 3, 30, tzinfo=UTC),
        "America/Lima",
        "domain",
    )


def test_metadata_counts_more_than_what_is_visible() -> None:
    body = f"<article><h1>{TITLE}</h1><p>By Jane Doe</p><p>12 May 2026</p></article>"
    head = (
        '<meta name="author" content="Li Wei"><meta property="article:published_time" content="2026-05-11T10:00:00Z">'
    )
    tree = markup.parse(f"<html><head>{head}</head><body>{body}</body></html>".encode())
    assert tree is not None
    meta = metadata.read(tree, "https://example.org/a", SEEN)
    assert meta.author
    assert (meta.author.value, meta.published[0].value.day) == ("Li Wei", 11)
