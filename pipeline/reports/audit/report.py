"""The result of an audit."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from pipeline.stage import Position

LISTED = 100  # faults of one kind that are listed


@dataclass(frozen=True, slots=True)
class Fault:
    """A record that does not add up. `kind`: a fixed text. `at`: the record, as stream/partition/offset."""

    kind: str
    at: str


@dataclass
class AuditReport:
    """What was found; `faults` has the first of each kind, `found` counts them all. `note` is for people."""

    stages: dict[str, dict[str, Any]] = field(default_factory=dict)
    records: Counter[str] = field(default_factory=Counter)
    repeated: dict[str, int] = field(default_factory=dict)  # harmless: published twice after a crash, with the same ids
    since: dict[str, str | None] = field(default_factory=dict)  # stream -> older messages may be deleted
    found: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    note: str = ""
    passed_over: Counter[str] = field(default_factory=Counter)  # by stream: state that its stage made dead
    unreadable: Counter[str] = field(default_factory=Counter)  # by stream: neither a record nor dead
    unreadable_at: list[str] = field(default_factory=list)  # the first of them

    def cannot_read(self, at: Position) -> None:
        """Note a message that is no record, and that no stage has handled: nothing is lost with it."""
        self.unreadable[at.stream] += 1
        if len(self.unreadable_at) < LISTED:
            self.unreadable_at.append(str(at))

    def fault(self, kind: str, at: str) -> None:
        self.found[kind] += 1
        if self.found[kind] <= LISTED:
            self.faults.append(Fault(kind, at))

    def plain(self) -> dict[str, Any]:
        faults = [{"kind": fault.kind, "at": fault.at} for fault in self.faults]
        return {
            "agrees": not self.found, "stages": self.stages, "records": dict(self.records), "repeated": self.repeated,
            "since": self.since, "found": dict(self.found), "faults": faults, "passed_over": dict(self.passed_over),
            "unreadable": dict(self.unreadable), "unreadable_at": self.unreadable_at,
        }  # fmt: skip
