"""Reads partitions of a broker up to their ends, without a consumer group."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from pipeline.backends.log_kafka.connection import (
    PATIENCE,
    KafkaOptions,
    arguments,
    connected,
    named_errors,
    unavailable,
)
from pipeline.log.messages import to_millis, written_at

FETCH = 4 << 20  # bytes of one partition in one answer
HEAD = 1 << 14  # the same, if only the first message is wanted; a larger one comes whole
WAIT = 100  # milliseconds a broker waits for messages before it answers without any


class Reader:
    """Reads records and offsets; each call opens its own connection."""

    def __init__(self, options: KafkaOptions) -> None:
        self._options = options

    def reading(self, starts: Mapping[TopicPartition, int]) -> BoundedRead:
        """Read records from the given offsets, or the oldest there are, to the ends as of the call."""
        return BoundedRead(self._options, starts)

    async def offsets(self, places: Collection[TopicPartition], which: str) -> dict[TopicPartition, int]:
        """The "beginning" or the "end" of each partition. Raises Unavailable."""
        async with _Consumer(self._options) as consumer:
            with named_errors(self._options):
                _assign(consumer, places)
                offsets: dict[TopicPartition, int] = await getattr(consumer, f"{which}_offsets")(list(places))
        return offsets

    async def written_since(self, moments: Mapping[TopicPartition, datetime]) -> dict[TopicPartition, int]:
        """By partition, the offset of the first message written at the moment or later, if it has one.
        Raises Unavailable."""
        if not moments:
            return {}
        async with _Consumer(self._options) as consumer:
            with named_errors(self._options):
                wanted = {tp: max(0, to_millis(moment)) for tp, moment in moments.items()}
                found = await consumer.offsets_for_times(wanted)
        return {tp: at.offset for tp, at in found.items() if at is not None}

    async def first(self, starts: Mapping[TopicPartition, int]) -> dict[TopicPartition, datetime]:
        """By partition, when the first message from the offset on was written. Raises Unavailable."""
        found: dict[TopicPartition, datetime] = {}
        async with BoundedRead(self._options, starts, HEAD) as reading:
            while records := await reading.next_records():
                for record in records:
                    tp = TopicPartition(record.topic, record.partition)
                    found.setdefault(tp, written_at(record.timestamp))
                reading.leave(found)
        return found


class _Consumer:
    """A consumer without a group, inside `async with`. `fetch`: bytes of one partition in one answer. Raises
    Unavailable."""

    def __init__(self, options: KafkaOptions, fetch: int = FETCH) -> None:
        self._options = options
        self._consumer = AIOKafkaConsumer(
            **arguments(self._options), enable_auto_commit=False, auto_offset_reset="earliest",
            max_partition_fetch_bytes=fetch, fetch_max_wait_ms=WAIT,
        )  # fmt: skip

    async def __aenter__(self) -> AIOKafkaConsumer:
        try:
            with named_errors(self._options):
                await connected(self._consumer.start())
        except BaseException:
            await _stop(self._consumer)
            raise
        return self._consumer

    async def __aexit__(self, *_: object) -> None:
        await _stop(self._consumer)


class BoundedRead:
    """Reads partitions from `starts` up to their ends as of entering it. `ends`: those of the unfinished partitions."""

    def __init__(self, options: KafkaOptions, starts: Mapping[TopicPartition, int], fetch: int = FETCH) -> None:
        self._options, self._starts, self._opened = options, starts, _Consumer(options, fetch)
        self._answered: dict[TopicPartition, Any] = {}

    async def __aenter__(self) -> BoundedRead:
        self._consumer = await self._opened.__aenter__()
        try:
            with named_errors(self._options):
                self.ends = await _seek(self._consumer, self._starts)
        except BaseException:
            await self.__aexit__()
            raise
        self._empty_answers = dict.fromkeys(self.ends, 0)  # answers in a row without a message
        self._last_answer = self._returned = asyncio.get_running_loop().time()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._opened.__aexit__()

    async def next_records(self) -> list[ConsumerRecord]:
        """The next records; none at the end. Raises Unavailable, also when the broker is silent."""
        records: list[ConsumerRecord] = []
        with named_errors(self._options):
            while self.ends and not records:
                records = await self._next_answer()
        return records

    async def _next_answer(self) -> list[ConsumerRecord]:
        self._last_answer += (
            asyncio.get_running_loop().time() - self._returned
        )  # plus the time that the caller took for the last records
        batches = await self._consumer.getmany(*self.ends, timeout_ms=WAIT)
        records = [record for tp, batch in batches.items() for record in batch if record.offset < self.ends[tp]]
        self._note_answers(got_records=bool(batches))
        for tp in list(self.ends):
            if await self._consumer.position(tp) >= self.ends[tp]:
                self._finished(tp)
        if self.ends and all(self._empty_answers[tp] >= 2 for tp in self.ends):
            self.ends.clear()  # compaction removed the messages before the ends
        self._returned = asyncio.get_running_loop().time()
        return records

    def leave(self, places: Collection[TopicPartition]) -> None:
        """Read no more of these partitions."""
        for tp in [tp for tp in self.ends if tp in places]:
            self._finished(tp)

    def _note_answers(self, *, got_records: bool) -> None:
        now = asyncio.get_running_loop().time()
        for tp in self.ends:
            answered = self._consumer.last_poll_timestamp(tp)
            # A new leader may not yet know of all confirmed messages.
            complete = (self._consumer.highwater(tp) or 0) >= self.ends[tp]
            if complete and answered != self._answered.get(tp):
                self._answered[tp], self._last_answer = answered, now
                self._empty_answers[tp] += 1
        if got_records:
            self._last_answer = now
            self._empty_answers = dict.fromkeys(self.ends, 0)
        elif now - self._last_answer > PATIENCE:
            raise unavailable(self._options, TimeoutError())

    def _finished(self, tp: TopicPartition) -> None:
        del self.ends[tp]
        self._consumer.pause(tp)


async def _seek(consumer: AIOKafkaConsumer, starts: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
    """Set the consumer to the starts. Returns the ends of the partitions that have something to read."""
    _assign(consumer, starts)
    oldest, ends = await consumer.beginning_offsets(list(starts)), await consumer.end_offsets(list(starts))
    ends = {tp: end for tp, end in ends.items() if max(starts[tp], oldest[tp]) < end}
    for tp in ends:
        consumer.seek(tp, max(starts[tp], oldest[tp]))
        consumer.resume(tp)
    return ends


def _assign(consumer: AIOKafkaConsumer, places: Collection[TopicPartition]) -> None:
    """Assign all partitions at once, without reading them yet.

    A consumer whose assignment changes during a request may hang when it is stopped, so this is done only once.
    """
    consumer.assign(list(places))
    for tp in places:
        consumer.seek(tp, 0)
    consumer.pause(*places)


async def _stop(consumer: AIOKafkaConsumer) -> None:
    # If a request is in progress, `stop` raises CancelledError, as if the caller were cancelled, and leaves its
    # connections open.
    stopping = asyncio.create_task(consumer.stop())
    await asyncio.wait([stopping])
    if stopping.cancelled() or stopping.exception():
        await consumer._client.close()
