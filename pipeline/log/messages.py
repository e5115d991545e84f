"""Turns what a log holds into a `Message`, without ever failing: what is wrong with key or headers is its `fault`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from pipeline.core.timing.delays import capped
from pipeline.stage import Message, Position

Headers = Iterable[tuple[str, bytes | None]]

UNREADABLE = "almenara-unreadable"  # header of what a log holds but cannot decode; its value says why

_NUMBER = re.compile(rb"\d{1,30}")
_EPOCH = datetime.fromtimestamp(0, UTC)


def read_message(
    at: Position, key: bytes | None, value: bytes | None, written: int | None, headers: Headers
) -> Message:
    """The message at `at`. `written`: milliseconds since 1970; None or out of range: unknown, 1970 is given."""
    headers = tuple(headers)
    text, fault = read_key(key or b"")
    due_at, bad_due = header_number(headers, "due")
    due = moment(due_at)
    if due_at is not None and due is None:
        bad_due = f"header due: {due_at} ms is not a time"
    undecoded = b"; ".join(why or b"" for name, why in headers if name == UNREADABLE).decode(errors="replace")
    at_time = written_at(written)
    if due is not None:
        due = capped(due, at.stream, at.partition, at_time)
    faults = [undecoded, fault, bad_due, header_number(headers, "epoch")[1]]
    return Message(
        at, text, value, at_time, due, fault="; ".join(filter(None, faults)),
        raw_key=key if fault else None,
    )  # fmt: skip


def read_key(key: bytes) -> tuple[str, str]:
    """The key as text, and what is wrong with it. Bytes that are not UTF-8 are shown as \\xNN."""
    try:
        return key.decode(), ""
    except UnicodeDecodeError as error:
        return key.decode(errors="backslashreplace"), f"its key is not UTF-8 ({error.reason} at byte {error.start})"


def header_number(headers: Headers, name: str) -> tuple[int | None, str]:
    """The number in the header `name`, None without such a header; and what is wrong with it."""
    values = [value for header, value in headers if header == name]
    if not values:
        return None, ""
    if len(values) > 1:
        return None, f"header {name}: it is there {len(values)} times"
    value = values[0] or b""
    if not _NUMBER.fullmatch(value):
        return None, f"header {name}: {value[:40]!r} is not a number"
    return int(value), ""


def written_at(millis: int | None) -> datetime:
    """When a message was written, `millis` milliseconds after 1970; 1970 if that is unknown or impossible."""
    return moment(millis) or _EPOCH


def moment(millis: int | None) -> datetime | None:
    """The moment `millis` milliseconds after 1970; None if there is no such moment."""
    try:
        return None if millis is None or millis < 0 else datetime.fromtimestamp(millis / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def to_millis(moment: datetime) -> int:
    """Whole milliseconds since 1970, as logs keep times."""
    return int(moment.timestamp() * 1000)
