"""The window that both drivers use, with a committer in memory: order, back-pressure, due times, the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from agents.health import Health
from agents.in_order import BACKLOG, Finished, Place, Window
from agents.retry import Retry
from agents.skips import Skips
from pipeline.records import Feed, Record, encode
from pipeline.stage import Emit, Message, Out, Outcome, Position, Stage, Unavailable


def now() -> datetime:
    return datetime.now(UTC)


def message(offset: int, name: str = "", due: datetime | None = None) -> Message:
    feed = Feed(id=str(offset), name=name or str(offset), url="https://a.example/")
    return Message(Position("in", 0, offset), feed.id, encode(feed), now(), due)


class Gated(Stage):
    """A stage that finishes a record when its gate is opened; "free" ones immediately."""

    name = "gated"
    reads: ClassVar[dict[str, type[Record]]] = {"in": Feed}
    pause = 0.01

    def __init__(self, window: int = 4) -> None:
        self.window = window
        self.started: list[str] = []
        self.gates: dict[str, asyncio.Event] = {}
        self.ticking: asyncio.Event | None = None

    async def step(self, record: Feed, at: Position) -> Outcome:
        self.started.append(record.id)
        if record.name != "free":
            await self.gates.setdefault(record.id, asyncio.Event()).wait()
        return Emit((Out("out", record.id, record),))

    async def tick(self, now: datetime) -> Emit | None:
        if self.ticking is None:
            return None
        await self.ticking.wait()
        self.ticking = None
        return Emit((Out("ticks", "t", None),))


class Memory:
    """Keeps what was committed. Refuses outputs of the records in `bad`."""

    def __init__(self, bad: Sequence[str] = ()) -> None:
        self.commits: list[list[str]] = []
        self.ticks = 0
        self.bad = set(bad)

    async def records(self, stage: Stage, finished: Sequence[Finished]) -> None:
        if self.bad & {out.key for record in finished for out in record.result.outs if out.stream == "out"}:
            raise ValueError("too large")
        self.commits.append([record.message.key for record in finished])

    async def tick(self, stage: Stage, outs: Sequence[Out]) -> None:
        self.ticks += 1

    async def passed_over(self, stage: Stage, dead: Out) -> None:
        raise AssertionError("these stages have no state")

    @property
    def done(self) -> list[str]:
        return [key for commit in self.commits for key in commit]


async def no_requests(stream: str, since: int) -> AsyncGenerator[Message, None]:
    return
    yield


class Run:
    def __init__(self, stage: Stage, memory: Memory, tasks: asyncio.TaskGroup) -> None:
        self.pauses: list[bool] = []
        self.endings: dict[str, str] = {}
        self.window = Window(
            stage, tasks, memory, Retry(Health(now)), Skips(no_requests, Health(now)), now,
            lambda stage, result, message: self.endings.update({message.key: result.ending}), self._pause,
        )  # fmt: skip

    def _pause(self, place: Place, full: bool) -> None:
        assert place == ("in", 0)
        self.pauses.append(full)


@asynccontextmanager
async def running(stage: Stage, memory: Memory) -> AsyncIterator[Run]:
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        run = Run(stage, memory, tasks)
        run.window.open()
        yield run
        await run.window.close()


async def until(condition: Callable[[], object]) -> None:
    while not condition():
        await asyncio.sleep(0.005)


async def test_what_ends_early_waits_for_those_before_it() -> None:
    stage, memory = Gated(), Memory()
    async with running(stage, memory) as run:
        for offset, name in enumerate(["", "free", "free", ""]):
            run.window.take(message(offset, name))
        await until(lambda: len(stage.started) == 4)
        await asyncio.sleep(0.02)
        assert memory.done == []
        stage.gates["0"].set()
        await until(lambda: memory.done)
        assert memory.commits == [["0", "1", "2"]]
        assert run.window.head(("in", 0)) is not None
        stage.gates["3"].set()
        await until(lambda: len(memory.done) == 4)
        assert run.window.head(("in", 0)) is None
        assert not run.window.is_working()


async def test_the_source_is_paused_while_much_waits() -> None:
    stage, memory = Gated(4), Memory()
    async with running(stage, memory) as run:
        for offset in range(BACKLOG + 4):
            run.window.take(message(offset))
        await until(lambda: len(stage.started) == 4)
        assert run.pauses == [True]
        for offset in range(BACKLOG + 4):
            stage.gates.setdefault(str(offset), asyncio.Event()).set()
        await until(lambda: len(memory.done) == BACKLOG + 4)
        assert run.pauses == [True, False]
        assert memory.done == [str(offset) for offset in range(BACKLOG + 4)]


async def test_a_message_is_held_back_until_it_is_due() -> None:
    stage, memory = Gated(), Memory()
    due = now() + timedelta(seconds=0.2)
    async with running(stage, memory) as run:
        run.window.take(message(0, "free", due))
        run.window.take(message(1, "free"))
        await until(lambda: len(memory.done) == 2)
        assert now() >= due


async def test_an_output_that_cannot_be_published_makes_only_its_record_dead() -> None:
    stage, memory = Gated(), Memory(bad=["1"])
    async with running(stage, memory) as run:
        for offset in range(3):
            run.window.take(message(offset))
        await until(lambda: len(stage.started) == 3)
        for offset in (2, 1, 0):
            stage.gates[str(offset)].set()
        await until(lambda: len(run.endings) == 3)
    assert run.endings == {"0": "ok", "1": "dead", "2": "ok"}
    assert memory.done == ["0", "1", "2"]


@pytest.mark.parametrize("window", [1, 4])
async def test_on_closing_the_finished_head_is_committed_and_the_rest_is_not(
    monkeypatch: pytest.MonkeyPatch, window: int
) -> None:
    monkeypatch.setattr("agents.in_order.SHUTDOWN", 0.1)
    stage, memory = Gated(window), Memory()
    async with running(stage, memory) as run:
        for offset, name in enumerate(["free", "", "free"]):
            run.window.take(message(offset, name))
        await until(lambda: "1" in stage.started)
        await run.window.close()
        run.window.take(message(3, "free"))
        assert memory.done == ["0"]
        assert run.window.head(("in", 0)) is None


async def test_a_tick_in_progress_ends_before_the_window_is_closed() -> None:
    stage, memory = Gated(), Memory()
    stage.ticking = gate = asyncio.Event()
    async with running(stage, memory) as run:
        run.window.start_ticks()
        await asyncio.sleep(0.05)
        closing = asyncio.create_task(run.window.close())
        await asyncio.sleep(0.05)
        assert not closing.done()
        gate.set()
        await closing
        assert memory.ticks == 1


async def test_an_error_in_committing_ends_the_driver() -> None:
    class Broken(Memory):
        async def records(self, stage: Stage, finished: Sequence[Finished]) -> None:
            raise RuntimeError("a fault of programming")

    async def commit_one() -> None:
        async with running(Gated(), Broken()) as run:
            run.window.take(message(0, "free"))
            await asyncio.sleep(5)

    with pytest.raises(ExceptionGroup) as caught:
        await commit_one()
    assert str(caught.value.exceptions[0]) == "a fault of programming"


async def test_a_success_ends_the_pause_of_what_waits_for_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.health.random.uniform", lambda least, most: 100.0)  # so many times the usual pause
    health = Health(now)
    retry = Retry(health)
    failures = [Unavailable("down")]

    async def once() -> str:
        if failures:
            raise failures.pop()
        return "done"

    async with asyncio.timeout(5):
        waiting = asyncio.create_task(retry("index", once))
        await until(lambda: health.unavailable)
        assert health.unavailable == {"index": "down"}
        assert await retry("index", once) == "done"
        assert await waiting == "done"
    assert health.unavailable == {}
