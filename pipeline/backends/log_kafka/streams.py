"""The topics of a broker that hold the streams: checks them, creates them and corrects their configuration."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aiokafka import TopicPartition, errors
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.admin.records_to_delete import RecordsToDelete

from pipeline.backends.log_kafka.metadata import Topic, read_topics
from pipeline.log.streams import ALIKE, MAY_GROW
from pipeline.ports import Stream
from pipeline.stage import Unavailable

CREATE = "run `almenara streams create`"
GROW = "run `almenara streams create --grow`"
MAX_MESSAGE = 1_050_000  # bytes of a batch of one message: publisher.LIMIT plus what compression may add
TOMBSTONE_KEEP = 7 * 86400.0  # seconds a deletion stays visible to readers that lag
DAY = 86400.0
OVERRIDE = 1  # source of a configuration value: set on the stream itself


class StreamsWrong(Unavailable):
    """The stages cannot work with the streams on the broker. `faults`: one line each."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class BrokerStream:
    """A stream on the broker."""

    partitions: int
    config: Mapping[str, str]  # all values
    overrides: Mapping[str, str]  # those that were set on this stream


def config_of(stream: Stream, replication: int) -> dict[str, str]:
    """The Kafka configuration of a stream."""
    # Kafka deletes and compacts whole segments, and only those that are no longer written to.
    segment = min(DAY, max(stream.keep / 4, 600)) if stream.keep is not None else DAY
    config = {
        "cleanup.policy": "delete",
        "retention.ms": str(int(stream.keep * 1000)) if stream.keep is not None else "-1",
        "retention.bytes": "-1",
        "segment.ms": str(int(segment * 1000)),
        "max.message.bytes": str(MAX_MESSAGE),
        "message.timestamp.type": "LogAppendTime",  # one clock for all workers
        "min.insync.replicas": str(max(1, min(2, replication - 1))),  # one replica may be down
    }
    if stream.compacted:
        config |= {
            "cleanup.policy": "compact" if stream.keep is None else "compact,delete",
            "min.cleanable.dirty.ratio": "0.2",
            "max.compaction.lag.ms": str(int(DAY * 1000)),  # also for streams that are rarely written
            "delete.retention.ms": str(int(TOMBSTONE_KEEP * 1000)),
            "segment.bytes": str(64 << 20),
        }
    return config


def faults(declared: Iterable[Stream], found: Mapping[str, BrokerStream]) -> tuple[str, ...]:
    """Why the stages cannot work with these streams, one line each; `found`: by name without the prefix."""
    declared = tuple(declared)
    lines = _missing([stream.name for stream in declared if stream.name not in found], len(declared))
    for stream in declared:
        existing = found.get(stream.name)
        if existing is None:
            continue
        lines += _wrong_count(stream, existing)
        policy = config_of(stream, 1)["cleanup.policy"]
        if set(existing.config["cleanup.policy"].split(",")) != set(policy.split(",")):
            lines.append(
                f"stream {stream.name} has cleanup.policy {existing.config['cleanup.policy']}, not {policy}: {CREATE}"
            )
        if int(existing.config["max.message.bytes"]) < MAX_MESSAGE:
            size = existing.config["max.message.bytes"]
            lines.append(f"stream {stream.name} has max.message.bytes {size}, less than {MAX_MESSAGE}: {CREATE}")
    for one, other in ALIKE:
        if one in found and other in found and found[one].partitions != found[other].partitions:
            lines.append(
                f"streams {one} and {other} have {found[one].partitions} and {found[other].partitions} partitions, and "
                f"must have the same number: delete {other} if it is empty, and {CREATE}"
            )
    return tuple(lines)


def _missing(names: list[str], of: int) -> list[str]:
    if not names:
        return []
    if len(names) == 1:
        return [f"stream {names[0]} is missing: {CREATE}"]
    which = f"all {of} streams" if len(names) == of else f"{len(names)} streams ({', '.join(names)})"
    return [f"{which} are missing: {CREATE}"]


def _wrong_count(stream: Stream, existing: BrokerStream) -> list[str]:
    if stream.scales or existing.partitions == stream.partitions:
        return []
    few = existing.partitions < stream.partitions
    remedy = GROW if few and not stream.compacted else f"delete it when it is empty, and {CREATE}"
    what = "too few" if few else "too many"
    return [
        f"stream {stream.name} has {what} partitions, {existing.partitions} instead of {stream.partitions}: {remedy}"
    ]


class Admin:
    """Reads and changes the streams of a cluster. Raises aiokafka's errors."""

    def __init__(self, client: AIOKafkaAdminClient, prefix: str, replication: int) -> None:
        self._client, self._prefix, self._replication = client, prefix, replication

    async def topics(self) -> dict[str, Topic]:
        """The topics with the prefix, by the names of their streams."""
        topics = await read_topics(self._client)
        return {
            name.removeprefix(self._prefix): topic for name, topic in topics.items() if name.startswith(self._prefix)
        }

    async def found(self, declared: Iterable[Stream]) -> dict[str, BrokerStream]:
        topics = await self.topics()
        names = [stream.name for stream in declared if stream.name in topics]
        resources = [ConfigResource(ConfigResourceType.TOPIC, self._prefix + name) for name in names]
        found = {}
        for response in await self._client.describe_configs(resources) if resources else []:
            for code, message, _, resource, entries in response.resources:
                if code:
                    raise errors.for_code(code)(message)
                name = resource.removeprefix(self._prefix)
                overrides = {entry[0]: entry[1] for entry in entries if entry[3] == OVERRIDE}
                found[name] = BrokerStream(
                    topics[name].partitions, {entry[0]: entry[1] for entry in entries}, overrides
                )
        return found

    async def create(self, declared: Iterable[Stream], grow: bool) -> list[str]:
        """Create and change the streams to match their declarations. Returns a line for each change made or refused."""
        declared = tuple(declared)
        found = await self.found(declared)
        done = await self._make([stream for stream in declared if stream.name not in found], found)
        for stream in declared:
            if existing := found.get(stream.name):
                done += await self._grow(stream, existing, grow)
                done += await self._configure(stream, existing)
        grown = {stream.name: stream.partitions for stream in declared if grow and not stream.compacted}
        await self._wait_until_known({stream.name: 1 for stream in declared} | grown)
        return done

    async def empty(self, stream: str, partitions: int) -> None:
        """Delete all messages of the stream; offsets go on."""
        places = [TopicPartition(self._prefix + stream, number) for number in range(partitions)]
        await self._client.delete_records({place: RecordsToDelete(before_offset=-1) for place in places})

    async def _make(self, missing: list[Stream], found: Mapping[str, BrokerStream]) -> list[str]:
        topics = []
        for stream in missing:
            pair = {name for names in ALIKE if stream.name in names for name in names} & set(found)
            count = found[pair.pop()].partitions if pair else stream.partitions
            config = config_of(stream, self._replication)
            topics.append(NewTopic(self._prefix + stream.name, count, self._replication, topic_configs=config))
        response = await self._client.create_topics(topics) if topics else None
        done = []
        for new, (_, code, message) in zip(topics, response.topic_errors if response else (), strict=True):
            kind = errors.for_code(code)
            if kind is errors.InvalidReplicationFactorError:
                raise Unavailable(f"{message} Set [kafka] replication to what the cluster has")
            if kind not in (errors.NoError, errors.TopicAlreadyExistsError):
                raise kind(f"{new.name}: {message}")
            done.append(f"{new.name}: created, {new.num_partitions} partition(s)")
        return done

    async def _grow(self, stream: Stream, existing: BrokerStream, grow: bool) -> list[str]:
        name = self._prefix + stream.name
        if existing.partitions >= stream.partitions:
            return []
        line = f"{name}: {existing.partitions} partition(s), {stream.partitions} wanted; not grown"
        stateful = stream.compacted or any(stream.name in names for names in ALIKE)
        if stateful and stream.name not in MAY_GROW:
            return [f"{line}: keys would no longer match their state. Delete it when it is empty, and create it again"]
        if not grow:
            return [f"{line}: keys move to other partitions. Stop the workers and use --grow"]
        await self._client.create_partitions({name: NewPartitions(stream.partitions)})
        return [f"{name}: grown from {existing.partitions} to {stream.partitions} partitions"]

    async def _configure(self, stream: Stream, existing: BrokerStream) -> list[str]:
        wanted = config_of(stream, self._replication)
        changes = {key: value for key, value in wanted.items() if existing.config.get(key) != value}
        if not changes:
            return []
        # The request replaces the whole configuration, so it repeats what others have set.
        resource = ConfigResource(
            ConfigResourceType.TOPIC, self._prefix + stream.name, {**existing.overrides, **wanted}
        )
        for response in await self._client.alter_configs([resource]):
            for code, message, *_ in response.resources:
                if code:
                    raise errors.for_code(code)(f"{stream.name}: {message}")
        listed = ", ".join(f"{key}={value} (was {existing.config.get(key)})" for key, value in sorted(changes.items()))
        return [f"{self._prefix}{stream.name}: {listed}"]

    async def _wait_until_known(self, minimum: Mapping[str, int]) -> None:
        """Wait until all brokers know the new topics and partitions."""
        for _ in range(50):
            topics = await self.topics()
            if all(name in topics and topics[name].partitions >= count for name, count in minimum.items()):
                return
            await asyncio.sleep(0.1)
