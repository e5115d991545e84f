"""Says which rows of the window belong to which story. Stories are numbered while they have a member in it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np

from pipeline.core.stories.columns import Columns, Numbers
from pipeline.core.stories.id_table import IdTable, id_key


class Membership:
    """The stories of the rows in `columns`: a list of rows for each, linked from the newest to the oldest."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._table = IdTable()
        self._ids = np.zeros(16, "S32")
        self._newest, self._sizes = array("q"), array("i")
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
        place = row % self._columns.capacity
        self._columns["story"][place], self._columns["older"][place] = number, self._newest[number]
        self._newest[number] = row
        self._sizes[number] += 1
        return number

    def _open(self, story: str) -> int:
        if self._free:
            number = self._free.pop()
        else:
            number = len(self._sizes)
            self._newest.append(-1)
            self._sizes.append(0)
            if number == len(self._ids):
                self._ids = np.concatenate((self._ids, np.zeros(number // 4 + 16, "S32")))
        self._ids[number], self._newest[number] = story.encode(), -1
        self._table.set(id_key(story), number)
        return number

    def gone(self, row: int) -> int:
        """Note that a row is not alive any more. Returns the number of its story."""
        number = int(self._columns["story"][row % self._columns.capacity])
        self._sizes[number] -= 1
        if not self._sizes[number]:
            self._table.remove(id_key(self.id(number)))
            self._free.append(number)
        return number

    def members(self, number: int) -> Numbers:
        """The living rows of a story, oldest first."""
        older, alive, capacity = self._columns["older"], self._columns["alive"], self._columns.capacity
        first, row, found = self._columns.first, self._newest[number], array("q")
        while row >= first:
            place = row % capacity
            if alive[place]:
                found.append(row)
            row = int(older[place])
        return np.frombuffer(found, np.int64)[::-1] if found else np.empty(0, np.int64)

    def move(self, rows: Sequence[int], story: str) -> list[int]:
        """Put rows into another story. Returns the numbers of the stories that changed."""
        changed: dict[int, set[int]] = {}
        for row in rows:
            changed.setdefault(int(self._columns["story"][row % self._columns.capacity]), set()).add(row)
        changed.pop(self.number(story), None)
        for number, gone in changed.items():
            self._link(number, [row for row in self.members(number).tolist() if row not in gone])
            if not self._sizes[number]:
                self._table.remove(id_key(self.id(number)))
                self._free.append(number)
        into = self.number(story)
        if into < 0:
            into = self._open(story)
        self._link(into, sorted({*self.members(into).tolist(), *(row for gone in changed.values() for row in gone)}))
        return [*changed, into]

    def _link(self, number: int, rows: Sequence[int]) -> None:
        before = -1
        for row in rows:
            place = row % self._columns.capacity
            self._columns["story"][place], self._columns["older"][place] = number, before
            before = row
        self._newest[number], self._sizes[number] = before, len(rows)
