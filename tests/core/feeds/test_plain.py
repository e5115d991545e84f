"""Encodings of feeds, and plain text of their markup."""

from __future__ import annotations

import pytest

from pipeline.core.feeds.plain import plain
from tests.core.feeds.bodies import entry, items, read, rss


@pytest.mark.parametrize(
    ("encoding", "declared", "header"),
    [
        ("utf-8", "utf-8", ""),
        ("utf-8", "iso-8859-1", "text/xml; charset=iso-8859-1"),  # both are wrong
        ("utf-8-sig", "utf-8", ""),
        ("utf-16", "utf-16", ""),
        ("utf-16-le", "utf-16", "application/rss+xml"),
        ("utf-16-be", "utf-8", ""),
        ("utf-32", "utf-32", ""),
        ("cp1252", "iso-8859-1", ""),
        ("cp1252", "utf-8", "text/xml; charset=windows-1252"),
        ("cp1252", "no-such-thing", ""),
    ],
)
def test_encodings(encoding: str, declared: str, header: str) -> None:
    body = f'<?xml version="1.0" encoding="{declared}"?>' + rss(entry(1)).partition("?>")[2]
    body = body.replace("Nota 1", "Último “café” – niño")
    (item,) = items(read(body.encode(encoding), header))
    assert item.title == "Último “café” – niño"


@pytest.mark.parametrize(
    ("encoding", "title"),
    [("gb2312", "国会批准"), ("shift_jis", "国会が承認"), ("euc-kr", "국회 승인"), ("iso-2022-jp", "国会が承認"),
     ("windows-1251", "Парламент одобрил"), ("iso-8859-2", "Sejm przyjął"), ("big5", "立法院通過")],
)  # fmt: skip
def test_national_encodings(encoding: str, title: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?>' + rss(entry(1)).partition("?>")[2].replace("Nota 1", title)
    assert items(read(body.encode(encoding)))[0].title == title


def test_a_few_bad_bytes_are_replaced() -> None:
    body = (
        rss(*(entry(n, "<description>ñandú y más</description>") for n in range(40)))
        .encode()
        .replace(b"Nota 7<", b"Nota \xff7<")
    )
    parsed = read(body)
    assert parsed.notes == ("bad_encoding",)
    assert items(parsed)[7].title == "Nota \ufffd7"
    assert items(parsed)[8].summary == "ñandú y más"


def test_control_characters_are_removed() -> None:
    assert [i.title for i in items(read(rss(entry(1), entry(2)).replace("Nota 1", "No\x00ta\x0b 1")))] == [
        "Nota 1",
        "Nota 2",
    ]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("a &amp;amp; b", "a & b"),
        ("<p>One</p><p>two<br/>three</p>", "One two three"),
        ("W<b>o</b>rd", "Word"),
        ("2 < 3 and 5 > 4", "2 < 3 and 5 > 4"),
        ("<script>alert(1)</script>text<style>p{}</style>", "text"),
        ("open <script>never closed", "open"),
        ("<!-- a <b> c -->kept", "kept"),
        ("\u200b\xa0 a \n\n b ", "a b"),
        ("<img src=x>", None),
        ("", None),
        (None, None),
    ],
)
def test_plain(markup: str | None, expected: str | None) -> None:
    assert plain(markup, 100) == expected


def test_plain_is_bounded() -> None:
    assert plain("word " * 100, 20) == "word word word word…"
    assert plain("<" * 1_000_000, 20) is not None
    assert plain("<!--<script" * 100_000, 20) is None
