"""Reads the heads of HTTP/1 responses as browsers do: repairs what is wrong with them before aiohttp's parser, which
is strict, sees them.

The rules are those of the URL and Fetch standards' implementations (Chromium's http_response_headers), where they
accept more than RFC 9112: lines that end in LF, space around a name, folded lines, lines that are no field, missing
reason phrases, equal lengths repeated, lengths that are no number.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

HEAD_LIMIT = 262_144  # bytes of a head, as in Chromium
_END = re.compile(rb"\n\r?\n")
_STATUS = re.compile(rb"(?i)(?:HTTP[ \t]*/?[ \t]*(\d*)(?:\.(\d+))?|ICY)[ \t]+(\d{3})(?!\d)[ \t]*([^\n]*)")
_START = re.compile(rb"(?i)[\r\n\t ]*(?:HTTP|ICY)")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = bytes(byte for byte in range(32) if byte != 9) + b"\x7f"


def end_of_head(data: bytes | bytearray, start: int = 0) -> int:
    """Where the head of a response ends in `data`, after its blank line; -1 if it does not end yet."""
    blank = len(data[:64]) - len(data[:64].lstrip(b"\r\n"))  # before the status line
    found = _END.search(data, max(start, blank))
    return found.end() if found else -1


def repaired(head: bytes) -> tuple[bytes, int]:
    """The head as RFC 9112 wants it, and its status; unchanged and 0 if it does not start with a status line.

    Two lengths that differ stay, for the parser to refuse.
    """
    lines = head.lstrip(b"\r\n\t ").split(b"\n")
    status = _STATUS.match(lines[0].strip())
    if not status:
        return head, 0
    old = status[1] in (None, b"", b"0") or (status[1] == b"1" and status[2] in (None, b"0"))
    reason = bytes(byte for byte in status[4] if 32 <= byte < 127).strip()  # aiohttp could not write another one
    fields = list(_framed(_fields(lines[1:])))
    first = b"HTTP/1.%d %s %s" % (not old, status[3], reason)
    return b"\r\n".join((first, *(b"%s: %s" % field for field in fields), b"", b"")), int(status[3])


def _fields(lines: list[bytes]) -> list[tuple[bytes, bytes]]:
    """Names and values. A line that starts with space continues the one before; lines that are no field are left
    out."""
    fields: list[tuple[bytes, bytes]] = []
    known = False  # whether the line before was a field
    for line in lines:
        value = line.translate(None, _CONTROL).strip()
        if line[:1] in (b" ", b"\t") and fields:
            if known and value:
                fields[-1] = (fields[-1][0], fields[-1][1] + b" " + value)
            continue
        name, colon, value = value.partition(b":")
        known = bool(colon and _NAME.fullmatch(name := name.strip()))
        if known:
            fields.append((name, value.strip()))
    return fields


def _framed(fields: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The fields, with those that say where the body ends in the one form that no parser doubts."""
    framing = {b"content-length": set[bytes](), b"transfer-encoding": set[bytes]()}
    others = []
    for name, value in fields:
        if (values := framing.get(name.lower())) is not None:
            values.update(part.strip().lower() for part in value.split(b","))
        else:
            others.append((name, value))
    if b"chunked" in framing[b"transfer-encoding"]:
        return [*others, (b"Transfer-Encoding", b"chunked")]
    lengths = {int(value) for value in framing[b"content-length"] if value.isdigit() and len(value) < 20}
    return [*others, *((b"Content-Length", b"%d" % length) for length in sorted(lengths))]


class TolerantHandler(ResponseHandler):
    """aiohttp's connection, whose parser sees repaired heads only. Bodies pass through unchanged."""

    _head: bytearray | None = None  # what came of a head; None: no head is expected

    def set_response_params(self, **options: Any) -> None:
        self._head = bytearray()
        super().set_response_params(**options)

    def data_received(self, data: bytes) -> None:
        if self._head is None:
            super().data_received(data)
            return
        self._reschedule_timeout()
        seen = max(0, len(self._head) - 4)
        self._head += data
        while self._head is not None:
            end = end_of_head(self._head, seen)
            hopeless = len(self._head) > HEAD_LIMIT or (len(self._head) > 16 and not _START.match(self._head))
            if end < 0 and not hopeless:
                return
            received, self._head = bytes(self._head), None
            if end < 0:
                super().data_received(received)
                return
            head, status = repaired(received[:end])
            if 100 <= status < 200 and status != 101:  # only a forerunner
                self._head, seen = bytearray(received[end:]), 0
                continue
            super().data_received(head + received[end:])

    def connection_lost(self, exc: BaseException | None) -> None:
        rest, self._head = self._head, None
        if rest:
            super().data_received(bytes(rest))
        super().connection_lost(exc)


def make_tolerant(connector: aiohttp.BaseConnector) -> None:
    """Let the connections of `connector` repair the heads of responses."""
    loop = asyncio.get_running_loop()
    connector._factory = lambda: TolerantHandler(loop=loop)  # type: ignore[assignment]
