"""What a group has not done, on both logs: what waits, since when, and what is only planned."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.backends.log_kafka.lag import expected, lag_of
from pipeline.ports import Lag, Log
from tests.contracts.logs import Backend, OnKafka, OnSqlite, out

NEAR = timedelta(seconds=5)  # clocks of this process and of a broker


async def test_what_waits_and_since_when(backend: Backend, log: Log) -> None:
    await log.publish([out("a", f"n{n}", partition=2) for n in range(5)])
    await log.publish([out("a", "other", partition=1)])
    for group, partition, offset in (("g", 2, 3), ("h", 2, 5), ("h", 1, 0)):
        await backend.ack(log, group, partition, offset)
    found = await backend.lag(log, backend.now())
    assert (found["g", "a", 2].waiting, found["h", "a", 2], found["h", "a", 1].waiting) == (2, Lag(), 1)
    oldest = found["g", "a", 2].oldest
    assert oldest is not None
    assert abs(oldest - backend.now()) < NEAR


async def test_what_is_not_due_is_planned(backend: Backend, log: Log) -> None:
    now = backend.now()
    for partition, delay in ((0, 60), (1, 3600)):
        due = now + timedelta(seconds=delay)
        await log.publish([out("later", f"{partition}{n}", partition=partition, due=due) for n in range(4)])
    for later, first, second in ((0, (0, 4), (0, 4)), (90, (4, 0), (0, 4)), (4000, (4, 0), (4, 0))):
        moment = now + timedelta(seconds=later)
        found = await backend.lag(log, moment)
        seen = [found["g", "later", partition] for partition in (0, 1)]
        assert [(lag.waiting, lag.planned) for lag in seen] == [first, second]
        for lag, delay in zip(seen, (60, 3600), strict=True):
            assert (lag.oldest is None) == (lag.waiting == 0)
            if lag.oldest is not None:
                assert abs(lag.oldest - now - timedelta(seconds=delay)) < NEAR


@pytest.mark.parametrize("due", [None, "soon", -1, 2**62])
async def test_without_a_valid_due_time_a_message_is_planned_for_as_long_as_its_class(
    tmp_path: Path, due: object
) -> None:
    backend = OnSqlite(tmp_path)
    log = await backend.open()
    now = backend.now()
    await log.publish([out("later", "valid", partition=1, due=now + timedelta(seconds=3600))])
    await log.publish([out("later", "odd", partition=1, due=now + timedelta(seconds=3600))])
    with closing(sqlite3.connect(backend.path)) as db, db:
        db.execute("UPDATE messages SET due = ? WHERE key = 'odd'", (due,))
    found = [(await backend.lag(log, now + timedelta(seconds=s)))["g", "later", 1] for s in (0, 3599, 3601)]
    await log.close()
    assert found == [Lag(planned=2), Lag(planned=2), Lag(2, oldest=now + timedelta(seconds=3600))]


async def test_what_retention_deleted_does_not_wait(backend: Backend, log: Log) -> None:
    await log.publish([out("a", f"n{n}", partition=0) for n in range(10)])
    if isinstance(backend, OnKafka):
        await backend.ack(log, "g", 0, 2)
    await backend.forget(log, 0, 6)
    [lag] = [lag for (_, stream, partition), lag in (await backend.lag(log, backend.now())).items()
             if (stream, partition) == ("a", 0)]  # fmt: skip
    assert lag.waiting == 4
    assert lag.deleted == (4 if isinstance(backend, OnKafka) else 0)  # the embedded log deletes only what was read


async def test_a_group_beyond_the_end_of_a_stream_that_was_created_again(kafka: str, prefix: str) -> None:
    backend = OnKafka(kafka, prefix)
    log = await backend.open()
    await log.publish([out("a", f"n{n}", partition=0) for n in range(3)])
    await backend.ack(log, "g", 0, 50)
    lag = (await backend.lag(log, backend.now()))["g", "a", 0]
    await log.close()
    assert (lag.waiting, lag.beyond) == (3, 47)
    assert lag.oldest is not None


@pytest.mark.parametrize(
    ("at", "start", "end", "due", "lag"),
    [
        (0, 0, 0, None, Lag()),
        (3, 0, 10, None, Lag(7)),
        (3, 5, 10, None, Lag(5, deleted=2)),
        (3, 0, 10, 6, Lag(3, 4)),
        (8, 0, 10, 6, Lag(0, 2)),
        (3, 0, 10, 10, Lag(7)),
        (3, 0, 10, 12, Lag(7)),
        (12, 0, 10, None, Lag(10, beyond=2)),
        (12, 4, 4, 4, Lag(beyond=8)),
    ],
)
def test_the_lag_of_offsets(at: int, start: int, end: int, due: int | None, lag: Lag) -> None:
    assert lag_of(at, start, end, due) == lag


def test_what_was_never_committed_counts_from_the_start() -> None:
    starts = {("a", 0): 4, ("a", 1): 0, ("b", 0): 0}
    found = expected({"g": ("a",)}, {("g", "a", 1): 9, ("h", "b", 0): 1}, starts)
    assert found == {("g", "a", 0): 4, ("g", "a", 1): 9, ("h", "b", 0): 1}
