"""The fields of each record that an audit needs; the others are not decoded."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from pipeline.records import Count, Moment, check_years
from pipeline.stage import Message

T = TypeVar("T")


class Unreadable(Exception):
    """The message is not a record of its stream."""


def decoded(message: Message, kind: type[T]) -> T:
    """The message's value as one of the structs below. Raises Unreadable."""
    if message.fault:
        raise Unreadable(message.fault)
    try:
        return msgspec.json.decode(message.value or b"", type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(str(error)) from error


class ItemPart(msgspec.Struct):
    url: str
    article: str | None = None
    also: tuple[str, ...] = ()


class ArticlePart(msgspec.Struct):
    id: str
    aliases: tuple[str, ...] = ()
    seen: Moment | None = None


class RelationPart(msgspec.Struct):
    seq: Count
    version: Count
    story_id: str
    noted: str = ""


class TaggedPart(msgspec.Struct):
    article: ArticlePart


class DecidedPart(msgspec.Struct):
    article: str
    stream: str
    partition: Count
    offset: Count
    relation: RelationPart | None = None
    drop: str | None = None


class StoryPart(msgspec.Struct):
    id: str
    seq: Count
    redirect: str | None = None


class DocumentPart(msgspec.Struct):
    article: ArticlePart
    relation: RelationPart


class AlertPart(msgspec.Struct):
    id: str
    rule: str
    article: str
    version: int
    old: bool = False
    counted: bool = False


class StatePart(msgspec.Struct):
    id: str
    status: str
    message: str = ""


class DeliveryPart(msgspec.Struct):
    message: str
    channel: str
    status: str
    at: Moment
    resent: Moment | None = None

    def __post_init__(self) -> None:
        check_years(self.at, self.resent)


class DeadPart(msgspec.Struct):
    stage: str
    stream: str
    partition: Count
    offset: Count
