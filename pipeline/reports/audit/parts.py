"""The fields of each record that an audit needs; the others are not decoded."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

import msgspec

from pipeline.stage import Message

T = TypeVar("T")


def decoded(message: Message, kind: type[T]) -> T:
    """The message's value as one of the structs below."""
    return msgspec.json.decode(message.value or b"", type=kind)


class ItemPart(msgspec.Struct):
    url: str


class ArticlePart(msgspec.Struct):
    id: str
    aliases: tuple[str, ...] = ()


class RelationPart(msgspec.Struct):
    seq: int
    version: int


class TaggedPart(msgspec.Struct):
    article: ArticlePart


class DecidedPart(msgspec.Struct):
    article: str
    partition: int
    offset: int
    relation: RelationPart | None = None
    drop: str | None = None


class DocumentPart(msgspec.Struct):
    article: ArticlePart
    relation: RelationPart


class AlertPart(msgspec.Struct):
    id: str
    rule: str
    article: str
    version: int


class StatePart(msgspec.Struct):
    id: str
    status: str
    at: datetime


class DeadPart(msgspec.Struct):
    stage: str
    stream: str
    partition: int
    offset: int
