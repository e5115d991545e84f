"""The topics as a broker must have them: what is declared, what is wrong with those that are there, making them so."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aiokafka import errors
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from pipeline.log.streams import ALIKE
from pipeline.ports import Topic
from pipeline.stage import Unavailable

CREATE = "run `almenara topics create`"
GROW = "run `almenara topics create --grow`"
MAX_MESSAGE = 1_050_000  # bytes of a batch of one message: publisher.LIMIT and what packing may add
TOMBSTONE_KEEP = 7 * 86400.0  # seconds a deletion stays visible to readers that lag
DAY = 86400.0
OVERRIDE = 1  # where a value of a topic's configuration comes from: from the topic itself


class TopicsWrong(Unavailable):
    """The broker's topics are not as the stages need them. `faults`: one line each."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Found:
    """A topic as it is on the broker."""

    partitions: int
    config: Mapping[str, str]  # all values
    overrides: Mapping[str, str]  # those that were set on this topic


def config_of(topic: Topic, replication: int) -> dict[str, str]:
    """A topic's configuration in Kafka's words."""
    # A segment is deleted or compacted only when nothing more is written to it, and as a whole.
    segment = min(DAY, max(topic.keep / 4, 600)) if topic.keep is not None else DAY
    config = {
        "cleanup.policy": "delete",
        "retention.ms": str(int(topic.keep * 1000)) if topic.keep is not None else "-1",
        "retention.bytes": "-1",
        "segment.ms": str(int(segment * 1000)),
        "max.message.bytes": str(MAX_MESSAGE),
        "message.timestamp.type": "LogAppendTime",  # one clock, not one a worker
        "min.insync.replicas": str(max(1, min(2, replication - 1))),  # one replica may be away
    }
    if topic.compacted:
        config |= {
            "cleanup.policy": "compact" if topic.keep is None else "compact,delete",
            "min.cleanable.dirty.ratio": "0.2",
            "max.compaction.lag.ms": str(int(DAY * 1000)),  # also for topics that are hardly written
            "delete.retention.ms": str(int(TOMBSTONE_KEEP * 1000)),
            "segment.bytes": str(64 << 20),
        }
    return config


def faults(declared: Iterable[Topic], found: Mapping[str, Found]) -> tuple[str, ...]:
    """What keeps the stages from working on these topics; `found` by names without the prefix."""
    lines = []
    for topic in declared:
        there = found.get(topic.name)
        if there is None:
            lines.append(f"topic {topic.name} is missing: {CREATE}")
            continue
        lines += _wrong_count(topic, there)
        policy = config_of(topic, 1)["cleanup.policy"]
        if set(there.config["cleanup.policy"].split(",")) != set(policy.split(",")):
            lines.append(
                f"topic {topic.name} has cleanup.policy {there.config['cleanup.policy']}, not {policy}: {CREATE}"
            )
        if int(there.config["max.message.bytes"]) < MAX_MESSAGE:
            size = there.config["max.message.bytes"]
            lines.append(f"topic {topic.name} has max.message.bytes {size}, less than {MAX_MESSAGE}: {CREATE}")
    for one, other in ALIKE:
        if one in found and other in found and found[one].partitions != found[other].partitions:
            lines.append(
                f"topics {one} and {other} have {found[one].partitions} and {found[other].partitions} partitions, and "
                f"must have the same number: delete {other} if it is empty, and {CREATE}"
            )
    return tuple(lines)


def _wrong_count(topic: Topic, there: Found) -> list[str]:
    if topic.scales or there.partitions == topic.partitions:
        return []
    few = there.partitions < topic.partitions
    mend = GROW if few and not topic.compacted else f"delete it when it is empty, and {CREATE}"
    what = "too few" if few else "too many"
    return [f"topic {topic.name} has {what} partitions, {there.partitions} instead of {topic.partitions}: {mend}"]


class Admin:
    """What is asked of a cluster about its topics. Raises aiokafka's errors."""

    def __init__(self, client: AIOKafkaAdminClient, prefix: str, replication: int) -> None:
        self._client, self._prefix, self._replication = client, prefix, replication

    async def counts(self) -> dict[str, int]:
        """Name without prefix -> partitions, of all topics with the prefix."""
        # All topics: asking for one by name would make it, on a broker that creates topics by itself.
        described = await self._client.describe_topics()
        return {
            topic["topic"].removeprefix(self._prefix): len(topic["partitions"])
            for topic in described
            if topic["topic"].startswith(self._prefix) and not topic["error_code"]
        }

    async def found(self, declared: Iterable[Topic]) -> dict[str, Found]:
        counts = await self.counts()
        names = [topic.name for topic in declared if topic.name in counts]
        resources = [ConfigResource(ConfigResourceType.TOPIC, self._prefix + name) for name in names]
        found = {}
        for response in await self._client.describe_configs(resources) if resources else []:
            for code, message, _, resource, entries in response.resources:
                if code:
                    raise errors.for_code(code)(message)
                name = resource.removeprefix(self._prefix)
                overrides = {entry[0]: entry[1] for entry in entries if entry[3] == OVERRIDE}
                found[name] = Found(counts[name], {entry[0]: entry[1] for entry in entries}, overrides)
        return found

    async def create(self, declared: Iterable[Topic], grow: bool) -> list[str]:
        """Make the topics what they are declared to be; one line for everything done, or asked for and not done."""
        declared = tuple(declared)
        found = await self.found(declared)
        done = await self._make([topic for topic in declared if topic.name not in found], found)
        for topic in declared:
            if there := found.get(topic.name):
                done += await self._grow(topic, there, grow)
                done += await self._configure(topic, there)
        grown = {topic.name: topic.partitions for topic in declared if grow and not topic.compacted}
        await self._settle({topic.name: 1 for topic in declared} | grown)
        return done

    async def _make(self, missing: list[Topic], found: Mapping[str, Found]) -> list[str]:
        news = []
        for topic in missing:
            pair = {name for names in ALIKE if topic.name in names for name in names} & set(found)
            count = found[pair.pop()].partitions if pair else topic.partitions
            config = config_of(topic, self._replication)
            news.append(NewTopic(self._prefix + topic.name, count, self._replication, topic_configs=config))
        response = await self._client.create_topics(news) if news else None
        done = []
        for new, (_, code, message) in zip(news, response.topic_errors if response else (), strict=True):
            kind = errors.for_code(code)
            if kind is errors.InvalidReplicationFactorError:
                raise Unavailable(f"{message} Set [kafka] replication to what the cluster has")
            if kind not in (errors.NoError, errors.TopicAlreadyExistsError):
                raise kind(f"{new.name}: {message}")
            done.append(f"{new.name}: made, {new.num_partitions} partition(s)")
        return done

    async def _grow(self, topic: Topic, there: Found, grow: bool) -> list[str]:
        name = self._prefix + topic.name
        if there.partitions >= topic.partitions:
            return []
        told = f"{name}: {there.partitions} partition(s), {topic.partitions} asked for; not grown"
        if topic.compacted:
            return [f"{told}: keys would move away from their state. Delete it when it is empty, and create it anew"]
        if not grow:
            return [f"{told}: keys move to other partitions. Stop the workers and say --grow to have it done"]
        await self._client.create_partitions({name: NewPartitions(topic.partitions)})
        return [f"{name}: grown from {there.partitions} to {topic.partitions} partitions"]

    async def _configure(self, topic: Topic, there: Found) -> list[str]:
        wanted = config_of(topic, self._replication)
        changes = {key: value for key, value in wanted.items() if there.config.get(key) != value}
        if not changes:
            return []
        # The request replaces the whole configuration, so what others have set goes with it.
        resource = ConfigResource(ConfigResourceType.TOPIC, self._prefix + topic.name, {**there.overrides, **wanted})
        for response in await self._client.alter_configs([resource]):
            for code, message, *_ in response.resources:
                if code:
                    raise errors.for_code(code)(f"{topic.name}: {message}")
        said = ", ".join(f"{key}={value} (was {there.config.get(key)})" for key, value in sorted(changes.items()))
        return [f"{self._prefix}{topic.name}: {said}"]

    async def _settle(self, least: Mapping[str, int]) -> None:
        """Wait until the brokers tell of what was made: a new topic is not everywhere at once."""
        for _ in range(50):
            counts = await self.counts()
            if all(counts.get(name, 0) >= count for name, count in least.items()):
                return
            await asyncio.sleep(0.1)
