"""scripts/evaluate_metadata.py, on a checkout with three pages."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.records import Dated
from scripts.evaluate_metadata import Labelled, day, of_htmldate, of_postlight, of_trafilatura, report
from tests.core.pages.pages import SENTENCE

ORG = "https://example.org/a"
TITLE = "Harbour budget approved"
PAGE = (
    f"<html><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1><p>By Jane Doe</p><p>12 May 2026</p>"
    f"<p>{SENTENCE * 4}</p></body></html>"
)


def test_pages_are_scored_and_drops_counted() -> None:
    pages = [
        Labelled("https://example.org/a/b", PAGE.encode(), TITLE, "By Jane Doe", "2026-05-12"),
        Labelled("https://example.org/a/c", PAGE.encode(), "Another title", "John Roe", "2026-05-13"),
        Labelled("https://example.org/", PAGE.encode(), TITLE),
    ]
    found = report(iter(pages), verbose=False)
    assert found == "3 pages; title 1 of 3; author 1 of 2; day 1 of 2; no article: home_page 1"


def test_checkouts_are_read(tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    (tests / "eval").mkdir(parents=True)
    (tests / "eval" / "a.html").write_text(PAGE)
    (tests / "eval_default.json").write_text(
        json.dumps(
            {"https://example.org/a": {"file": "a.html", "date": ["2026-05-12"]}, "b": {"file": "b", "date": "x"}}
        )
    )
    (tests / "evaldata.json").write_text(
        json.dumps({"hard::example.org.html": {"file": "a.html", "title": "T", "author": ["A", "B"], "date": ""}})
    )
    [one] = of_htmldate(tmp_path, "eval_default.json")
    assert (one.url, one.day) == (ORG, "2026-05-12")
    [two] = of_trafilatura(tmp_path)
    assert (two.url, two.title, two.author, two.day) == ("https://example.org/a/page", "T", "A, B", None)
    assert list(of_postlight(tmp_path)) == []


@pytest.mark.parametrize(
    ("raw", "value", "zone", "url", "expected"),
    [
        ("2026-05-12T01:00:00+09:00", datetime(2026, 5, 11, 16, tzinfo=UTC), None, ORG, "2026-05-12"),
        ("2026-05-12T23:15:00Z", datetime(2026, 5, 12, 23, 15, tzinfo=UTC), None, "https://example.it/a", "2026-05-13"),
        ("2026-05-12T23:15:00Z", datetime(2026, 5, 12, 23, 15, tzinfo=UTC), None, ORG, "2026-05-12"),
        ("2026-05-12T02:15:00Z", datetime(2026, 5, 12, 2, 15, tzinfo=UTC), None, "https://example.org/2026/05/11/a",
         "2026-05-11"),
        ("2026-05-12 01:00", datetime(2026, 5, 11, 16, tzinfo=UTC), "Asia/Tokyo", ORG, "2026-05-12"),
        ("2026-05-12", datetime(2026, 5, 12, tzinfo=UTC), None, "https://example.jp/a", "2026-05-12"),
    ],
)  # fmt: skip
def test_the_day_is_that_of_the_outlet(raw: str, value: datetime, zone: str | None, url: str, expected: str) -> None:
    assert day(Dated(value, "html", raw, zone, "language" if zone else None), url) == expected
