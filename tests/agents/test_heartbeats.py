"""Heartbeats on a real log: when they come, what they say, and that an instance name has one process."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from agents import heartbeats
from agents.health import Health
from agents.heartbeats import Heartbeats
from agents.processes import is_running, this_process
from pipeline.backends.log_sqlite import SqliteLog
from pipeline.log.heartbeats import read_heartbeats
from pipeline.ports import Stream
from pipeline.records import Heartbeat
from pipeline.stage import Out, Stalled, Unavailable

STREAMS = (Stream("workers"), Stream("other"))  # a broker compacts only from time to time, so here it does not
STARTED = datetime(2026, 3, 1, 12, tzinfo=UTC)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in {"EVERY": 0.05, "NEXT": 0.3, "RECHECK": 0.02, "LOOK": 0.1, "GATHER": 0.0}.items():
        monkeypatch.setattr(heartbeats, name, seconds)


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[SqliteLog]:
    log = SqliteLog(tmp_path / "log.sqlite", STREAMS, now)
    yield log
    await log.close()


def process(**changes: Any) -> Heartbeat:
    """A process on a machine of its own."""
    made = this_process("w1", ("poll",), STARTED)
    return replace(made, **{"pid_space": made.process} | changes)


def beating(log: SqliteLog, me: Heartbeat | None = None, health: Health | None = None, **more: Any) -> Heartbeats:
    return Heartbeats(log, me or process(), health or Health(now), lambda: "c0ffee", now, **{"shared": True} | more)


async def newest(log: SqliteLog) -> Heartbeat:
    return (await read_heartbeats(log))["w1"]


async def until(condition: Callable[[Heartbeat], bool], log: SqliteLog) -> Heartbeat:
    async with asyncio.timeout(5):
        while not condition(beat := await newest(log)):
            await asyncio.sleep(0.01)
    return beat


async def test_a_process_says_who_it_is_and_what_is_wrong_until_it_ends(log: SqliteLog) -> None:
    health, me = Health(now), process()
    async with beating(log, me, health).publishing():
        first = await newest(log)
        assert first == replace(me, configuration="c0ffee", at=first.at)
        await until(lambda beat: beat.at > first.at, log)
        health.failed("index", Unavailable("down"), 1)
        beat = await until(lambda beat: bool(beat.problems), log)
        assert beat.problems == health.problems()
        health.recovered("index")
        await until(lambda beat: not beat.problems, log)
        assert not (await newest(log)).stopped
    assert (await newest(log)).stopped


async def test_a_changed_problem_is_published_at_once(log: SqliteLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeats, "EVERY", 60.0)
    health = Health(now)
    async with beating(log, health=health).publishing():
        health.blocked("items/0", "newer")
        await until(lambda beat: [problem.part for problem in beat.problems] == ["items/0"], log)


async def test_heartbeats_wake_no_reader_of_another_stream(log: SqliteLog) -> None:
    signal = log.signal("other", 0)
    async with beating(log).publishing():
        first = await newest(log)
        await until(lambda beat: beat.at > first.at, log)
        assert not signal.done()


class Full(SqliteLog):
    """A log on a disk that can be full."""

    full = False

    async def publish(self, outs: Any) -> None:
        if self.full:
            raise Unavailable("the disk is full")
        await super().publish(outs)


async def test_a_log_that_cannot_be_written_ends_nothing(tmp_path: Path) -> None:
    log = Full(tmp_path / "log.sqlite", STREAMS, now)
    try:
        async with beating(log).publishing():
            log.full = True
            await asyncio.sleep(0.2)
            last = await newest(log)
            log.full = False
            await until(lambda beat: beat.at > last.at, log)
            log.full = True
    finally:
        await log.close()


# -- one process per name


async def test_a_second_process_with_the_name_does_not_start(log: SqliteLog) -> None:
    first = process()
    async with beating(log, first).publishing():
        with pytest.raises(Unavailable) as caught:
            async with beating(log).publishing():
                raise AssertionError("it started")
        assert f"pid {first.pid}" in str(caught.value)
        assert "ALMENARA_KAFKA_INSTANCE" in str(caught.value)
        await until(lambda beat: beat.process == first.process and not beat.stopped, log)


async def test_another_name_starts_beside_it(log: SqliteLog) -> None:
    async with beating(log).publishing(), beating(log, process(instance="w2")).publishing():
        assert set(await read_heartbeats(log)) == {"w1", "w2"}


async def test_a_killed_predecessor_is_waited_for_no_longer_than_its_next_heartbeat(log: SqliteLog) -> None:
    await log.publish([Out("workers", "w1", process(at=now()))])
    started = asyncio.get_running_loop().time()
    async with beating(log).publishing():
        assert 0.2 < asyncio.get_running_loop().time() - started < 2


@pytest.mark.parametrize(
    "gone",
    [
        lambda me, dead: process(at=now(), stopped=True),
        lambda me, dead: process(at=now() - timedelta(seconds=60)),
        lambda me, dead: process(at=now(), pid_space=me.pid_space, pid=dead),
        lambda me, dead: process(at=now(), pid_space=me.pid_space, pid=os.getpid()),  # a container's only process
    ],
    ids=["stopped", "long ago", "dead here", "same number"],
)
async def test_a_predecessor_that_is_surely_gone_delays_nothing(
    log: SqliteLog, gone: Callable[[Heartbeat, int], Heartbeat], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeats, "NEXT", 60.0)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    me = this_process("w1", ("poll",), STARTED)
    await log.publish([Out("workers", "w1", gone(me, ended.pid))])
    async with asyncio.timeout(2), beating(log, me).publishing():
        pass


async def test_of_two_that_start_at_once_the_first_on_the_log_stays(log: SqliteLog) -> None:
    stays, ends = asyncio.Event(), []

    async def start() -> None:
        try:
            async with beating(log).publishing():
                await stays.wait()
        except Unavailable as error:
            ends.append(error)

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        for _ in range(3):
            tasks.create_task(start())
        while len(ends) < 2:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)
        stays.set()
    assert len(ends) == 2


async def test_one_that_was_silent_ends_when_another_took_its_name(log: SqliteLog) -> None:
    clock = [0.0]

    async def run() -> None:
        async with asyncio.timeout(5), beating(log, monotonic=lambda: clock[0]).publishing():
            first = await newest(log)
            await until(lambda beat: beat.at > first.at, log)
            await log.publish([Out("workers", "w1", process(started=now(), at=now(), host="newer"))])
            clock[0] = 60.0  # it was stopped for a while
            await asyncio.sleep(5)

    with pytest.raises(ExceptionGroup) as caught:
        await run()
    [stalled] = caught.value.exceptions
    assert isinstance(stalled, Stalled)
    assert "host newer" in str(stalled)


async def test_the_one_that_started_later_ends(log: SqliteLog) -> None:
    """Neither saw the other at its start: a clock was wrong."""

    async def run() -> None:
        async with asyncio.timeout(5), beating(log, process(started=now())).publishing():
            await log.publish([Out("workers", "w1", process(at=now(), host="elder"))])
            await asyncio.sleep(5)

    with pytest.raises(ExceptionGroup) as caught:
        await run()
    assert "host elder" in str(caught.value.exceptions[0])


async def test_one_that_started_earlier_stays(log: SqliteLog) -> None:
    async with asyncio.timeout(5), beating(log, shared=True).publishing():
        later = process(started=now(), at=now())
        await log.publish([Out("workers", "w1", later)])
        await until(lambda beat: beat.process != later.process, log)
        await asyncio.sleep(0.3)


def test_a_process_that_ended_and_waits_for_its_parent_does_not_run() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert is_running(child.pid)
    child.kill()
    while os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT) is None:
        pass
    assert not is_running(child.pid)
    child.communicate()
    assert not is_running(child.pid)
