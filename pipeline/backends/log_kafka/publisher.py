"""Sends messages and waits until they are confirmed: one idempotent producer, replaced after an error.

aiokafka's idempotent producer retries forever while a broker is unavailable, and is unusable after a broker refused a
message (its sequence has a gap). Messages that it still holds must not reach the log after the caller got an error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer, errors
from aiokafka.structs import RecordMetadata

from pipeline.backends.log_kafka.connection import KafkaOptions, arguments, connected, named_errors, place, unavailable
from pipeline.backends.log_kafka.streams import CREATE
from pipeline.stage import Unavailable

LIMIT = 1_000_000  # bytes of key, value and headers of one message
CONFIRM = 15.0  # seconds within which messages must be confirmed
LEAVE = 5.0  # seconds that `close` waits for messages being sent
LINGER = 5  # milliseconds a batch waits for more messages
BATCH = 262_144  # bytes of a partition sent together


class TooLarge(ValueError):
    """A message is too large for any stream; retrying does not help."""

    reason = "too_large"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message to send; `stream` is the name of the Kafka topic."""

    stream: str
    partition: int
    key: bytes
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()

    def size(self) -> int:
        return len(self.key) + len(self.value or b"") + sum(len(name) + len(value) for name, value in self.headers)


class Publisher:
    """Sends messages. Create it inside a running event loop; it connects with the first message."""

    def __init__(self, options: KafkaOptions) -> None:
        self._options = options
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()
        self._leaving: set[asyncio.Task[None]] = set()

    async def send(self, parcels: Sequence[Parcel]) -> list[int]:
        """Send messages; return their offsets when confirmed. Raises TooLarge before any is sent, and Unavailable."""
        for parcel in parcels:
            if (size := parcel.size()) > LIMIT:
                raise TooLarge(f"{parcel.stream}, key {parcel.key[:100]!r}: {size} bytes; a message holds {LIMIT}")
        producer = await self._started()
        sent: list[asyncio.Future[RecordMetadata]] = []
        try:
            async with asyncio.timeout(CONFIRM):
                for p in parcels:
                    sent.append(await producer.send(p.stream, p.value, p.key, partition=p.partition, headers=p.headers))
                return [(await confirmed).offset for confirmed in sent]
        except (errors.KafkaError, OSError) as error:
            self._give_up(producer)
            raise self._unavailable(error, {parcel.stream for parcel in parcels}) from error
        finally:
            for future in sent:  # if one fails or the caller is cancelled, nobody awaits the others
                future.add_done_callback(lambda done: done.cancelled() or done.exception())

    def _unavailable(self, error: Exception, streams: set[str]) -> Unavailable:
        if isinstance(error, TimeoutError):
            return Unavailable(f"{place(self._options)} has not confirmed within {CONFIRM:.0f} s")
        if isinstance(error, errors.MessageSizeTooLargeError):  # someone changed the configuration of the stream
            names = " or ".join(sorted(streams))
            return Unavailable(f"{names} takes less than {LIMIT} bytes (max.message.bytes): {CREATE}")
        return unavailable(self._options, error)

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **arguments(self._options), enable_idempotence=True, acks="all", compression_type="zstd",
                    linger_ms=LINGER, max_batch_size=BATCH, max_request_size=LIMIT + 10_000,
                )  # fmt: skip
                with named_errors(self._options):
                    try:
                        await connected(producer.start())
                    except BaseException:
                        await producer.stop()
                        raise
                self._producer = producer
            return self._producer

    def _give_up(self, producer: AIOKafkaProducer) -> None:
        """Fail all messages that the producer holds, of all callers, and replace it."""
        if self._producer is producer:
            self._producer = None
            task = asyncio.create_task(self._stop(producer))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    async def _stop(self, producer: AIOKafkaProducer) -> None:
        # `stop` alone would keep retrying, and there is no public way to end a producer that cannot deliver.
        producer._sender.sender_task.cancel()
        held = producer._message_accumulator
        batches = [*held._pending_batches, *(batch for queue in held._batches.values() for batch in queue)]
        held.fail_all(errors.KafkaConnectionError("given up after another error"))
        for batch in batches:
            if batch._drain_waiter.done():  # it fails too, and nobody awaits it unless the batch is full
                batch._drain_waiter.exception()
        with suppress(Exception):
            await producer.stop()

    async def close(self) -> None:
        """Close; messages being sent get LEAVE seconds."""
        producer = self._producer
        if producer is not None:
            try:
                await asyncio.wait_for(producer.flush(), LEAVE)
                await producer.stop()
            except TimeoutError:
                self._give_up(producer)
            self._producer = None
        if self._leaving:
            await asyncio.wait(self._leaving)
