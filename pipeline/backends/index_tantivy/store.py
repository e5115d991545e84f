"""The record store of the embedded index: every document in full, in one SQLite file.

`documents` has the newest document of each article, `versions` the earlier ones. Every write gets a higher `change`
number, so that tantivy can apply what it lacks; `gone` lists what it still has to delete.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.backends.index_tantivy.database import FILE, disk, open_to_read, open_to_write, transaction
from pipeline.backends.index_tantivy.stories import StoryStore
from pipeline.core.documents.fields import micros
from pipeline.core.documents.notes import with_note
from pipeline.records import Document, decode, encode
from pipeline.stage import Unavailable

LEVEL = 3  # of zlib: a third faster than 6 for 4 % more bytes, measured on 181 news articles


@dataclass(frozen=True, slots=True)
class Stored:
    """A document with the numbers that tantivy stores of it."""

    num: int
    change: int
    document: Document


class Store:
    """One connection to the file, for one thread at a time. Every method raises Unavailable when the disk fails."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db, self.path = connection, path
        self.stories = StoryStore(connection, path)

    @classmethod
    def create(cls, directory: Path) -> Store:
        """Open the store in `directory` for writing, creating it if necessary. Raises CannotOpen, Unavailable."""
        return cls(open_to_write(directory), directory / FILE)

    @classmethod
    def reader(cls, directory: Path, mode: str = "") -> Store:
        """Open the store in `directory` for reading, as `reading_mode` says. Raises CannotOpen, Unavailable."""
        return cls(open_to_read(directory, mode), directory / FILE)

    def close(self) -> None:
        self._db.close()

    # -- writing

    def put(self, documents: Sequence[Document]) -> list[str]:
        """Write all in one transaction; "ok" for each document, or "stale" if one with a higher seq is stored, or none
        to which a note could be added."""
        packed = [zlib.compress(encode(document), LEVEL) for document in documents]
        with transaction(self._db, self.path):
            change = self.change()
            answers = []
            for document, body in zip(documents, packed, strict=True):
                answer, change = self._put(document, body, change)
                answers.append(answer)
            self._set("change", change)
        return answers

    def _put(self, document: Document, body: bytes, change: int) -> tuple[str, int]:
        identity, relation = document.article.id, document.relation
        row = self._db.execute("SELECT num, seq FROM documents WHERE id = ?", (identity,)).fetchone()
        if row is not None and relation.seq <= row[1]:
            return ("ok" if relation.seq == row[1] else "stale"), change
        if relation.noted:
            return self._note(document, change)
        values = (relation.seq, change + 1, micros(relation.first_seen), relation.version, body)
        if row is None:
            self._db.execute(
                "INSERT INTO documents (seq, change, first_seen, version, body, id) VALUES (?, ?, ?, ?, ?, ?)",
                (*values, identity),
            )
        else:
            self._db.execute(
                "INSERT OR IGNORE INTO versions SELECT num, seq, version, body FROM documents WHERE num = ?", row[:1]
            )
            self._db.execute(
                "UPDATE documents SET seq = ?, change = ?, first_seen = ?, version = ?, body = ? WHERE num = ?",
                (*values, row[0]),
            )
        return "ok", change + 1

    def _note(self, note: Document, change: int) -> tuple[str, int]:
        """Add a note to the stored document; its version stays the same."""
        stored = self.get(note.article.id)
        if stored is None:
            return "stale", change
        body = zlib.compress(encode(with_note(stored, note)), LEVEL)
        self._db.execute(
            "UPDATE documents SET seq = ?, change = ?, body = ? WHERE id = ?",
            (note.relation.seq, change + 1, body, note.article.id),
        )
        return "ok", change + 1

    def expire(self, before: datetime, limit: int) -> int:
        """Delete at most `limit` articles first seen before `before`, with all versions; returns how many."""
        with transaction(self._db, self.path):
            found = self._db.execute(
                "SELECT num FROM documents WHERE first_seen < ? ORDER BY first_seen LIMIT ?", (micros(before), limit)
            ).fetchall()
            self._db.executemany("DELETE FROM documents WHERE num = ?", found)
            self._db.executemany("DELETE FROM versions WHERE num = ?", found)
            self._db.executemany("INSERT OR IGNORE INTO gone VALUES (?)", found)
        return len(found)

    def shrink(self, pages: int) -> bool:
        """Return to the disk at most `pages` of the pages that `expire` freed; True if there are more."""
        with disk(self.path):
            self._db.execute(f"PRAGMA incremental_vacuum({pages})").fetchall()
        return self._count("PRAGMA freelist_count") > 0

    def forget(self, gone: Iterable[int]) -> None:
        """Note that these were deleted from tantivy too."""
        with transaction(self._db, self.path):
            self._db.executemany("DELETE FROM gone WHERE num = ?", [(num,) for num in gone])

    def set_state(self, **values: str | int) -> None:
        """Store values by name, all in one transaction."""
        with transaction(self._db, self.path):
            for name, value in values.items():
                self._set(name, value)

    def _set(self, name: str, value: str | int) -> None:
        self._db.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, value))

    # -- reading

    def state(self, name: str, default: str | int) -> str | int:
        found: tuple[str | int] | None = self._one("SELECT value FROM state WHERE name = ?", name)
        return default if found is None else found[0]

    def change(self) -> int:
        """Number of the last change."""
        return int(self.state("change", 0))

    def get(self, article: str) -> Document | None:
        row = self._one("SELECT body FROM documents WHERE id = ?", article)
        return None if row is None else _unpack(row[0])

    def by_num(self, num: int) -> Document | None:
        row = self._one("SELECT body FROM documents WHERE num = ?", num)
        return None if row is None else _unpack(row[0])

    def versions(self, article: str) -> list[Document]:
        """Every document ever written of the article, oldest first."""
        rows = self._all(
            "SELECT body FROM (SELECT v.seq AS seq, v.body AS body FROM versions v JOIN documents d USING (num)"
            " WHERE d.id = ?1 UNION ALL SELECT seq, body FROM documents WHERE id = ?1) ORDER BY seq",
            article,
        )
        return [_unpack(body) for (body,) in rows]

    def changed(self, after: int, limit: int) -> list[Stored]:
        """The documents of the first `limit` changes above `after`, oldest change first."""
        rows = self._all(
            "SELECT num, change, body FROM documents WHERE change > ? ORDER BY change LIMIT ?", after, limit
        )
        return [Stored(num, change, _unpack(body)) for num, change, body in rows]

    def changed_until(self, up_to: int, limit: int) -> list[Stored]:
        """The documents of the last `limit` changes up to `up_to`, newest change first."""
        rows = self._all(
            "SELECT num, change, body FROM documents WHERE change <= ? ORDER BY change DESC LIMIT ?", up_to, limit
        )
        return [Stored(num, change, _unpack(body)) for num, change, body in rows]

    def gone(self) -> list[int]:
        return [num for (num,) in self._all("SELECT num FROM gone")]

    def newest(self) -> int:
        """The highest change of a stored document, 0 without documents."""
        return self._count("SELECT coalesce(max(change), 0) FROM documents")

    def count(self) -> int:
        """How many articles there are."""
        return self._count("SELECT count(*) FROM documents")

    def count_changes(self, above: int, up_to: int) -> int:
        """How many documents have a change number above `above`, or of at most `up_to`."""
        return self._count("SELECT count(*) FROM documents WHERE change > ?", above) + self._count(
            "SELECT count(*) FROM documents WHERE change <= ?", up_to
        )

    def changes(self, above: int, up_to: int) -> set[int]:
        """The numbers of the documents that `count_changes` counts."""
        rows = self._all("SELECT num FROM documents WHERE change > ? OR change <= ?", above, up_to)
        return {num for (num,) in rows}

    def arrived(self, after: tuple[int, int], until: int, limit: int) -> list[tuple[int, int]]:
        """(first_seen, num) of the next documents in this order, after one of them, first seen before `until`."""
        return self._all(
            "SELECT first_seen, num FROM documents WHERE (first_seen, num) > (?, ?) AND first_seen < ?"
            " ORDER BY first_seen, num LIMIT ?", *after, until, limit,
        )  # fmt: skip

    def max_seq(self) -> int:
        return self._count("SELECT coalesce(max(seq), 0) FROM documents")

    def last_of_block(self, after: int, size: int) -> int | None:
        """The highest seq of the next `size` documents with a seq above `after`, or None."""
        row = self._one(
            "SELECT max(seq) FROM (SELECT seq FROM documents WHERE seq > ? ORDER BY seq LIMIT ?)", after, size
        )
        return row[0] if row else None

    def check(self) -> None:
        """Check the whole file. Raises Unavailable if it is damaged."""
        row = self._one("PRAGMA quick_check(1)")
        if row is None or row[0] != "ok":
            raise Unavailable(f"{self.path} is damaged ({row[0] if row else 'empty'}): use another backup")

    def scan(self, after: int = -1, up_to: int | None = None, block: int = 200) -> Iterator[Document]:
        """The documents with `after` < seq <= `up_to` in order of seq, `block` read at once."""
        rank = (after, 0)
        while True:
            rows = self._all(
                "SELECT seq, num, body FROM documents WHERE (seq, num) > (?, ?) AND seq <= ? ORDER BY seq, num LIMIT ?",
                *rank, (1 << 62) if up_to is None else up_to, block,
            )  # fmt: skip
            for _, _, body in rows:
                yield _unpack(body)
            if len(rows) < block:
                return
            rank = rows[-1][:2]

    def copy(self, target: Path) -> None:
        """Copy the store as it is now, even while it is written to (SQLite's online backup); durable on return."""
        part = target.with_name(target.name + ".part")
        with disk(target.parent):
            target.parent.mkdir(parents=True, exist_ok=True)
            part.unlink(missing_ok=True)
            with closing(sqlite3.connect(part)) as copy:
                self._db.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, readable on a read-only disk
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            part.replace(target)

    def _one(self, statement: str, *values: str | int) -> tuple[Any, ...] | None:
        with disk(self.path):
            row: tuple[Any, ...] | None = self._db.execute(statement, values).fetchone()
            return row

    def _all(self, statement: str, *values: str | int) -> list[tuple[Any, ...]]:
        with disk(self.path):
            return self._db.execute(statement, values).fetchall()

    def _count(self, statement: str, *values: str | int) -> int:
        row = self._one(statement, *values)
        return int(row[0]) if row else 0


def _unpack(body: bytes) -> Document:
    try:
        return decode(Document, zlib.decompress(body))
    except zlib.error as error:
        raise Unavailable(f"a stored document is damaged ({error}): restore a backup") from error
