"""Reads the pages of web archives (WARC, ISO 28500), such as those of Common Crawl; counts what is passed over."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from datetime import UTC, datetime
from typing import BinaryIO

from warcio.recordloader import ArcWarcRecord, ArcWarcRecordLoader

from pipeline.commands.warc_records import HEAD_LIMIT, Broken, records
from pipeline.core.pages import markup
from pipeline.core.urls import canonical
from pipeline.records import Page, check_years

_PDF = b"%PDF-"
_TYPE = re.compile(rb"(?im)^WARC-Type:[ \t]*([a-z]+)")


class _NoPage(Exception):
    """The record is no page of an article. `args[0]`: why, which is counted."""


class Archives:
    """Reads archives one after another. `counts`: records by what they were; `page` for those that were returned."""

    def __init__(self, read: Callable[[int], object] = lambda count: None) -> None:
        """`read` gets the number of bytes after each read."""
        self.counts: Counter[str] = Counter()
        self.read = read

    def pages(self, name: str, file: BinaryIO) -> Iterator[tuple[str, Page]]:
        """The pages in `file`, each with its place (NAME:RECORD). Never raises for what the archive holds."""
        for number, record in enumerate(records(file, self.read), 1):
            if isinstance(record, Broken):
                self.counts[record.why] += 1
                continue
            try:
                page = _page(record)
            except _NoPage as why:
                self.counts[str(why)] += 1
            else:
                self.counts["page"] += 1
                yield f"{name}:{number}", page

    def summary(self) -> str:
        """What was read and what was passed over, in one line; empty if there was no archive."""
        passed = ", ".join(f"{count} {why}" for why, count in self.counts.most_common() if why != "page")
        said = f"web archives: {self.counts.total()} records, {self.counts['page']} pages" if self.counts else ""
        return f"{said}; passed over: {passed}" if passed else said


def _page(raw: bytes) -> Page:
    """The page of a record. Raises _NoPage."""
    kind = _TYPE.search(raw, 0, HEAD_LIMIT)
    if kind is not None and kind[1].lower() not in (b"response", b"resource"):
        raise _NoPage(kind[1].decode().lower())
    # What warcio cannot decode it says on standard error, and goes on with what it has.
    with redirect_stderr(io.StringIO()):
        try:
            record = ArcWarcRecordLoader().parse_record_stream(io.BytesIO(raw), known_format="warc")
            status, content_type, headers = _answer(record)
            body = record.content_stream().read(markup.PAGE_LIMIT + 1)
        except _NoPage:
            raise
        except Exception as error:  # of many kinds, for damaged headers, chunks and encodings
            raise _NoPage("damaged") from error
    if not (body.startswith(_PDF) or markup.kind(body, content_type) == "html"):
        raise _NoPage("not_html")
    try:
        url = canonical(record.rec_headers.get_header("WARC-Target-URI", "").strip("<> "))
    except ValueError as error:
        raise _NoPage("bad_url") from error
    cut = record.rec_headers.get_header("WARC-Truncated", "")
    return Page(
        url=url, status=status, body=body, fetched_at=_date(record), content_type=content_type, headers=headers,
        cut=f"the archive holds only a part of it ({cut})" if cut else "",
    )  # fmt: skip


def _answer(record: ArcWarcRecord) -> tuple[int, str, dict[str, str]]:
    """Status, content type and headers of an answer with a page."""
    if record.rec_type == "resource":  # a page that was stored without its HTTP headers
        return 200, record.rec_headers.get_header("Content-Type", ""), {}
    if record.http_headers is None:
        raise _NoPage("not_http")
    code = str(record.http_headers.get_statuscode())
    if code[:1] == "3":
        raise _NoPage("redirect")
    if code[:1] != "2":
        raise _NoPage(f"http_{code}" if code.isdigit() else "damaged")
    headers = {name.lower(): value for name, value in record.http_headers.headers}
    return int(code), headers.get("content-type", ""), headers


def _date(record: ArcWarcRecord) -> datetime:
    """When the page was fetched."""
    try:
        moment = datetime.fromisoformat(record.rec_headers.get_header("WARC-Date", ""))
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        check_years(moment)
    except (ValueError, TypeError, OverflowError) as error:
        raise _NoPage("bad_date") from error
    return moment
