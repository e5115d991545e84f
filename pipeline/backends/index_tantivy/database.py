"""Opens the SQLite file of the record store: schema, lock, and what its errors mean."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pipeline.records import SCHEMA, refusal
from pipeline.stage import Unavailable

FILE = "documents.sqlite"

#: Of a file of version SCHEMA (PRAGMA user_version); any other is refused.
_TABLES = """
CREATE TABLE documents (
    num INTEGER PRIMARY KEY AUTOINCREMENT,  -- the article's number in the search half; never reused
    id TEXT NOT NULL UNIQUE,
    seq INTEGER NOT NULL,
    change INTEGER NOT NULL UNIQUE,
    first_seen INTEGER NOT NULL,            -- microseconds since 1970
    version INTEGER NOT NULL,
    body BLOB NOT NULL                      -- zlib of the record's JSON
);
CREATE INDEX documents_seq ON documents (seq);
CREATE INDEX documents_first_seen ON documents (first_seen);
CREATE TABLE versions (num INTEGER NOT NULL, seq INTEGER NOT NULL, version INTEGER NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX versions_of ON versions (num, seq);
CREATE TABLE stories (
    num INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    seq INTEGER NOT NULL,
    opened INTEGER NOT NULL,                -- microseconds since 1970
    changed INTEGER NOT NULL,               -- microseconds since 1970
    rank INTEGER NOT NULL,                  -- see core/stories/importance.py
    independent INTEGER NOT NULL,
    hosted INTEGER NOT NULL,                -- 1: it is about a country that admits foreign forces
    size INTEGER NOT NULL,                  -- 0: it was merged into another
    body BLOB NOT NULL                      -- zlib of the record's JSON
);
CREATE INDEX stories_seq ON stories (seq, id);
CREATE INDEX stories_opened ON stories (opened);
-- What lists need stands in their indexes, so that stories are counted without reading their records.
CREATE INDEX stories_changed ON stories (changed, independent, rank, seq) WHERE size > 0;
CREATE INDEX stories_rank ON stories (rank, seq, changed, independent) WHERE size > 0;
CREATE INDEX stories_newest ON stories (seq, changed, independent) WHERE size > 0;
CREATE INDEX stories_hosted ON stories (seq) WHERE hosted;
CREATE TABLE story_values (                 -- by which stories are found and counted, see story_facets.py
    story INTEGER NOT NULL,                 -- num
    facet TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (story, facet, value)
) WITHOUT ROWID;
CREATE INDEX story_values_counted ON story_values (facet, value);
CREATE TABLE gone (num INTEGER PRIMARY KEY);
CREATE TABLE state (name TEXT PRIMARY KEY, value NOT NULL);
INSERT INTO state VALUES ('change', 0);
"""


class CannotOpen(Exception):
    """The index cannot be opened: it does not exist, another process writes it, or another version created it."""


def open_to_write(directory: Path) -> sqlite3.Connection:
    """Open the database in `directory`, creating it if necessary. Raises CannotOpen, Unavailable."""
    path = directory / FILE
    with disk(directory), ExitStack() as failed:
        directory.mkdir(parents=True, exist_ok=True)
        db = _connect(path, "rwc")
        failed.callback(db.close)
        if not db.execute("PRAGMA page_count").fetchone()[0]:  # on a file with pages it has no effect
            db.execute("PRAGMA auto_vacuum = INCREMENTAL")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA journal_size_limit = 67108864")
        if not _version(db):
            db.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = {SCHEMA}; COMMIT;")
        _refuse_other_schemas(db, directory)
        failed.pop_all()
    return db


def reading_mode(directory: Path) -> str:
    """How to open the database in `directory` for reading.

    Only `ro` never writes into the file what a killed process left in -wal. But where there is no -wal it would leave
    an empty one behind, which `rw` removes. All connections of a process need the same: if the last one to close is
    `ro`, the -wal of another one stays.
    """
    return "ro" if (directory / f"{FILE}-wal").exists() else "rw"


def open_to_read(directory: Path, mode: str = "") -> sqlite3.Connection:
    """Open the database in `directory` for reading; `mode`: what `reading_mode` gave for the first connection of the
    process. Raises CannotOpen, Unavailable."""
    path = directory / FILE
    if not path.exists():
        raise CannotOpen(f"nothing is indexed yet in {directory}: start `almenara run`")
    with disk(directory), ExitStack() as failed:
        db = _connect(path, mode or reading_mode(directory))
        failed.callback(db.close)
        db.execute("PRAGMA query_only = ON")
        _refuse_other_schemas(db, directory)
        failed.pop_all()
    return db


class WriterLock:
    """The lock of the one process that writes. It is SQLite's: works on every system, and ends with the process."""

    def __init__(self, directory: Path) -> None:
        """Raises CannotOpen when another process holds it, Unavailable."""
        with disk(directory):
            directory.mkdir(parents=True, exist_ok=True)
            self._db = _connect(directory / "writer.lock", "rwc", timeout=0)
            try:
                self._db.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                self._db.close()
                if "locked" not in str(error):
                    raise
                raise CannotOpen(f"another process writes the index in {directory}; stop it first") from error

    def release(self) -> None:
        self._db.close()


def _connect(path: Path, mode: str, timeout: float = 10.0) -> sqlite3.Connection:
    # Used in several threads, but never in two at once. TransactionalLog are started explicitly.
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=timeout,
        isolation_level=None,
        check_same_thread=False,
    )


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _refuse_other_schemas(db: sqlite3.Connection, directory: Path) -> None:
    if (version := _version(db)) != SCHEMA:
        raise CannotOpen(refusal(f"the index in {directory}", version, "move the directory away"))


@contextmanager
def transaction(db: sqlite3.Connection, path: Path) -> Iterator[None]:
    """All writes inside or none. Raises Unavailable when the disk fails."""
    with disk(path):
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:  # on a full disk SQLite rolls back automatically
                db.execute("ROLLBACK")
            raise


@contextmanager
def disk(path: Path) -> Iterator[None]:
    """Turn the errors of a failing disk or a damaged file into Unavailable."""
    try:
        yield
    except (sqlite3.OperationalError, OSError) as error:
        raise Unavailable(f"record store {path}: {error}") from error
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError | sqlite3.DataError):
            raise
        raise Unavailable(f"record store {path} is damaged ({error}): restore a backup") from error
