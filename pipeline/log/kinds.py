"""Protocols of the two kinds of log, with what reports and administration need: embedded, and on a broker."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pipeline.ports import Lag, SharedLog, Stream, TransactionalLog
from pipeline.stage import Message


class EmbeddedLog(TransactionalLog, Protocol):
    """The log on this machine, with what reports, retention and backups need."""

    streams: dict[str, Stream]

    def snapshot(self) -> AbstractContextManager[None]:
        """Inside, counters, groups, ends and `stored` are those of one moment. Blocks nobody."""
        ...

    def counters(self) -> dict[tuple[str, str], int]:
        """(stage, ending) -> how often it happened since the log was created."""
        ...

    def stored(self) -> dict[str, tuple[int, int]]:
        """Stream -> (messages, bytes of their values) on disk."""
        ...

    async def expire(self) -> int:
        """Delete messages past their retention that every reading group has done; return how many."""
        ...

    def frozen(self) -> AbstractContextManager[None]:
        """Inside, commits of all processes wait, so that log and index can be copied as of one moment."""
        ...

    def backup(self, target: Path) -> None:
        """Write a compact copy of the log to the new file `target`. Raises Unavailable."""
        ...


class BrokerLog(SharedLog, Protocol):
    """The log that workers share, with what reports and the administration of its streams need."""

    streams: dict[str, Stream]

    async def check(self) -> None:
        """Raise Unavailable if the stages cannot work with some streams, naming them and what to do."""
        ...

    async def faults(self) -> tuple[str, ...]:
        """What is wrong with the streams on the broker, one line each."""
        ...

    async def create(self, grow: bool = False) -> list[str]:
        """Create missing streams and update the others; one line for each thing done. `grow`: add partitions too."""
        ...

    async def lag(self, now: datetime, readers: Mapping[str, Collection[str]]) -> dict[tuple[str, str, int], Lag]:
        """By (group, stream, partition), what the group has not done at `now`.

        `readers`: groups with the streams that they read; what a group never committed counts from the start.
        """
        ...

    async def empty(self, stream: str) -> None:
        """Delete all messages of the stream."""
        ...

    async def positions(self) -> dict[tuple[str, str, int], tuple[int, str]]:
        """By (group, stream, partition), the committed offset, and the id of the topic it belongs to ("": unknown)."""
        ...

    async def move(self, group: str, offsets: Mapping[tuple[str, int], int], patience: float) -> None:
        """Set committed offsets of a group without members; waits up to `patience` seconds until it has none."""
        ...

    async def members(self) -> dict[str, set[str]]:
        """By group, the names of the workers that are members; groups without members are left out."""
        ...

    async def workers(self) -> dict[tuple[str, str, int], str]:
        """(group, stream, partition) -> name of the worker that holds it now."""
        ...

    async def read(self, stream: str, partition: int, offset: int, limit: int) -> list[Message]:
        """At most `limit` messages from `offset` on, in order; gaps (compaction, retention) are skipped."""
        ...
