"""Bytes to text: character sets, kinds of files, hostile markup, what is left out, limits."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.pages import extract, markup
from pipeline.core.pages.boilerplate import without_boilerplate
from pipeline.core.text.tidy import line, lines
from pipeline.records import TEXT_LIMIT, Article
from pipeline.stage import Drop
from tests.core.pages.pages import HEAD, SENTENCE, article, clean, stored

LONG = SENTENCE * 20
SPANISH = "El señor Muñoz pidió más años de cárcel según el juez. " * 8


def html(meta: str, text: str) -> str:
    return f"<html><head>{meta}<title>Una nota</title></head><body><article><p>{text}</p></article></body></html>"


@pytest.mark.parametrize(
    ("meta", "header", "codec", "read"),
    [
        ("", "text/html", "utf-8", "utf-8"),
        ('<meta charset="iso-8859-1">', "text/html; charset=iso-8859-1", "utf-8", "utf-8"),  # both lie
        ('<meta charset="utf-8">', "text/html; charset=utf-8", "cp1252", "cp1252"),  # both lie the other way
        ("", "text/html; charset=ISO-8859-1", "cp1252", "cp1252"),
        ('<meta charset="windows-1252">', "text/html", "cp1252", "cp1252"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1252">', "", "cp1252", "cp1252"),
        ("", "text/html", "utf-16", "utf-16"),
        ("", "text/html", "utf-8-sig", "utf-8"),
        ("", "text/html; charset=no-such-thing", "utf-8", "utf-8"),
    ],
)
def test_character_set(meta: str, header: str, codec: str, read: str) -> None:
    body = html(meta, SPANISH).encode(codec)
    assert markup.decode(body, header).charset == read
    found = article(body, content_type=header)
    assert "El señor Muñoz pidió más años" in found.text


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp1251", "Парламент одобрил ввод иностранных войск на территорию страны в новом году. "),
        ("shift_jis", "国会は外国軍の入国を承認した。港の予算は火曜日に可決された。"),
        ("gb18030", "议会批准外国军队入境。港口预算周二获得通过。"),
        ("euc-kr", "국회가 외국 군대의 입국을 승인했다. 항구 예산은 화요일에 통과되었다. "),
        ("iso2022_jp", "国会は外国軍の入国を承認した。港の予算は火曜日に可決された。"),
        ("iso-8859-7", "Η βουλή ενέκρινε την είσοδο ξένων στρατευμάτων στη χώρα. "),
    ],
)
def test_character_sets_of_the_world(codec: str, text: str) -> None:
    body = html(f'<meta charset="{codec}">', text * 8).encode(codec)
    assert text[:12] in article(body, content_type="text/html; charset=iso-8859-1").text  # the server's default lies


def test_a_broken_byte_does_not_change_the_character_set() -> None:
    body = html("", SPANISH).encode().replace(b"juez", b"ju\xffez", 1)
    decoded = markup.decode(body)
    assert (decoded.charset, decoded.lossy) == ("utf-8", True)
    assert "Muñoz" in article(body).text


@pytest.mark.parametrize(
    ("body", "content_type", "kind"),
    [
        (b"%PDF-1.7 ...", "text/html", "other"),
        (b"\x89PNG\r\n", "text/html", "other"),
        (b"<?xml version='1.0'?><rss version='2.0'><channel><title>x</title></channel></rss>", "text/html", "other"),
        (b"<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'></feed>", "text/html", "other"),
        (b'{"a": 1}', "application/json", "other"),
        (bytes(range(256)) * 40, "text/html", "other"),
        (b"", "text/html", "other"),
        (b"<html><body><p>x", "application/octet-stream", "html"),
        (b"<?xml version='1.0'?><!DOCTYPE html><html><body>", "application/xhtml+xml", "html"),
        (b"just words", "text/plain", "text"),
        (b"<!doctype html><p>x", "text/plain", "html"),
        (b"just words", "", "text"),
    ],
)
def test_kind(body: bytes, content_type: str, kind: str) -> None:
    assert markup.kind(body, content_type) == kind


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"%PDF-1.7 ...", "not_html"),
        (b"x" * (markup.PAGE_LIMIT + 1), "too_large"),
        (HEAD + "<!-- " * 50_000 + LONG, "no_text"),
        (HEAD + "<script>" + LONG, "no_text"),
    ],
)
def test_nothing_to_read(body: bytes | str, reason: str) -> None:
    found = clean(body)
    assert isinstance(found, Drop)
    assert found.reason == reason


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
    begun = time.process_time()
    found = article(HOSTILE[name])
    assert SENTENCE.strip() in found.text
    assert found.title.value == "Harbour budget approved"
    assert time.process_time() - begun < 5


def test_an_end_of_html_before_the_body_ends_nothing() -> None:
    page = html("", f"<p>{LONG}</p>").replace("</head>", "</head></html>\n")
    assert "</head></html>" in page
    assert SENTENCE.strip() in article(page).text


@pytest.mark.parametrize("distinct", [True, False])
def test_a_page_of_two_megabytes_is_cut(distinct: bool) -> None:
    body = HEAD + "<article>" + "".join(f"<p>{SENTENCE * 2}{n if distinct else ''}</p>" for n in range(12_000))
    begun = time.process_time()
    found = article(body)
    assert time.process_time() - begun < 10
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
    for furniture in (
        "Compartir",
        "Lee también",
        "feria del libro",
        "mi primo",
        "cookies",
        "Portada",
        "derechos",
        "WhatsApp",
    ):
        assert furniture not in text
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
    ("raw", "clean"),
    [
        ("a\u00adb\u200bc\ufeffd", "abcd"),
        ("a\u202eb\u2066c", "abc"),
        ("cafe\u0301", "café"),
        ("a\u00a0b\u2003c\td", "a b c d"),
        ("می\u200cشود", "می\u200cشود"),
        ("x\ud83dy", "xy"),
        ("a\u2028b", "a\nb"),
        ("  \n\n a \n\n\n b ", "a\nb"),
        ("“a” – b…", "“a” – b…"),
    ],
)
def test_lines(raw: str, clean: str) -> None:
    assert lines(raw) == clean


@given(st.text())
def test_lines_is_stable_and_encodable(text: str) -> None:
    once = lines(text)
    assert lines(once) == once
    once.encode()


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Rain &amp; wind", "Rain & wind"),
        ("Rain &amp;amp; wind", "Rain & wind"),
        ("<b>Rain</b> in\n Lima", "Rain in Lima"),
        ("3 &lt; 5 and 7 > 2", "3 < 5 and 7 > 2"),
        ("&#8220;Rain&#8221;", "“Rain”"),
    ],
)
def test_line(raw: str, clean: str) -> None:
    assert line(raw) == clean


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
    ("line", "furniture"),
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
        ("From El Diario via This RSS Feed.", True),
        ("The post of minister first appeared on the list on Monday, and again in June.", False),
        ("From Lima the delegation travels to Quito.", False),
        ("Autor: Ana Quiroz", False),
    ],
)
def test_furniture(line: str, furniture: bool) -> None:
    assert (without_boilerplate(line) == "") is furniture


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["text/html", "text/plain", "", "text/html; charset=utf-16"]))
def test_any_bytes_have_an_ending(body: bytes, content_type: str) -> None:
    assert isinstance(clean(body, content_type=content_type), Article | Drop)
    assert isinstance(clean(HEAD.encode() + b"<p>" + body, content_type=content_type), Article | Drop)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(["<div>", "</div>", "<p>", "</p>", "<ul>", "<li>", "</ul>", "x ", "<br/>", "<a b='>'>"]),
        max_size=60,
    )
)
def test_flatten_loses_no_text(parts: list[str]) -> None:
    body = "".join(["<div>"] * 300 + parts + ["word"]).encode()
    flat = markup.parse(body)
    assert flat is not None
    assert flat.text_content().count("x") == "".join(parts).count("x")
    assert "word" in flat.text_content()


@pytest.mark.parametrize(
    ("body", "url"),
    [
        (b'<link rel="canonical" href="https://a.example/x?a=1&amp;b=2">', "https://a.example/x?a=1&b=2"),
        (b"<link href='https://a.example/x' rel='canonical'>", "https://a.example/x"),
        (b'<meta property="og:url" content="https://a.example/og"><p>', "https://a.example/og"),
        (b'<meta property="og:url" content="https://a.example/og"><link rel=canonical href=https://a.example/c>',
         "https://a.example/c"),
        (b'<link rel="canonical" href="/relative">', None),
        (b"<p>no head</p>", None),
    ],
)  # fmt: skip
def test_declared_url(body: bytes, url: str | None) -> None:
    assert markup.declared_url(body) == url
