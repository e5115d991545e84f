"""The embedded log: streams, partitions, groups and counters in one SQLite file (WAL, synchronous=FULL).

Delivery is exactly once inside the log: outputs, state, counters and offsets of a commit are one transaction. Commits
that wait for the disk together share a transaction (group commit). Several processes may write: offsets are given out
under SQLite's own lock. Compaction is done at the write: publishing a key deletes its older message. Retention never
takes a message that a group has still to read.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from pipeline.log.partition import partition_of
from pipeline.ports import Ack, Clock, Counts, Stream
from pipeline.records import encode
from pipeline.stage import Message, Out, Position, Unavailable

T = TypeVar("T")

#: Append only: the n-th script takes a file from version n to n + 1 (PRAGMA user_version).
MIGRATIONS = (
    """
    CREATE TABLE streams (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE ends (stream INTEGER, partition INTEGER, next INTEGER NOT NULL, PRIMARY KEY (stream, partition));
    CREATE TABLE messages (
        stream INTEGER, partition INTEGER, offset INTEGER, key TEXT NOT NULL, written INTEGER NOT NULL, due INTEGER,
        compacted INTEGER NOT NULL, value BLOB
    );
    CREATE UNIQUE INDEX place ON messages (stream, partition, offset);
    CREATE INDEX newest ON messages (stream, partition, key) WHERE compacted;
    CREATE TABLE groups (name TEXT, stream INTEGER, partition INTEGER, offset INTEGER NOT NULL,
                         PRIMARY KEY (name, stream, partition)) WITHOUT ROWID;
    CREATE TABLE counters (stage TEXT, ending TEXT, n INTEGER NOT NULL, PRIMARY KEY (stage, ending)) WITHOUT ROWID;
    """,
)
BUSY = 10.0  # seconds to wait for another process's transaction
TOMBSTONE_KEEP = 7 * 86400.0  # seconds a deletion stays visible to readers that lag
REPLAY_BATCH = 500
GATHER = 0.01  # seconds a commit waits for company: half the transactions, and half the wake-ups of their readers
EXPIRE_BATCH = 2_000  # rows deleted in one transaction, so that the daemon's own commits need not wait long


@dataclass
class _Commit:
    outs: list[tuple[Out, bytes | None]]
    counts: Counts
    acks: Sequence[Ack]
    done: asyncio.Future[None]


class SqliteLog:
    """The log in one file. Make it inside a running event loop; `close` it.

    Raises Unavailable where the file cannot be used now, ValueError where a newer program wrote it.
    """

    def __init__(self, path: Path, streams: Iterable[Stream], clock: Clock) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self.clock = path, clock
        self.streams = {stream.name: stream for stream in streams}
        with _named_errors(path):
            self._writer = connect(path)
            migrate(self._writer, path)
            with _transaction(self._writer) as db:
                db.executemany("INSERT OR IGNORE INTO streams (name) VALUES (?)", [(name,) for name in self.streams])
            self._ids = dict(self._writer.execute("SELECT name, id FROM streams").fetchall())
            self._reader = connect(path)  # used in the reading thread only
            self._watch = connect(path)  # used in the event loop's thread, for short questions
        self._write_thread = ThreadPoolExecutor(1, "log-writer")
        self._read_thread = ThreadPoolExecutor(1, "log-reader")
        self._ends: dict[tuple[str, int], int] = {}
        self._waiting: list[_Commit] = []
        self._flusher: asyncio.Task[None] | None = None
        self._signals: dict[tuple[str, int], asyncio.Future[None]] = {}
        self._data_version = -1
        self.refresh()

    # -- writing ------------------------------------------------------------------------------------------------

    async def commit(self, outs: Sequence[Out], counts: Counts | None = None, acks: Sequence[Ack] = ()) -> None:
        encoded = [(out, None if out.record is None else encode(out.record)) for out in outs]
        for out in outs:
            if out.stream not in self.streams:
                raise ValueError(f"stream {out.stream!r} is not declared in topology.py")
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(_Commit(encoded, counts or {}, acks, done))
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush())
        # A caller that is cancelled must not leave the others of its transaction without an answer.
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
                for commit in together:
                    commit.done.set_exception(error)
                    commit.done.exception()  # a caller that was cancelled does not ask for it
            else:
                self._moved(ends)
                for commit in together:
                    commit.done.set_result(None)
        self._flusher = None

    def _transact(self, together: list[_Commit]) -> dict[tuple[str, int], int]:
        ends: dict[tuple[str, int], int] = {}
        written = _millis(self.clock())
        with _named_errors(self.path), _transaction(self._writer) as db:
            for commit in together:
                for out, value in commit.outs:
                    self._append(db, out, value, written, ends)
                for (stage, ending), n in commit.counts.items():
                    db.execute(
                        "INSERT INTO counters VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
                        (stage, ending, n),
                    )
                for ack in commit.acks:
                    db.execute(
                        "INSERT INTO groups VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET offset = excluded.offset",
                        (ack.group, self._ids[ack.stream], ack.partition, ack.offset),
                    )
            db.executemany(
                "INSERT INTO ends VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET next = excluded.next",
                [(self._ids[stream], partition, n) for (stream, partition), n in ends.items()],
            )
        return ends

    def _append(
        self, db: sqlite3.Connection, out: Out, value: bytes | None, written: int, ends: dict[tuple[str, int], int]
    ) -> None:
        stream = self.streams[out.stream]
        place = out.partition if out.partition is not None else partition_of(out.by or out.key, stream.partitions)
        identity = self._ids[out.stream]
        offset = ends.get((out.stream, place))
        if offset is None:
            row = db.execute("SELECT next FROM ends WHERE stream = ? AND partition = ?", (identity, place)).fetchone()
            offset = row[0] if row else 0
        if stream.compacted:
            db.execute(
                "DELETE FROM messages WHERE compacted AND stream = ? AND partition = ? AND key = ?",
                (identity, place, out.key),
            )
        db.execute(
            "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (identity, place, offset, out.key, written, out.due and _millis(out.due), stream.compacted, value),
        )
        ends[out.stream, place] = offset + 1

    async def expire(self) -> int:
        """Delete what is older than its stream keeps and done by every group that reads it; returns how many."""
        deleted = 0
        loop = asyncio.get_running_loop()
        for stream in self.streams.values():
            while n := await loop.run_in_executor(self._write_thread, self._expire, stream):
                deleted += n
        return deleted

    def _expire(self, stream: Stream) -> int:
        now = _millis(self.clock())
        identity = self._ids[stream.name]
        with _named_errors(self.path), _transaction(self._writer) as db:
            n = 0
            if stream.compacted:
                n += db.execute(
                    "DELETE FROM messages WHERE rowid IN (SELECT rowid FROM messages WHERE compacted AND stream = ? "
                    "AND value IS NULL AND written < ? LIMIT ?)",
                    (identity, now - int(TOMBSTONE_KEEP * 1000), EXPIRE_BATCH),
                ).rowcount
            if stream.keep is not None:
                n += db.execute(
                    "DELETE FROM messages WHERE rowid IN (SELECT m.rowid FROM messages m WHERE m.stream = ? "
                    "AND m.written < ? AND NOT EXISTS (SELECT 1 FROM groups g WHERE g.stream = m.stream "
                    "AND g.partition = m.partition AND g.offset <= m.offset) LIMIT ?)",
                    (identity, now - int(stream.keep * 1000), EXPIRE_BATCH),
                ).rowcount
        if n:
            self._writer.execute("PRAGMA incremental_vacuum(2000)").fetchall()
        return n

    # -- reading ------------------------------------------------------------------------------------------------

    async def read(self, stream: str, partition: int, offset: int, limit: int) -> list[Message]:
        return await self._reading(partial(self._read, stream, partition, offset, limit))

    def _read(self, stream: str, partition: int, offset: int, limit: int, end: int | None = None) -> list[Message]:
        rows = self._reader.execute(
            "SELECT offset, key, value, written, due FROM messages WHERE stream = ? AND partition = ? AND offset >= ? "
            "AND offset < ? ORDER BY offset LIMIT ?",
            (self._ids[stream], partition, offset, end if end is not None else 2**62, limit),
        )
        return [
            Message(Position(stream, partition, at), key, value, _moment(written), due and _moment(due))
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
    ) -> AsyncIterator[Message]:
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
        """Notice what other processes wrote: SQLite's data_version moves only for them."""
        with _named_errors(self.path):
            version = self._watch.execute("PRAGMA data_version").fetchone()[0]
            if version == self._data_version:
                return
            rows = self._watch.execute("SELECT stream, partition, next FROM ends").fetchall()
        self._data_version = version
        names = {identity: name for name, identity in self._ids.items()}
        self._moved({(names[stream], partition): end for stream, partition, end in rows if stream in names})

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Nobody publishes or acknowledges meanwhile, in no process: they wait. To copy log and index at one moment."""
        with _named_errors(self.path), _transaction(self._watch):
            yield

    def backup(self, target: Path) -> None:
        """Write a compact copy of the log to the new file `target`. Raises Unavailable."""
        # Not `connect`: its pragmas would wait for the lock that `frozen` holds.
        with _named_errors(target), closing(sqlite3.connect(self.path, timeout=BUSY, isolation_level=None)) as db:
            db.execute("VACUUM INTO ?", (str(target),))

    @contextmanager
    def still(self) -> Iterator[None]:
        """Counters, groups, ends and what is stored are of one moment inside; nobody has to wait."""
        self._watch.execute("BEGIN")
        try:
            self._watch.execute("SELECT count(*) FROM ends").fetchone()  # from here on SQLite shows this moment
            self.refresh()
            yield
        finally:
            self._watch.execute("COMMIT")

    def counters(self) -> dict[tuple[str, str], int]:
        """How often each stage's endings happened since the log was made."""
        rows = self._watch.execute("SELECT stage, ending, n FROM counters ORDER BY stage, ending")
        return {(stage, ending): n for stage, ending, n in rows}

    async def ends(self) -> dict[tuple[str, int], int]:
        self.refresh()
        return dict(self._ends)

    async def groups(self) -> dict[tuple[str, str, int], int]:
        """(group, stream, partition) -> offset of the first message not done."""
        names = {identity: name for name, identity in self._ids.items()}
        rows = self._watch.execute("SELECT name, stream, partition, offset FROM groups")
        return {(group, names[stream], partition): offset for group, stream, partition, offset in rows}

    def stored(self) -> dict[str, tuple[int, int]]:
        """Stream -> (messages, bytes of their values) on disk."""
        rows = self._watch.execute(
            "SELECT t.name, count(*), sum(coalesce(length(m.value), 0)) FROM messages m "
            "JOIN streams t ON t.id = m.stream GROUP BY t.name"
        )
        return {name: (n, size) for name, n, size in rows}

    async def close(self) -> None:
        """Wait for what is being written, then close."""
        if self._flusher is not None:
            await self._flusher
        self._write_thread.shutdown()
        self._read_thread.shutdown()
        for connection in (self._reader, self._watch, self._writer):
            connection.close()

    # -- inside -------------------------------------------------------------------------------------------------

    def _moved(self, ends: dict[tuple[str, int], int]) -> None:
        """Note the new ends and wake those who wait for them."""
        for place, end in ends.items():
            if end > self._ends.get(place, 0):
                self._ends[place] = end
                if (signal := self._signals.pop(place, None)) and not signal.done():
                    signal.set_result(None)

    async def _reading(self, query: Callable[[], T]) -> T:
        def guarded() -> T:
            with _named_errors(self.path):
                return query()

        return await asyncio.get_running_loop().run_in_executor(self._read_thread, guarded)


def connect(path: Path) -> sqlite3.Connection:
    """A connection that may cross threads (one at a time) and begins transactions only when told to."""
    db = sqlite3.connect(path, timeout=BUSY, isolation_level=None, check_same_thread=False)
    # FULL: a power cut loses no acknowledged commit, as NORMAL would; group commit makes it cheap.
    if not db.execute("PRAGMA page_count").fetchone()[0]:  # later it has no effect but a write
        db.execute("PRAGMA auto_vacuum = INCREMENTAL")
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "journal_size_limit = 67108864"):
        db.execute(f"PRAGMA {pragma}").fetchall()
    return db


def migrate(db: sqlite3.Connection, path: Path) -> None:
    """Bring the file to the newest schema. Raises ValueError when a newer program wrote it."""
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise ValueError(f"{path} was written by a newer Almenara (schema {version}): upgrade this one")
    for number in range(version, len(MIGRATIONS)):
        db.executescript(f"BEGIN IMMEDIATE; {MIGRATIONS[number]}; PRAGMA user_version = {number + 1}; COMMIT;")


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # SQLite itself rolls back on a full disk
            db.execute("ROLLBACK")
        raise


@contextmanager
def _named_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:  # full, locked, read-only, I/O error: all may pass
        raise Unavailable(f"{path}: {error}") from error
    except sqlite3.DatabaseError as error:
        raise Unavailable(f"{path}: {error}. If it stays, restore a backup (almenara restore DIR)") from error


def _millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _moment(millis: int) -> datetime:
    return datetime.fromtimestamp(millis / 1000, UTC)
