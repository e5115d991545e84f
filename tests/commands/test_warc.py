"""Web archives, written with warcio: which records are pages, and what damage costs."""

from __future__ import annotations

import gzip
import io
import json
import warnings
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline.commands.inputs import Reader, read_lines
from pipeline.commands.warc import Archives
from pipeline.commands.warc_records import RECORD_LIMIT, is_archive
from pipeline.records import Page
from tests.commands.asking import almenara

HTML = [("Content-Type", "text/html; charset=utf-8")]


def html(number: int = 1, text: str = "The harbour of Valparaíso is closed. ") -> bytes:
    return f"<html><head><title>N {number}</title></head><body><p>{text * 9}{number}</p></body></html>".encode()


class Archive:
    """Writes records; `parts` are their bytes, each as the writer wrote it."""

    def __init__(self, compressed: bool = True) -> None:
        self.parts: list[bytes] = []
        self._compressed = compressed

    def add(self, kind: str = "response", url: str = "https://www.example.org/n/1", body: bytes = b"",
            status: str = "200 OK", http: list[tuple[str, str]] | None = None, date: str = "2026-03-01T12:00:00Z",
            **headers: str) -> Archive:  # fmt: skip
        answer = StatusAndHeaders(status, HTML if http is None else http, protocol="HTTP/1.1")
        given = {"WARC-Date": date} | {name.replace("_", "-"): value for name, value in headers.items()}
        out = io.BytesIO()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # the writer leaves temporary files open
            writer = WARCWriter(out, gzip=self._compressed)
            record = writer.create_warc_record(
                url, kind, payload=io.BytesIO(body or html()), warc_headers_dict=given,
                http_headers=answer if kind in ("response", "request", "revisit") and url.startswith("http") else None,
                warc_content_type="text/html" if kind == "resource" else "",
            )  # fmt: skip
            writer.write_record(record)
            del record
        self.parts.append(out.getvalue())
        return self

    def pages(self, count: int) -> Archive:
        for number in range(count):
            self.add(url=f"https://www.example.org/n/{number}", body=html(number))
        return self

    def bytes(self) -> bytes:
        return b"".join(self.parts)


def read(data: bytes) -> tuple[list[Page], dict[str, int]]:
    archives = Archives()
    pages = [page for _, page in archives.pages("some.warc", io.BytesIO(data))]
    return pages, dict(archives.counts)


def numbers(data: bytes) -> list[int]:
    return [int(page.url.rsplit("/", 1)[1]) for page in read(data)[0]]


@pytest.mark.parametrize("compressed", [True, False])
def test_a_page_comes_with_its_address_date_headers_and_charset(compressed: bool) -> None:
    body = "<html><body><p>Año nuevo</p></body></html>".encode("latin-1")
    headers = [("Content-Type", "text/html; charset=iso-8859-1"), ("X-Cache", "HIT")]
    archive = Archive(compressed).add(url="https://www.example.org/a?utm_source=x", body=body, http=headers)
    ((page,), counts) = read(archive.bytes())
    assert counts == {"page": 1}
    assert (page.url, page.status, page.body) == ("https://www.example.org/a", 200, body)
    assert page.fetched_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert (page.content_type, page.headers["x-cache"]) == ("text/html; charset=iso-8859-1", "HIT")
    parsed = Reader(datetime(2020, 1, 1, tzinfo=UTC)).parse("x:1", page)
    assert parsed.item
    assert (parsed.id, parsed.item.source, parsed.item.seen) == (page.url, "example.org", page.fetched_at)


def chunked(body: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:50], body[50:])) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    ("body", "more"),
    [
        (gzip.compress(html()), [("Content-Encoding", "gzip")]),
        (chunked(html()), [("Transfer-Encoding", "chunked")]),
        (html(), [("Transfer-Encoding", "chunked")]),  # stored without the chunks
        (html(), [("Content-Encoding", "gzip")]),  # stored decompressed
        (html(), [("Content-Length", "7")]),
    ],
)
def test_bodies_as_they_were_sent(body: bytes, more: list[tuple[str, str]]) -> None:
    ((page,), _) = read(Archive().add(body=body, http=HTML + more).bytes())
    assert page.body == html()


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ({"kind": "request", "status": "GET /n/1 HTTP/1.1"}, "request"),
        ({"kind": "revisit"}, "revisit"),
        ({"kind": "metadata"}, "metadata"),
        ({"url": "dns:www.example.org"}, "not_http"),
        ({"status": "301 Moved Permanently"}, "redirect"),
        ({"status": "404 Not Found"}, "http_404"),
        ({"status": "500 Internal Server Error"}, "http_500"),
        ({"body": b"\x89PNG\r\n\x1a\n" + bytes(50), "http": [("Content-Type", "image/png")]}, "not_html"),
        ({"body": b"User-agent: *", "http": [("Content-Type", "text/plain")]}, "not_html"),
        ({"date": "yesterday"}, "bad_date"),
        ({"url": "https://user@/"}, "bad_url"),
    ],
)
def test_other_records_are_passed_over_and_counted(record: dict[str, Any], why: str) -> None:
    pages, counts = read(Archive().add(**record).pages(1).bytes())
    assert (len(pages), counts) == (1, {why: 1, "page": 1})


def test_a_page_stored_without_http_headers_and_one_that_was_cut() -> None:
    archive = Archive().add("resource").add(WARC_Truncated="length")
    (stored, cut), _ = read(archive.bytes())
    assert (stored.status, stored.cut) == (200, "")
    assert "length" in cut.cut


def in_one_member(parts: list[bytes]) -> bytes:
    return gzip.compress(b"".join(gzip.decompress(part) for part in parts))


def in_pieces(parts: list[bytes]) -> bytes:
    whole = b"".join(gzip.decompress(part) for part in parts)
    return b"".join(gzip.compress(whole[at : at + 700]) for at in range(0, len(whole), 700))


def padded(parts: list[bytes]) -> bytes:
    return bytes(20).join(parts)


@pytest.mark.parametrize(
    "form", [b"".join, in_one_member, in_pieces, padded], ids=["joined", "one", "pieces", "padded"]
)
def test_forms_of_compression(form: Callable[[list[bytes]], bytes]) -> None:
    assert numbers(form(Archive().pages(6).parts)) == list(range(6))


# -- damage


def spoilt(part: bytes) -> bytes:
    return part[:60] + bytes(byte ^ 0x5A for byte in part[60:90]) + part[90:]


@pytest.mark.parametrize(
    ("change", "found", "why"),
    [
        (lambda parts: [*parts[:2], spoilt(parts[2]), *parts[3:]], [0, 1, 3, 4], "damaged"),
        (lambda parts: [*parts[:2], parts[2][:100], *parts[3:]], [0, 1, 3, 4], "damaged"),
        (lambda parts: [*parts[:2], b"garbage" * 30, *parts[2:]], [0, 1, 2, 3, 4], "damaged"),
        (lambda parts: [*parts[:4], parts[4][:-40]], [0, 1, 2, 3], "truncated"),
        # A flag of the header says that as many bytes of something else follow as the rest of the archive has.
        (lambda parts: [parts[0][:3] + b"\x04" + parts[0][3:], *parts[1:]], [1, 2, 3, 4], "damaged"),
    ],
)
def test_a_damaged_record_costs_only_itself(
    change: Callable[[list[bytes]], list[bytes]], found: list[int], why: str
) -> None:
    data = b"".join(change(Archive().pages(5).parts))
    assert numbers(data) == found
    assert read(data)[1] == {"page": len(found), why: 1}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda part: part.replace(b"Content-Length", b"Content-Weight", 1), [0, 2, 3]),
        (lambda part: b"garbage\r\n" * 9000 + part, [0, 1, 2, 3]),
        (lambda part: part[40:], [0, 2, 3]),
    ],
)
def test_a_damaged_record_that_is_not_compressed(change: Callable[[bytes], bytes], found: list[int]) -> None:
    parts = Archive(compressed=False).pages(4).parts
    data = b"".join([parts[0], change(parts[1]), *parts[2:]])
    assert numbers(data) == found
    assert read(data)[1]["damaged"] == 1


def test_a_wrong_length_does_not_swallow_the_next_record() -> None:
    parts = Archive().pages(3).parts
    wrong = gzip.decompress(parts[0])
    wrong = wrong.replace(b"Content-Length: ", b"Content-Length: 9", 1)
    assert numbers(b"".join([gzip.compress(wrong), *parts[1:]])) == [1, 2]


def test_a_record_that_is_too_large_is_passed_over() -> None:
    head = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: %d\r\n\r\n" % (RECORD_LIMIT + 5)
    large = head + b"x" * (RECORD_LIMIT + 5) + b"\r\n\r\n"
    parts = Archive().pages(2).parts
    for data in (gzip.compress(large), zlib.compress(large, wbits=31)):
        assert numbers(parts[0] + data + parts[1]) == [0, 1]
    assert read(parts[0] + gzip.compress(large) + parts[1])[1] == {"page": 2, "too_large": 1}


@given(st.data())
def test_no_damage_stops_the_reading(data: st.DataObject) -> None:
    """Whatever happens to one record, the others are read; nothing raises."""
    parts = list(PARTS)
    place = data.draw(st.integers(0, len(parts) - 1))
    at = data.draw(st.integers(0, len(parts[place]) - 1))
    parts[place] = (
        parts[place][:at] + data.draw(st.binary(max_size=60)) + parts[place][at + data.draw(st.integers(0, 60)) :]
    )
    assert set(range(6)) - {place} <= set(numbers(b"".join(parts)))


PARTS = tuple(Archive().pages(6).parts)


def test_what_is_an_archive() -> None:
    assert is_archive(Archive().add().bytes())
    assert is_archive(Archive(compressed=False).add().bytes())
    assert not is_archive(b'{"text": "x"}\n')
    assert not is_archive(gzip.compress(b'{"text": "x"}\n'))


def test_archives_beside_other_files(tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(Archive().pages(2).bytes())
    (tmp_path / "b.jsonl").write_text('{"text": "x"}\n')
    (tmp_path / "empty.warc").write_bytes(b"")
    total = 0

    def add(count: int) -> None:
        nonlocal total
        total += count

    reader = Archives(add)
    places = [place for place, _ in read_lines([str(file) for file in sorted(tmp_path.iterdir())], reader)]
    assert [Path(place).name for place in places] == ["a.warc.gz:1", "a.warc.gz:2", "b.jsonl:1"]
    assert total == sum(file.stat().st_size for file in tmp_path.iterdir())
    assert reader.summary() == "web archives: 2 records, 2 pages"


@pytest.mark.slow
@pytest.mark.parametrize("stdin", [False, True])
def test_process_reads_an_archive(config: Path, tmp_path: Path, stdin: bool) -> None:
    archive = Archive().pages(3).add(status="404 Not Found").add("request", status="GET / HTTP/1.1")
    data = archive.bytes() + b"\x1f\x8b\x08\0damaged"
    (tmp_path / "some.warc.gz").write_bytes(data)
    done = almenara("process", "-", stdin=data) if stdin else almenara("process", str(tmp_path / "some.warc.gz"))
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert [document["url"] for document in documents] == [f"https://www.example.org/n/{n}" for n in range(3)]
    assert {document["seen"] for document in documents} == {"2026-03-01T12:00:00Z"}
    assert done.returncode == 0
    assert b"6 records, 3 pages; passed over: 1 http_404, 1 request, 1 truncated" in done.stderr
