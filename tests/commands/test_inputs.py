"""Articles from JSON lines and HTML files: what a line may hold, and what is reported of one that is not an article."""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.inputs import InputArticle, Line, Reader, read_lines

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def line(**keys: Any) -> bytes:
    return json.dumps(keys).encode()


def parsed(raw: bytes | Line, reader: Reader | None = None) -> InputArticle:
    return (reader or Reader(START)).parse("file:7", raw)


@pytest.mark.parametrize(
    ("raw", "id", "url"),
    [
        (line(text="x"), "file:7", None),
        (line(id=12, text="x"), "12", None),
        (line(id=0, text="x"), "0", None),
        (
            line(url="https://A.example/x?utm_source=y", text="x"),
            "https://A.example/x?utm_source=y",
            "https://a.example/x",
        ),
        (line(id="a", html='<link rel=canonical href="https://a.example/rain">x'), "a", "https://a.example/rain"),
        (line(id="a", html='<link rel=canonical href="https://a.example/">x'), "a", None),
        (line(id="a", url="https://a.example/", html="<p>x"), "a", "https://a.example/"),
    ],
)
def test_id_and_url(raw: bytes, id: str, url: str | None) -> None:
    found = parsed(raw)
    assert (found.id, found.url, found.fault) == (id, url, "")


@pytest.mark.parametrize(
    "raw",
    [
        b"not json",
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        b'{"text": 7}',
        b'{"text": "x"',
        b'{"text": "\xff"}',
        b'{"id": ["a"], "text": "x"}',
        line(id="a", url="https://a.example/x"),
        line(url="ftp://a.example/x", text="x"),
        line(url="http://[::1", text="x"),
    ],
)
def test_a_line_that_is_no_article_says_where_and_why(raw: bytes) -> None:
    found = parsed(raw)
    assert found.item is None
    assert found.fault.startswith("file:7: ")


def test_seen_is_stated_or_published_or_that_of_the_line_before() -> None:
    reader = Reader(START)
    days = []
    for keys in (
        {},
        {"published": "Tue, 10 Mar 2026 08:00:00 +0100"},
        {},
        {"seen": "2026-03-05T00:00:00Z", "published": "2026-03-04"},
        {},
        {"published": "no date"},
    ):
        item = parsed(line(text="x", **keys), reader).item
        assert item
        days.append((item.seen.day, item.published.value.day if item.published else None))
    assert days == [(1, None), (10, 10), (10, None), (5, 4), (5, None), (5, None)]


@pytest.mark.parametrize("date", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "99999999999999", "", "\0"])
def test_no_date_is_too_odd(date: str) -> None:
    assert parsed(line(text="x", published=date, seen=date)).item


def test_html_counts_unless_it_is_empty() -> None:
    for html, text, kind in (("<p>x", "y", "text/html"), (" ", "y", "text/x-article"), (None, "y", "text/x-article")):
        found = parsed(Line(html=html, text=text)).page
        assert found
        assert found.content_type.startswith(kind)


def test_files_of_either_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rain.HTML").write_bytes('<meta charset="iso-8859-1"><p>Mañana'.encode("latin-1"))
    (tmp_path / "some.jsonl").write_bytes(line(id=1, text="a") + b"\r\n\n  \n" + line(id=2, text="b"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(line(id=3, text="c"))))
    found = list(read_lines([str(tmp_path / "rain.HTML"), str(tmp_path / "some.jsonl"), "-"]))
    first = found[0][1]
    assert isinstance(first, Line)
    assert (first.id, first.html) == ("rain", '<meta charset="iso-8859-1"><p>Mañana')
    assert [place.rpartition("/")[2] for place, _ in found[1:]] == ["some.jsonl:1", "some.jsonl:4", "stdin:1"]
