"""A SQLite file that caches a state stream, and may be deleted at any time.

The file remembers how far it has read the stream. If it is damaged or has another SCHEMA (PRAGMA user_version), it is
deleted and filled again from the log.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from pipeline.failpoints import point
from pipeline.records import SCHEMA
from pipeline.stage import Message, Unavailable

_POSITION = """
CREATE TABLE position (one INTEGER PRIMARY KEY CHECK (one = 1), next INTEGER NOT NULL, digest BLOB NOT NULL,
                       seq INTEGER NOT NULL);
INSERT INTO position VALUES (1, 0, x'', 0);
"""


class StateFile:
    """The file with its position in the stream. `path` ":memory:" keeps it in memory only.

    Methods are synchronous: a lookup of four keys takes about 50 microseconds. They raise Unavailable if the disk is
    full or the file locked. If the file is found damaged, they empty it and raise Unavailable; `position` is then 0.
    """

    tables: ClassVar[str]

    def __init__(self, path: str | Path, timeout: float = 5.0) -> None:
        """`timeout`: seconds to wait for another process's lock."""
        self._path, self._timeout = str(path), timeout
        self._db = self._open()

    def _open(self) -> sqlite3.Connection:
        with suppress(sqlite3.DatabaseError):
            db = self._connect()
            if db.execute("PRAGMA user_version").fetchone()[0] == SCHEMA:
                with suppress(sqlite3.DatabaseError):
                    db.execute("SELECT next, digest, seq FROM position").fetchone()[0]
                    return db
            db.close()
        return self._recreate()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, isolation_level=None, timeout=self._timeout)
        # A torn write costs a few records that the log gives back; NORMAL with WAL does not even lose those.
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        return db

    def _recreate(self) -> sqlite3.Connection:
        if self._path != ":memory:":
            for suffix in ("", "-wal", "-shm"):
                Path(self._path + suffix).unlink(missing_ok=True)
        db = self._connect()
        db.executescript(f"BEGIN; {_POSITION} {self.tables} PRAGMA user_version = {SCHEMA}; COMMIT;")
        return db

    def absorb(self, messages: Sequence[Message]) -> None:
        """Take in the next messages of the log, all or none of them."""
        if not messages:
            return
        try:
            self._db.execute("BEGIN")
            try:
                seq = max(map(self._write, messages))
                last = messages[-1]
                self._db.execute(
                    "UPDATE position SET next = ?, digest = ?, seq = max(seq, ?)",
                    (last.at.offset + 1, _digest(last), seq),
                )
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
            point(f"{messages[-1].at.stream}.absorb")
        except sqlite3.DatabaseError as error:
            raise self._failed(error) from error

    def _write(self, message: Message) -> int:
        """Take in one message; return the highest seq in it."""
        raise NotImplementedError

    def position(self) -> tuple[int, int]:
        """Offset of the first message not yet absorbed, and the highest seq absorbed."""
        next_offset, _, seq = self._position()
        return next_offset, seq

    def ends_with(self, message: Message) -> bool:
        """Whether this was the last message absorbed."""
        next_offset, digest, _ = self._position()
        return message.at.offset == next_offset - 1 and digest == _digest(message)

    def _position(self) -> tuple[int, bytes, int]:
        try:
            next_offset, digest, seq = self._db.execute("SELECT next, digest, seq FROM position").fetchone()
            return int(next_offset), bytes(digest), int(seq)
        except (sqlite3.DatabaseError, TypeError) as error:
            raise self._failed(error) from error

    def clear(self) -> None:
        """Forget everything; `position` is 0 again."""
        with suppress(sqlite3.DatabaseError):
            self._db.close()
        self._db = self._recreate()

    def close(self) -> None:
        self._db.close()

    def _failed(self, error: Exception) -> Unavailable:
        """The error to raise. If the file is damaged (not just full or locked), empties the cache."""
        if isinstance(error, sqlite3.OperationalError) and "malformed" not in str(error):
            return Unavailable(f"{self._path}: {error}")
        self.clear()
        return Unavailable(f"{self._path} was damaged and is read again from the log: {error}")


def _digest(message: Message) -> bytes:
    return hashlib.blake2b(message.key.encode() + b"\0" + (message.value or b""), digest_size=16).digest()
