"""Reads the input files of `process` and `explain`: articles as JSON lines or HTML, and web archives."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path
from urllib.parse import quote, urlsplit

import msgspec

from pipeline.commands.warc import Archives
from pipeline.commands.warc_records import is_archive
from pipeline.core.decoding.decode import decode
from pipeline.core.pages import markup
from pipeline.core.pages.article import domain
from pipeline.core.pages.reading import GIVEN_TEXT
from pipeline.core.pages.walls import is_root
from pipeline.core.text.date_strings import parse_date
from pipeline.core.urls import canonical
from pipeline.records import Dated, Item, Page

#: Base URL for articles without a URL. RFC 6761: `.invalid` never resolves.
NOWHERE = "https://given.invalid/"
HEAD = 64  # bytes that show what a file is


class Line(msgspec.Struct, forbid_unknown_fields=False):
    """One input line; `html` or `text` is required."""

    id: str | int | None = None
    url: str | None = None
    html: str | None = None
    text: str | None = None
    title: str | None = None
    published: str | None = None
    source: str | None = None
    language: str | None = None
    seen: str | None = None


@dataclass(frozen=True)
class InputArticle:
    """An article as item and page; or `fault`, why the input is not one."""

    id: str
    url: str | None
    item: Item | None = None
    page: Page | None = None
    fault: str = ""


def read_lines(files: Iterable[str], archives: Archives | None = None) -> Iterator[tuple[str, bytes | Line | Page]]:
    """The lines of JSON-lines files, each with its place (FILE:LINE); an .html file is one article, and a web archive,
    which its first bytes show, one for each page in it."""
    archives = archives or Archives()
    for name in files:
        if name.lower().endswith((".html", ".htm")):
            yield name, Line(id=Path(name).stem, html=decode(Path(name).read_bytes()).text)
            continue
        shown = "stdin" if name == "-" else name
        with _opened(name) as stream:
            if is_archive(stream.peek(HEAD)) or name.lower().endswith((".warc", ".warc.gz")):
                yield from archives.pages(shown, stream)
                continue
            for number, line in enumerate(stream, 1):
                archives.read(len(line))
                if line.strip():
                    yield f"{shown}:{number}", line


def _opened(name: str) -> BufferedReader:
    raw = sys.stdin.buffer if name == "-" else Path(name).open("rb")  # noqa: SIM115  the caller closes it
    return raw if isinstance(raw, BufferedReader) else BufferedReader(raw)  # type: ignore[arg-type]


class Reader:
    """Turns input lines into items and pages, in input order: a line without `seen` takes that of the line before."""

    def __init__(self, start: datetime) -> None:
        self._seen = start

    def parse(self, place: str, line: bytes | Line | Page) -> InputArticle:
        """Parse one line. Never raises: a line that is not an article has a `fault`."""
        if isinstance(line, Page):
            return self._archived(line)
        try:
            fields = line if isinstance(line, Line) else msgspec.json.decode(line, type=Line)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            return InputArticle(place, None, fault=f"{place}: not a JSON object of the documented form: {error}")
        identity = str(fields.id) if fields.id is not None else fields.url or place
        html = fields.html if fields.html and fields.html.strip() else ""
        if not html and fields.text is None and fields.html is None:
            return InputArticle(identity, fields.url, fault=f'{place}: has neither "html" nor "text"')
        try:
            url = canonical(fields.url or _declared(html) or NOWHERE + quote(identity, safe=""))
        except ValueError as error:
            return InputArticle(identity, fields.url, fault=f"{place}: url: {error}")
        known_url = None if url.startswith(NOWHERE) else url
        self._seen = self._date(fields.seen) or self._date(fields.published) or self._seen
        published = self._date(fields.published)
        source = fields.source or (domain(url) if known_url else "")
        item = Item(
            feed="", source=source, url=url, seen=self._seen, title=fields.title, language=fields.language,
            published=Dated(published, "given", fields.published or "") if published else None,
        )  # fmt: skip
        page = Page(
            url=url, status=200, body=(html or fields.text or "").encode("utf-8", "replace"), fetched_at=self._seen,
            content_type="text/html; charset=utf-8" if html else GIVEN_TEXT,
        )  # fmt: skip
        return InputArticle(identity, known_url, item, page)

    def _archived(self, page: Page) -> InputArticle:
        self._seen = page.fetched_at
        item = Item(feed="", source=domain(page.url), url=page.url, seen=page.fetched_at)
        return InputArticle(page.url, page.url, item, page)

    def _date(self, raw: str | None) -> datetime | None:
        """Parse a date in any form that feeds use; it may be in the future."""
        return parse_date(raw, seen=datetime.max.replace(tzinfo=UTC)) if raw else None


def _declared(html: str) -> str | None:
    """The canonical URL that the page declares; None for the home page, which some sites declare on every page."""
    url = markup.declared_url(html.encode("utf-8", "replace")) if html else None
    return url if url and not is_root(urlsplit(url).path) else None
