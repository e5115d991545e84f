"""Bytes of a page to a tree: charsets, kinds of files, nesting."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.decoding.decode import decode
from pipeline.core.pages import markup
from pipeline.records import Article
from pipeline.stage import Drop
from tests.core.pages.pages import HEAD, SENTENCE, article, clean, html

LONG = SENTENCE * 20
SPANISH = "El señor Muñoz pidió más años de cárcel según el juez. " * 8


@pytest.mark.parametrize(
    ("meta", "header", "codec", "read"),
    [
        ("", "text/html", "utf-8", "utf-8"),
        ('<meta charset="iso-8859-1">', "text/html; charset=iso-8859-1", "utf-8", "utf-8"),  # both are wrong
        ('<meta charset="utf-8">', "text/html; charset=utf-8", "cp1252", "cp1252"),  # wrong the other way round
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
    assert decode(body, header).charset == read
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
    assert (
        text[:12] in article(body, content_type="text/html; charset=iso-8859-1").text
    )  # the server's default is wrong


def test_a_broken_byte_does_not_change_the_character_set() -> None:
    body = html("", SPANISH).encode().replace(b"juez", b"ju\xffez", 1)
    decoded = decode(body)
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
        (b"%PDF-1.7 ...", "pdf_broken"),
        (b"\x89PNG 1", "not_html"),
        (b"x" * (markup.PAGE_LIMIT + 1), "too_large"),
        (HEAD + "<!-- " * 50_000 + LONG, "no_text"),
        (HEAD + "<script>" + LONG, "no_text"),
    ],
)
def test_nothing_to_read(body: bytes | str, reason: str) -> None:
    found = clean(body)
    assert isinstance(found, Drop)
    assert found.reason == reason


@pytest.mark.parametrize("tag", ["article", "main", "section"])
@pytest.mark.parametrize("head", ["<!doctype html><title>Una nota</title>", "<html><head><title>Una nota</title>"])
def test_a_page_without_body_keeps_its_text(head: str, tag: str) -> None:
    found = clean(f"{head}<{tag}><p>{LONG}</p><p>Second.</p></{tag}><p>{SENTENCE}Third.")
    assert isinstance(found, Article)
    assert found.text.startswith(LONG.strip()[:60])
    assert "Second." in found.text


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["text/html", "text/plain", "", "text/html; charset=utf-16"]))
def test_any_bytes_give_an_article_or_a_drop(body: bytes, content_type: str) -> None:
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
