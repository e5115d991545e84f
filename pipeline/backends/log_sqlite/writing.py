"""Writes to the embedded log's file inside a transaction: commits, compaction, retention.

Offsets are assigned under SQLite's lock, so several processes may write. Compaction happens at once: publishing a key
deletes its older message. Retention never deletes a message that a group has not read yet.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.log.messages import to_millis
from pipeline.log.partition import partition_of
from pipeline.ports import Ack, Counts, Stream
from pipeline.stage import Out

TOMBSTONE_KEEP = 7 * 86400.0  # seconds a deletion stays visible to readers that lag
EXPIRE_BATCH = 2_000  # rows deleted in one transaction, so that commits do not wait long

Ends = dict[tuple[str, int], int]  # (stream, partition) -> offset that the next message will get


@dataclass
class Commit:
    """What one caller commits; `outs` with their encoded values."""

    outs: list[tuple[Out, bytes | None]]
    counts: Counts
    acks: Sequence[Ack]


def write(
    db: sqlite3.Connection,
    commits: Iterable[Commit],
    streams: Mapping[str, Stream],
    ids: Mapping[str, int],
    written: int,
) -> Ends:
    """Write commits in order, with `written` (milliseconds) as their time. Returns the ends that changed."""
    ends: Ends = {}
    for commit in commits:
        for out, value in commit.outs:
            _append(db, streams[out.stream], ids[out.stream], out, value, written, ends)
        for (stage, ending), n in commit.counts.items():
            db.execute(
                "INSERT INTO counters VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
                (stage, ending, n),
            )
        for ack in commit.acks:
            db.execute(
                "INSERT INTO groups VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET offset = excluded.offset",
                (ack.group, ids[ack.stream], ack.partition, ack.offset),
            )
    db.executemany(
        "INSERT INTO ends VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET next = excluded.next",
        [(ids[stream], partition, n) for (stream, partition), n in ends.items()],
    )
    return ends


def _append(
    db: sqlite3.Connection, stream: Stream, identity: int, out: Out, value: bytes | None, written: int, ends: Ends
) -> None:
    place = out.partition if out.partition is not None else partition_of(out.by or out.key, stream.partitions)
    offset = ends.get((out.stream, place))
    if offset is None:
        row = db.execute("SELECT next FROM ends WHERE stream = ? AND partition = ?", (identity, place)).fetchone()
        offset = row[0] if row else 0
    if stream.compacted:
        db.execute(
            "DELETE FROM messages WHERE compacted AND stream = ? AND partition = ? AND key = ?",
            (identity, place, out.key),
        )
    db.execute(
        "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (identity, place, offset, out.key, written, out.due and to_millis(out.due), stream.compacted, value),
    )
    ends[out.stream, place] = offset + 1


def delete_old(db: sqlite3.Connection, stream: Stream, identity: int, now: int) -> int:
    """Delete a batch of messages that the stream no longer keeps at `now` (milliseconds); return how many."""
    deleted = 0
    if stream.compacted:
        deleted += db.execute(
            "DELETE FROM messages WHERE rowid IN (SELECT rowid FROM messages WHERE compacted AND stream = ? "
            "AND value IS NULL AND written < ? LIMIT ?)",
            (identity, now - int(TOMBSTONE_KEEP * 1000), EXPIRE_BATCH),
        ).rowcount
    if stream.keep is not None:
        deleted += db.execute(
            "DELETE FROM messages WHERE rowid IN (SELECT m.rowid FROM messages m WHERE m.stream = ? "
            "AND m.written < ? AND NOT EXISTS (SELECT 1 FROM groups g WHERE g.stream = m.stream "
            "AND g.partition = m.partition AND g.offset <= m.offset) LIMIT ?)",
            (identity, now - int(stream.keep * 1000), EXPIRE_BATCH),
        ).rowcount
    return deleted
