"""Says which rows of the window belong to which story. Stories are numbered while they have a member in it."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from pipeline.core.stories.columns import Columns, Numbers
from pipeline.core.stories.id_table import IdTable, id_key


class Membership:
    """The stories of the rows in `columns`: a list of rows for each, in order, linked both ways."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._table = IdTable()
        self._ids = np.zeros(16, "S32")
        self._first, self._newest, self._sizes = array("q"), array("q"), array("i")
        self._free = array("i")

    def __len__(self) -> int:
        """How many stories there are."""
        return len(self._table)

    def number(self, story: str) -> int:
        """The number of a story, -1 if it has no member."""
        return self._table.get(id_key(story))

    def id(self, number: int) -> str:
        found: str = self._ids[number].decode()
        return found

    def size(self, number: int) -> int:
        """How many members a story has."""
        return self._sizes[number]

    def add(self, row: int, story: str) -> int:
        """Add a row, newer than all others. Returns the number of its story."""
        number = self.number(story)
        if number < 0:
            number = self._open(story)
        self._append(number, row)
        return number

    def _append(self, number: int, row: int) -> None:
        place, before = row % self._columns.capacity, self._newest[number]
        self._columns["story"][place] = number
        self._columns["older"][place], self._columns["newer"][place] = before, -1
        if before < 0:
            self._first[number] = row
        else:
            self._columns["newer"][before % self._columns.capacity] = row
        self._newest[number] = row
        self._sizes[number] += 1

    def _open(self, story: str) -> int:
        if self._free:
            number = self._free.pop()
        else:
            number = len(self._sizes)
            self._first.append(-1)
            self._newest.append(-1)
            self._sizes.append(0)
            if number == len(self._ids):
                self._ids = np.concatenate((self._ids, np.zeros(number // 4 + 16, "S32")))
        self._ids[number], self._sizes[number] = story.encode(), 0
        self._first[number] = self._newest[number] = -1
        self._table.set(id_key(story), number)
        return number

    def gone(self, row: int) -> int:
        """Take out a row. Returns the number of its story."""
        older, newer, capacity = self._columns["older"], self._columns["newer"], self._columns.capacity
        number = int(self._columns["story"][row % capacity])
        before, after = int(older[row % capacity]), int(newer[row % capacity])
        if before < 0:
            self._first[number] = after
        else:
            newer[before % capacity] = after
        if after < 0:
            self._newest[number] = before
        else:
            older[after % capacity] = before
        self._sizes[number] -= 1
        if not self._sizes[number]:
            self._table.remove(id_key(self.id(number)))
            self._free.append(number)
        return number

    def members(self, number: int) -> Numbers:
        """The rows of a story, oldest first."""
        return np.array(list(self._walk("newer", self._first[number])), np.int64)

    def ends(self, number: int, first: int, newest: int) -> Numbers:
        """The first and the newest rows of a story, oldest first; all if it has no more."""
        if self._sizes[number] <= first + newest:
            return self.members(number)
        ahead = islice(self._walk("newer", self._first[number]), first)
        behind = list(islice(self._walk("older", self._newest[number]), newest))
        return np.array([*ahead, *reversed(behind)], np.int64)

    def _walk(self, link: str, row: int) -> Iterator[int]:
        links, capacity = self._columns[link], self._columns.capacity
        while row >= 0:
            yield row
            row = int(links[row % capacity])

    def move(self, rows: Sequence[int], story: str) -> list[int]:
        """Put rows into another story. Returns the numbers of the stories that changed."""
        there = self.number(story)
        come = [row for row in rows if int(self._columns["story"][row % self._columns.capacity]) != there]
        changed = list(dict.fromkeys(self.gone(row) for row in come))
        into = self.number(story)
        if into < 0:
            into = self._open(story)
        ordered = sorted((*self.members(into).tolist(), *come))
        self._first[into] = self._newest[into] = -1
        self._sizes[into] = 0
        for row in ordered:
            self._append(into, row)
        return [*changed, into]
