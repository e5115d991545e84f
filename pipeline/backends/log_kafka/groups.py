"""Reads the consumer groups of a prefix: what they have committed, who is a member. Moves a group without members."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition, errors
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.structs import OffsetAndMetadata

from pipeline.backends.log_kafka.connection import KafkaOptions, arguments, connected, named_errors
from pipeline.stage import Unavailable

UUID = 37  # characters that a broker appends to the name of a static member
AGAIN = 1.0  # seconds between attempts to move a group that has members


class Groups:
    """The groups, by name without the prefix. Every method raises Unavailable."""

    def __init__(self, client: AIOKafkaAdminClient, options: KafkaOptions) -> None:
        self._client, self._options = client, options

    async def committed(self) -> dict[tuple[str, str, int], OffsetAndMetadata]:
        """By (group, stream, partition), the committed offset, with the id of the topic that it belongs to."""
        prefix, found = self._options.prefix, {}
        with named_errors(self._options):
            async for group in self._names():
                for tp, at in (await self._client.list_consumer_group_offsets(prefix + group)).items():
                    if tp.topic.startswith(prefix) and at.offset >= 0:
                        found[group, tp.topic.removeprefix(prefix), tp.partition] = at
        return found

    async def holders(self) -> dict[tuple[str, str, int], str]:
        """By (group, stream, partition), the instance of the worker that holds it now."""
        prefix, found = self._options.prefix, {}
        with named_errors(self._options):
            async for group in self._names():
                for member, assigned in await self._members(group):
                    if assigned:
                        for tp in ConsumerProtocolMemberAssignment.decode(assigned).partitions():
                            found[group, tp.topic.removeprefix(prefix), tp.partition] = member
        return found

    async def members(self) -> dict[str, set[str]]:
        """By group, the instances of its members; groups without members are left out."""
        found = {}
        with named_errors(self._options):
            async for group in self._names():
                if members := {member for member, _ in await self._members(group)}:
                    found[group] = members
        return found

    async def move(
        self, group: str, offsets: Mapping[TopicPartition, OffsetAndMetadata], patience: float = 0.0
    ) -> None:
        """Commit as the group. The broker refuses this while the group has members, and a worker that was killed counts
        as one until its session has expired: waits up to `patience` seconds."""
        with named_errors(self._options):
            consumer = AIOKafkaConsumer(
                **arguments(self._options), group_id=self._options.prefix + group, enable_auto_commit=False
            )
            try:
                await connected(consumer.start())
                consumer.assign(list(offsets))
                await self._commit(consumer, group, offsets, patience)
            finally:
                await consumer.stop()

    async def _commit(
        self, consumer: AIOKafkaConsumer, group: str, offsets: Mapping[TopicPartition, OffsetAndMetadata], wait: float
    ) -> None:
        end = asyncio.get_running_loop().time() + wait
        while True:
            try:
                await consumer.commit(dict(offsets))
            except errors.CommitFailedError as error:
                if asyncio.get_running_loop().time() >= end:
                    raise Unavailable(f"group {group} still has members: stop its workers, and try again") from error
                await asyncio.sleep(AGAIN)
            else:
                return

    async def _names(self) -> AsyncIterator[str]:
        for group, *_ in await self._client.list_consumer_groups():
            if group.startswith(self._options.prefix):
                yield group.removeprefix(self._options.prefix)

    async def _members(self, group: str) -> list[tuple[str, bytes]]:
        """Instance and encoded assignment of each member."""
        [answer] = await self._client.describe_consumer_groups([self._options.prefix + group])
        members: list[Any] = [member for _, _, _, _, _, members, *_ in answer.groups for member in members]
        return [(name[:-UUID], assigned) for name, _, _, _, assigned in members]
