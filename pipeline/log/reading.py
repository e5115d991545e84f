"""Reads records for reports and commands. What cannot be read is returned beside the rest, with its position."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from pipeline.ports import Log
from pipeline.records import OtherSchema, Record, SchemaError, decode
from pipeline.stage import Message, Position

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that is no record of its stream, and why. `other`: it is a record of another version."""

    at: Position
    why: str
    key: str = ""
    other: bool = False


class _Origin(msgspec.Struct):
    """The fields of a dead record that say which record it is."""

    stage: str
    stream: str
    partition: int
    offset: int


async def read_all(log: Log, stream: str, kind: type[R]) -> tuple[dict[Position, R], list[Unreadable]]:
    """Every record of the stream, without tombstones, and what cannot be read. Raises Unavailable."""
    found: dict[Position, R] = {}
    unreadable: list[Unreadable] = []
    async with aclosing(log.replay(stream)) as messages:
        async for message in messages:
            try:
                if message.value is not None:
                    found[message.at] = _record(message, kind)
            except SchemaError as error:
                unreadable.append(Unreadable(message.at, str(error)))
    return found, unreadable


async def read_newest(log: Log, stream: str, kind: type[R]) -> tuple[dict[str, R], list[Unreadable]]:
    """The newest readable record of each key of a compacted stream, as its stage has it after a start, and what cannot
    be read; a broker compacts only from time to time. A key that moved to another partition left a tombstone there.
    """
    found: dict[tuple[int, str], R | None] = {}
    unreadable: list[Unreadable] = []
    async with aclosing(log.replay(stream)) as messages:
        async for message in messages:
            try:
                record = None if message.value is None and not message.fault else _record(message, kind)
            except SchemaError as error:
                unreadable.append(Unreadable(message.at, str(error), message.key, isinstance(error, OtherSchema)))
            else:
                if not message.stale:
                    found[message.at.partition, message.key] = record
    return {key: record for (_, key), record in found.items() if record is not None}, unreadable


def _record(message: Message, kind: type[R]) -> R:
    if message.fault:
        raise SchemaError(f"not a {kind.__name__}: {message.fault}")
    return decode(kind, message.value or b"")


async def dead_positions(log: Log, stage: str, since: int) -> tuple[set[Position], int]:
    """The positions of the records that have a dead record of `stage`, among the dead records from offset `since` on;
    and the offset after the last of these."""
    found: set[Position] = set()
    async with aclosing(log.replay("dead", since)) as messages:
        async for message in messages:
            since = message.at.offset + 1
            origin = _origin(message)
            if origin is not None and origin.stage == stage:
                found.add(Position(origin.stream, origin.partition, origin.offset))
    return found, since


def _origin(message: Message) -> _Origin | None:
    try:
        return msgspec.json.decode(message.value or b"", type=_Origin)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
