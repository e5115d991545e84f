"""Stages that do simple things, and workers that run them on a broker."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from agents.app import Broker
from agents.worker import Worker
from pipeline.backends.log_kafka import KafkaLog
from pipeline.ports import Stream
from pipeline.records import Feed, Item, Outcomes, Record, decode
from pipeline.stage import Drop, Emit, Message, Out, Outcome, Position, ReadState, Stage, Unavailable
from tests import builders
from tests.builders import feed

PATIENCE = 60.0  # seconds; Faust takes three to start, more on a busy machine
SESSION = 6.0  # seconds; the least that a broker allows
STREAMS = (
    Stream("in", partitions=4), Stream("in-backfill"), Stream("items"), Stream("items-later", partitions=5),
    Stream("one"), Stream("out"), Stream("state", compacted=True), Stream("dead"), Stream("outcomes"),
    Stream("control"),
)  # fmt: skip


def now() -> datetime:
    return datetime.now(UTC)


SITES = ["https://a.example/soon", "https://a.example/late"]


def item(url: str) -> Item:
    return builders.item(url, seen=now())


class Pass(Stage):
    """Sends on what it reads; the record's name says what else happens."""

    name = "pass"
    reads: ClassVar[dict[str, type[Record]]] = {"in": Feed, "in-backfill": Feed}
    writes = ("out",)

    def __init__(self, window: int = 8, pause: float = 0.0) -> None:
        self.window = window
        self.seconds = pause
        self.seen: list[str] = []
        self.broken = 0
        self.hang = asyncio.Event()

    async def step(self, record: Feed, at: Position) -> Outcome:
        self.seen.append(record.name)
        await asyncio.sleep(self.seconds)
        if record.name.startswith("hang"):
            await self.hang.wait()
        if self.broken:
            self.broken -= 1
            raise Unavailable("index is down")
        if record.name == "bad":
            raise RuntimeError("cannot")
        if record.name == "unwanted":
            return Drop("unwanted")
        if record.name == "large":
            return Emit((Out("out", record.id, feed("x" * 1_100_000)),))
        return Emit((Out("out", record.id, record),))


class Timed(Stage):
    """Notes when an item came."""

    name = "timed"
    reads: ClassVar[dict[str, type[Record]]] = {"items": Item, "items-later": Item}

    def __init__(self) -> None:
        self.came: dict[str, datetime] = {}

    async def step(self, record: Item, at: Position) -> Outcome:
        self.came[record.url] = now()
        return Emit()


class Count(Stage):
    """Numbers what it reads, and remembers the last number: one by one, as relate does."""

    name = "count"
    reads: ClassVar[dict[str, type[Record]]] = {"one": Feed}
    writes = ("out", "state")
    anchor = "one"
    owns: ClassVar[dict[str, type[Record]]] = {"state": Feed}
    standby = True

    def __init__(self) -> None:
        self.last = 0
        self.restored = self.followed = 0
        self.next = 0  # offset of the state not yet read

    async def restore(self, read: ReadState) -> None:
        self.restored += 1
        self.last = self.next = 0
        self.next = await read("state", self._take)

    async def follow(self, read: ReadState) -> None:
        self.followed += 1
        self.next = await read("state", self._take, self.next)

    def _take(self, message: Message, record: Feed | None) -> None:
        if record is not None and not message.stale:
            self.last = int(record.name)

    async def step(self, record: Feed, at: Position) -> Outcome:
        self.last += 1
        said = feed(f"{record.name}={self.last}")
        return Emit((Out("out", record.id, said), Out("state", "last", feed(str(self.last)))))


@dataclass
class Room:
    """The streams of one test, and workers on them."""

    log: KafkaLog

    async def put(self, stream: str, names: Sequence[str], **more: Any) -> None:
        await self.log.publish([Out(stream, name, feed(name), **more) for name in names])

    async def names(self, stream: str = "out") -> list[str]:
        return [decode(Feed, m.value).name async for m in self.log.replay(stream) if m.value]

    async def endings(self) -> Counter[tuple[str, int, int]]:
        """How often each record ended."""
        found: Counter[tuple[str, int, int]] = Counter()
        async for message in self.log.replay("outcomes"):
            ended = decode(Outcomes, message.value or b"")
            found.update((ended.stream, ended.partition, offset) for offset in ended.offsets)
        return found

    async def until(self, true: Callable[[], Any], patience: float = PATIENCE) -> None:
        """`true`: a function, or one that gives an awaitable."""
        async with asyncio.timeout(patience):
            while True:
                found = true()
                if await found if asyncio.iscoroutine(found) else found:
                    return
                await asyncio.sleep(0.05)

    async def has(self, count: int, stream: str = "out") -> bool:
        return sum(end for (name, _), end in (await self.log.ends()).items() if name == stream) >= count

    @asynccontextmanager
    async def worker(self, *stages: Stage, name: str = "w1", **more: Any) -> AsyncIterator[Worker]:
        """A running worker with its own connection."""
        options = self.log.options
        log = await KafkaLog.open(options, STREAMS)
        broker = Broker(options.servers, options.prefix, name, SESSION)
        worker = Worker(log, broker, stages, None, now, **more)
        try:
            async with worker.running():
                yield worker
        finally:
            await log.close()
