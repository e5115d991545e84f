"""Tests of the page of an article."""

from __future__ import annotations

import re
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.console.marks import Mark, highlighted, paragraphs
from pipeline.records import Document, decode


async def test_text_with_marks(client: httpx.AsyncClient) -> None:
    text = (await client.get("/article/t1?q=parliament")).text
    assert '<mark class="word">parliament</mark>' in text
    assert re.search(r'<mark class="evidence[^"]*" title="troops: troops">troops</mark>', text)
    assert re.search(r'<mark class="fact" title="vote\.for: 73[^"]*">73 to 25</mark>', text)
    assert '<a href="/story/t1"' in text


async def test_marks_can_be_hidden(client: httpx.AsyncClient) -> None:
    text = (await client.get("/article/t1?q=parliament&hide=fact&hide=word&hide=x")).text
    prose = text.partition('<div class="prose"')[2].partition("</div>")[0]
    assert "fact" not in prose
    assert "word" not in prose
    assert "evidence" in prose
    assert 'href="/article/t1?q=parliament&amp;hide=fact"' in text  # shows the words again


async def test_language_and_direction(client: httpx.AsyncClient) -> None:
    text = (await client.get("/article/m1")).text
    assert '<div class="prose" lang="ar" dir="rtl">' in text
    assert '<html lang="en" dir="ltr"' in text


async def test_a_hostile_article_is_only_text(client: httpx.AsyncClient) -> None:
    text = (await client.get("/article/h1?q=<script>")).text
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "&lt;img src=x onerror=alert(2)&gt;" in text


async def test_versions_with_what_changed(client: httpx.AsyncClient) -> None:
    text = (await client.get("/article/p1")).text
    assert re.search(r"<del>400</del>\s*<ins>380</ins>", text)
    old = (await client.get("/article/p1?version=1")).text
    assert "older version" in old
    assert "400 workers" in old
    assert "380 workers" not in old.partition('id="versions"')[0]


async def test_the_record_as_json(client: httpx.AsyncClient) -> None:
    answer = await client.get("/article/p1/record.json?version=1")
    assert answer.headers["content-type"] == "application/json"
    assert decode(Document, answer.content).relation.version == 1
    assert decode(Document, (await client.get("/article/p1/record.json")).content).relation.version == 2


async def test_why_it_has_its_topic(client: httpx.AsyncClient) -> None:
    text = (await client.get("/article/t1/why")).text
    assert "Foreign troops" in text
    assert '<mark class="evidence">troops</mark>' in text
    part = await client.get("/article/h1/why?topic=troops", headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert "Nearest pattern, which does not hold" in part.text
    assert 'class="badge">missing</span> <b>troops</b>' in part.text


@pytest.mark.parametrize(
    "path", ["none", "none/why", "none/record.json", quote("http://x.example/none", safe=""), "x" * 3000]
)
async def test_no_such_article(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(f"/article/{path}")).status_code == 404


_marks = st.lists(
    st.builds(Mark, st.integers(-3, 40), st.integers(-3, 40), st.sampled_from(["word", "fact"]), st.text(max_size=3)),
    max_size=8,
)  # fmt: skip


@given(st.text("ab \n<", max_size=40), _marks)
def test_pieces_are_the_text_and_marked_where_marks_are(text: str, marks: list[Mark]) -> None:
    found = paragraphs(text, marks)
    assert ["".join(piece.text for piece in line) for line in found] == [
        line for line in text.split("\n") if line.strip()
    ]
    at = 0
    for line in found:
        at = text.index("".join(piece.text for piece in line), at)
        for piece in line:
            middle = at + len(piece.text) / 2
            expected = {m.kind for m in marks if 0 <= m.start < m.end and m.start < middle < m.end}
            assert {*piece.kinds} == expected
            at += len(piece.text)


def test_highlights() -> None:
    assert highlighted("a \x02b\x03 c\x02d") == [("a ", False), ("b", True), (" c", False), ("d", False)]
    assert highlighted("") == []
