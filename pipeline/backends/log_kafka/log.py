"""The log on a Kafka broker: publishing, replaying, offsets and groups, ownership of state partitions.

It does not consume in groups: the driver does that, with Faust. Delivery is at least once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import datetime

from aiokafka import ConsumerRecord, TopicPartition, errors
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import OffsetAndMetadata

from pipeline.backends.log_kafka.connection import PATIENCE, KafkaOptions, arguments, cause, connected, named_errors
from pipeline.backends.log_kafka.epochs import Epochs, Ownership, OwnMessages
from pipeline.backends.log_kafka.groups import Groups
from pipeline.backends.log_kafka.lag import Lags, expected
from pipeline.backends.log_kafka.metadata import Topic, forbid_creation
from pipeline.backends.log_kafka.publisher import Parcel, Publisher
from pipeline.backends.log_kafka.reader import Reader
from pipeline.backends.log_kafka.streams import CREATE, GROW, Admin, StreamsWrong, faults
from pipeline.log.claims import claim_of
from pipeline.log.messages import read_message, to_millis
from pipeline.log.partition import partition_of
from pipeline.ports import Lag, Stream
from pipeline.records import encode
from pipeline.stage import Message, Out, Position, Unavailable


class KafkaLog:
    """The log. Open it with `KafkaLog.open` inside a running event loop; `close` it. Stream names have no prefix."""

    def __init__(self, options: KafkaOptions, streams: Iterable[Stream], *, write: bool = True) -> None:
        self.options, self._write = options, write
        self.streams = {stream.name: stream for stream in streams}
        self._publisher, self._reader = Publisher(options), Reader(options)
        self._client = AIOKafkaAdminClient(**arguments(options))
        self._groups = Groups(self._client, options)
        self._admin = Admin(self._client, options.prefix, options.replication)
        self._counts: dict[str, int] = {}
        self._incarnations: dict[str, str] = {}  # by stream, the id of its topic
        self._claims: dict[tuple[str, int], Ownership] = {}
        self._own = OwnMessages()
        self._epochs: dict[tuple[str, int], Epochs] = {}

    @classmethod
    async def open(cls, options: KafkaOptions, streams: Iterable[Stream], *, write: bool = True) -> KafkaLog:
        """Connect within seconds. Raises Unavailable, saying what to check. Streams may still be missing. Without
        `write`, publishing raises RuntimeError."""
        forbid_creation()
        log = cls(options, streams, write=write)
        try:
            async with asyncio.timeout(PATIENCE):
                await connected(log._client.start())
                await log._load_counts()
        except (TimeoutError, errors.KafkaError, OSError) as error:
            await log.close()
            raise Unavailable(f"cannot use Kafka. {await cause(options)}") from error
        except BaseException:
            await log.close()
            raise
        return log

    async def _load_counts(self) -> None:
        topics = await self._note_topics()
        self._counts = {name: topic.partitions for name, topic in topics.items()}

    async def _note_topics(self) -> dict[str, Topic]:
        """The streams that are on the broker now. Notes which are missing, and which are new."""
        topics = {name: topic for name, topic in (await self._admin.topics()).items() if name in self.streams}
        for stream, place in list(self._epochs):
            if stream in topics and topics[stream].id != self._incarnations.get(stream):
                del self._epochs[stream, place]
        self._incarnations = {name: topic.id for name, topic in topics.items()}
        # Counts stay as they were: keys must not move to other partitions while this process works.
        self._counts = {name: self._counts.get(name, topic.partitions) for name, topic in topics.items()}
        return topics

    # -- streams -------------------------------------------------------------------------------------------------

    async def check(self) -> None:
        """Raise StreamsWrong if the stages cannot work with some streams, naming them and what to do."""
        if lines := await self.faults():
            raise StreamsWrong(lines)

    async def faults(self) -> tuple[str, ...]:
        """What is wrong with the streams on the broker, one line each. Raises Unavailable."""
        with named_errors(self.options):
            await self._load_counts()
            return faults(self.streams.values(), await self._admin.found(self.streams.values()))

    async def create(self, grow: bool = False) -> list[str]:
        """Create missing streams and correct the configuration of the others. Returns a line for each change.

        `grow`: also add partitions where there are fewer than declared. Keys then move to other partitions, so
        compacted streams are never grown. Raises Unavailable.
        """
        with named_errors(self.options):
            done = await self._admin.create(self.streams.values(), grow)
            await self._load_counts()
        return done

    async def incarnations(self) -> dict[str, str]:
        """By stream, the id of its topic now; without streams that are missing. Raises Unavailable."""
        with named_errors(self.options):
            await self._note_topics()
        return dict(self._incarnations)

    async def empty(self, stream: str) -> None:
        """Delete all messages of the stream. Raises Unavailable."""
        with named_errors(self.options):
            await self._admin.empty(stream, self.partitions(stream))

    def partitions(self, stream: str) -> int:
        """How many partitions the stream has on the broker. Raises Unavailable when it is missing there."""
        if stream not in self.streams:
            raise ValueError(f"stream {stream!r} is not declared in log/streams.py")
        if stream not in self._counts:
            raise StreamsWrong((f"stream {stream} is missing: {CREATE}",))
        return self._counts[stream]

    # -- writing ------------------------------------------------------------------------------------------------

    async def publish(self, outs: Sequence[Out]) -> None:
        """Publish in order; durable on return. Raises ValueError or TooLarge, before anything is published, if a record
        never can be; Unavailable, after which some records may be published."""
        if not self._write:
            raise RuntimeError("the log was opened for reading only")
        parcels = [self._parcel(out) for out in outs]
        async with self._naming_missing({out.stream for out in outs}):
            offsets = await self._publisher.send(parcels)
        for out, parcel, offset in zip(outs, parcels, offsets, strict=True):
            if (out.stream, parcel.partition) in self._claims:
                self._own.note((out.stream, parcel.partition), offset)

    async def _refuse_missing(self, streams: Iterable[str]) -> None:
        """Raise StreamsWrong if one of the streams is missing; a client says no more than that it had no answer."""
        with named_errors(self.options):
            await self._note_topics()
        for stream in streams:
            self.partitions(stream)

    @asynccontextmanager
    async def _naming_missing(self, streams: Collection[str]) -> AsyncIterator[None]:
        """If what is done inside is Unavailable because one of the streams is missing, raise StreamsWrong instead."""
        try:
            yield
        except Unavailable:
            await self._refuse_missing(streams)
            raise

    def _parcel(self, out: Out) -> Parcel:
        count = self.partitions(out.stream)
        place = out.partition if out.partition is not None else partition_of(out.by or out.key, count)
        if not 0 <= place < count:
            raise StreamsWrong((f"stream {out.stream} has {count} partitions, none numbered {place}: {GROW}",))
        headers = []
        if out.due is not None:
            headers.append(("due", b"%d" % to_millis(out.due)))
        if claim := self._claims.get((out.stream, place)):
            headers += [("epoch", b"%d" % claim.epoch), ("incarnation", claim.incarnation.encode())]
        value = None if out.record is None else encode(out.record)
        return Parcel(self.options.prefix + out.stream, place, out.key.encode(), value, headers)

    async def claim(self, stream: str, partition: int, owner: str) -> int:
        """Become the owner of a state partition: messages that others write from now on are stale. Returns the epoch.

        Read the partition after this, not before. `owner`: a name for people.
        """
        await self._refuse_missing([stream])
        incarnation, offset = self._incarnations[stream], -1
        while offset < 0:  # the offset is unknown if the broker has it already, from an attempt without an answer
            [offset] = await self._publisher.send([Parcel(self.options.prefix + stream, partition, *claim_of(owner))])
        self._own.claimed((stream, partition), offset)
        self._claims[stream, partition] = Ownership(offset + 1, incarnation)
        return offset + 1

    def skip_own(self, stream: str, partition: int, offset: int) -> int:
        """The first offset from `offset` on whose message is not known to be of this process, as its owner."""
        return self._own.skip((stream, partition), offset)

    def alone(self, stream: str, partition: int) -> bool:
        """Whether no other process wrote there between this process's last message and its newest claim."""
        return self._own.alone((stream, partition))

    def release(self, stream: str, partition: int) -> None:
        """Stop being the owner: messages written from now on carry no epoch."""
        self._claims.pop((stream, partition), None)

    # -- reading ------------------------------------------------------------------------------------------------

    async def replay(
        self, stream: str, since: int = 0, partitions: Collection[int] | None = None
    ) -> AsyncGenerator[Message, None]:
        """Yield messages, in order within each partition. Raises Unavailable."""
        # Nothing below is a generator too: the event loop, which closes one that is abandoned, could not close both.
        count = self.partitions(stream)
        starts = dict.fromkeys(range(count) if partitions is None else partitions, since)
        try:
            async with self._reader.reading(self._wanted(stream, starts)) as reading:
                while records := await reading.next_records():
                    for message in self._seen(stream, records, starts):
                        yield message
        except Unavailable:
            await self._refuse_missing([stream])
            raise

    async def read(self, stream: str, partition: int, offset: int, limit: int) -> list[Message]:
        """Return at most `limit` messages from `offset` on, in order. Gaps (compaction, retention) are skipped."""
        found: list[Message] = []
        async with aclosing(self.replay(stream, offset, [partition])) as messages:
            async for message in messages:
                found.append(message)
                if len(found) >= limit:
                    break
        return found

    def _wanted(self, stream: str, starts: Mapping[int, int]) -> dict[TopicPartition, int]:
        """Where to begin reading, so that stale messages are recognised from `starts` on."""
        epochs = {place: self._epochs.setdefault((stream, place), Epochs()) for place in starts}
        return {
            TopicPartition(self.options.prefix + stream, place): epochs[place].begin(start)
            for place, start in starts.items()
        }

    def _seen(self, stream: str, records: Iterable[ConsumerRecord], starts: Mapping[int, int]) -> Iterator[Message]:
        """The messages from `starts` on, without claims; stale ones are marked."""
        for record in records:
            at = Position(stream, record.partition, record.offset)
            message = read_message(at, record.key, record.value, record.timestamp, record.headers)
            epochs = self._epochs.setdefault((stream, record.partition), Epochs())
            claim, stale = epochs.take(message, record.headers, self._incarnations.get(stream))
            if not claim and record.offset >= starts[record.partition]:
                yield replace(message, stale=True) if stale else message

    async def ends(self) -> dict[tuple[str, int], int]:
        """By (stream, partition), the offset that the next message will get. Raises Unavailable."""
        return await self._everywhere("end")

    async def starts(self) -> dict[tuple[str, int], int]:
        """By (stream, partition), the offset of the oldest message. Raises Unavailable."""
        return await self._everywhere("beginning")

    async def _everywhere(self, which: str) -> dict[tuple[str, int], int]:
        prefix = self.options.prefix
        with named_errors(self.options):
            await self._note_topics()  # a client waits long for the offsets of a stream that was deleted
        counts = dict(self._counts)
        places = [TopicPartition(prefix + name, n) for name, count in counts.items() for n in range(count)]
        async with self._naming_missing(counts):
            offsets = await self._reader.offsets(places, which)
        return {(tp.topic.removeprefix(prefix), tp.partition): offset for tp, offset in offsets.items()}

    async def groups(self) -> dict[tuple[str, str, int], int]:
        """By (group, stream, partition), the offset of the first message not done. Raises Unavailable."""
        found = await self._groups.committed()
        return {key: at.offset for key, at in found.items() if key[1] in self.streams}

    async def lag(self, now: datetime, readers: Mapping[str, Collection[str]]) -> dict[tuple[str, str, int], Lag]:
        """By (group, stream, partition), what the group has not done at `now`. Raises Unavailable.

        `readers`: groups with the streams that they read; what a group never committed counts from the start.
        """
        committed, starts = await asyncio.gather(self.groups(), self.starts())
        ends = await self.ends()  # last, so that new messages count as waiting
        ends = {place: end for place, end in ends.items() if place in starts}
        lags = Lags(self._reader, self.options.prefix, self.streams)
        async with self._naming_missing({stream for stream, _ in ends}):
            return await lags.read(expected(readers, committed, starts), starts, ends, now)

    async def positions(self) -> dict[tuple[str, str, int], tuple[int, str]]:
        """As `groups`, with the id of the topic that each offset belongs to ("": unknown). Raises Unavailable."""
        found = await self._groups.committed()
        return {key: (at.offset, at.metadata) for key, at in found.items() if key[1] in self.streams}

    async def move(self, group: str, offsets: Mapping[tuple[str, int], int], patience: float) -> None:
        """Set committed offsets of a group without members; waits up to `patience` seconds. Raises Unavailable."""
        ids = await self.incarnations()
        places = {
            TopicPartition(self.options.prefix + stream, partition): OffsetAndMetadata(offset, ids[stream])
            for (stream, partition), offset in offsets.items()
        }
        await self._groups.move(group, places, patience)

    async def members(self) -> dict[str, set[str]]:
        """By group, the names of the workers that are members. Raises Unavailable."""
        return await self._groups.members()

    async def workers(self) -> dict[tuple[str, str, int], str]:
        """By (group, stream, partition), the instance of the worker that holds it now. Raises Unavailable."""
        return await self._groups.holders()

    async def close(self) -> None:
        await self._publisher.close()
        await self._client.close()
