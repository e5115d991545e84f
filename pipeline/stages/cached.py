"""Keeps a state stream at hand through a cache on disk: for streams too large for memory, such as `known`.

The cache is filled by reading the stream back, never from a decision, so it holds nothing that the log does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from pipeline.ports import StateCache
from pipeline.records import Record, encode, seq_of
from pipeline.stage import Message, Out, ReadState, Unavailable

BATCH = 2000  # messages absorbed in one transaction

R = TypeVar("R", bound=Record)


class Cached(Generic[R]):
    """The newest record of each key of one stream, with those that were published and are not yet in the cache."""

    def __init__(self, stream: str, cache: StateCache[R], absorb_every: int) -> None:
        self.stream, self._cache, self._absorb_every = stream, cache, absorb_every
        self.forget()

    def forget(self) -> None:
        """Forget all but what is in the cache."""
        self._read: ReadState | None = None
        self._unabsorbed: dict[str, R] = {}
        self._behind = False  # the cache failed: it must be filled from the log before it is read again

    @property
    def seq(self) -> int:
        """The highest seq in the cache."""
        return self._cache.position()[1]

    def close(self) -> None:
        self._cache.close()

    async def follow(self, read: ReadState) -> None:
        """Add what the cache lacks. Raises Unavailable."""
        self._read = read
        await self._catch_up()

    async def ready(self) -> None:
        """Fill the cache again if it failed. Raises Unavailable."""
        if self._behind:
            await self._catch_up()

    async def settled(self, now: bool = False) -> None:
        """Read back what was published, once there is enough of it, or `now`."""
        if now or len(self._unabsorbed) >= self._absorb_every:
            try:
                await self._catch_up()
            except Unavailable:
                self._behind = True  # the next step reports it

    def sent(self, outs: Sequence[Out], kind: type[R]) -> None:
        """Remember the records of `outs` on this stream; all are of type `kind`."""
        self._unabsorbed |= {
            out.key: out.record for out in outs if out.stream == self.stream and isinstance(out.record, kind)
        }

    def get(self, ids: Sequence[str]) -> dict[str, R]:
        """The records under `ids` that are there. Raises Unavailable."""
        found = {id: self._unabsorbed[id] for id in ids if id in self._unabsorbed}
        missing = [id for id in ids if id not in found]
        if missing:
            found |= self._guarded(lambda: self._cache.get(missing))
        return found

    def _guarded(self, read: Callable[[], dict[str, R]]) -> dict[str, R]:
        try:
            return read()
        except Unavailable:
            self._behind = True
            raise

    def check(self, record: Record) -> None:
        """Raise ValueError if the cache could not take this record."""

    def cleared(self) -> None:
        """The cache was emptied: it had read another log."""

    def newer(self, out: Out) -> R | None:
        """The record under the key of `out`, if it is of a later document."""
        found = self.get([out.key]).get(out.key)
        return found if found and out.record and seq_of(found) > seq_of(out.record) else None

    async def _catch_up(self) -> None:
        """Add to the cache the records that it lacks; all of them if it was filled from another log.

        Reads from the last message in the cache on. A log always keeps its newest message; so if neither that one nor a
        newer one exists, the log is another one, or shorter, as after restoring a backup.
        """
        if self._read is None:
            return
        next_offset, _ = self._cache.position()
        other = False
        batch: list[Message] = []

        def take(message: Message, record: Record | None) -> None:
            nonlocal other
            if record is not None:
                self.check(record)
            if message.at.offset < next_offset:
                other = not self._cache.ends_with(message)
            elif not other:
                batch.append(message)
            if len(batch) == BATCH:
                self._absorb(batch)
                batch.clear()

        since = max(0, next_offset - 1)
        found = await self._read(self.stream, take, since) > since or next_offset == 0
        if other or not found:
            self._cache.clear()
            self.cleared()
            return await self._catch_up()
        self._absorb(batch)
        self._behind = False

    def _absorb(self, batch: Sequence[Message]) -> None:
        self._cache.absorb(batch)
        for message in batch:
            sent = self._unabsorbed.get(message.key)
            if sent is not None and encode(sent) == message.value and not message.stale:
                del self._unabsorbed[message.key]
