"""Counts what the groups of the embedded log have not done: what waits, and what is planned for later."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime

from pipeline.log.messages import to_millis, written_at
from pipeline.ports import Lag, Stream

_PLACE = "FROM messages WHERE stream = ? AND partition = ? AND offset >= ?"


def lags(db: sqlite3.Connection, streams: Mapping[int, Stream], now: datetime) -> dict[tuple[str, str, int], Lag]:
    """By (group, stream, partition), what is not done at `now`; `streams` by their ids in the file."""
    found = {}
    for group, identity, partition, offset in db.execute("SELECT name, stream, partition, offset FROM groups"):
        if stream := streams.get(identity):
            place = (identity, partition, offset)
            found[group, stream.name, partition] = (
                _delayed(db, place, to_millis(now), stream.delays[partition]) if stream.delays else _plain(db, place)
            )
    return found


def _plain(db: sqlite3.Connection, place: tuple[int, int, int]) -> Lag:
    """Counts in the index alone; gaps that compaction left do not count."""
    [waiting] = db.execute(f"SELECT count(*) {_PLACE}", place).fetchone()
    if not waiting:
        return Lag()
    [written] = db.execute(f"SELECT CAST(written AS INTEGER) {_PLACE} ORDER BY offset LIMIT 1", place).fetchone()
    return Lag(waiting, oldest=written_at(written))


def _delayed(db: sqlite3.Connection, place: tuple[int, int, int], now: int, delay: float) -> Lag:
    """A message without a valid due time waits behind others of its delay class, so it is planned for as long."""
    total, planned, first = db.execute(
        "WITH dues AS (SELECT CAST(written AS INTEGER) + ? AS latest, due FROM messages "
        "  WHERE stream = ? AND partition = ? AND offset >= ?), "
        "moments AS (SELECT iif(typeof(due) = 'integer' AND due >= 0, min(due, latest), latest) AS due FROM dues) "
        "SELECT count(*), coalesce(sum(due > ?), 0), min(due) FROM moments",
        (int(delay * 1000), *place, now),
    ).fetchone()
    return Lag(total - planned, planned, written_at(first) if total > planned else None)
