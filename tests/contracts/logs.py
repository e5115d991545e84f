"""The logs that the tests of the log protocol run on: streams, records, and each backend with its set-up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.structs import OffsetAndMetadata

from pipeline.backends.log_kafka import KafkaLog, KafkaOptions
from pipeline.backends.log_sqlite import SqliteLog
from pipeline.config.addresses import servers_of
from pipeline.ports import Ack, Lag, Log, Stream
from pipeline.records import Feed, decode
from pipeline.stage import Message, Out
from tests.builders import feed
from tests.options import kafka_options

STREAMS = (
    Stream("a", partitions=4, keep=100),
    Stream("b"),
    Stream("state", compacted=True, partitions=2),
    Stream("later", partitions=2, delays=(60, 3600)),
)


class Time:
    """A clock that only moves when set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def out(stream: str, key: str, **more: object) -> Out:
    return Out(stream, key, feed(key), **more)  # type: ignore[arg-type]


async def everything(log: Log, stream: str, since: int = 0, partitions: Sequence[int] | None = None) -> list[Message]:
    return [message async for message in log.replay(stream, since, partitions)]


def names(messages: Sequence[Message]) -> list[str]:
    return [decode(Feed, m.value).name if m.value else f"-{m.key}" for m in messages]


@asynccontextmanager
async def opened(options: KafkaOptions, streams: Iterable[Stream] = STREAMS) -> AsyncIterator[KafkaLog]:
    log = await KafkaLog.open(options, streams)
    try:
        yield log
    finally:
        await log.close()


class Backend(Protocol):
    """Opens logs on one and the same place; `ack` and `forget` do what drivers and retention do."""

    async def open(self) -> Log: ...

    def now(self) -> datetime:
        """The time by the clock of the log."""
        ...

    async def lag(self, log: Log, now: datetime) -> dict[tuple[str, str, int], Lag]:
        """What groups have not done; the group `g` reads `later` from its start."""
        ...

    async def ack(self, log: Log, group: str, partition: int, offset: int) -> None:
        """The group has done everything before `offset` of stream `a`."""
        ...

    async def forget(self, log: Log, partition: int, before: int) -> None:
        """Retention takes the messages of stream `a` before `before`, which are all that is older than now."""
        ...


class OnSqlite:
    def __init__(self, folder: Path) -> None:
        self.path, self.time = folder / "log.sqlite", Time()

    def now(self) -> datetime:
        return self.time.now

    async def lag(self, log: Log, now: datetime) -> dict[tuple[str, str, int], Lag]:
        assert isinstance(log, SqliteLog)
        later = [Ack("g", "later", partition, 0) for partition in range(2)]  # as the driver claims what it reads
        await log.commit([], acks=later)
        return log.lag(now)

    async def open(self) -> SqliteLog:
        return SqliteLog(self.path, STREAMS, self.time)

    async def ack(self, log: Log, group: str, partition: int, offset: int) -> None:
        assert isinstance(log, SqliteLog)
        await log.commit([], acks=[Ack(group, "a", partition, offset)])

    async def forget(self, log: Log, partition: int, before: int) -> None:
        assert isinstance(log, SqliteLog)
        await self.ack(log, "reader", partition, before)
        self.time.now += timedelta(seconds=101)
        assert await log.expire() == before


class OnKafka:
    def __init__(self, url: str, prefix: str) -> None:
        self.options = kafka_options(servers_of(url), prefix)
        self._made = False

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def lag(self, log: Log, now: datetime) -> dict[tuple[str, str, int], Lag]:
        assert isinstance(log, KafkaLog)
        return await log.lag(now, {"g": ("later",)})

    async def open(self) -> KafkaLog:
        log = await KafkaLog.open(self.options, STREAMS)
        if not self._made:
            await log.create()
            self._made = True
        return log

    async def ack(self, log: Log, group: str, partition: int, offset: int) -> None:
        place = TopicPartition(self.options.prefix + "a", partition)
        consumer = AIOKafkaConsumer(
            bootstrap_servers=list(self.options.servers), group_id=self.options.prefix + group, enable_auto_commit=False
        )
        await consumer.start()
        await asyncio.sleep(0)
        consumer.assign([place])
        await consumer.commit({place: OffsetAndMetadata(offset, "")})
        await consumer.stop()

    async def forget(self, log: Log, partition: int, before: int) -> None:
        place = TopicPartition(self.options.prefix + "a", partition)
        admin = AIOKafkaAdminClient(bootstrap_servers=list(self.options.servers))
        await admin.start()
        await admin.delete_records({place: RecordsToDelete(before_offset=before)})
        await admin.close()
