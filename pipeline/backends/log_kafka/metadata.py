"""Asks a broker which topics it has, with their ids, and keeps clients from creating one.

A topic that is deleted and created again has another id. aiokafka's own request is of a version without ids; this one
is version 10 of Metadata (KIP-516, Kafka 2.8 or newer).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of the broker. `id`: 32 hexadecimal digits, different after it was deleted and created again."""

    id: str
    partitions: int


def forbid_creation() -> None:
    """Keep every client in this process from creating topics: with its default settings, a broker creates each topic
    that a client asks about, and aiokafka has no option against it."""
    MetadataRequest.__init__.__defaults__ = (None, False)  # topics, allow_auto_topic_creation


async def read_topics(client: AIOKafkaAdminClient) -> dict[str, Topic]:
    """All topics, by name. Raises aiokafka's errors."""
    answer: Any = await client._send_request(_Metadata())  # the client has no public method for other requests
    return {
        name: Topic(identity.hex, len(partitions))
        for code, name, identity, _, partitions, *_ in answer.topics
        if not code
    }


class _Id(AbstractType[UUID]):  # type: ignore[misc]  # aiokafka.protocol has no types
    @classmethod
    def decode(cls, data: Any) -> UUID:
        return UUID(bytes=data.read(16))

    @classmethod
    def encode(cls, value: UUID) -> bytes:
        return value.bytes


class _MetadataResponse(Response):  # type: ignore[misc]
    API_KEY = 3
    API_VERSION = 10
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", CompactString("utf-8")),
                ("port", Int32),
                ("rack", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", CompactString("utf-8")),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("name", CompactString("utf-8")),
                ("topic_id", _Id),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline_replicas", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_authorized_operations", Int32),
        ("tags", TaggedFields),
    )


class _MetadataV10(RequestStruct):  # type: ignore[misc]
    API_KEY = 3
    API_VERSION = 10
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _MetadataResponse
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", _Id), ("name", CompactString("utf-8")), ("tags", TaggedFields))),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _Metadata(Request[_MetadataV10]):  # type: ignore[misc]
    """Asks for all topics: a request for one would create it on a broker that creates topics automatically."""

    API_KEY: ClassVar[int] = 3

    def build(self, request_struct_class: type[_MetadataV10]) -> _MetadataV10:
        return request_struct_class(None, False, False, False, {})
