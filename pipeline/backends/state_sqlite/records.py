"""Caches a state stream (`known`, `stories`): the newest record of each key."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar

from pipeline.backends.state_sqlite.file import StateFile
from pipeline.log.messages import to_millis
from pipeline.records import Record, SchemaError, decode, lead_of, seq_of
from pipeline.stage import Message

R = TypeVar("R", bound=Record)


class StateSqlite(StateFile, Generic[R]):
    """The cache of records of one type."""

    tables = """
    CREATE TABLE records (id TEXT PRIMARY KEY, value BLOB NOT NULL, written INTEGER NOT NULL, leads TEXT) WITHOUT ROWID;
    CREATE INDEX oldest ON records (written);
    CREATE INDEX leading ON records (leads) WHERE leads IS NOT NULL;
    """

    def __init__(self, kind: type[R], path: str | Path, timeout: float = 5.0) -> None:
        """`timeout`: seconds to wait for another process's lock."""
        self._kind = kind
        super().__init__(path, timeout)

    def get(self, ids: Sequence[str]) -> dict[str, R]:
        """The records under `ids` that are there, aliases as they are."""
        marks = ",".join("?" * len(ids))
        return dict(self._read(f"SELECT id, value FROM records WHERE id IN ({marks})", ids))

    def due(self, before: datetime, limit: int, after: str = "") -> dict[str, R]:
        """Records written before `before`, the oldest first, without those that lead to one that is there. `after`:
        only those that follow on the one with this key, if it is there."""
        return dict(self._read(
            "SELECT id, value FROM records AS one WHERE (written, id) > "
            "(SELECT ifnull(max(written), 0), ifnull(max(id), '') FROM records WHERE id = ?) "
            "AND written < ? AND (leads IS NULL OR NOT EXISTS (SELECT 1 FROM records WHERE id = one.leads)) "
            "ORDER BY written, id LIMIT ?",
            (after, to_millis(before), limit),
        ))  # fmt: skip

    def leading(self, ids: Sequence[str]) -> dict[str, R]:
        """The records that lead to one of `ids`."""
        marks = ",".join("?" * len(ids))
        return dict(self._read(f"SELECT id, value FROM records WHERE leads IN ({marks})", ids))

    def _read(self, query: str, values: Sequence[object]) -> list[tuple[str, R]]:
        try:
            rows = self._db.execute(query, tuple(values)).fetchall()
            return [(id, decode(self._kind, value)) for id, value in rows]
        except (sqlite3.DatabaseError, SchemaError) as error:
            raise self._failed(error) from error

    def _write(self, message: Message) -> int:
        if message.value is None:
            if not message.stale:
                self._db.execute("DELETE FROM records WHERE id = ?", (message.key,))
            return 0
        record = decode(self._kind, message.value)
        # A stale record replaces no other, but compaction may have left it as the only one of its key.
        verb = "IGNORE" if message.stale else "REPLACE"
        self._db.execute(
            f"INSERT OR {verb} INTO records VALUES (?, ?, ?, ?)",
            (message.key, message.value, to_millis(message.written), lead_of(record)),
        )
        return seq_of(record)
