"""The embedded driver on a real log with any content on its streams: nothing ends it, every message ends once, and the
good records come through."""

from __future__ import annotations

import asyncio
import sqlite3
import zlib
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.embedded import Embedded
from pipeline.backends.log_sqlite import SqliteLog
from pipeline.log.reading import read_all
from pipeline.ports import Stream
from pipeline.records import SCHEMA, Dead, Feed, Record, Request, decode, encode
from pipeline.stage import Emit, Message, Out, Outcome, Position, ReadState, Stage
from tests.builders import feed

STREAMS = (
    Stream("in", partitions=2), Stream("state", compacted=True), Stream("out"), Stream("dead"), Stream("control"),
)  # fmt: skip
NEWER = b'{"v":%d,"id":"new","name":"N","url":"https://new.example/"}' % (SCHEMA + 1)
R = TypeVar("R", bound=Record)
NOISE = b"\xff\x00" * 100


def now() -> datetime:
    return datetime.now(UTC)


class Keep(Stage):
    """Keeps the names of what it reads, as state."""

    name = "keep"
    reads: ClassVar[dict[str, type[Record]]] = {"in": Feed}
    writes = ("out", "state")
    owns: ClassVar[dict[str, type[Record]]] = {"state": Feed}

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    async def restore(self, read: ReadState) -> None:
        self.names.clear()
        await read("state", self._take)

    def _take(self, message: Message, record: Feed | None) -> None:
        if record is None:
            self.names.pop(message.key, None)
        elif record.name == "odd":
            raise OverflowError("this stage cannot keep it")
        else:
            self.names[record.id] = record.name

    async def step(self, record: Feed, at: Position) -> Outcome:
        self.names[record.id] = record.name
        return Emit((Out("out", record.id, record), Out("state", record.id, record)))


@dataclass(frozen=True)
class Raw:
    """What a row of the log holds."""

    key: Any = b"k"
    value: Any = NOISE
    due: Any = None


def put(path: Path, stream: str, rows: Sequence[Raw], partition: int = 0) -> None:
    """Write rows as no program of ours does: SQLite takes any type, and text that is not UTF-8."""
    with closing(sqlite3.connect(path)) as db, db:
        [(identity,)] = db.execute("SELECT id FROM streams WHERE name = ?", (stream,))
        place = (identity, partition)
        [(end,)] = db.execute("SELECT coalesce(max(next), 0) FROM ends WHERE stream = ? AND partition = ?", place)
        for offset, row in enumerate(rows, end):
            key = "CAST(? AS TEXT)" if isinstance(row.key, bytes) else "?"
            db.execute(
                f"INSERT INTO messages VALUES (?, ?, ?, {key}, 0, ?, 0, ?)",
                (*place, offset, row.key, row.due, row.value),
            )
        db.execute("INSERT OR REPLACE INTO ends VALUES (?, ?, ?)", (*place, end + len(rows)))


class Place:
    """A log, and drivers on it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "log"
        self.log = SqliteLog(self.path, STREAMS, now)

    def driver(self, stage: Stage | None = None) -> Embedded:
        return Embedded(self.log, self.log.streams, [stage or Keep()], None, now)

    async def drain(self, stage: Stage | None = None) -> None:
        driver = self.driver(stage)
        async with asyncio.timeout(20), driver.running():
            await driver.drained(0)

    async def names(self, stream: str = "out") -> list[str]:
        return [decode(Feed, m.value).name async for m in self.log.replay(stream) if m.value]

    async def dead(self) -> list[Dead]:
        return [decode(Dead, m.value) async for m in self.log.replay("dead") if m.value]

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.02)


@pytest.fixture
async def place(tmp_path: Path) -> Any:
    place = Place(tmp_path)
    yield place
    await place.log.close()


# -- input -----------------------------------------------------------------------------------------------------------


async def test_bad_input_is_dead_with_its_bytes_and_the_rest_goes_on(place: Place) -> None:
    good = encode(feed("good"))
    put(place.path, "in", [Raw(b"\xffkey", good), Raw(b"k", NOISE), Raw(b"k", good, due="soon"), Raw(b"good", good)])
    await place.drain()
    assert await place.names() == ["good"]
    dead = await place.dead()
    assert [(one.offset, one.key, one.error) for one in dead] == [
        (0, "\\xffkey", "bad_message"), (1, "k", "SchemaError"), (2, "k", "bad_message"),
    ]  # fmt: skip
    assert [zlib.decompress(one.value) for one in dead] == [good, NOISE, good]
    assert zlib.decompress(dead[0].raw_key) == b"\xffkey"
    assert place.log.counters() == {("keep", "ok"): 1, ("keep", "dead"): 3}


# -- state -----------------------------------------------------------------------------------------------------------


async def test_bad_state_is_dead_once_and_hides_nothing_else(place: Place) -> None:
    await place.log.publish([Out("state", "a", feed("a")), Out("state", "b", feed("b", name="odd"))])
    put(place.path, "state", [Raw(b"a", NOISE), Raw(b"\xff", encode(feed("x"))), Raw(b"c", encode(feed("c")))])
    place.log.refresh()
    for _ in range(3):
        stage = Keep()
        await place.drain(stage)
        assert stage.names == {"a": "a", "c": "c"}
    dead = await place.dead()
    assert [(one.stage, one.stream, one.offset, one.error) for one in dead] == [
        ("keep", "state", 1, "OverflowError"), ("keep", "state", 2, "SchemaError"), ("keep", "state", 3, "bad_message"),
    ]  # fmt: skip
    assert place.log.counters() == {("keep", "state.dead"): 3}
    assert len([m async for m in place.log.replay("state")]) == 5  # nothing was written or deleted there


async def test_bad_state_is_noticed_while_the_stage_works(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.embedded.CHECK", 0.05)
    await place.log.publish([Out("in", "a", feed("a"))])
    async with place.driver().running():
        await place.until(lambda: place.log.end("state", 0) == 1)
        put(place.path, "state", [Raw(b"a", NOISE)])
        place.log.refresh()
        await place.until(lambda: place.log.end("dead", 0) == 1)
    assert [one.offset for one in await place.dead()] == [1]
    await place.drain()
    assert len(await place.dead()) == 1


async def test_bad_records_of_dead_and_control_disturb_nothing(place: Place) -> None:
    await place.log.publish([Out("in", "a", feed("a"))])
    for stream in ("dead", "control", "state"):
        put(place.path, stream, [Raw(), Raw(b"\xff", None), Raw(b"k", b"[" * 100_000), Raw(b"k", b'{"v":%d}' % SCHEMA)])
    await place.drain()
    assert await place.names() == ["a"]
    assert place.log.end("dead", 0) == 4 + 4  # those of `state`


# -- records of another version --------------------------------------------------------------------------------------


async def test_a_newer_record_blocks_its_partition_alone_until_it_is_skipped(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agents.skips.RECHECK", 0.05)
    put(place.path, "in", [Raw(b"new", NEWER), Raw(b"b", encode(feed("b")))], partition=0)
    put(place.path, "in", [Raw(b"c", encode(feed("c")))], partition=1)
    place.log.refresh()
    driver = place.driver()
    async with driver.running():
        await place.until(lambda: place.log.end("out", 0) == 1)
        [problem] = driver.health.problems()
        assert (problem.part, problem.state) == ("keep", "blocked")
        assert "in/0/0: a Feed record was written by a newer Almenara" in problem.why
        assert "`almenara skip in/0/0`" in problem.why
        assert await place.names() == ["c"]
        await place.log.publish([Out("control", "skip", Request(skip="in/0/0"))])
        await place.until(lambda: place.log.end("out", 0) == 2)
        assert driver.health.problems() == ()
    assert await place.names() == ["c", "b"]
    [dead] = await place.dead()
    assert (dead.error, dead.key, zlib.decompress(dead.value)) == ("skipped", "new", NEWER)
    assert place.log.counters() == {("keep", "ok"): 2, ("keep", "dead"): 1}


@pytest.mark.parametrize("asked", ["before", "after"])
async def test_newer_state_blocks_the_stage_until_it_is_skipped(
    place: Place, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    monkeypatch.setattr("agents.skips.RECHECK", 0.05)
    put(place.path, "state", [Raw(b"new", NEWER), Raw(b"b", encode(feed("b")))])
    await place.log.publish([Out("in", "a", feed("a"))])
    skip = Out("control", "skip", Request(skip="state/0/0"))
    if asked == "before":
        await place.log.publish([skip])
    stage = Keep()
    driver = place.driver(stage)
    async with driver.running():
        if asked == "after":
            assert [(one.part, one.state) for one in driver.health.problems()] == [("keep", "blocked")]
            await asyncio.sleep(0.2)
            assert await place.names() == []
            await place.log.publish([skip])
        await place.until(lambda: place.log.end("out", 0) == 1)
        assert driver.health.problems() == ()
    assert stage.names == {"a": "a", "b": "b"}
    assert [(one.offset, one.error) for one in await place.dead()] == [(0, "skipped")]
    await place.drain()
    assert len(await place.dead()) == 1


async def test_a_stop_does_not_wait_for_what_blocks(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.in_order.SHUTDOWN", 0.05)
    put(place.path, "state", [Raw(b"new", NEWER)])
    put(place.path, "in", [Raw(b"new", NEWER)], partition=1)
    async with asyncio.timeout(5):
        async with place.driver().running():
            await asyncio.sleep(0.1)
    assert place.log.counters() == {}


# -- anything ---------------------------------------------------------------------------------------------------------

WILD = [
    b"null",
    b"-1",
    b"1e300",
    b"9" * 400,
    b'"\\u0000"',
    b'"\\ud800"',
    b'"\xff"',
    b"[" * 5000,
    b'"0001-01-01T00:00:00Z"',
]
FIELDS = ["v", "id", "name", "every", "enabled", "groups", "odd"]
DAMAGED = st.builds(
    lambda name, value: encode(feed("f"))[:-1] + b',"%s":%s}' % (name.encode(), value),
    st.sampled_from(FIELDS), st.sampled_from(WILD),
)  # fmt: skip
VALUES = st.none() | st.binary(max_size=30) | DAMAGED | st.sampled_from([NOISE, encode(feed("good")), b"", b'{"v":-1}'])
KEYS = st.binary(max_size=4) | st.integers(-5, 5)
DUES = st.none() | st.binary(max_size=4) | st.text(max_size=3)
ROWS = st.lists(st.builds(Raw, KEYS, VALUES, DUES), max_size=8)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from([stream.name for stream in STREAMS]), ROWS))
async def test_whatever_is_on_the_streams_every_message_ends_once(
    tmp_path_factory: pytest.TempPathFactory, rows: dict[str, list[Raw]]
) -> None:
    place = Place(tmp_path_factory.mktemp("log"))
    try:
        for stream, content in rows.items():
            put(place.path, stream, content)
        await place.log.publish([Out("in", "last", feed("last"), partition=0)])
        await place.drain()
        assert "last" in [record.name for record in await good(place.log, "out", Feed)]
        ended = sum(n for (_, ending), n in place.log.counters().items() if not ending.startswith("state."))
        assert ended == len(rows.get("in", [])) + 1
        copies = Counter((dead.stream, dead.offset) for dead in await good(place.log, "dead", Dead))
        assert set(copies.values()) <= {1}
    finally:
        await place.log.close()


async def good(log: SqliteLog, stream: str, kind: type[R]) -> list[R]:
    return list((await read_all(log, stream, kind))[0].values())
