"""Caches the stream `archive`: its pages as they are, and the place of each key in them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.backends.state_sqlite.file import StateFile
from pipeline.core.stories.archive import Page, hash_of, unpack
from pipeline.log.messages import to_millis
from pipeline.records import Archived, Known, SchemaError, decode
from pipeline.stage import Message

_BITS = 16  # of a place: the number of an article in its page; the rest is the offset of the page
_SLICES = 1 << 16  # parts of the keys, by their first two bytes
_SWEPT = 16  # parts that are looked through with each page, for keys that lead to a page that is gone
_OPEN = 32  # pages that are kept unpacked


class ArchiveSqlite(StateFile):
    """The articles on the pages, by their keys. About 150 bytes of disk for an article with four keys."""

    tables = f"""
    CREATE TABLE pages (page INTEGER PRIMARY KEY, written INTEGER NOT NULL, packed BLOB NOT NULL);
    CREATE TABLE keys (key BLOB PRIMARY KEY, place INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE sweep (next INTEGER NOT NULL CHECK (next < {_SLICES}));
    INSERT INTO sweep VALUES (0);
    """

    def __init__(self, path: str | Path, keep: float | None = None, timeout: float = 5.0) -> None:
        """`keep`: seconds that pages are kept after they were written, as on the log; None: for ever. `timeout`:
        seconds to wait for another process's lock."""
        self._keep = keep
        self._pages: dict[int, Page] = {}
        super().__init__(path, timeout)

    def get(self, ids: Sequence[str]) -> dict[str, Known]:
        """The articles under `ids` that are there; for other keys what they lead to (`alias_of`)."""
        hashes = {hash_of(id): id for id in ids}
        try:
            return {hashes[key]: self._known(hashes[key], place) for key, place in self._places(hashes)}
        except (sqlite3.DatabaseError, SchemaError, ValueError) as error:
            raise self._failed(error) from error

    def clear(self) -> None:
        self._pages.clear()
        super().clear()

    # -- reading

    def _places(self, hashes: Iterable[bytes]) -> list[tuple[bytes, int]]:
        """The keys that lead to a page that is still there."""
        wanted = tuple(hashes)
        marks = ",".join("?" * len(wanted))
        return self._db.execute(
            f"SELECT key, place FROM keys WHERE key IN ({marks}) AND EXISTS "
            f"(SELECT 1 FROM pages WHERE page = place >> {_BITS})", wanted,
        ).fetchall()  # fmt: skip

    def _known(self, id: str, place: int) -> Known:
        known = self._page(place >> _BITS).articles[place & ((1 << _BITS) - 1)].known
        return known if known.id == id else Known(id=id, alias_of=known.id)

    def _page(self, number: int) -> Page:
        if number not in self._pages:
            if len(self._pages) >= _OPEN:
                self._pages.pop(next(iter(self._pages)))
            [packed] = self._db.execute("SELECT packed FROM pages WHERE page = ?", (number,)).fetchone()
            self._pages[number] = unpack(packed)
        return self._pages[number]

    # -- writing

    def _write(self, message: Message) -> int:
        if message.value is None:
            return 0
        packed, number = decode(Archived, message.value).packed, message.at.offset
        page = unpack(packed)
        self._db.execute("INSERT OR REPLACE INTO pages VALUES (?, ?, ?)", (number, to_millis(message.written), packed))
        spots: dict[bytes, int] = {}
        for n, old in enumerate(page.articles):
            spots |= dict.fromkeys((hash_of(old.known.id), *old.keys), number << _BITS | n)
        owners = {hash_of(id): keys for id, keys in page.learned}
        for owner, place in self._places(owners):
            spots |= dict.fromkeys(owners[owner], place)
        verb = "IGNORE" if message.stale else "REPLACE"
        self._db.executemany(f"INSERT OR {verb} INTO keys VALUES (?, ?)", sorted(spots.items()))
        self._expire(message)
        return max((old.known.relation.seq for old in page.articles if old.known.relation), default=0)

    def _expire(self, message: Message) -> None:
        """Delete the pages that the log no longer keeps, and some of the keys that lead to such."""
        if self._keep is None:
            return
        before = to_millis(message.written) - int(1000 * self._keep)
        self._db.execute("DELETE FROM pages WHERE written < ?", (before,))
        [oldest] = self._db.execute("SELECT min(page) FROM pages").fetchone()
        [first] = self._db.execute("SELECT next FROM sweep").fetchone()
        begin, end = first.to_bytes(2, "big"), (first + _SWEPT - 1).to_bytes(2, "big") + b"\xff" * 16
        self._db.execute("DELETE FROM keys WHERE key BETWEEN ? AND ? AND place < ?", (begin, end, oldest << _BITS))
        self._db.execute("UPDATE sweep SET next = ?", ((first + _SWEPT) % _SLICES,))
