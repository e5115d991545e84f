"""Pages with damage: no crash, no hang, within bounds. Damage is cut, repeated, moved and foreign bytes and tags."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.core.pages.article import clean_page
from pipeline.records import TEXT_LIMIT, Article, encode
from pipeline.stage import Drop
from tests.core.pages.pages import PAGES, a_page, an_item, html

LIMIT = 5.0  # CPU seconds for a page; the slowest takes a tenth
BODIES = [path.read_bytes() for path in sorted(PAGES.glob("*.html"))] + [html("", "Una nota. " * 90).encode()]
#: Real pages to try beside them: a folder of .html files.
if folder := os.environ.get("ALMENARA_FUZZ_PAGES"):
    BODIES += [path.read_bytes() for path in sorted(Path(folder).glob("*.html"))[:400]]

PIECES = [
    b"<",
    b">",
    b"</",
    b"&",
    b"&#0;",
    b"&#55357;",
    b"&#x110000;",
    b"&amp;lt;p&amp;gt;",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbf\xbe",
    b"\xed\xa0\xbd",
    b"\x1b$B",
    b"~{",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<!doctype/>",
    b"<?xml encoding='utf-7'?>",
    b"<p>",
    b"</p>",
    b"<div>",
    b"</div>",
    b"<article>",
    b"</article>",
    b"<table><tr><td>",
    b"</table>",
    b"<ul><li>",
    b"<br>",
    b"<o:p>",
    b"<svg><p>",
    b"<math alttext='x'>",
    b"<template>",
    b"<template shadowrootmode='open'>",
    b"<noscript>",
    b"</noscript>",
    b"<form>",
    b"<body>",
    b"</body></html>",
    b"<head>",
    b"<title>",
    b"<base href='//['>",
    b"<sup>1</sup>",
    b"<a href='http://[::1'>",
    b"<time datetime='99999-99-99'>",
    b"<blockquote><o:p>x</o:p></blockquote>",
    b"<pre>",
    b"<q>",
    b"<meta charset='utf-16'>",
    b"<meta property='article:published_time' content='0000-00-00T99:99'>",
    b"<link rel=canonical href='https://a.b/\xff'>",
    b"<script type='application/ld+json'>{\"@graph\":[[[{}]]]}</script>",
    b'<script type=\'application/ld+json\'>{"@type":"NewsArticle","articleBody":"\\ud83d x"}</script>',
    b"<script id='__NEXT_DATA__'>{\"a\":",
    b"<h1 class='\x0b'>",
    b"<p style='display:none'>",
    b"<p lang='zxx'>",
    b"\xe2\x80\x8f",
]

Damage = list[tuple[str, float, float, bytes, int]]
damages = st.lists(
    st.tuples(
        st.sampled_from(["insert", "cut", "repeat", "move", "flip"]),
        st.floats(0, 1),
        st.floats(0, 0.2),
        st.one_of(st.sampled_from(PIECES), st.binary(max_size=12)),
        st.sampled_from([1, 1, 1, 3, 300, 4_000]),
    ),
    min_size=1,
    max_size=6,
)


def damaged(body: bytes, damage: Damage) -> bytes:
    for kind, place, share, piece, times in damage:
        at = int(place * len(body))
        end = at + int(share * len(body))
        match kind:
            case "insert":
                body = body[:at] + piece * times + body[at:]
            case "cut":
                body = body[:at] + body[end:]
            case "repeat":
                body = body[:end] + body[at:end] * min(times, 40) + body[end:]
            case "move":
                body = body[:at] + body[end:] + body[at:end]
            case _:
                body = body[:at] + bytes(byte ^ 0x20 for byte in body[at:end]) + body[end:]
        body = body[:2_000_000]
    return body


def check(body: bytes, content_type: str) -> None:
    started = time.process_time()
    found = clean_page(a_page(body, content_type=content_type), an_item())
    assert time.process_time() - started < LIMIT
    assert isinstance(found, Article | Drop)
    if isinstance(found, Article):
        assert 0 < len(found.text) <= TEXT_LIMIT
        assert 0 < len(found.title.value) <= 1_000
        assert "\x00" not in found.text
        encode(found)  # no lone surrogates, no odd dates


@settings(max_examples=int(os.environ.get("ALMENARA_FUZZ", "60")), deadline=None)
@given(
    st.sampled_from(BODIES),
    damages,
    st.sampled_from(["text/html", "text/html; charset=utf-16", "", "text/html; charset=gbk"]),
)
@example(BODIES[1], [("insert", 0.5, 0.0, b"&#55357;", 1)], "text/html")
@example(b"<p>Una nota</p><p\xef\xbf\xbe>" + BODIES[-1], [("insert", 0.0, 0.0, b"<x\xef\xbf\xbf>", 1)], "text/html")
def test_a_damaged_page_gives_an_article_or_a_drop(body: bytes, damage: Damage, content_type: str) -> None:
    check(damaged(body, damage), content_type)


@pytest.mark.slow
@pytest.mark.parametrize("piece", PIECES, ids=repr)
def test_a_piece_three_thousand_times(piece: bytes) -> None:
    half = len(BODIES[1]) // 2
    check(BODIES[1][:half] + piece * 3_000 + BODIES[1][half:], "text/html")
