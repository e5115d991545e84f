"""The SQLite file of the embedded log: its tables, connections, transactions, and what its errors mean."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.records import SCHEMA, refusal
from pipeline.stage import Unavailable

_numbers = itertools.count()  # of empty logs in this process's memory
BUSY = 10.0  # seconds to wait for another process's transaction

#: The tables of a file of version SCHEMA (PRAGMA user_version), which is also the version of the records in it.
TABLES = """
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
"""


def open_file(path: Path) -> sqlite3.Connection:
    """A connection to the file, with its tables. Raises ValueError when another version of Almenara wrote it."""
    db = connect(path)
    schema = _schema(db)
    if schema == 0:
        with transaction(db):
            if _schema(db) == 0:  # another process may have been first
                for statement in TABLES.split(";"):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {SCHEMA}")
    elif schema != SCHEMA:
        db.close()
        raise ValueError(_refusal(path, schema))
    return db


def open_to_read(path: Path) -> tuple[sqlite3.Connection, sqlite3.Connection]:
    """Two connections that only read the file and leave its folder as it is; without a file, an empty log in memory.

    Raises ValueError when another version of Almenara wrote the file.
    """
    if path.exists():
        # Only `ro` never writes into the file what a killed process left in -wal. But where there is no -wal it would
        # leave an empty one behind, which `rw` removes.
        mode = "ro" if path.with_name(f"{path.name}-wal").exists() else "rw"
        first, second = _to_read(path, mode), _to_read(path, mode)
        if (schema := _schema(first)) == SCHEMA:
            return first, second
        first.close()
        second.close()
        if schema:
            raise ValueError(_refusal(path, schema))
    address = f"file:empty-log-{next(_numbers)}?mode=memory&cache=shared"  # memory that both connections see
    first, second = _connection(address), _connection(address)
    first.executescript(TABLES)
    return first, second


def _to_read(path: Path, mode: str) -> sqlite3.Connection:
    db = _connection(f"{path.absolute().as_uri()}?mode={mode}")
    db.execute("PRAGMA query_only = ON")
    return db


def _refusal(path: Path, schema: int) -> str:
    return refusal(str(path), schema, f"move the folder {path.parent} away")


def _schema(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def connect(path: Path) -> sqlite3.Connection:
    """A connection that may cross threads (one at a time); it does not start transactions automatically."""
    db = _connection(path.absolute().as_uri())
    # synchronous=FULL: unlike with NORMAL, a power cut loses no acknowledged commit; group commit makes it cheap.
    if not db.execute("PRAGMA page_count").fetchone()[0]:  # on a file with pages it has no effect
        db.execute("PRAGMA auto_vacuum = INCREMENTAL")
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "journal_size_limit = 67108864"):
        db.execute(f"PRAGMA {pragma}").fetchall()
    return db


def _connection(address: str) -> sqlite3.Connection:
    return sqlite3.connect(address, timeout=BUSY, isolation_level=None, check_same_thread=False, uri=True)


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """One write transaction: committed at the end, rolled back on an error."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # SQLite itself rolls back on a full disk
            db.execute("ROLLBACK")
        raise


@contextmanager
def named_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into Unavailable, with the file's name."""
    try:
        yield
    except sqlite3.OperationalError as error:  # full, locked, read-only or I/O error: may be temporary
        raise Unavailable(f"{path}: {error}") from error
    except sqlite3.DatabaseError as error:
        raise Unavailable(f"{path}: {error}. If this persists, restore a backup: `almenara restore DIR`") from error
