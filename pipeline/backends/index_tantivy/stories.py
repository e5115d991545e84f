"""The records of stories in the record store. They are found by id, by time and by importance, not by their words."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.backends.index_tantivy.database import disk, transaction
from pipeline.core.documents.fields import micros
from pipeline.ports import StoryList
from pipeline.records import Story, decode, encode
from pipeline.stage import Unavailable

LEVEL = 3  # of zlib, as for documents
BLOCK = 200  # records read at once by a scan
AT_ONCE = 500  # ids of one statement
ORDERS = {"newest": "seq DESC", "importance": "independent DESC, size DESC, seq DESC"}


class StoryStore:
    """The stories in one connection to the file. Every method raises Unavailable when the disk fails."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db, self._path = connection, path

    def put(self, stories: Sequence[Story]) -> list[str]:
        """Write all in one transaction; "ok" for each, or "stale" if one with a higher seq is stored."""
        rows = [
            (one.seq, micros(one.opened), micros(one.changed), one.independent, one.size, bool(one.hosts),
             zlib.compress(encode(one), LEVEL), one.id)
            for one in stories
        ]  # fmt: skip
        with transaction(self._db, self._path):
            return [self._put(row) for row in rows]

    def _put(self, row: tuple[Any, ...]) -> str:
        stored = self._db.execute("SELECT seq FROM stories WHERE id = ?", row[-1:]).fetchone()
        if stored and stored[0] > row[0]:
            return "stale"
        self._db.execute(
            "INSERT OR REPLACE INTO stories (seq, opened, changed, independent, size, hosted, body, id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row,
        )  # fmt: skip
        return "ok"

    def expire(self, before: datetime) -> int:
        """Delete the stories that opened before `before`; return how many."""
        with transaction(self._db, self._path):
            return self._db.execute("DELETE FROM stories WHERE opened < ?", (micros(before),)).rowcount

    def get(self, ids: Sequence[str]) -> dict[str, Story]:
        """The records of these stories that are there."""
        found: dict[str, Story] = {}
        for first in range(0, len(ids), AT_ONCE):
            part = ids[first : first + AT_ONCE]
            marks = ",".join("?" * len(part))
            rows = self._all(f"SELECT id, body FROM stories WHERE id IN ({marks})", *part)
            found |= {id: _unpack(body) for id, body in rows}
        return found

    def page(self, wanted: StoryList) -> tuple[int, list[Story]]:
        """How many stories there are, and a page of them."""
        where, values = "size > 0", list[Any]()
        if wanted.since:
            where, values = f"{where} AND changed >= ?", [micros(wanted.since)]
        if wanted.hosted:
            where += " AND hosted"
        ((total,),) = self._all(f"SELECT count(*) FROM stories WHERE {where}", *values)
        page = f"SELECT body FROM stories WHERE {where} ORDER BY {ORDERS[wanted.sort]} LIMIT ? OFFSET ?"
        rows = self._all(page, *values, wanted.limit, wanted.offset)
        return int(total), [_unpack(body) for (body,) in rows]

    def scan(self) -> Iterator[Story]:
        """Every record, in order of seq."""
        rank = (-1, "")
        while rows := self._all(
            "SELECT seq, id, body FROM stories WHERE (seq, id) > (?, ?) ORDER BY seq, id LIMIT ?", *rank, BLOCK
        ):
            rank = rows[-1][:2]
            yield from (_unpack(body) for _, _, body in rows)

    def _all(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with disk(self._path):
            return self._db.execute(statement, values).fetchall()


def _unpack(body: bytes) -> Story:
    try:
        return decode(Story, zlib.decompress(body))
    except zlib.error as error:
        raise Unavailable(f"a stored story is damaged ({error}): restore a backup") from error
