"""The two kinds of log, as reports and administration need them: on this machine, and on a broker."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from pipeline.ports import Claims, Stream, Transactions
from pipeline.stage import Message


class EmbeddedLog(Transactions, Protocol):
    """The log of one machine, as reports, retention and backups need it."""

    streams: dict[str, Stream]

    def still(self) -> AbstractContextManager[None]:
        """Counters, groups, ends and what is stored are of one moment inside; nobody has to wait."""
        ...

    def counters(self) -> dict[tuple[str, str], int]:
        """(stage, ending) -> how often it happened since the log was created."""
        ...

    def stored(self) -> dict[str, tuple[int, int]]:
        """Stream -> (messages, bytes of their values) on disk."""
        ...

    async def expire(self) -> int:
        """Delete what is older than its stream keeps and done by every group that reads it; returns how many."""
        ...

    def frozen(self) -> AbstractContextManager[None]:
        """Nobody publishes or acknowledges inside, in no process: they wait. To copy log and index at one moment."""
        ...

    def backup(self, target: Path) -> None:
        """Write a compact copy of the log to the new file `target`. Raises Unavailable."""
        ...


class BrokerLog(Claims, Protocol):
    """The log that workers share, as reports and the administration of its streams need it."""

    streams: dict[str, Stream]

    async def check(self) -> None:
        """Raises Unavailable, naming every stream that the stages cannot work with, and what to do."""
        ...

    async def faults(self) -> tuple[str, ...]:
        """What is wrong with the streams on the broker, one line each."""
        ...

    async def create(self, grow: bool = False) -> list[str]:
        """Create missing streams and update the others; one line for each thing done. `grow`: add partitions too."""
        ...

    async def workers(self) -> dict[tuple[str, str, int], str]:
        """(group, stream, partition) -> name of the worker that holds it now."""
        ...

    async def read(self, stream: str, partition: int, offset: int, limit: int) -> list[Message]:
        """At most `limit` messages from `offset` on, in order; gaps (compaction, retention) are skipped."""
        ...
