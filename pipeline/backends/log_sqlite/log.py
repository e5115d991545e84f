"""The embedded log: streams, partitions, groups and counters in one SQLite file (WAL, synchronous=FULL).

Delivery is exactly once inside the log: outputs, state, counters and offsets of a commit are one transaction. Commits
that wait for the disk together share a transaction (group commit). Several processes may write.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from pipeline.backends.log_sqlite.file import (
    BUSY,
    connect,
    named_errors,
    open_file,
    open_to_read,
    transaction,
)
from pipeline.backends.log_sqlite.lag import lags
from pipeline.backends.log_sqlite.writing import Commit, Ends, delete_old, write
from pipeline.log.messages import read_message, to_millis
from pipeline.ports import Ack, Clock, Counts, Lag, Stream
from pipeline.records import encode
from pipeline.stage import Message, Out, Position

T = TypeVar("T")

REPLAY_BATCH = 500
_NOWHERE = -1  # the id of a stream that the file does not have yet
GATHER = 0.01  # seconds a commit waits for others: halves the number of transactions and of wake-ups of readers


@dataclass
class _Waiting:
    commit: Commit
    done: asyncio.Future[None]


class SqliteLog:
    """The log in one file. Create it inside a running event loop; `close` it.

    Without `write`, nothing is created or changed, and a log that does not exist yet is empty. Raises Unavailable if
    the file cannot be used now, ValueError if another version wrote it.
    """

    def __init__(self, path: Path, streams: Iterable[Stream], clock: Clock, *, write: bool = True) -> None:
        self.path, self.clock, self._write = path, clock, write
        self.streams = {stream.name: stream for stream in streams}
        with named_errors(path):
            # `_reader` is used in the reading thread only, `_watch` in the event loop's thread, for quick queries.
            if write:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._writer = open_file(path)
                with transaction(self._writer) as db:
                    db.executemany("INSERT OR IGNORE INTO streams (name) VALUES (?)", [(n,) for n in self.streams])
                self._reader, self._watch = connect(path), connect(path)
            else:
                self._reader, self._watch = open_to_read(path)
                self._writer = self._watch  # not used
            found = dict(self._watch.execute("SELECT name, id FROM streams").fetchall())
        self._ids = dict.fromkeys(self.streams, _NOWHERE) | found
        self._write_thread = ThreadPoolExecutor(1, "log-writer")
        self._read_thread = ThreadPoolExecutor(1, "log-reader")
        self._ends: dict[tuple[str, int], int] = {}
        self._waiting: list[_Waiting] = []
        self._flusher: asyncio.Task[None] | None = None
        self._signals: dict[tuple[str, int], asyncio.Future[None]] = {}
        self._data_version = -1
        self.refresh()

    # -- writing --------------------------------------------------------------------------------------------------

    async def commit(self, outs: Sequence[Out], counts: Counts | None = None, acks: Sequence[Ack] = ()) -> None:
        if not self._write:
            raise RuntimeError("the log was opened for reading only")
        encoded = [(out, None if out.record is None else encode(out.record)) for out in outs]
        for out in outs:  # all that could fail later would also fail the commits of others in the same transaction
            if out.stream not in self.streams:
                raise ValueError(f"stream {out.stream!r} is not declared in log/streams.py")
            out.key.encode()
            (out.by or "").encode()
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(Commit(encoded, counts or {}, acks), done))
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush())
        # If this caller is cancelled, the others that share its transaction still get an answer.
        await asyncio.shield(done)

    async def publish(self, outs: Sequence[Out]) -> None:
        await self.commit(outs)

    async def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            await asyncio.sleep(GATHER)
            together, self._waiting = self._waiting, []
            try:
                ends = await loop.run_in_executor(self._write_thread, self._transact, together)
            except Exception as error:
                for waiting in together:
                    waiting.done.set_exception(error)
                    waiting.done.exception()  # marks it as retrieved: a cancelled caller does not await it
            else:
                self._moved(ends)
                for waiting in together:
                    waiting.done.set_result(None)
        self._flusher = None

    def _transact(self, together: list[_Waiting]) -> Ends:
        written = to_millis(self.clock())
        with named_errors(self.path), transaction(self._writer) as db:
            return write(db, [waiting.commit for waiting in together], self.streams, self._ids, written)

    async def expire(self) -> int:
        """Delete messages past their retention that every reading group has done; return how many."""
        deleted = 0
        loop = asyncio.get_running_loop()
        for stream in self.streams.values():
            while n := await loop.run_in_executor(self._write_thread, self._expire, stream):
                deleted += n
        return deleted

    def _expire(self, stream: Stream) -> int:
        with named_errors(self.path), transaction(self._writer) as db:
            deleted = delete_old(db, stream, self._ids[stream.name], to_millis(self.clock()))
        if deleted:
            self._writer.execute("PRAGMA incremental_vacuum(2000)").fetchall()
        return deleted

    # -- reading --------------------------------------------------------------------------------------------------

    async def read(self, stream: str, partition: int, offset: int, limit: int) -> list[Message]:
        return await self._reading(partial(self._read, stream, partition, offset, limit))

    def _read(self, stream: str, partition: int, offset: int, limit: int, end: int | None = None) -> list[Message]:
        rows = self._reader.execute(
            # CAST: SQLite keeps values of any type in any column, and text that is not UTF-8.
            "SELECT offset, CAST(key AS BLOB), CAST(value AS BLOB), CAST(written AS INTEGER), CAST(due AS BLOB) "
            "FROM messages WHERE stream = ? AND partition = ? AND offset >= ? AND offset < ? ORDER BY offset LIMIT ?",
            (self._ids[stream], partition, offset, end if end is not None else 2**62, limit),
        )
        return [
            read_message(Position(stream, partition, at), key, value, written, () if due is None else (("due", due),))
            for at, key, value, written, due in rows
        ]

    def end(self, stream: str, partition: int) -> int:
        return self._ends.get((stream, partition), 0)

    async def committed(self, group: str, stream: str, partition: int) -> int:
        query = "SELECT offset FROM groups WHERE name = ? AND stream = ? AND partition = ?"
        place = (group, self._ids[stream], partition)
        row = await self._reading(lambda: self._reader.execute(query, place).fetchone())
        return row[0] if row else 0

    async def replay(
        self, stream: str, since: int = 0, partitions: Collection[int] | None = None
    ) -> AsyncGenerator[Message, None]:
        self.refresh()
        for partition in range(self.streams[stream].partitions) if partitions is None else partitions:
            end, offset = self.end(stream, partition), since
            while messages := await self._reading(partial(self._read, stream, partition, offset, REPLAY_BATCH, end)):
                for message in messages:
                    yield message
                offset = messages[-1].at.offset + 1

    def signal(self, stream: str, partition: int) -> asyncio.Future[None]:
        place = (stream, partition)
        if place not in self._signals:
            self._signals[place] = asyncio.get_running_loop().create_future()
        return self._signals[place]

    def refresh(self) -> None:
        """Notice what other processes wrote: only their commits change SQLite's data_version."""
        with named_errors(self.path):
            version = self._watch.execute("PRAGMA data_version").fetchone()[0]
            if version == self._data_version:
                return
            rows = self._watch.execute("SELECT stream, partition, next FROM ends").fetchall()
        self._data_version = version
        names = {identity: name for name, identity in self._ids.items()}
        self._moved({(names[stream], partition): end for stream, partition, end in rows if stream in names})

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Inside, commits of all processes wait, so that log and index can be copied as of one moment."""
        with named_errors(self.path), transaction(self._watch):
            yield

    def backup(self, target: Path) -> None:
        """Write a compact copy of the log to the new file `target`. Raises Unavailable."""
        # Not `connect`: its pragmas would wait for the lock that `frozen` holds.
        with named_errors(target), closing(sqlite3.connect(self.path, timeout=BUSY, isolation_level=None)) as db:
            db.execute("VACUUM INTO ?", (str(target),))

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Inside, counters, groups, ends and `stored` are those of one moment. Blocks nobody."""
        self._watch.execute("BEGIN")
        try:
            self._watch.execute(
                "SELECT count(*) FROM ends"
            ).fetchone()  # the first read fixes the moment that SQLite shows
            self.refresh()
            yield
        finally:
            self._watch.execute("COMMIT")

    def counters(self) -> dict[tuple[str, str], int]:
        """The counters of the stages since the log was created, by (stage, counter)."""
        rows = self._watch.execute("SELECT stage, ending, n FROM counters ORDER BY stage, ending")
        return {(stage, ending): n for stage, ending, n in rows}

    async def ends(self) -> dict[tuple[str, int], int]:
        self.refresh()
        return dict(self._ends)

    async def groups(self) -> dict[tuple[str, str, int], int]:
        """By (group, stream, partition), the offset of the first message that is not done."""
        names = {identity: name for name, identity in self._ids.items()}
        rows = self._watch.execute("SELECT name, stream, partition, offset FROM groups")
        return {(group, names[stream], partition): offset for group, stream, partition, offset in rows}

    def lag(self, now: datetime) -> dict[tuple[str, str, int], Lag]:
        """By (group, stream, partition), what the group has not done at `now`. Retention deletes none of that."""
        with named_errors(self.path):
            return lags(self._watch, {identity: self.streams[name] for name, identity in self._ids.items()}, now)

    def stored(self) -> dict[str, tuple[int, int]]:
        """By stream, the messages on disk and the bytes of their values."""
        rows = self._watch.execute(
            "SELECT t.name, count(*), sum(coalesce(length(m.value), 0)) FROM messages m "
            "JOIN streams t ON t.id = m.stream GROUP BY t.name"
        )
        return {name: (n, size) for name, n, size in rows}

    async def close(self) -> None:
        """Close, after pending commits are written."""
        if self._flusher is not None:
            await self._flusher
        self._write_thread.shutdown()
        self._read_thread.shutdown()
        for connection in (self._reader, self._watch, self._writer):
            connection.close()

    # -- internals ------------------------------------------------------------------------------------------------

    def _moved(self, ends: dict[tuple[str, int], int]) -> None:
        """Note the new ends and complete the futures of `signal`."""
        for place, end in ends.items():
            if end > self._ends.get(place, 0):
                self._ends[place] = end
                if (signal := self._signals.pop(place, None)) and not signal.done():
                    signal.set_result(None)

    async def _reading(self, query: Callable[[], T]) -> T:
        def guarded() -> T:
            with named_errors(self.path):
                return query()

        return await asyncio.get_running_loop().run_in_executor(self._read_thread, guarded)
