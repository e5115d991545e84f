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
from pipeline.core.documents.story_facets import STORY_FACETS, check
from pipeline.core.query.search import FACET_VALUES
from pipeline.core.stories.importance import rank
from pipeline.ports import StoryList, StoryPage
from pipeline.records import Story, decode, encode
from pipeline.stage import Unavailable

LEVEL = 3  # of zlib, as for documents
BLOCK = 200  # records read at once by a scan
EVERY = "size > 0"  # stories that were not merged into others
AT_ONCE = 500  # ids of one statement
ORDERS = {"newest": "seq DESC", "importance": "rank DESC, seq DESC"}


class StoryStore:
    """The stories in one connection to the file. Every method raises Unavailable when the disk fails."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db, self._path = connection, path

    def put(self, stories: Sequence[Story]) -> list[str]:
        """Write all in one transaction; "ok" for each, or "stale" if one with a higher seq is stored."""
        with transaction(self._db, self._path):
            return [self._put(one) for one in stories]

    def _put(self, story: Story) -> str:
        stored = self._db.execute("SELECT seq, num FROM stories WHERE id = ?", (story.id,)).fetchone()
        if stored and stored[0] > story.seq:
            return "stale"
        fields = (
            story.seq, micros(story.opened), micros(story.changed), rank(story), story.independent, bool(story.hosts),
            story.size, zlib.compress(encode(story), LEVEL),
        )  # fmt: skip
        num = stored[1] if stored else None
        num = self._db.execute(
            "INSERT OR REPLACE INTO stories (num, id, seq, opened, changed, rank, independent, hosted, size, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (num, story.id, *fields),
        ).lastrowid  # fmt: skip
        self._put_values(num, story if story.size else None)
        return "ok"

    def _put_values(self, num: int | None, story: Story | None) -> None:
        """Write by which values a story is found; story None: by none."""
        values = {
            (num, name, value) for name, facet in STORY_FACETS.items() for value in (facet.get(story) if story else ())
        }
        stored = set(self._db.execute("SELECT story, facet, value FROM story_values WHERE story = ?", (num,)))
        self._db.executemany(
            "DELETE FROM story_values WHERE story = ? AND facet = ? AND value = ?", sorted(stored - values)
        )
        self._db.executemany("INSERT INTO story_values VALUES (?, ?, ?)", sorted(values - stored))

    def expire(self, before: datetime) -> int:
        """Delete the stories that opened before `before`; return how many."""
        with transaction(self._db, self._path):
            old = "(SELECT num FROM stories WHERE opened < ?)"
            self._db.execute(f"DELETE FROM story_values WHERE story IN {old}", (micros(before),))
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

    def page(self, wanted: StoryList) -> StoryPage:
        """How many stories there are, a page of them, and the values that they have. Raises ValueError for an unknown
        facet."""
        check((*wanted.where, *wanted.having, *wanted.facets))
        where, values = _conditions(wanted)
        ((total,),) = self._all(f"SELECT count(*) FROM stories WHERE {where}", *values)
        page = f"SELECT body FROM stories WHERE {where} ORDER BY {ORDERS[wanted.sort]} LIMIT ? OFFSET ?"
        rows = self._all(page, *values, wanted.limit, wanted.offset) if wanted.limit else []
        return StoryPage(int(total), tuple(_unpack(body) for (body,) in rows), self._facets(wanted, where, values))

    def _facets(self, wanted: StoryList, where: str, values: Sequence[Any]) -> dict[str, dict[str, int]]:
        """How often the stories have each value. Without conditions only the values are read: merged stories have
        none."""
        facets = {name: dict[str, int]() for name in wanted.facets}
        if not facets:
            return facets
        conditions = "" if where == EVERY else f"{where} AND "
        joined = "story_values" if where == EVERY else "stories CROSS JOIN story_values ON story = num"
        marks = ",".join("?" * len(facets))
        counted = self._all(
            f"SELECT facet, value, count(*) AS n FROM {joined} WHERE {conditions}facet IN ({marks})"
            " GROUP BY facet, value ORDER BY n DESC, value", *values, *facets,
        )  # fmt: skip
        for name, value, n in counted:
            if len(facets[name]) < FACET_VALUES:
                facets[name][value] = n
        return facets

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


def _conditions(wanted: StoryList) -> tuple[str, list[Any]]:
    """The conditions on `stories` as SQL, and their values."""
    where, values = EVERY, list[Any]()
    if wanted.since:
        where, values = f"{where} AND changed >= ?", [micros(wanted.since)]
    if wanted.hosted:
        where += " AND hosted"
    if wanted.independent > 1:
        where, values = f"{where} AND independent >= ?", [*values, wanted.independent]
    for name, some in wanted.where.items():
        marks = ",".join("?" * len(some))
        where += f" AND EXISTS (SELECT 1 FROM story_values WHERE story = num AND facet = ? AND value IN ({marks}))"
        values += [name, *some]
    for name in wanted.having:
        where += " AND EXISTS (SELECT 1 FROM story_values WHERE story = num AND facet = ?)"
        values.append(name)
    return where, values


def _unpack(body: bytes) -> Story:
    try:
        return decode(Story, zlib.decompress(body))
    except zlib.error as error:
        raise Unavailable(f"a stored story is damaged ({error}): restore a backup") from error
