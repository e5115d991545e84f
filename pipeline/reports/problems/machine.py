"""What is wrong with the log, the index and the disk themselves."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.core.wording import Text
from pipeline.reports.problems.finding import Finding, Seen

#: A disk is full when it has less than this share and less than so many bytes left.
LOW_SHARE, LOW_BYTES = 0.05, 1_000_000_000
MEGABYTE = 1_000_000
RED = Text("Elasticsearch is red: a part of what is stored cannot be reached")  # as monitoring/sampling.py says it


def log_problems(seen: Seen) -> Iterator[Finding]:
    """What of the log could not be read."""
    faulty = " ".join(seen.broker.faults) if seen.broker else ""
    for what, why in seen.unreadable.items():
        if f"stream {what} is missing" in faulty:
            continue  # reported as such
        yield Finding("log" if what == "log" else f"stream {what}", "unreadable", why)


def disk_problems(seen: Seen) -> Iterator[Finding]:
    """A disk that is full, or nearly."""
    disk = seen.disk
    if disk is None:
        return
    if not disk.files_left:
        yield Finding("disk", "full", Text("the disk of {} has room for no more files (no free inodes)", disk.path))
    elif disk.free < min(LOW_BYTES, disk.size * LOW_SHARE):
        free, size = (_size(number) for number in (disk.free, disk.size))
        yield Finding("disk", "full", Text("only {} of {} are free on the disk of {}", free, size, disk.path))


def index_problems(seen: Seen) -> Iterator[Finding]:
    """An index that cannot be read or written, or is not as this version needs it."""
    if seen.index_error:
        yield Finding("index", "unreadable", seen.index_error)
    if seen.index is None:
        return
    for why in seen.index.blocked:
        yield Finding("index", "read-only", why)
    if seen.index.health == "red":
        yield Finding("index", "failing", RED)
    if outdated := seen.index.outdated:
        yield Finding("index", "outdated", Text("{} parts are outdated: {}", len(outdated), ", ".join(outdated[:3])))


def _size(number: int) -> str:
    return f"{number / MEGABYTE:,.1f} MB" if number < 1000 * MEGABYTE else f"{number / MEGABYTE / 1000:,.1f} GB"
