"""Reads articles that are PDF files, with PDFium: text, title, author and date.

PDFium is a library in C++ that reads hostile files in every Chrome; still, a file may crash it or exhaust it, so that
this runs only in worker processes with limits of time and memory. Scripts in files are not run: the build has none.
"""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pipeline.core.pages.pdf_layout import Line, Sheet, largest, paragraphs, without_running
from pipeline.core.text.date_strings import parse_date
from pipeline.core.text.tidy import line as one_line
from pipeline.core.text.tidy import lines
from pipeline.records import TEXT_LIMIT, Dated

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

MAGIC = b"%PDF-"
PAGES = 300  # read of one file
LEAST = 40  # characters of a text; scanned pages have none, or a stamp
_LINES = 2_000  # of a page
_HYPHENS = (2, 0xFFFE)
_NO_TITLE = re.compile(
    r"^\W*$|^\(?(?:anonymous|untitled|unspecified|title|document\d*|slide \d+|print|layout \d+)\)?$|"
    r"^microsoft (?:word|powerpoint)\b|\.(?:docx?|pdf|rtf|odt|indd|qxd|pptx?|xlsx?|pub|tex|dvi|html?|p65)$|"
    r"^[\w.-]*\d{4,}[\w.-]*$",
    re.I,
)
_NOBODY = re.compile(r"^\W*$|anonymous|unspecified|^(?:admin\w*|user\w*|owner|author|root|unknown)$|@|^\w+$", re.I)
_DATE = re.compile(r"(?:D:)?(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(?:Z|([+-])(\d\d)'?(\d\d)?'?)?")


class Unreadable(Exception):
    """The file gives no text. `reason`: pdf_encrypted, pdf_broken or pdf_no_text (scanned)."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True)
class Pdf:
    """`text`: a paragraph per line. `title` and `author` are "" if the file does not say. `cut`: a limit was met."""

    text: str
    title: str
    author: str
    created: Dated | None
    pages: int
    cut: bool
    extractor: str


def is_pdf(body: bytes, content_type: str) -> bool:
    """Whether the bytes are a PDF; in one that is declared, its mark may follow other bytes (ISO 32000-1, annex H)."""
    declared = content_type.partition(";")[0].strip().lower()
    if declared in ("application/pdf", "application/x-pdf", "application/octet-stream"):
        return MAGIC in body[:1024]
    return body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(MAGIC)


def read(body: bytes, seen: datetime) -> Pdf:
    """The article in a PDF file. Raises Unreadable."""
    import pypdfium2  # 8 MB, for few articles

    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        encrypted = "password" in str(error).lower() and b"/Encrypt" in body  # the error may be that of an earlier file
        raise Unreadable("pdf_encrypted" if encrypted else "pdf_broken", str(error)[:200]) from error
    try:
        sheets, cut = _sheets(document)
        sheets = without_running(sheets)
        meta = document.get_metadata_dict()
        text = lines("\n".join(paragraphs(sheets)))
        if len(text) < LEAST:
            raise Unreadable("pdf_no_text", f"{len(document)} page(s), {len(text)} characters")
        title = one_line(meta.get("Title") or "", 500)
        author = one_line(meta.get("Author") or "", 200)
        return Pdf(
            text=text, title=one_line(largest(sheets), 500) if _NO_TITLE.search(title) else title,
            author="" if _NOBODY.search(author) else author,
            created=_date(meta.get("CreationDate") or "", seen), pages=len(sheets), cut=cut,
            extractor=f"pdfium {pypdfium2.PYPDFIUM_INFO}",
        )  # fmt: skip
    finally:
        document.close()


def _sheets(document: PdfDocument) -> tuple[list[Sheet], bool]:
    """The pages up to the limits, and whether one was met. A page that cannot be read is empty."""
    import pypdfium2

    sheets: list[Sheet] = []
    left = TEXT_LIMIT
    for number in range(min(len(document), PAGES)):
        if left <= 0:
            break
        try:
            page = document[number]
            text = page.get_textpage()
        except pypdfium2.PdfiumError:
            sheets.append(Sheet((), 0.0))
            continue
        sheet = Sheet(tuple(_lines(text, 2 * left)), page.get_height())
        left -= sum(len(line.text) for line in sheet.lines)
        sheets.append(sheet)
        text.close()
        page.close()
    return sheets, len(sheets) < len(document)


def _lines(page: Any, limit: int) -> list[Line]:
    """The lines of a page, at most `limit` characters."""
    import pypdfium2.raw as pdfium

    found: list[Line] = []
    begin, letters = 0, list[str]()
    for place in range(min(page.count_chars(), limit) + 1):
        code = pdfium.FPDFText_GetUnicode(page.raw, place) if place < page.count_chars() else 10
        if code in _HYPHENS:  # PDFium's sign for a hyphen at the end of a line, which it sends without the end
            letters.append("-")
        elif code not in (10, 13):
            letters.append(chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd")
            continue
        text = "".join(letters)
        if text.strip() and len(found) < _LINES:
            first = begin + len(text) - len(text.lstrip())
            found.append(_placed(page, text, first, begin + len(text.rstrip()) - 1))
        begin, letters = place + 1, []
    return found


def _placed(page: Any, text: str, first: int, last: int) -> Line:
    """The line with the places of its first and last character."""
    import pypdfium2.raw as pdfium

    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharBox(page.raw, last, left, right, bottom, top)
    end = right.value
    pdfium.FPDFText_GetCharBox(page.raw, first, left, right, bottom, top)
    pdfium.FPDFText_GetCharOrigin(page.raw, first, x, y)
    size = pdfium.FPDFText_GetFontSize(page.raw, first)
    height = top.value - bottom.value
    if not 2 <= size <= 400:  # scaled by a matrix: the letter itself shows the size
        size = max(1.4 * height, 1.0)
    return Line(" ".join(text.split()), min(left.value, end), max(end, left.value), y.value, size)


def _date(raw: str, seen: datetime) -> Dated | None:
    """The day in a date of ISO 32000-1, 7.9.4: D:20261129181806+01'00'."""
    found = _DATE.match(raw)
    if found is None:
        return None
    year, month, day, hour, minute, second, sign, east, minutes = found.groups()
    zone = f"{sign}{east}:{minutes or '00'}" if sign else "Z"
    clock = f"T{hour}:{minute}:{second or '00'}{zone}" if hour else ""
    moment = parse_date(f"{year}-{month}-{day}{clock}", seen=seen)
    return Dated(moment, "pdf", raw[:100]) if moment and moment <= seen else None
