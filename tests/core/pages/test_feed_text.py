"""When the feed's own text is used: no page, a page that cannot be read, a page with less, another entry's page."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.core.pages.article import clean_from_feed
from pipeline.core.urls import article_id
from pipeline.records import Article
from pipeline.stage import Drop
from tests.core.pages.pages import HEAD, SEEN, SENTENCE, URL, an_item, article, clean

WHOLE = [
    f"Paragraph {word} says what the council decided about the {word} pier and who paid for it in the end."
    for word in ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
]
CONTENT = "".join(f"<p>{paragraph}</p>" for paragraph in WHOLE)
TEASER = "The council decided on Monday that a second pier is built beside the ice house, for eleven million."


def page(*paragraphs: str, title: str = "Harbour budget approved", more: str = "") -> str:
    head = HEAD.replace("Harbour budget approved", title).replace("</head>", f"{more}</head>")
    return head + f"<h1>{title}</h1><article>{''.join(f'<p>{text}</p>' for text in paragraphs)}</article></body></html>"


@pytest.mark.parametrize(
    ("shown", "more", "feed"),
    [
        (WHOLE[:5], "", True),  # the free part of a paid article
        ([*WHOLE[:4], "Read on with a membership."], "", True),
        (WHOLE, "", False),
        (WHOLE[1:7], "", True),  # four paragraphs are missing
        (WHOLE[:8], "", False),
        ([*WHOLE[:8], SENTENCE], "", False),  # hardly less
        ([SENTENCE * 4], "", False),  # another text: an abstract in the feed, or another article
    ],
)
def test_a_page_that_shows_a_part(shown: list[str], more: str, feed: bool) -> None:
    found = article(page(*shown, more=more), content=CONTENT, title="Harbour budget approved")
    assert found.fetched is not None
    assert (found.fetched.extractor == "feed") is feed
    assert (WHOLE[9] in found.text) is (feed or shown == WHOLE)
    assert found.fetched.status == 200


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Sign in", "<p>Sign in to your account, or make a new one, to read stories of our writers each day.</p>"),
        ("451", "<p>We cannot show this website to readers from where you seem to be, for legal reasons.</p>"),
        ("Coastwire", "<ul>" + "<li><a href='/x'>More world news here</a></li>" * 40 + "</ul>"),
    ],
)
def test_a_page_of_something_else_gives_neither_text_nor_title(title: str, text: str) -> None:
    body = f"<html><head><title>{title}</title></head><body><main><h1>{title}</h1>{text}</main></body></html>"
    found = article(body, content=CONTENT, title="Harbour budget approved")
    assert (found.title.value, found.text_from, found.partial) == ("Harbour budget approved", "feed", "")
    assert found.text.split("\n") == WHOLE
    assert found.fetched
    assert found.fetched.refused


def test_the_page_still_gives_date_and_picture() -> None:
    date = '<meta property="article:published_time" content="2026-02-28T10:00Z">'
    meta = f'<meta property="og:image" content="/p.jpg">{date}'
    found = article(page(*WHOLE[:4], more=meta), content=CONTENT, title="Harbour budget approved")
    assert found.image == "https://news.example.org/p.jpg"
    assert found.published is not None
    assert found.published.source == "opengraph"


@pytest.mark.parametrize(
    ("more", "stands_in"),
    [
        ({"summary": TEASER}, True),
        ({"content": f"<p>{TEASER}</p>"}, True),
        (
            {"summary": "港口议会星期一决定在冰库旁修建第二座码头，总费用一千一百万，春季开工，两年内完成。"},
            True,
        ),
        ({"summary": "Read more."}, False),
        ({}, False),
    ],
)
def test_a_page_that_cannot_be_fetched(more: dict[str, Any], stands_in: bool) -> None:
    item = an_item(title="Harbour budget", **more)
    for found in (
        clean_from_feed(item, SEEN, "http_403"),
        clean("<html><body></body></html>", title=item.title, **more),
    ):
        assert isinstance(found, Article)
        assert (found.text_from, found.partial) == ("feed" if stands_in else "title", "teaser")
        assert stands_in or found.text == "Harbour budget"
        assert found.fetched
        assert found.fetched.refused
    absent = clean_from_feed(item, SEEN, "http_404")  # a headline that leads nowhere is no article
    assert (absent is not None) is stands_in
    assert clean_from_feed(an_item(title=item.title, revisit=1), SEEN, "http_403") is None


def test_an_entry_without_a_page_is_an_article_however_short() -> None:
    item = an_item("https://site.example/", link="none", article="ab" * 16, title="Quake of 5.4 near Norberg")
    found = clean_from_feed(item, SEEN)
    assert found is not None
    assert (found.id, found.url, found.text) == ("ab" * 16, "https://site.example/", "Quake of 5.4 near Norberg")
    assert found.aliases == ()  # the address leads to all entries of the feed


@pytest.mark.parametrize(("title", "own"), [("Harbour budget approved", True), ("Night trains return", False)])
def test_a_page_that_several_entries_link_to(title: str, own: bool) -> None:
    shared = {"link": "shared", "article": "ab" * 16, "summary": TEASER}
    found = article(page(SENTENCE * 12), title=title, **shared)
    assert (found.id, found.url) == ("ab" * 16, URL)
    assert (SENTENCE.strip() in found.text) is own
    assert (TEASER in found.text) is not own
    later = clean(page(SENTENCE * 12), title="Night trains return", revisit=1, link="shared", article="ab" * 16)
    assert isinstance(later, Drop)  # the page shows another entry now
    assert later.reason == "other_page"


def test_an_address_issued_again_gives_an_article_of_its_own() -> None:
    again = article(page(SENTENCE * 12), title="Harbour budget approved", article="ab" * 16)
    assert (again.id, again.aliases) == ("ab" * 16, (article_id(URL),))
    moved = clean(page(SENTENCE * 12), f"{URL}-2", asked=URL, title="Harbour budget approved", article="ab" * 16)
    assert isinstance(moved, Article)
    assert moved.id == article_id(f"{URL}-2")  # the address of the new one tells it apart
