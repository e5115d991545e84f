"""Cuts a WARC file into its records, without holding more than one of them, and goes on after damage.

Files are plain or gzip, usually with one member per record (ISO 28500, annex D). warcio reads a record, but stops or
skips silently at damaged bytes, which archives of many gigabytes have; so the records are found here.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

CHUNK = 1 << 18  # bytes read, and decompressed, at once
RECORD_LIMIT = 12_000_000  # bytes of a record that is kept; others are passed over
HEAD_LIMIT = 65_536  # bytes of a record's header
LONGEST_START = 16  # bytes of its first line
_GZIP = b"\x1f\x8b\x08"
_START = re.compile(rb"WARC/\d+\.\d+\r?\n")
_NEXT_START = re.compile(rb"\n(?=WARC/\d+\.\d+\r?\n)")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"(?im)^Content-Length:[ \t]*(\d{1,18})[ \t]*\r?$")


@dataclass(frozen=True, slots=True)
class Mark:
    """The end of a gzip member. `lost`: why bytes are missing here, damaged or truncated."""

    lost: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that cannot be read. `why`: damaged, truncated, or too_large."""

    why: str


def is_archive(head: bytes) -> bool:
    """Whether a file whose first kilobytes these are is a WARC file; a compressed one may be damaged at once."""
    if not head.startswith(_GZIP):
        return head.lstrip(b"\r\n").startswith(b"WARC/")
    try:
        text = zlib.decompressobj(31).decompress(head, 64)
    except zlib.error:
        return True
    return not text or text.lstrip(b"\r\n").startswith(b"WARC/")


def records(file: BinaryIO, read: Callable[[int], object] = lambda count: None) -> Iterator[bytes | Broken]:
    """Each record of `file`, header and block, or why it cannot be read.

    `read` gets the number of bytes after each read.
    """
    yield from _Scanner().records(_decompressed(_Source(file, read)))


class _Source:
    """The bytes of a file; `raw` are those that were read and not used."""

    def __init__(self, file: BinaryIO, read: Callable[[int], object]) -> None:
        self._file, self._read = file, read
        self.raw = b""

    def more(self) -> bytes:
        """Read the next bytes; empty at the end."""
        self.raw = self._file.read(CHUNK)
        self._read(len(self.raw))
        return self.raw

    def to_member(self) -> None:
        """Go to the start of the next gzip member, or to the end."""
        while (at := self.raw.find(_GZIP)) < 0 and self.raw:
            last = self.raw[-2:]
            self.raw = last + self.raw if self.more() else b""
        self.raw = self.raw[max(0, at) :]


def _decompressed(source: _Source) -> Iterator[bytes | Mark]:
    source.more()
    if not source.raw.startswith(_GZIP) and (_START.match(source.raw) or _NEXT_START.search(source.raw)):
        while source.raw:
            yield source.raw
            source.more()
    while source.raw:
        if not source.raw.startswith(_GZIP):
            yield Mark("damaged")
            source.to_member()
            continue
        try:
            yield from _member(source)
        except zlib.error:
            yield Mark("damaged")
            source.raw = source.raw[1:]
            source.to_member()


def _member(source: _Source) -> Iterator[bytes | Mark]:
    """The bytes of a member, decompressed, and its end. Raises zlib.error, with `source` where the damage may start."""
    member, head = zlib.decompressobj(31), b""  # what was read before anything could be decompressed
    inside = False
    while not member.eof:
        before = source.raw
        found = member.decompress(before, CHUNK)
        yield found
        inside = inside or bool(found)
        source.raw = member.unused_data if member.eof else member.unconsumed_tail
        head = b"" if inside or member.eof else head + before
        if not source.raw and not source.more() and not member.eof:
            if _GZIP in head[1:]:  # a damaged header has swallowed other members
                source.raw = head
                raise zlib.error
            yield Mark("truncated")
            return
    while source.raw and not source.raw.strip(b"\0"):
        source.more()
    source.raw = source.raw.lstrip(b"\0")
    yield Mark()


class _Scanner:
    """Finds records in decompressed bytes."""

    def __init__(self) -> None:
        self._kept = bytearray()  # from the start of a record on
        self._passing = 0  # bytes of a record that is too large still to be passed over
        self._lost = False  # the start of the next record is looked for; that something is lost was said
        self._edge = False  # a gzip member has just ended

    def records(self, chunks: Iterator[bytes | Mark]) -> Iterator[bytes | Broken]:
        for chunk in chunks:
            if isinstance(chunk, Mark):
                if chunk.lost:
                    yield from self._give_up(chunk.lost)
                    self._lost = True
                self._edge = True
            elif chunk:
                if self._edge and _START.match(chunk) and self._is_open():
                    yield from self._give_up("damaged")  # a member per record, and this one's length is wrong
                self._edge = False
                self._kept += chunk
                while (found := self._take()) is not None:
                    yield found
        if self._is_open():
            yield from self._give_up("truncated")

    def _is_open(self) -> bool:
        return bool(self._passing or self._kept.strip(b"\r\n"))

    def _give_up(self, why: str) -> Iterator[Broken]:
        if not self._lost:
            yield Broken(why)
        self._kept.clear()
        self._passing, self._lost = 0, False

    def _take(self) -> bytes | Broken | None:
        """The next record, if it is complete, or that there is none."""
        self._pass_over()
        if self._passing or not self._kept:
            return None
        if not _START.match(self._kept):
            return None if len(self._kept) < LONGEST_START and not self._lost else self._find()
        head = _HEAD_END.search(self._kept, 0, HEAD_LIMIT)
        if head is None:
            return None if len(self._kept) < HEAD_LIMIT else self._find()
        length = _LENGTH.search(self._kept, 0, head.end())
        if length is None:
            return self._find()
        end = head.end() + int(length[1])
        if end > RECORD_LIMIT:
            self._passing = end
            return Broken("too_large")
        if len(self._kept) < end:
            return None
        record = bytes(self._kept[:end])
        del self._kept[:end]
        self._lost = False
        return record

    def _pass_over(self) -> None:
        """Remove what belongs to no record that is kept: the rest of one that is too large, and empty lines."""
        gone = min(self._passing, len(self._kept))
        self._passing -= gone
        blank = 0 if self._passing else len(self._kept) - gone - len(self._kept[gone:].lstrip(b"\r\n"))
        del self._kept[: gone + blank]

    def _find(self) -> bytes | Broken | None:
        """Go to the next start of a record, or until it comes; damage is said once."""
        said, found = self._lost, _NEXT_START.search(self._kept, 1)
        self._lost = found is None
        del self._kept[: found.end() if found else max(0, len(self._kept) - LONGEST_START)]
        if not said:
            return Broken("damaged")
        return self._take() if found else None
