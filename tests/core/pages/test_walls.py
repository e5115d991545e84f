"""Walls are distinguished from articles, also from articles about walls."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.core.pages.wall_phrases import NOT_FOUND_TITLE
from pipeline.core.pages.walls import challenged, find_wall_by_address
from pipeline.stage import Drop
from tests.core.pages.pages import HEAD, SENTENCE, URL, article, clean, stored


def reason(body: bytes | str, url: str = URL, **more: Any) -> str | None:
    """Why the page is not read, whether or not something stands in for it."""
    found = clean(body, url, **more)
    if isinstance(found, Drop):
        return found.reason
    assert found.fetched
    return found.fetched.refused or None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("consent-de.html", "consent_wall"),
        ("paywall-en.html", "paywall"),
        ("challenge.html", "challenge"),
        ("soft-404-es.html", "soft_404"),
        ("section-en.html", "section_page"),
        ("article-es.html", None),
        ("flash-en.html", None),
        ("about-cookies-en.html", None),
    ],
)
def test_stored_pages(name: str, expected: str | None) -> None:
    assert reason(stored(name)) == expected


A = "https://www.example.org/world/a-story-about-rain"


@pytest.mark.parametrize(
    ("requested", "url", "expected"),
    [
        (A, A, None),
        (A, "https://example.org/world/a-story-about-rain", None),
        (A, "https://www.example.org/world/2026/a-story-about-rain", None),
        (A, "https://consent.example.org/collect?to=x", "consent_wall"),
        (A, "https://www.example.org/consent?back=%2Fworld", "consent_wall"),
        (A, "https://myprivacy.example.net/", "consent_wall"),
        ("https://consent.example.org/x", "https://consent.example.org/y", None),
        (A, "https://login.example.org/?next=x", "login_wall"),
        (A, "https://www.example.org/signin?next=x", "login_wall"),
        (A, "https://www.example.org/subscribe/offer", "paywall"),
        (A, "https://www.example.org/404", "soft_404"),
        (A, "https://www.example.org/error.html", "soft_404"),
        (A, "https://www.example.org/", "home_page"),
        (A, "https://www.example.org/es/", "home_page"),
        (A, "https://www.example.org/index.html", "home_page"),
        (A, "https://www.example.org/?p=4711", None),
        ("https://www.example.org/?p=4711", A, None),
        ("https://example.org/", "https://www.example.org/", None),
        (A, "https://www.example.org/world/consent-decree-signed", None),
        (A, "https://www.example.org/world/login-data-stolen", None),
    ],
)
def test_redirects_to_walls(requested: str, url: str, expected: str | None) -> None:
    assert find_wall_by_address(requested, url) == expected


def wall(title: str, text: str, head: str = "") -> str:
    return (
        f"<html><head><title>{title}</title>{head}</head><body><main><h1>{title}</h1><p>{text}</p></main></body></html>"
    )


ARTICLE = '<meta property="og:type" content="article">'


@pytest.mark.parametrize(
    "title",
    [
        "404",
        "404 - Not Found",
        "Error 404",
        "Page not found",
        "Page Not Found | Coastwire",
        "Coastwire - Page not found",
        "Página no encontrada",
        "Página não encontrada",
        "Page introuvable",
        "Seite nicht gefunden",
        "Pagina non trovata",
        "Pagina niet gevonden",
        "Strona nie istnieje",
        "Страница не найдена",
        "Sayfa bulunamadı",
        "页面不存在",
        "ページが見つかりません",
        "페이지를 찾을 수 없습니다",
        "الصفحة غير موجودة",
        "Sorry, page not found",
    ],
)
def test_soft_404_in_many_languages(title: str) -> None:
    assert NOT_FOUND_TITLE.search(title)
    assert (
        reason(wall(title, "We looked everywhere. Try the search above or go back to the start of the site."))
        == "soft_404"
    )


@pytest.mark.parametrize(
    "title",
    [
        "404 Media raises ten million",
        "410 killed in flood",
        "Page not found: how papers lose their archives to link rot",
        "Fehler 404 im Rathaus: Akten verschwunden",
        "Seite an Seite gegen den Sturm",
        "Not found guilty: court frees mayor",
        "Error in the vote count",
        "Peugeot 404 turns sixty",
        "Página 12 cumple años",
    ],
)
def test_articles_with_such_words_in_the_title(title: str) -> None:
    assert reason(wall(title, SENTENCE * 8, ARTICLE)) is None
    assert not NOT_FOUND_TITLE.search(title) or "link rot" in title or "Akten" in title


@pytest.mark.parametrize(
    "text",
    [
        "Subscribe to continue reading this story and all others.",
        "Suscríbete para seguir leyendo esta nota de hoy.",
        "Jetzt weiterlesen mit unserem Angebot für vier Wochen.",
        "Article réservé aux abonnés de notre journal du soir.",
        "Conteúdo exclusivo para assinantes do nosso jornal.",
        "Contenuto riservato agli abbonati del nostro giornale.",
    ],
)
def test_paywall_stubs(text: str) -> None:
    assert reason(wall("A long road", f"{SENTENCE} {text}", ARTICLE)) == "paywall"


def test_an_article_about_paywalls_passes() -> None:
    text = f"{SENTENCE * 12} Many sites now say 'subscribe to continue reading' to all who come by."
    assert reason(wall("Paywalls pay", text, ARTICLE)) is None


def test_a_long_teaser_of_a_paid_article_passes() -> None:
    node = '{"@type":"NewsArticle","headline":"A long road","isAccessibleForFree":false}'
    paid = f'<script type="application/ld+json">{node}</script>'
    assert reason(wall("A long road", SENTENCE * 12, paid)) is None
    assert reason(wall("A long road", SENTENCE * 2, paid)) == "paywall"


@pytest.mark.parametrize(
    "text",
    [
        "We and our partners store and/or access cookies on your device and process personal data. With "
        "your consent we use personalised ads. You can accept all or reject all. See our privacy policy.",
        "Nosotros y nuestros socios usamos cookies y tratamos datos personales con tu consentimiento. Puedes aceptar "
        "todo o rechazar todo. Consulta la política de privacidad.",
        "Nous et nos partenaires utilisons des cookies et traitons vos données personnelles avec votre consentement. "
        "Tout accepter. Tout refuser. Voir la politique de confidentialité.",
    ],
)
def test_consent_walls(text: str) -> None:
    assert reason(wall("Before you go on", text)) == "consent_wall"


def test_home_page() -> None:
    assert reason(wall("Coastwire", SENTENCE * 30), "https://news.example.org/") == "home_page"
    assert reason(wall("Coastwire", SENTENCE * 30), "https://news.example.org/", asked=URL) == "home_page"
    assert reason(wall("Coastwire", SENTENCE * 30, ARTICLE), "https://news.example.org/?p=7") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Updated.", "no_text"),
        ("She is ill.", "too_short"),
        ("Watch the video above.", "too_short"),
        (
            "The mayor of Port Alder resigned on Sunday, her office said. She gave no reason. A successor is to be "
            "named on Monday by the council.",
            None,
        ),
        ("国会は日曜日、外国軍の入国を承認した。演習は来月始まる予定。", None),
    ],
)
def test_short_texts(text: str, expected: str | None) -> None:
    assert reason(wall("Mayor resigns", text, ARTICLE)) == expected


@pytest.mark.parametrize(
    ("headers", "head", "expected"),
    [
        ({"cf-mitigated": "challenge"}, b"", True),
        ({}, b"<script src='/cdn-cgi/challenge-platform/h/b/x'>", True),
        ({}, b"<script src='https://ct.captcha-delivery.com/c.js'>", True),
        ({}, b"<p>An article about captchas.</p>", False),
    ],
)
def test_challenged(headers: dict[str, str], head: bytes, expected: bool) -> None:
    assert challenged(headers, head) is expected


def test_a_guarded_site_still_has_articles() -> None:
    body = HEAD + f"<script src='/cdn-cgi/challenge-platform/h/b/x'></script><article><p>{SENTENCE * 10}</p></article>"
    assert reason(body) is None


def test_the_full_text_of_a_feed_replaces_a_wall() -> None:
    content = f"<p>{SENTENCE * 4}</p><p>{SENTENCE * 4}</p>"
    found = article(stored("consent-de.html"), title="Harbour budget", content=content)
    assert found.text.startswith("The council met")
    assert found.title.source == "feed"
    assert found.fetched
    assert found.fetched.extractor == "feed"
    assert reason(stored("consent-de.html"), title="Harbour budget", content="<p>Too short.</p>") == "consent_wall"


LINKS = "".join(f"<li><a href='/s/{n}'>Headline number {n} about another matter of the day</a></li>" for n in range(60))
PARAGRAPHS = f"<p>{SENTENCE * 2}</p>" * 3
TEASERS = "".join(
    f"<div><h2><a href='/t/{n}'>Story number {n} about a place far away and its people</a></h2><p>{SENTENCE}</p></div>"
    for n in range(8)
)
READ_MORE = "".join(f"<p>{SENTENCE * 2}<a href='/t/{n}'>Read more</a></p>" for n in range(5))
LISTED = '<script type="application/ld+json">{"@type": "CollectionPage", "name": "World"}</script>'


@pytest.mark.parametrize(
    ("body", "more", "expected"),
    [
        (f"<h1>Rain</h1>{PARAGRAPHS}<ul>{LINKS}</ul>", {}, None),
        (f"<ul>{LINKS}</ul><h1>Rain</h1><div>{SENTENCE * 2}<br><br>{SENTENCE * 2}<br><br>{SENTENCE}</div>", {}, None),
        (f"<h1>Rain</h1><p>{SENTENCE * 6}</p><ul>{LINKS}</ul>", {}, None),
        (f"<h1>雨</h1><p>{'議会は火曜日に会合を開き、港町の新しい予算案を可決した。' * 4}</p>"
         f"<p>{'議会は火曜日に会合を開き、港町の新しい予算案を可決した。' * 3}</p><ul>{LINKS}</ul>", {}, None),
        # one paragraph is enough if the page is what the feed says
        (f"<h1>Rain in town today</h1><p>{SENTENCE}</p><ul>{LINKS}</ul>", {"title": "Rain in town today"}, None),
        (f"<h1>World</h1><p>{SENTENCE}</p><ul>{LINKS}</ul>", {}, "section_page"),
        (f"<h1>World</h1><ul>{LINKS}</ul>", {"title": "World"}, "section_page"),
        (f"<h1>World</h1>{TEASERS}<ul>{LINKS}</ul>", {}, "section_page"),
        (f"<h1>World</h1><time datetime='2026-02-28'>28 February</time>{TEASERS}<ul>{LINKS}</ul>", {}, "section_page"),
        (f"<h1>World</h1>{READ_MORE}<ul>{LINKS}</ul>", {}, "section_page"),
        # a page that calls itself a list must have more prose
        (f"{LISTED}<h1>World</h1><p>{SENTENCE * 2}</p><p>{SENTENCE}</p><ul>{LINKS}</ul>", {}, "section_page"),
        (f"{LISTED}<h1>Rain</h1>{PARAGRAPHS}{PARAGRAPHS}<ul>{LINKS}</ul>", {}, None),
    ],
)  # fmt: skip
def test_prose_decides_what_is_a_list(body: str, more: dict[str, Any], expected: str | None) -> None:
    page = f"<html><head><title>x</title></head><body>{body}</body></html>"
    assert reason(page, "https://news.example.org/world/rain", **more) == expected


def test_a_home_page_is_the_article_that_the_feed_names() -> None:
    page = f"<html><head><title>x</title></head><body><h1>Rain in the harbour town</h1>{PARAGRAPHS}</body></html>"
    assert reason(page, "https://news.example.org/", title="Rain in the harbour town") is None
    assert reason(page, "https://news.example.org/", title="Another matter") == "home_page"
