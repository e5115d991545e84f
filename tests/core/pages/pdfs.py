"""PDF files for tests, written by hand: text at places, and files that were made to harm their readers."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

PAGE = (595, 842)  # points


def pdf(pages: Sequence[bytes], *, info: bytes = b"", more: Iterable[bytes] = (), resources: bytes = b"") -> bytes:
    """A file with these content streams. `more`: objects from number 10 + 2 * len(pages) on; `info`: entries of its
    information dictionary."""
    kids = b" ".join(b"%d 0 R" % (10 + 2 * number) for number in range(len(pages)))
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[" + kids + b"]/Count %d>>" % len(pages),
        3: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        4: b"<<" + info + b">>",
    }
    for number, content in enumerate(pages):
        about = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents %d 0 R" % (*PAGE, 11 + 2 * number)
        objects[10 + 2 * number] = about + b"/Resources<</Font<</F1 3 0 R>>" + resources + b">>>>"
        objects[11 + 2 * number] = stream(content)
    objects |= {10 + 2 * len(pages) + number: each for number, each in enumerate(more)}
    return assembled(objects)


def assembled(objects: dict[int, bytes], trailer: bytes = b"") -> bytes:
    """A file of numbered objects, with its table of them."""
    file = bytearray(b"%PDF-1.7\n")
    places: dict[int, int] = {}
    for number, each in objects.items():
        places[number] = len(file)
        file += b"%d 0 obj\n" % number + each + b"\nendobj\n"
    start, last = len(file), max(objects)
    file += b"xref\n0 %d\n" % (last + 1)
    for number in range(last + 1):
        file += b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 65535 f \n"
    return bytes(file) + b"trailer<</Size %d/Root 1 0 R/Info 4 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (
        last + 1,
        trailer,
        start,
    )


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """An uncompressed stream object."""
    return b"<</Length %d%s>>stream\n" % (len(content), entries) + content + b"\nendstream"


def packed(content: bytes) -> bytes:
    """A compressed stream object."""
    return stream(zlib.compress(content, 9), b"/Filter/FlateDecode")


def text(*lines: tuple[float, float, str] | tuple[float, float, str, float]) -> bytes:
    """A content stream that writes lines at (x, y), in a size of 10 points or as given."""
    written = []
    for x, y, words, *size in lines:
        escaped = words.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        written.append(b"BT /F1 %.1f Tf %.1f %.1f Td (%s) Tj ET" % (size[0] if size else 10.0, x, y, escaped))
    return b"\n".join(written)


def block(rows: Sequence[str], y: float, x: float = 72.0, step: float = 12.0) -> list[tuple[float, float, str]]:
    """Rows under each other."""
    return [(x, y - step * number, row) for number, row in enumerate(rows)]
