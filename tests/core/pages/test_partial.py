"""Which texts are only a part: the ends of feeds' teasers, the free part of a paid page, a page without scripts."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.core.pages import partial
from pipeline.core.pages.metadata import Meta
from tests.core.pages.pages import HEAD, SENTENCE, article, clean

LONG = "The harbour council decided on Monday that a second pier is built beside the ice house. " * 6
LINK = "<a href='https://news.example/1'>{}</a>"


@pytest.mark.parametrize(
    ("text", "html", "summary", "kept", "lacks"),
    [
        (LONG, LONG, False, LONG, ""),
        (LONG, LONG, True, LONG, "teaser"),  # a summary in one paragraph
        (f"{LONG}\n{LONG}", "", True, f"{LONG}\n{LONG}", ""),
        (LONG[:200], "", False, LONG[:200], "teaser"),
        (f"{LONG}It will […]", "", False, f"{LONG}It will […]", "teaser"),
        (f"{LONG}It will...", "", False, f"{LONG}It will...", "teaser"),
        (f"{LONG}Continue reading →", "", False, LONG.rstrip(), "teaser"),
        (f"{LONG}\nLeer más »", "", False, LONG.rstrip(), "teaser"),
        (f"{LONG} Weiterlesen", f"<p>{LONG} {LINK.format('Weiterlesen')}</p>", False, LONG.rstrip(), "teaser"),
        (f"{LONG} 続きを読む", f"{LONG} {LINK.format('続きを読む')}", False, LONG.rstrip(), "teaser"),
        (f"{LONG}They will do no more", "", False, f"{LONG}They will do no more", ""),
        (f"{LONG * 6}\nRead more", "", False, (LONG * 6).rstrip(), ""),  # behind a whole article: other articles
        ("国会は日曜日、外国軍の入国を承認した。" * 12, "", False, "国会は日曜日、外国軍の入国を承認した。" * 12, ""),
    ],
)
def test_texts_of_feeds(text: str, html: str, summary: bool, kept: str, lacks: str) -> None:
    assert [part.rstrip() if isinstance(part, str) else part for part in partial.of_feed(text, html, summary)] == [
        kept.rstrip(), lacks,
    ]  # fmt: skip


ASKS = "Subscribe to continue reading."


@pytest.mark.parametrize(
    ("text", "free", "kept", "lacks"),
    [
        (LONG, None, LONG, ""),
        (LONG, False, LONG, "paid"),
        (LONG * 4, False, LONG * 4, ""),  # the whole text is there: the site counts readers
        (f"{LONG * 4}and…", False, f"{LONG * 4}and…", "paid"),
        (f"{LONG * 4}\n{ASKS}", False, LONG * 4, "paid"),
        (f"{LONG * 2}\n{ASKS}", None, LONG * 2, "paid"),
        (f"{LONG * 8}\n{ASKS}", None, f"{LONG * 8}\n{ASKS}", ""),
        (f"{ASKS}\n" + f"{LONG}\n" * 4 + LONG, None, f"{ASKS}\n" + f"{LONG}\n" * 4 + LONG, ""),
    ],
)
def test_texts_of_paid_pages(text: str, free: bool | None, kept: str, lacks: str) -> None:
    assert partial.of_page(text, Meta(free=free)) == (kept, lacks)


PAID = '<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":false}</script>'


def a_page(*paragraphs: str, more: str = PAID) -> str:
    head = HEAD.replace("</head>", f"{more}</head>")
    return (
        head + f"<h1>Harbour budget approved</h1><article><p>{'</p><p>'.join(paragraphs)}</p></article></body></html>"
    )


SHOWN = "The council of the harbour town met for the budget on Tuesday, and sat until long after midnight."
OFFER = "Membership costs four a month. You can cancel at any time."


@pytest.mark.parametrize(
    ("shown", "item", "text_from", "text"),
    [
        ((SHOWN, OFFER), {}, "page", SHOWN),
        ((SHOWN, OFFER), {"summary": SHOWN[:60]}, "page", SHOWN),
        ((SHOWN, OFFER), {"summary": f"{SHOWN} Nobody left."}, "feed", f"{SHOWN} Nobody left."),
        ((OFFER, OFFER), {"title": "Harbour budget approved"}, "title", "Harbour budget approved"),
    ],
)
def test_a_paid_page_gives_what_it_shows(
    shown: tuple[str, ...], item: dict[str, Any], text_from: str, text: str
) -> None:
    found = article(a_page(*shown), **item)
    assert (found.text_from, found.text) == (text_from, text)
    assert found.partial == ("paid" if text_from == "page" else "teaser")
    assert found.title.value == "Harbour budget approved"
    assert found.fetched
    assert found.fetched.refused == "paywall"


def test_a_tier_that_is_locked_is_paid() -> None:
    tier = '<meta property="article:content_tier" content="locked">'
    assert article(a_page(SHOWN, more=tier)).partial == "paid"
    assert article(a_page(SHOWN, more=tier.replace("locked", "free"))).partial == ""


@pytest.mark.parametrize(
    "notice",
    [
        "You need to enable JavaScript to run this app and to see all the stories of the day in it, dear reader.",
        "Bitte aktivieren Sie JavaScript in den Einstellungen Ihres Browsers, damit diese Seite gezeigt werden kann.",
        "Para ver esta página habilite JavaScript en la configuración de su navegador y vuelva a cargarla, por favor.",
    ],
)
def test_a_page_that_needs_scripts_gives_the_feeds_text(notice: str) -> None:
    body = f"<html><head><title>App</title></head><body><main><p>{notice}</p></main></body></html>"
    found = article(body, title="Harbour budget approved", content=f"<p>{SENTENCE * 6}</p>")
    assert (found.text_from, found.title.value, found.text) == (
        "feed",
        "Harbour budget approved",
        (SENTENCE * 6).strip(),
    )
    assert clean(body, feed="").reason == "needs_javascript"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("promotion", "from_feed"),
    [
        (
            "Get our app! Stay informed with alerts, save stories, follow writers, hear podcasts. Install it today.",
            True,
        ),
        (SENTENCE, False),
        ("The council has a majority for the harbour's budget, but needs another vote, said the mayor.", False),
    ],
)
def test_a_page_that_shows_something_else(promotion: str, from_feed: bool) -> None:
    """The text of the page has no word of the headline or of the feed's text."""
    story = "Harbour town of Port Alder: its council passed the budget on Tuesday, eleven to seven, after two ballots."
    found = article(a_page(promotion, more=""), title="Harbour budget approved", summary=story)
    assert (found.text_from == "feed") is from_feed
    assert found.partial == ("teaser" if from_feed else "")
