"""Page and feed item to Article: whose word counts, identity, given text."""

from __future__ import annotations

import hashlib
import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.pages.article import clean_from_feed, clean_page, content_hash
from pipeline.core.pages.choices import choose_published, choose_title, choose_updated
from pipeline.core.pages.metadata import Meta
from pipeline.core.pages.reading import hashable
from pipeline.core.stories.agencies import credited
from pipeline.core.urls import article_id
from pipeline.records import Article, Dated, Sourced
from pipeline.stage import Drop
from tests.core.pages.pages import HEAD, SEEN, SENTENCE, URL, a_page, an_item, article, clean, stored

LONG = SENTENCE * 12


def on(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 2, day, hour, tzinfo=UTC)


def dated(moment: datetime, source: str = "feed", raw: str | None = None) -> Dated:
    return Dated(moment, source, raw or moment.isoformat())


def test_a_whole_article() -> None:
    url = "https://www.example.org/regiones/puerto-salaverna-reabre-20260301"
    asked = "https://example.org/r/?id=77"
    item = an_item(asked, guid="77", country="PE", backlog=True, revisit=1)
    found = clean_page(a_page(stored("article-es.html"), f"{url}?utm_source=rss"), item)
    assert isinstance(found, Article)
    assert (found.url, found.id) == (url, article_id(url))
    assert found.aliases == (article_id(asked),)
    assert found.title == Sourced("El puerto de Salaverna reabre tras la tormenta", "json-ld")
    assert found.language == "es"
    assert (found.guid, found.country, found.backlog, found.revisit, found.source) == ("77", "PE", True, 1, "Coastwire")
    assert found.published
    assert found.published.source == "json-ld"
    assert found.updated
    assert found.updated.value > found.published.value
    assert found.fetched
    assert found.fetched.sha256 == hashlib.sha256(stored("article-es.html")).hexdigest()
    assert found.fetched.extractor.startswith("trafilatura ")
    assert pickle.loads(pickle.dumps(found)) == found


@pytest.mark.parametrize(
    ("headlines", "feed", "title"),
    [
        (["Rain floods the old town of Lima"], "Rain floods old town", "Rain floods the old town of Lima"),
        (["Rain floods the old…"], "Rain floods the old town of Lima", "Rain floods the old town of Lima"),
        (["Videos"], "Rain floods the old town of Lima", "Rain floods the old town of Lima"),
        (["Rain floods Lima"], None, "Rain floods Lima"),
        ([], "Rain floods Lima", "Rain floods Lima"),
        (["Subscribe to our evening letter", "Rain floods Lima again"], "Rain floods Lima", "Rain floods Lima again"),
        (["Mayor blames pumps for the flood"], "Rain floods Lima", "Mayor blames pumps for the flood"),
        (["Rain floods Lima"], "RAIN FLOODS LIMA!!", "Rain floods Lima"),
        (["Rain floods Lima"], "  ", "Rain floods Lima"),
        ([], "Rain &amp; wind", "Rain & wind"),
    ],
)
def test_title(headlines: list[str], feed: str | None, title: str) -> None:
    window = headlines[0] if headlines else ""
    meta = Meta(headlines=tuple(Sourced(value, "json-ld") for value in headlines), window_title=window)
    chosen = choose_title(meta, an_item(title=feed))
    assert chosen is not None
    assert chosen.value == title
    assert chosen.source == ("json-ld" if title in headlines else "feed")


def test_an_article_without_any_title_is_dropped() -> None:
    found = clean(f"<html><body><article><p>{LONG}</p></article></body></html>")
    assert isinstance(found, Drop)
    assert found.reason == "no_title"


@pytest.mark.parametrize(
    ("page", "feed", "chosen"),
    [
        (dated(on(27), "json-ld"), None, "json-ld"),
        (None, dated(on(27)), "feed"),
        (dated(on(27), "json-ld"), dated(on(27, 10)), "json-ld"),  # equally exact: the page's
        (dated(on(27, 0), "json-ld", "2026-02-27"), dated(on(27, 10)), "feed"),  # the page names a day only
        (dated(on(27, 4), "meta", "2026-02-27 04:00"), dated(on(27)), "feed"),  # the page names no zone
        (dated(on(20), "json-ld"), dated(on(27)), "json-ld"),  # an old article that the feed shows again
        (dated(on(28), "json-ld"), dated(on(20)), "feed"),  # a template that prints today
        (dated(on(20), "html"), dated(on(27)), "feed"),  # perhaps the date of another article
        (None, None, None),
    ],
)
def test_published(page: Dated | None, feed: Dated | None, chosen: str | None) -> None:
    date = choose_published((page,) if page else (), None, an_item(published=feed))
    assert (date.source if date else None) == chosen


def test_a_guess_is_the_last_choice() -> None:
    guess = dated(on(1), "htmldate")
    assert choose_published((), guess, an_item()) == guess
    assert choose_published((), guess, an_item(published=dated(on(5)))) == dated(on(5))


moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.none() | moments, st.none() | moments, st.none() | moments)
def test_no_date_is_after_seen_and_raw_is_kept(
    page: datetime | None, feed: datetime | None, other: datetime | None
) -> None:
    item = an_item(published=dated(feed) if feed else None, updated=dated(other) if other else None)
    published = choose_published((dated(page, "json-ld"),) if page else (), None, item)
    assert (published is None) == (page is None and feed is None)
    if published:
        assert published.value <= SEEN
        assert published.raw in {moment.isoformat() for moment in (page, feed) if moment}
    updated = choose_updated(Meta(), item, published)
    if updated:
        assert updated.value <= SEEN
        assert published is None or updated.value > published.value or updated.value == SEEN


def test_a_date_is_guessed_from_a_page_without_one() -> None:
    body = HEAD + f"<article><div class='date'>26 February 2026</div><p>{LONG}</p></article>"
    found = article(body, "https://news.example.org/harbour-budget")
    assert found.published
    assert (found.published.source, found.published.value) == ("html", datetime(2026, 2, 26, tzinfo=UTC))
    assert article(HEAD + f"<p>{LONG}</p><p>Copyright 2025</p>", "https://news.example.org/harbour").published is None
    given_one = article(body, published=dated(SEEN - timedelta(hours=2)))
    assert given_one.published
    assert given_one.published.source == "feed"


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("2026/02/05/harbour-budget", "2026-02-05"),
        ("2026-02-05-harbour-budget", "2026-02-05"),
        ("2026/02/5-lessons-of-the-budget", None),
        ("2026/02/05-lessons-of-the-budget", None),
        ("2026/02/5f9c5ed5d64d", None),
        ("2026/02/31/harbour-budget", None),
        ("2029/02/05/harbour-budget", None),
    ],
)
def test_a_date_in_the_address(path: str, day: str | None) -> None:
    found = article(HEAD + f"<article><p>{LONG}</p></article>", f"https://news.example.org/{path}").published
    assert (found and (found.source, found.raw)) == (day and ("url", day))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("“Rain” – again…", '"Rain" - again...', True),
        ("It’s  late", "It's late", True),
        ("a\nb", "a b", True),
        ("Rain", "rain", False),
        ("5 dead", "6 dead", False),
        ("not guilty", "guilty", False),
    ],
)
def test_content_hash_ignores_only_typography(one: str, other: str, same: bool) -> None:
    assert (content_hash("t", one) == content_hash("t", other)) is same
    assert (content_hash(one, "x") == content_hash(other, "x")) is same


@given(st.text(alphabet="ab “”‘’–— \u00a0\n"))
def test_hashable_is_stable(text: str) -> None:
    assert hashable(hashable(text)) == hashable(text)


@pytest.mark.parametrize(
    ("text", "title", "expected_title", "expected_text"),
    [
        ("Rain in Lima\nIt rained.\n\nA lot.", None, ("Rain in Lima", "given"), "It rained.\nA lot."),
        ("Rain in Lima\nIt rained.", "Rain in Lima", ("Rain in Lima", "feed"), "It rained."),
        ("It rained for days.\nA lot.", "Storm over Lima", ("Storm over Lima", "feed"), "It rained for days.\nA lot."),
        ("Only a line", None, ("Only a line", "given"), "Only a line"),
    ],
)
def test_given_text(text: str, title: str | None, expected_title: tuple[str, str], expected_text: str) -> None:
    found = article(text, content_type="text/plain", title=title)
    assert (found.title.value, found.title.source) == expected_title
    assert found.text == expected_text
    assert found.fetched
    assert found.fetched.extractor == "text"


def test_given_text_of_any_length_is_an_article() -> None:
    assert article("Page not found\nSubscribe to continue reading", content_type="text/plain").text


@pytest.mark.parametrize("url", ["", "hard::x", "ftp://example.org/x", "https://"])
def test_a_page_with_an_invalid_address_is_dropped(url: str) -> None:
    found = clean_page(a_page(HEAD + LONG, url), an_item(url))
    assert isinstance(found, Drop)
    assert found.reason == "bad_url"


def test_a_page_without_a_valid_address_gets_that_of_the_item() -> None:
    found = clean_page(a_page(HEAD + f"<p>{LONG}", "about:blank"), an_item())
    assert isinstance(found, Article)
    assert (found.url, found.aliases) == (URL, ())


def test_the_feed_fills_in_what_the_page_lacks() -> None:
    found = article(HEAD + f"<p>{LONG}", author="By Ana Quiroz", summary="<p>Rain &amp; wind.</p>", language="en")
    assert found.author == Sourced("Ana Quiroz", "feed")
    assert found.description == "Rain & wind."
    assert found.language == "en"


def test_the_picture_is_the_pages_else_the_feeds() -> None:
    picture = "https://news.example.org/feed.jpg"
    own = '<meta property="og:image" content="/page.jpg">'
    assert article(HEAD + f"<p>{LONG}", image=picture).image == picture
    assert article(HEAD.replace("</head>", f"{own}</head>") + f"<p>{LONG}", image=picture).image == (
        "https://news.example.org/page.jpg"
    )


def test_the_first_words_of_a_feed_are_a_title_only_if_the_page_has_none() -> None:
    words: dict[str, Any] = {"title": "The council met on Tuesday and", "untitled": True}
    assert article(HEAD + f"<p>{LONG}", **words).title == Sourced("Harbour budget approved", "html")
    assert article(f"<html><body><p>{LONG}", **words).title == Sourced("The council met on Tuesday and", "feed-text")


def test_a_title_may_name_a_tag() -> None:
    title = "How to use the <br> tag & why"
    assert article(f"<html><body><p>{LONG}", title=title).title == Sourced(title, "feed")


def test_the_first_line_does_not_repeat_the_title() -> None:
    found = article(HEAD + f"<article><h1>Harbour budget approved</h1><p>{LONG}</p></article>")
    assert not found.text.startswith("Harbour budget")


@pytest.mark.parametrize(
    ("line", "stays"),
    [("By Jane Doe", False), ("By Jane Doe and John Roe", True), ("Jane Doe", False), ("Jane Doe wins again.", True)],
)
def test_the_first_line_does_not_name_the_author_alone(line: str, stays: bool) -> None:
    head = '<html><head><title>Harbour budget</title><meta name="author" content="Jane Doe"></head><body>'
    found = article(f"{head}<article><h1>Harbour budget</h1><p>{line}</p><p>{LONG}</p><p>{LONG}</p></article>")
    assert found.author
    assert (found.author.value, found.text.startswith(line)) == ("Jane Doe", stays)


def test_an_article_can_be_made_of_the_feed_alone() -> None:
    item = an_item(content=f"<p>{LONG}</p>", title="Harbour budget")
    found = clean_from_feed(item, SEEN)
    assert found
    assert (found.title.source, found.url) == ("feed", item.url)
    assert found.fetched
    assert (found.fetched.extractor, found.fetched.status, found.fetched.at) == ("feed", 0, SEEN)
    short = clean_from_feed(an_item(content="<p>Too short.</p>", title="Harbour budget"), SEEN)
    assert short
    assert (short.text, short.text_from, short.partial) == ("Too short.", "feed", "teaser")
    assert clean_from_feed(an_item(content=f"<p>{LONG}</p>"), SEEN) is None


@pytest.mark.parametrize(
    ("head", "opening", "feed", "agencies"),
    [
        ('<meta name="author" content="Jane Doe, AFP">', "", "", ("afp",)),
        ('<script type="application/ld+json">{"@type": "NewsArticle", "author": "Jane Doe (with Reuters)"}</script>',
         "", "", ("reuters",)),
        ("", '<div class="byline">By Jane Doe, AFP</div>', "", ("afp",)),
        ('<meta name="author" content="Jane Doe">', "<p>By Jane Doe, dpa</p>", "", ("dpa",)),
        ('<meta name="author" content="Jane Doe">', "", "Jane Doe / EFE", ("efe",)),
        ('<meta name="author" content="Jane Doe">', "", "Jane Doe", ()),
    ],
)  # fmt: skip
def test_an_agency_beside_a_person_in_a_byline_is_kept(
    head: str, opening: str, feed: str, agencies: tuple[str, ...]
) -> None:
    page = f"<html><head><title>Harbour budget</title>{head}</head><body><article>"
    found = article(f"{page}<h1>Harbour budget</h1>{opening}<p>{LONG}</p></article>", author=feed or None)
    assert found.author
    assert found.author.value == "Jane Doe"
    assert credited(found) == agencies
    assert bool(found.byline) == bool(agencies)
