"""Keeps the held alerts: each waits in a lane, from which one message takes all that came so far."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.core.notification.planning.entry import Entry
from pipeline.records import Covered

LaneKey = tuple[str, str, str]  # rule, lane (see records.Covered), story


@dataclass(slots=True)
class Lane:
    """The alerts that wait in one lane, by number. `due`: when they are looked at next."""

    key: LaneKey
    numbers: list[int] = field(default_factory=list)
    entries: dict[int, Entry] = field(default_factory=dict)
    latest: datetime | None = None  # when the last one came
    due: datetime | None = None

    def add(self, entry: Entry) -> None:
        if not self.numbers or entry.number > self.numbers[-1]:
            self.numbers.append(entry.number)
        else:
            insort(self.numbers, entry.number)
        self.entries[entry.number] = entry
        self.latest = max(self.latest or entry.at, entry.at)

    def discard(self, entry: Entry) -> None:
        if self.entries.get(entry.number) is entry:
            del self.entries[entry.number]
            if len(self.numbers) > 2 * len(self.entries) + 16:
                self.numbers = [number for number in self.numbers if number in self.entries]

    def take(self, upto: int) -> list[Entry]:
        """Remove and return those up to a number."""
        taken = [self.entries.pop(number) for number in self.numbers if number <= upto and number in self.entries]
        self.numbers = [number for number in self.numbers if number > upto]
        return taken

    def __iter__(self) -> Iterator[Entry]:
        """Those that wait, in order of arrival."""
        return (self.entries[number] for number in self.numbers if number in self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def first(self) -> Entry | None:
        return next(iter(self), None)

    def last(self) -> Entry | None:
        return next((self.entries[number] for number in reversed(self.numbers) if number in self.entries), None)

    def covered(self) -> Covered:
        """Says that all that wait now are reported."""
        rule, lane, story = self.key
        return Covered(rule=rule, lane=lane, story=story, upto=max(self.entries))
