"""The embedded driver with small real stages on a real log: the endings, order, time, trouble, restarts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from agents.embedded import Embedded
from pipeline.backends.log_sqlite import SqliteLog
from pipeline.ports import Stream
from pipeline.records import Dead, Feed, Record, decode
from pipeline.stage import Drop, Emit, Message, Out, Outcome, Position, ReadState, Stage, Unavailable
from tests.builders import feed

STREAMS = {
    t.name: t
    for t in (
        Stream("in", partitions=2),
        Stream("out"),
        Stream("dead"),
        Stream("later"),
        Stream("ticks"),
        Stream("control"),
        Stream("newest", compacted=True),
    )
}


def now() -> datetime:
    return datetime.now(UTC)


class Pass(Stage):
    """Sends on what it reads; the record's name says what else happens."""

    name = "pass"
    reads: ClassVar[dict[str, type[Record]]] = {"in": Feed, "later": Feed}
    writes = ("out",)

    def __init__(self, window: int = 1) -> None:
        self.window = window
        self.seen: list[str] = []
        self.broken = 0
        self.hang: asyncio.Event | None = None
        self.most = self.under_way = 0
        self.restored = False
        self.settlings = 0

    async def restore(self, read: ReadState) -> None:
        self.restored = True

    async def step(self, record: Any, at: Position) -> Outcome:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await asyncio.sleep(0)
            return await self._judge(record)
        finally:
            self.under_way -= 1

    async def _judge(self, record: Feed) -> Outcome:
        self.seen.append(record.name)
        if self.hang and record.name == "hang":
            await self.hang.wait()
        if self.broken:
            self.broken -= 1
            raise Unavailable("index is down")
        if record.name == "bad":
            raise RuntimeError("cannot")
        if record.name == "unwanted":
            return Drop("unwanted")
        if record.name == "misdirected":
            return Emit((Out("nowhere", record.id, record),))
        return Emit((Out("out", record.id, record),))

    async def settled(self, outs: Sequence[Out]) -> None:
        self.settlings += 1


async def fill(log: SqliteLog, names: list[str], stream: str = "in", **more: Any) -> None:
    await log.commit([Out(stream, name, feed(name), **more) for name in names])


async def out_names(log: SqliteLog) -> list[str]:
    return [decode(Feed, m.value).name async for m in log.replay("out") if m.value]


async def drive(tmp_path: Path, stage: Stage, prepare: Callable[[SqliteLog], Any], patience: float = 0) -> SqliteLog:
    log = SqliteLog(tmp_path / "log", STREAMS.values(), now)
    await prepare(log)
    driver = Embedded(log, STREAMS, [stage], None, now)
    async with asyncio.timeout(20), driver.running():
        await driver.drained(patience)
    return log


async def balance(log: SqliteLog) -> tuple[int, int]:
    """Records taken, and endings counted."""
    taken = sum(offset for (group, _, _), offset in (await log.groups()).items() if group == "pass")
    return taken, sum(n for (_, ending), n in log.counters().items() if ending != "tick")


@pytest.mark.parametrize("window", [1, 8])
async def test_every_record_ends_in_one_counted_place(tmp_path: Path, window: int) -> None:
    names = [f"n{n}" for n in range(50)] + ["bad", "unwanted"]
    stage = Pass(window)
    log = await drive(tmp_path, stage, lambda log: fill(log, names))
    assert log.counters() == {("pass", "ok"): 50, ("pass", "dead"): 1, ("pass", "drop.unwanted"): 1}
    assert sorted(await out_names(log)) == sorted(names[:50])
    [dead] = [decode(Dead, m.value) async for m in log.replay("dead") if m.value]
    assert (dead.stage, dead.stream, dead.error, dead.key) == ("pass", "in", "RuntimeError", "bad")
    assert await balance(log) == (52, 52)
    assert stage.restored
    assert stage.settlings
    assert stage.most <= 2 * window  # per partition
    await log.close()


class Newest(Pass):
    reads: ClassVar[dict[str, type[Record]]] = {"newest": Feed}


async def test_what_a_newer_record_of_its_key_replaced_before_it_was_read_is_counted(tmp_path: Path) -> None:
    stage = Newest()
    log = await drive(tmp_path, stage, lambda log: fill(log, ["a", "b", "a", "a", "c"], "newest"))
    assert stage.seen == ["b", "a", "c"]
    assert log.counters() == {("pass", "ok"): 3, ("pass", "drop.superseded"): 2}
    assert await balance(log) == (5, 5)
    await log.close()


async def test_an_output_that_cannot_be_published_makes_its_record_dead(tmp_path: Path) -> None:
    log = await drive(tmp_path, Pass(8), lambda log: fill(log, ["a", "misdirected", "b"], partition=0))
    assert await out_names(log) == ["a", "b"]
    assert log.counters() == {("pass", "ok"): 2, ("pass", "dead"): 1}
    [dead] = [decode(Dead, m.value) async for m in log.replay("dead") if m.value]
    assert (dead.error, dead.key) == ("ValueError", "misdirected")
    assert await balance(log) == (3, 3)
    await log.close()


async def test_outputs_follow_input_order_in_a_partition(tmp_path: Path) -> None:
    names = [f"n{n}" for n in range(100)]
    log = await drive(tmp_path, Pass(16), lambda log: fill(log, names, partition=0))
    assert await out_names(log) == names
    await log.close()


async def test_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    first = await drive(tmp_path, Pass(), lambda log: fill(log, ["a", "b"]))
    await first.close()
    stage = Pass()
    log = await drive(tmp_path, stage, lambda log: fill(log, ["c"]))
    assert stage.seen == ["c"]
    assert sorted(await out_names(log)) == ["a", "b", "c"]
    await log.close()


async def test_unavailable_is_waited_for_and_nothing_is_lost(tmp_path: Path) -> None:
    stage = Pass()
    stage.broken = 1
    log = await drive(tmp_path, stage, lambda log: fill(log, ["a", "b"]))
    assert sorted(await out_names(log)) == ["a", "b"]
    assert log.counters() == {("pass", "ok"): 2}
    await log.close()


async def test_a_message_waits_for_its_due_time(tmp_path: Path) -> None:
    due = now() + timedelta(seconds=0.4)
    stage = Pass()

    async def prepare(log: SqliteLog) -> None:
        await fill(log, ["late"], "later", due=due)
        await fill(log, ["soon"])

    log = await drive(tmp_path, stage, prepare, patience=5)
    assert now() >= due
    assert await out_names(log) == ["soon", "late"]
    await log.close()


async def test_drained_does_not_wait_for_what_is_due_after_its_patience(tmp_path: Path) -> None:
    log = await drive(tmp_path, Pass(), lambda log: fill(log, ["x"], "later", due=now() + timedelta(hours=1)), 5)
    assert await out_names(log) == []
    await log.close()


async def test_stopping_cancels_what_does_not_end_and_leaves_it_for_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agents.in_order.SHUTDOWN", 0.1)
    stage = Pass(8)
    stage.hang = asyncio.Event()
    log = SqliteLog(tmp_path / "log", STREAMS.values(), now)
    await fill(log, ["a", "hang", "b"], partition=0)
    driver = Embedded(log, STREAMS, [stage], None, now)
    async with asyncio.timeout(10), driver.running():
        while len(stage.seen) < 3:
            await asyncio.sleep(0.01)
    assert await out_names(log) == ["a"]
    assert await log.committed("pass", "in", 0) == 1
    await log.close()
    log = await drive(tmp_path, Pass(), lambda log: asyncio.sleep(0))
    assert await out_names(log) == ["a", "hang", "b"]
    await log.close()


class Ticking(Pass):
    pause = 0.01

    def __init__(self) -> None:
        super().__init__()
        self.ticks = 0

    async def tick(self, now: datetime) -> Emit | None:
        self.ticks += 1
        return Emit((Out("ticks", "t", feed(f"t{self.ticks}")),)) if self.ticks <= 3 else None

    def next_tick(self) -> datetime | None:
        return now() if self.ticks < 3 else None


async def test_ticks_are_published(tmp_path: Path) -> None:
    log = await drive(tmp_path, Ticking(), lambda log: fill(log, ["a"]), patience=1)
    assert log.counters() == {("pass", "ok"): 1, ("pass", "tick"): 3}
    await log.close()


async def test_a_full_disk_holds_everything_back_until_there_is_room(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path / "log", STREAMS.values(), now)
    await fill(log, [f"n{n}" + "x" * 3000 for n in range(20)])
    driver = Embedded(log, STREAMS, [Pass(4)], None, now)
    log._writer.execute("PRAGMA max_page_count = 1")
    running = asyncio.create_task(_until_drained(driver))
    while not driver.health.unavailable:
        await asyncio.sleep(0.01)
    taken, ended = await balance(log)
    assert taken == ended == log.end("out", 0) < 20
    log._writer.execute("PRAGMA max_page_count = 1000000")
    await asyncio.wait_for(running, 20)
    assert log.counters() == {("pass", "ok"): 20}
    assert driver.health.unavailable == {}
    await log.close()


@pytest.mark.parametrize("down", ["log", "stage"])
async def test_a_stop_does_not_wait_for_what_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, down: str
) -> None:
    monkeypatch.setattr("agents.in_order.SHUTDOWN", 0.1)
    monkeypatch.setattr("agents.health.random.uniform", lambda least, most: 100.0)  # so many times the usual pause
    log = SqliteLog(tmp_path / "log", STREAMS.values(), now)
    await fill(log, [f"n{n}" + "x" * 3000 for n in range(20)])
    stage = Pass()
    stage.broken = 10**9 if down == "stage" else 0
    driver = Embedded(log, STREAMS, [stage], None, now)
    if down == "log":
        log._writer.execute("PRAGMA max_page_count = 1")
    async with asyncio.timeout(5), driver.running():
        while not driver.health.unavailable:
            await asyncio.sleep(0.01)
    taken, ended = await balance(log)
    assert taken == ended == log.end("out", 0) < 20
    await log.close()


class Flaky(SqliteLog):
    """A log whose first reads fail, as on a disk that has to be mounted again."""

    failures = 2

    async def read(self, stream: str, partition: int, offset: int, limit: int) -> list[Message]:
        if stream == "in" and self.failures:
            self.failures -= 1
            raise Unavailable("disk I/O error")
        return await super().read(stream, partition, offset, limit)


async def test_a_log_that_cannot_be_read_now_is_read_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.health.MAX_PAUSE", 0.05)
    log = Flaky(tmp_path / "log", STREAMS.values(), now)
    await fill(log, ["a", "b"], partition=0)
    driver = Embedded(log, STREAMS, [Pass()], None, now)
    async with asyncio.timeout(10), driver.running():
        while log.end("out", 0) < 2:
            await asyncio.sleep(0.01)
    assert log.failures == 0
    assert driver.health.unavailable == {}
    await log.close()


async def _until_drained(driver: Embedded) -> None:
    async with driver.running():
        await driver.drained(0)
