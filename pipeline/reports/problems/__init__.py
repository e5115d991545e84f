"""Finds what is wrong, from what the log, the index, the disk and the processes say: for `almenara status`.

Pure: `problems_of(seen)` decides from data that others have read. `advice.py` lists every kind of problem with what to
do; docs/runbook.md explains each.
"""

from __future__ import annotations

from datetime import UTC, datetime

from pipeline.log.streams import without_backfill
from pipeline.reports.problems.contents import alert_problems, dead_problems, feed_problems
from pipeline.reports.problems.finding import Finding, Seen
from pipeline.reports.problems.machine import disk_problems, index_problems, log_problems
from pipeline.reports.problems.processes import process_problems
from pipeline.reports.problems.streams import LATE_UNLESS, late_problems, stream_problems

__all__ = ["Finding", "Seen", "problems_of"]

#: What stops the work comes first.
ORDER = (
    "unreadable", "full", "stopped", "silent", "missing", "recreated", "lost", "deleted", "unowned", "blocked",
    "read-only", "unavailable", "refused", "double", "different", "failing", "late", "inexact", "wrong",
    "undelivered", "open", "outdated", "starting", "stopping",
)  # fmt: skip


def problems_of(seen: Seen) -> tuple[Finding, ...]:
    """Everything that is wrong, the most serious first, each once."""
    found = [
        *log_problems(seen), *disk_problems(seen), *process_problems(seen), *stream_problems(seen),
        *index_problems(seen), *feed_problems(seen), *alert_problems(seen), *dead_problems(seen),
    ]  # fmt: skip
    if any((one.part, one.state) == ("daemon", "stopped") for one in found):  # which explains it for every group
        found = [one for one in found if one.state != "unowned"]
    explained = {without_backfill(one.part) for one in found if one.state in LATE_UNLESS}
    found += [one for one in late_problems(seen) if not explained & {without_backfill(one.part), "log", "daemon"}]
    return tuple(sorted(dict.fromkeys(found), key=_rank))


def _rank(one: Finding) -> tuple[int, datetime, str, str]:
    rank = ORDER.index(one.state) if one.state in ORDER else ORDER.index("failing")
    return rank, one.since or datetime.min.replace(tzinfo=UTC), one.part, one.worker or ""
