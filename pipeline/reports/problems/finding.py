"""One thing that is wrong, and the data from which it is found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pipeline.core.wording import Text
from pipeline.ports import IndexStatus, Lag
from pipeline.records import AlertState, Dead, Delivery, Dropped, Feed, FeedState, Heartbeat, Problem
from pipeline.reports.problems.advice import advice
from pipeline.stage import is_ending

Key = tuple[str, str, int]  # group, stream, partition


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong now. `part`: a stage, `index`, `channel NAME` and so on; `state`: what is wrong with it;
    part and state together are the kind, for which docs/runbook.md has an entry. `worker`: the instance it concerns."""

    part: str
    state: str
    why: str
    since: datetime | None = None
    worker: str | None = None
    next_try: datetime | None = None

    @property
    def do(self) -> Text:
        """What to do about it, in one line."""
        return advice(self.part, self.state)

    def plain(self) -> dict[str, Any]:
        """As in `status --json`."""
        return {
            "part": self.part, "state": self.state, "since": _iso(self.since), "why": self.why, "do": self.do,
            "worker": self.worker, "next_try": _iso(self.next_try),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that has locked the data folder; `since`: when it did."""

    pid: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk of the data folder, in bytes; `files_left`: whether it has room for another file."""

    path: str
    size: int
    free: int
    files_left: bool = True


@dataclass(frozen=True, slots=True)
class Broker:
    """What only a broker has. `held`: which worker holds a partition; `faults`: of the streams, one line each."""

    partitions: frozenset[tuple[str, int]] = frozenset()
    held: Mapping[Key, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seen:
    """Everything that `problems_of` looks at; what could not be read is empty, and named in `unreadable`."""

    now: datetime
    data: str = "data"  # the data folder
    max_lag: timedelta = timedelta(minutes=30)  # that a record may wait before its stage is late
    beats: Sequence[Heartbeat] = ()  # the newest of each process, in the order of the log
    answers: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)  # process -> its health endpoint's answer
    holder: Holder | None = None
    embedded: bool = True  # the log is a file on this machine, and one process runs all stages
    broker: Broker | None = None  # of a log on a broker, if it could be read
    lags: Mapping[Key, Lag] = field(default_factory=dict)
    committed: Mapping[Key, int] = field(default_factory=dict)
    starts: Mapping[tuple[str, int], int] = field(default_factory=dict)  # of a broker
    ends: Mapping[tuple[str, int], int] = field(default_factory=dict)
    counters: Mapping[tuple[str, str], int] = field(default_factory=dict)  # of the embedded log: (stage, ending)
    stored: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # on it: stream -> (messages, bytes)
    feeds: Mapping[str, Feed] = field(default_factory=dict)
    feed_states: Mapping[str, FeedState] = field(default_factory=dict)
    dropped: Sequence[Dropped] = ()  # the last items that became no article
    alerts: Sequence[AlertState] = ()
    deliveries: Sequence[Delivery] = ()  # the newest of each message and channel
    dead: Sequence[Dead] = ()  # those that nobody has replayed
    dead_kept: int = 0
    index: IndexStatus | None = None
    index_error: str | None = None
    disk: Disk | None = None
    unreadable: Mapping[str, str] = field(default_factory=dict)  # stream, or "log", that could not be read -> why

    def taken(self, group: str) -> int:
        """How many records the group has done."""
        return sum(offset for (name, _, _), offset in self.committed.items() if name == group)

    def outcomes(self, stage: str) -> dict[str, int]:
        """How the records of a stage ended, and what else it counts; of the embedded log."""
        return {ending: n for (name, ending), n in self.counters.items() if name == stage}

    def adds_up(self, stage: str) -> bool:
        """Whether each record that the stage took has ended."""
        return self.taken(stage) == sum(n for ending, n in self.outcomes(stage).items() if is_ending(ending))


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
