"""Writes documents as JSON lines, and as CSV that is safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from pipeline.core.documents.fields import FIELDS
from pipeline.core.documents.flat import flat, flat_value
from pipeline.records import Document

_CSV = {field.name: field for field in FIELDS if field.csv}

#: Columns of the CSV: the fields whose values a cell can hold usefully (no evidence, positions, fetch details).
COLUMNS = tuple(_CSV)

BOM = "\ufeff"  # without it Excel reads a UTF-8 file in the code page of the machine

# Excel, LibreOffice and Google Sheets run a cell that begins with one of these as a formula: OWASP, "CSV Injection".
# Blanks, quotation marks and characters without width before it do not count. A spreadsheet that expects another
# separator also splits inside a cell, at ; or a tab, and one that ignores quotation marks at the end of a line.
_SKIPPED = r"[\s\x00-\x20\x7f-\xa0\xad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\"']*"
_FORMULA = r"(?=[=+\-@＝＋－＠﹢﹣﹦﹫])"
_BEGINS = re.compile(rf"{_SKIPPED}{_FORMULA}|(?=[\t\r\n])")
_SPLIT = re.compile(rf"([;,|\t\n\r\v\f\x85\u2028\u2029]{_SKIPPED}){_FORMULA}")


def json_lines(documents: Iterable[Document]) -> Iterator[bytes]:
    """One line of JSON (UTF-8, with its newline) per document, in the flat form."""
    encode = msgspec.json.Encoder().encode
    for document in documents:
        yield encode(flat(document)) + b"\n"


def csv_lines(documents: Iterable[Document], columns: Sequence[str] = COLUMNS, bom: bool = False) -> Iterator[str]:
    """A header and one row per document (RFC 4180: rows end in CR LF, so write them with newline="").

    A cell that a spreadsheet would run as a formula begins with an apostrophe. Raises ValueError for an unknown column.
    """
    if unknown := [name for name in columns if name not in _CSV]:
        raise ValueError(f"unknown column {', '.join(unknown)}; there are: {', '.join(COLUMNS)}")
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)

    def line(cells: Sequence[str]) -> str:
        writer.writerow(cells)
        row = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return row

    yield (BOM if bom else "") + line(columns)
    for document in documents:
        yield line([cell(name, flat_value(_CSV[name], document)) for name in columns])


def cell(name: str, value: Any) -> str:
    """The flat value of field `name` as the text of one cell; several values are joined by "; "."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case list():
            part = _PARTS.get(name, _plain)
            return _guarded("; ".join(part(element) for element in value))
        case _:
            return _guarded(str(value))


def _guarded(text: str) -> str:
    """The text of a cell that no spreadsheet takes for a formula, at whatever character it splits the line."""
    text = _SPLIT.sub(r"\1'", text.replace("\0", ""))
    return f"'{text}" if _BEGINS.match(text) else text


def _plain(element: Any) -> str:
    return element if isinstance(element, str) else msgspec.json.encode(element).decode()


#: How an element of a list is written in a cell, if it is not plain text.
_PARTS: dict[str, Callable[[Any], str]] = {
    "topics": lambda topic: str(topic["id"]),
    "places": lambda place: f"{place['name']} ({place['country']})",
    "changes": lambda change: f"{change['kind']}: {change['before']} → {change['after']}",
}
