"""Says which rows of the window belong to which story. Stories are numbered while they have a member in it."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from pipeline.core.stories.columns import Columns, Numbers
from pipeline.core.stories.id_table import IdTable, bytes_key, bytes_keys, id_bytes, id_key

_LINK = np.dtype([("id", "V16"), ("first", "i8"), ("newest", "i8"), ("size", "i4")])


class Membership:
    """The stories of the rows in `columns`: a list of rows for each, in order, linked both ways."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._links = np.zeros(16, _LINK)
        self._table = IdTable(
            lambda number: bytes_key(bytes(self._links["id"][number])),
            lambda numbers: bytes_keys(self._links["id"][numbers]),
        )
        self._end = 0
        self._free = array("i")

    def __len__(self) -> int:
        """How many stories there are."""
        return len(self._table)

    def number(self, story: str) -> int:
        """The number of a story, -1 if it has no member."""
        return self._table.get(id_key(story))

    def id(self, number: int) -> str:
        return bytes(self._links["id"][number]).hex()

    def size(self, number: int) -> int:
        """How many members a story has."""
        return int(self._links["size"][number])

    def add(self, rows: Numbers, stories: Sequence[str]) -> Numbers:
        """Add rows, ascending and newer than all others. Returns the number of the story of each."""
        numbers = np.array([self._number(story) for story in stories], np.int64)
        self._append(rows, numbers)
        return numbers

    def _number(self, story: str) -> int:
        number = self.number(story)
        return number if number >= 0 else self._open(story)

    def _append(self, rows: Numbers, numbers: Numbers) -> None:
        columns, links = self._columns, self._links
        order = np.argsort(numbers, kind="stable")
        rows, numbers = rows[order], numbers[order]
        opens, ends = np.ones(len(rows), bool), np.ones(len(rows), bool)
        opens[1:] = numbers[1:] != numbers[:-1]
        ends[:-1] = opens[1:]
        older, newer = np.roll(rows, 1), np.roll(rows, -1)
        older[opens], newer[ends] = links["newest"][numbers[opens]], -1
        places = rows % columns.capacity
        columns["story"][places], columns["older"][places], columns["newer"][places] = numbers, older, newer
        goes_on = opens & (older >= 0)
        columns["newer"][older[goes_on] % columns.capacity] = rows[goes_on]
        begins = opens & (older < 0)
        links["first"][numbers[begins]] = rows[begins]
        links["newest"][numbers[ends]] = rows[ends]
        np.add.at(links["size"], numbers, 1)

    def _open(self, story: str) -> int:
        if self._free:
            number = self._free.pop()
        else:
            number, self._end = self._end, self._end + 1
            if number == len(self._links):
                self._links = np.concatenate((self._links, np.zeros(number // 8 + 16, _LINK)))
        self._links[number] = (id_bytes(story), -1, -1, 0)
        self._table.set(id_key(story), number)
        return number

    def gone(self, row: int) -> int:
        """Take out a row. Returns the number of its story."""
        older, newer, capacity = self._columns["older"], self._columns["newer"], self._columns.capacity
        number = int(self._columns["story"][row % capacity])
        before, after = int(older[row % capacity]), int(newer[row % capacity])
        link = self._links[number]
        if before < 0:
            link["first"] = after
        else:
            newer[before % capacity] = after
        if after < 0:
            link["newest"] = before
        else:
            older[after % capacity] = before
        link["size"] -= 1
        if not link["size"]:
            self._close(number)
        return number

    def members(self, number: int) -> Numbers:
        """The rows of a story, oldest first."""
        return np.array(list(self._walk("newer", int(self._links["first"][number]))), np.int64)

    def ends(self, number: int, first: int, newest: int) -> Numbers:
        """The first and the newest rows of a story, oldest first; all if it has no more."""
        if self.size(number) <= first + newest:
            return self.members(number)
        ahead = islice(self._walk("newer", int(self._links["first"][number])), first)
        behind = list(islice(self._walk("older", int(self._links["newest"][number])), newest))
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
        into = self._number(story)
        self._fill(into, np.concatenate((self.members(into), np.array(come, np.int64))))
        return [*changed, into]

    def merge(self, number: int, story: str) -> tuple[int, int]:
        """Put all rows of the story `number` into another one. Returns the numbers of both."""
        rows = self.members(number)
        self._close(number)
        into = self._number(story)
        self._fill(into, np.concatenate((self.members(into), rows)))
        return number, into

    def _fill(self, number: int, rows: Numbers) -> None:
        """Make these rows the members of a story, which has no others."""
        link = self._links[number]
        link["first"], link["newest"], link["size"] = -1, -1, 0
        self._append(np.sort(rows), np.full(len(rows), number))

    def _close(self, number: int) -> None:
        self._table.remove(bytes_key(bytes(self._links["id"][number])))
        self._free.append(number)
