"""Keeps the robots.txt files of sites in one SQLite file, which may be deleted at any time."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import suppress
from pathlib import Path

_KEPT = 20_000  # sites, the latest asked
_CREATE = """
CREATE TABLE IF NOT EXISTS robots (url TEXT PRIMARY KEY, value BLOB NOT NULL, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_number ON robots (number);
"""


class RobotsSqlite:
    """The files, by address. `path` ":memory:" keeps them in memory only. A failure of the disk only means that a site
    is asked again."""

    def __init__(self, path: str | Path) -> None:
        self._path = str(path)
        try:
            self._db = self._open()
        except sqlite3.DatabaseError:  # damaged
            Path(self._path).unlink(missing_ok=True)
            self._db = self._open()
        self._number = self._db.execute("SELECT coalesce(max(number), 0) FROM robots").fetchone()[0]

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, isolation_level=None, timeout=5.0)
        db.execute("PRAGMA synchronous=OFF")
        db.executescript(_CREATE)
        return db

    def get(self, url: str) -> bytes | None:
        """What was `put` last; None for an address that is not known."""
        with suppress(sqlite3.DatabaseError, zlib.error):
            row = self._db.execute("SELECT value FROM robots WHERE url = ?", (url,)).fetchone()
            return zlib.decompress(row[0]) if row else None
        return None

    def put(self, url: str, value: bytes) -> None:
        """Keep `value`; the address asked longest ago is forgotten when there are too many."""
        self._number += 1
        with suppress(sqlite3.DatabaseError):
            self._db.execute("REPLACE INTO robots VALUES (?, ?, ?)", (url, zlib.compress(value), self._number))
            self._db.execute("DELETE FROM robots WHERE number <= ?", (self._number - _KEPT,))

    def close(self) -> None:
        self._db.close()
