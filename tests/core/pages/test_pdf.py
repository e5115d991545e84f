"""Articles that are PDF files: what is read of them, and files that give nothing."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.core.pages.pdf import Unreadable, is_pdf, read
from pipeline.core.pages.pdf_layout import Line, Sheet, paragraphs, without_running
from pipeline.records import Article
from pipeline.stage import Drop
from tests.core.pages.pages import SEEN, article, clean
from tests.core.pages.pdfs import assembled, block, pdf, stream, text

FIRST = [
    "A judge in Velmar has forbidden the university to sell its old observatory to a hotel com-",
    "pany before the complaint of the friends of the building is decided, the court said in a well-",
    "known case. The order is valid for two weeks.",
]
SECOND = [
    "The director said that the money was needed for a new laboratory, whose well-known roof leaks",
    "since 1998. He will appeal.",
]
#: At the top and bottom of each page.
EDGES = [(72.0, 815.0, "Court gazette No. 44"), (290.0, 30.0, "Page {} of 2")]


def a_page(number: int, *blocks: list[tuple[float, float, str]]) -> bytes:
    edges = [(x, y, words.format(number)) for x, y, words in EDGES]
    return text(edges[0], *(row for each in blocks for row in each), edges[1])


def court(info: bytes = b"") -> bytes:
    """Two pages: a headline and two paragraphs, and a paragraph that goes on from the first page to the second."""
    head = text((72, 740, "Court stops sale", 18.0))
    ends = block(["The hotel company did not answer to questions, and neither did the ministry which had"], 620)
    one = head + b"\n" + a_page(1, block(FIRST, 700), block(SECOND, 652), ends)
    return pdf(
        [one, a_page(2, block(["approved the sale in spring."], 740), block(["• a list", "• of two"], 700))], info=info
    )


def test_lines_become_paragraphs() -> None:
    found = read(court(), SEEN)
    assert found.text.split("\n") == [
        "Court stops sale",
        "A judge in Velmar has forbidden the university to sell its old observatory to a hotel company before the "
        "complaint of the friends of the building is decided, the court said in a well-known case. The order is valid "
        "for two weeks.",
        "The director said that the money was needed for a new laboratory, whose well-known roof leaks since 1998. He "
        "will appeal.",
        "The hotel company did not answer to questions, and neither did the ministry which had approved the sale in "
        "spring.",
        "• a list",
        "• of two",
    ]
    assert (found.pages, found.cut, found.title) == (2, False, "Court stops sale")


@pytest.mark.parametrize(
    ("info", "item", "title", "source"),
    [
        (b"/Title(Sale of observatory stopped)", {}, "Sale of observatory stopped", "pdf"),
        (b"/Title(Microsoft Word - draft2.docx)", {}, "Court stops sale", "pdf"),
        (b"/Title(Press release template)", {"title": "Observatory is not sold"}, "Observatory is not sold", "feed"),
    ],
)
def test_the_title_is_that_of_the_feed_or_of_the_file(
    info: bytes, item: dict[str, Any], title: str, source: str
) -> None:
    found = article(court(info), content_type="application/pdf", **item)
    assert (found.title.value, found.title.source, found.text_from, found.partial) == (title, source, "pdf", "")


def test_author_and_date_of_the_file() -> None:
    info = b"/Author(Ana Ruiz)/CreationDate(D:20260227101500+01'00')"
    found = article(court(info), content_type="application/octet-stream", title="Sale")
    assert found.author is not None
    assert (found.author.value, found.author.source) == ("Ana Ruiz", "pdf")
    assert found.published is not None
    assert (found.published.value.isoformat(), found.published.source) == ("2026-02-27T09:15:00+00:00", "pdf")
    template = article(court(b"/Author(admin)/CreationDate(D:20990101)"), title="Sale")
    assert (template.author, template.published) == (None, None)


def encrypted() -> bytes:
    """A file that asks for a password."""
    body = {1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[10 0 R]/Count 1>>", 4: b"<<>>"}
    body |= {10: b"<</Type/Page/Parent 2 0 R/Contents 11 0 R>>", 11: stream(b"x")}
    key = b"<%s>" % (b"5e" * 32)
    return assembled(body, b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O%s/U%s>>/ID[<00><00>]" % (key, key))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (encrypted(), "pdf_encrypted"),
        (pdf([b"q 500 0 0 700 50 50 cm Q"]), "pdf_no_text"),  # as scanned
        (pdf([text((72, 700, "Scanned 3/3/2026"))]), "pdf_no_text"),
        (pdf([]), "pdf_broken"),
        (b"%PDF-1.7\nnothing", "pdf_broken"),
    ],
)
def test_files_without_text(body: bytes, reason: str) -> None:
    found = clean(body, content_type="application/pdf")
    assert isinstance(found, Drop)
    assert found.reason == reason
    story = "A judge has forbidden the university to sell its old observatory, the court said."
    instead = clean(body, content_type="application/pdf", title="Court stops sale", summary=story)
    assert isinstance(instead, Article)
    assert (instead.text, instead.text_from, instead.partial) == (story, "feed", "teaser")
    assert instead.fetched
    assert instead.fetched.refused == reason


def test_of_many_pages_the_first_are_read() -> None:
    found = read(
        pdf([text((72, 700, f"Notice {chr(65 + number % 26)} of the court in Velmar.")) for number in range(400)]), SEEN
    )
    assert (found.pages, found.cut) == (300, True)


@pytest.mark.parametrize("cut", range(100, 1200, 97))
def test_a_file_that_is_cut_anywhere(cut: int) -> None:
    """PDFium repairs what it can; nothing else happens."""
    try:
        found = read(court()[:cut], SEEN).text
    except Unreadable as error:
        found = error.reason
    assert "observatory" in found or found in ("pdf_broken", "pdf_no_text")


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"%PDF-1.4", "text/html", True),
        (b"\n %PDF-1.4", "", True),
        (b"junk before %PDF-1.4", "application/pdf; x", True),
        (b"junk before %PDF-1.4", "text/plain", False),
        (b"<p>%PDF-1.4 is how PDF files begin", "application/pdf", True),
        (b"no", "application/pdf", False),
    ],
)
def test_the_bytes_tell(body: bytes, content_type: str, expected: bool) -> None:
    assert is_pdf(body, content_type) is expected


def rows(*rows: tuple[str, float, float, float]) -> list[str]:
    """The paragraphs of one page of (text, left, right, base)."""
    return paragraphs([Sheet(tuple(Line(words, left, right, base, 10.0) for words, left, right, base in rows), 842.0)])


def test_what_ends_a_paragraph() -> None:
    full, short = "It rained in all of the valley", "until noon."
    assert rows((full, 70, 300, 600), (short, 70, 120, 588), (full, 70, 300, 576)) == [f"{full} {short}", full]
    assert rows((full, 70, 300, 600), (full, 85, 300, 588)) == [full, full]  # indented
    assert rows((full, 70, 300, 600), (full, 70, 300, 588), (full, 70, 300, 560)) == [f"{full} {full}", full]  # a gap
    columns = rows((full, 70, 300, 112), ("and of the town.", 320, 400, 700))
    assert columns == [f"{full} and of the town."]
    assert rows(("国会は日曜日", 70, 300, 600), ("承認した。", 70, 300, 588)) == ["国会は日曜日承認した。"]
    assert rows(("Franco-", 70, 300, 600), ("German", 70, 300, 588)) == ["Franco-German"]


@pytest.mark.parametrize(
    "number", ["Page 3", "- 3 -", "3/9", "Seite 3 von 9", "Página 3 de 9", "стр. 3", "第3页", "iv"]
)
def test_page_numbers(number: str) -> None:
    lines = tuple(
        Line(words, 72, 200, base, 10) for words, base in (("3 killed", 800.0), ("text", 400.0), (number, 40.0))
    )
    assert [line.text for line in without_running([Sheet(lines, 842)])[0].lines] == ["3 killed", "text"]
