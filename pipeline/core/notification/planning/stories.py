"""Counts what a rule has found of each story, and how much of it was reported."""

from __future__ import annotations

from bisect import insort
from datetime import UTC, datetime
from itertools import chain, islice, takewhile
from math import floor, log2

from pipeline.core.alerts.rules import Growth
from pipeline.core.notification.planning.entry import Entry
from pipeline.records import StorySoFar

LISTED = 100  # outlets, countries, languages that are listed
COUNTED = frozenset({"reported", "held", "noted", "copy"})  # what counts as a report of the story


class Tally:
    """What was found of a story up to some alert."""

    def __init__(self) -> None:
        self.articles: set[str] = set()
        self.copies: set[str] = set()
        self.sources: dict[str, None] = {}
        self.countries: dict[str, None] = {}
        self.languages: dict[str, None] = {}
        self.first: Entry | None = None

    def add(self, entry: Entry) -> None:
        if entry.status not in COUNTED or not entry.article:
            return
        if entry.status == "copy":
            self.copies.add(entry.article)
            return
        self.first = self.first or entry
        self.articles.add(entry.article)
        for values, value in (
            (self.sources, entry.source), (self.countries, entry.country), (self.languages, entry.language)
        ):  # fmt: skip
            if value:
                values[value] = None

    def so_far(self, story: str, plus: Entry | None = None) -> StorySoFar:
        """The counts, with one more alert."""
        first_entry = self.first or plus
        first = first_entry.state() if first_entry else None
        return StorySoFar(
            id=story,
            articles=len(self.articles) + self._is_new(plus),
            copies=len(self.copies - self.articles),
            sources=_listed(self.sources, 0, plus.source if plus else ""),
            countries=_listed(self.countries, 0, plus.country if plus else ""),
            languages=_listed(self.languages, 0, plus.language if plus else ""),
            first_title=first.title if first else "",
            first_source=first.source if first else "",
            first_seen=first.seen if first else None,
        )

    def beyond(self, before: Tally, story: str, plus: Entry | None = None) -> StorySoFar:
        """What this, with one more alert, has that `before` has not, which counts the first of the same alerts."""
        return StorySoFar(
            id=story,
            articles=len(self.articles) + self._is_new(plus) - len(before.articles),
            copies=len(self.copies - self.articles - before.copies),
            sources=_listed(self.sources, len(before.sources), plus.source if plus else ""),
            countries=_listed(self.countries, len(before.countries), plus.country if plus else ""),
            languages=_listed(self.languages, len(before.languages), plus.language if plus else ""),
        )

    def _is_new(self, entry: Entry | None) -> bool:
        return entry is not None and bool(entry.article) and entry.article not in self.articles

    def level(self, growth: Growth, plus: Entry | None = None) -> int:
        """How far it has grown: 1 from the first threshold that is reached, then 1 more with each doubling."""
        counts = (
            (self.sources, plus.source if plus else "", growth.sources),
            (self.countries, plus.country if plus else "", growth.countries),
            (self.languages, plus.language if plus else "", growth.languages),
        )
        sizes = ((len(values) + bool(value and value not in values), least) for values, value, least in counts)
        return max((floor(log2(size / least)) + 1 for size, least in sizes if least and size >= least), default=0)


def _listed(values: dict[str, None], start: int, plus: str) -> tuple[str, ...]:
    more = (plus,) if plus and plus not in values else ()
    return tuple(islice(chain(values, more), start, start + LISTED))


class Group:
    """A story of a rule: its alerts, what was found, and what of that was reported. Most have one alert: it is counted
    only when somebody asks."""

    __slots__ = (
        "_found", "_read", "_read_reported", "_reported", "changed", "entries", "follow_ups", "last", "newest", "story",
        "upto",
    )  # fmt: skip

    def __init__(self, story: str) -> None:
        self.story = story
        self.entries: list[Entry] = []  # by number
        self.upto = 0  # number up to which a message reported the story
        self.last: datetime | None = None  # of the last message that reported something of it
        self.changed: datetime | None = None  # of the last one about a material change
        self.follow_ups = 0
        self.newest = datetime.min.replace(tzinfo=UTC)  # of its alerts
        self._found: Tally | None = None
        self._reported: Tally | None = None
        self._read = self._read_reported = 0  # of `entries`, in `_found` and in `_reported`

    def add(self, entry: Entry) -> None:
        """Add an alert that is not in it."""
        if self.entries and _place(entry) < _place(self.entries[-1]):
            insort(self.entries, entry, key=_place)
            self.recount()
        else:
            self.entries.append(entry)
        self.newest = max(self.newest, entry.at)

    def remove(self, entry: Entry) -> None:
        self.entries = [known for known in self.entries if known is not entry]
        self.recount()

    def recount(self) -> None:
        """Count again: an alert came late, or became something else."""
        self._found = self._reported = None
        self._read = self._read_reported = 0

    def note_reported(self, upto: int, at: datetime) -> None:
        """Note that a message reported what the story had up to a number."""
        self.upto = max(self.upto, upto)
        self.last = max(self.last or at, at)

    @property
    def found(self) -> Tally:
        self._found = self._found or Tally()
        while self._read < len(self.entries):
            self._found.add(self.entries[self._read])
            self._read += 1
        return self._found

    @property
    def reported(self) -> Tally:
        self._reported = self._reported or Tally()
        while self._read_reported < len(self.entries) and self.entries[self._read_reported].number <= self.upto:
            self._reported.add(self.entries[self._read_reported])
            self._read_reported += 1
        return self._reported

    @property
    def started(self) -> bool:
        """Whether something of it was reported."""
        return self.last is not None

    def muted(self, upto: int | None = None) -> int:
        """Alerts that were muted since the last message about it; those with a number up to `upto`."""
        new = takewhile(lambda entry: entry.number > self.upto, reversed(self.entries))
        return sum(entry.status == "muted" and (upto is None or entry.number <= upto) for entry in new)


def _place(entry: Entry) -> tuple[int, str]:
    return entry.number, entry.id
