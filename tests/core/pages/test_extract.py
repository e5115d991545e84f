"""Extraction: hostile markup, what is text of the article and what is not, limits."""

from __future__ import annotations

import time

import pytest

from pipeline.core.pages import extract
from pipeline.core.pages.boilerplate import without_boilerplate
from pipeline.core.text.tidy import lines
from pipeline.records import TEXT_LIMIT
from tests.core.pages.pages import HEAD, SENTENCE, article, html, stored

LONG = SENTENCE * 20


HOSTILE = {
    "5,000 divs": HEAD + "<div>" * 5000 + f"<p>{LONG}</p>" + "</div>" * 5000,
    "5,000 divs, none closed": HEAD + "<div>" * 5000 + f"<p>{LONG}</p>",
    "3,000 quotes": HEAD + "<blockquote>" * 3000 + LONG,
    "2,000 tables": HEAD + "<table><tr><td>" * 2000 + LONG,
    "2,000 lists": HEAD + "<ul><li>" * 2000 + LONG,
    "150 emphases": HEAD + "<p>" + "<em>" * 150 + LONG,
    "null bytes": HEAD + "\0" * 100 + "<p>" + "\0".join([LONG]),
    "a null after every byte": "\0".join(HEAD + "<p>" + LONG),
    "script bomb": HEAD + "<script>" + "x='<p>';" * 100_000 + f"</script><p>{LONG}",
    "50,000 attributes": HEAD + "<div " + "".join(f"a{n}='x' " for n in range(50_000)) + f"><p>{LONG}",
    "a class of 200,000 words": HEAD + "<div class='" + "nav " * 200_000 + f"'><p>{LONG}",
    "JSON-LD of 200,000 brackets": HEAD + "<script type='application/ld+json'>" + "[" * 200_000 + f"</script><p>{LONG}",
    "10,000 meta": HEAD + "<meta property='og:url' content='x'>" * 10_000 + f"<p>{LONG}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_give_their_text_in_bounded_time(name: str) -> None:
    started = time.process_time()
    found = article(HOSTILE[name])
    assert SENTENCE.strip() in found.text
    assert found.title.value == "Harbour budget approved"
    assert time.process_time() - started < 5


def test_text_after_an_early_end_of_html_is_kept() -> None:
    page = html("", f"<p>{LONG}</p>").replace("</head>", "</head></html>\n")
    assert "</head></html>" in page
    assert SENTENCE.strip() in article(page).text


@pytest.mark.parametrize("distinct", [True, False])
def test_a_page_of_two_megabytes_is_cut(distinct: bool) -> None:
    body = HEAD + "<article>" + "".join(f"<p>{SENTENCE * 2}{n if distinct else ''}</p>" for n in range(12_000))
    started = time.process_time()
    found = article(body)
    assert time.process_time() - started < 10
    assert found.truncated
    assert TEXT_LIMIT * 0.9 <= len(found.text) <= TEXT_LIMIT
    assert not found.text.endswith(" ")


def test_a_line_of_a_megabyte() -> None:
    found = article(HEAD + "<p>" + SENTENCE * 13_000)
    assert found.truncated
    assert len(found.text) <= TEXT_LIMIT


def test_what_is_text_and_what_is_not() -> None:
    text = article(stored("article-es.html"), "https://www.example.org/regiones/puerto-salaverna-reabre").text
    paragraphs = text.split("\n")
    assert paragraphs[0].startswith("El puerto de Salaverna volvió a abrir")
    assert any("Los muelles uno y dos ya operan" in paragraph for paragraph in paragraphs)  # an embedded post stays
    for boilerplate in (
        "Compartir",
        "Lee también",
        "feria del libro",
        "mi primo",
        "cookies",
        "Portada",
        "derechos",
        "WhatsApp",
    ):
        assert boilerplate not in text
    assert text == lines(text)


def test_short_results_fall_back_to_the_article_body_of_json_ld() -> None:
    body = (
        HEAD
        + f'<script type="application/ld+json">{{"@type":"NewsArticle","articleBody":"{LONG}"}}</script><p>Short.</p>'
    )
    found = article(body)
    assert found.text == LONG.strip()
    assert found.fetched
    assert found.fetched.extractor == "json-ld"


def test_an_article_inside_an_unclosed_nav_is_found() -> None:
    assert (
        SENTENCE.strip() in article(HEAD + f"<nav><a href='/'>Home</a><div><article><p>{LONG}</p></article></div>").text
    )


def test_the_order_of_pages_does_not_matter() -> None:
    first = article(stored("article-es.html"), "https://www.example.org/x/y")
    for _ in range(4):
        assert article(stored("article-es.html"), "https://www.example.org/x/y") == first


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("<p>One.</p><p>Two &amp; three.</p>", "One.\nTwo & three."),
        ("&lt;p&gt;One.&lt;/p&gt;", "One."),
        ("plain\n\nwords", "plain\nwords"),
        ("<p>One.</p><script>x()</script><ul><li><a href='/x'>Other</a></li></ul>", "One."),
        ("", ""),
    ],
)
def test_fragment(raw: str, text: str) -> None:
    assert extract.fragment(raw) == text


@pytest.mark.parametrize(
    ("line", "boilerplate"),
    [
        ("Compartir", True),
        ("Compartir:", True),
        ("Advertisement", True),
        ("Lee también: La otra nota", True),
        ("Читайте также: другая новость", True),
        ("Related: another story", True),
        ("...", True),
        ("- /", True),
        ("Vea también: otra nota", True),
        ("Mire, ministro: no hay plazo", False),
        ("Related costs rose by a tenth in March.", False),
        ("Más: el ministro no quiso responder a la pregunta", False),
        ("Compartir el poder es difícil, dijo la alcaldesa.", False),
        ("Yes.", False),
        ("Autor:", True),
        ("Actualizada:", True),
        ("Lue myös:", True),
        ("The post Rain in Lima appeared first on El Diario.", True),
        ("La entrada Lluvia en Lima se publicó primero en El Diario.", True),
        ("Der Beitrag Regen in Lima erschien zuerst auf El Diario.", True),
        ("L’article Pluie à Lima est apparu en premier sur El Diario.", True),
        ("Сообщение Дождь в Лиме появились сначала на Эль Диарио.", True),
        ("Thanks for reading The Yard! Subscribe for free to receive new posts and support my work.", True),
        ("La entrada al puerto se publicó primero en el boletín, y después en la prensa.", False),
        ("From El Diario via This RSS Feed.", True),
        ("The post of minister first appeared on the list on Monday, and again in June.", False),
        ("From Lima the delegation travels to Quito.", False),
        ("Autor: Ana Quiroz", False),
    ],
)
def test_boilerplate(line: str, boilerplate: bool) -> None:
    assert (without_boilerplate(line) == "") is boilerplate
