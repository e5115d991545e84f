"""What the embedded log gives beyond the contract: transactions, counters, compaction as it writes, shared files."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.backends.log_sqlite import SqliteLog
from pipeline.ports import Ack, Stream
from pipeline.records import SCHEMA
from pipeline.stage import Out, Unavailable
from tests.builders import feed
from tests.contracts.logs import STREAMS, Time, everything, names, out


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def log(tmp_path: Path, time: Time) -> AsyncIterator[SqliteLog]:
    log = SqliteLog(tmp_path / "log.sqlite", STREAMS, time)
    yield log
    await log.close()


async def test_messages_bear_the_time_of_the_clock(log: SqliteLog, time: Time) -> None:
    await log.commit([out("b", "x")])
    [message] = await log.read("b", 0, 0, 10)
    assert message.written == time.now


async def test_commit_is_one_transaction(log: SqliteLog) -> None:
    await log.commit([out("b", "x")], {("s", "ok"): 2, ("s", "drop.old"): 1}, [Ack("s", "a", 0, 3)])
    await log.commit([], {("s", "ok"): 1}, [Ack("s", "a", 0, 5)])
    assert log.counters() == {("s", "ok"): 3, ("s", "drop.old"): 1}
    assert await log.committed("s", "a", 0) == 5
    assert await log.committed("other", "a", 0) == 0
    with pytest.raises(ValueError, match="not declared"):
        await log.commit([out("b", "y"), out("nowhere", "z")], {("s", "ok"): 1})
    assert log.end("b", 0) == 1
    assert log.counters()["s", "ok"] == 3


async def test_a_row_of_any_content_is_a_message(log: SqliteLog) -> None:
    """SQLite keeps values of any type in any column, and text that is not UTF-8."""
    await log.commit([out("b", "good")])
    rows = [
        ("CAST(x'ff6b' AS TEXT)", "0", "NULL", "x'00ff'"),
        ("x'fe'", "'when'", "'soon'", "'text'"),
        ("7", "-1", "-5", "1.5"),
        ("'k'", "9223372036854775807", "9223372036854775807", "NULL"),
    ]
    for offset, (key, written, due, value) in enumerate(rows, 1):
        log._writer.execute(
            f"INSERT INTO messages SELECT id, 0, {offset}, {key}, {written}, {due}, 0, {value} "
            "FROM streams WHERE name = 'b'"
        )
    messages = (await log.read("b", 0, 0, 10))[1:]
    assert [(m.key, m.raw_key, m.value) for m in messages] == [
        ("\\xffk", b"\xffk", b"\0\xff"), ("\\xfe", b"\xfe", b"text"), ("7", None, b"1.5"), ("k", None, None),
    ]  # fmt: skip
    assert [m.due for m in messages] == [None] * 4
    assert [m.fault.rpartition("header ")[2] for m in messages] == [
        "its key is not UTF-8 (invalid start byte at byte 0)", "due: b'soon' is not a number",
        "due: b'-5' is not a number", "due: 9223372036854775807 ms is not a time",
    ]  # fmt: skip


async def test_a_key_that_is_no_text_is_refused_alone(log: SqliteLog) -> None:
    good = asyncio.create_task(log.commit([out("b", "x")]))
    for bad in (Out("b", "\ud800", feed("y")), Out("b", "y", feed("y"), by="\ud800"), out("b", "\ud800")):
        with pytest.raises(ValueError, match="surrogates"):
            await log.commit([bad])
    await good
    assert names(await everything(log, "b")) == ["x"]


async def test_many_commits_at_once_are_all_there_and_in_order(log: SqliteLog) -> None:
    await asyncio.gather(*(log.commit([out("b", f"n{n}")]) for n in range(300)))
    assert names(await log.read("b", 0, 0, 1000)) == [f"n{n}" for n in range(300)]


async def test_a_cancelled_commit_does_not_disturb_the_others(log: SqliteLog) -> None:
    tasks = [asyncio.create_task(log.commit([out("b", f"n{n}")])) for n in range(10)]
    await asyncio.sleep(0)
    tasks[3].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(r is None for r in results) == 9
    assert len(await everything(log, "b")) == 10  # it was under way, and a commit is whole


async def test_compacted_stream_keeps_the_newest_of_a_key(log: SqliteLog) -> None:
    for n in range(3):
        await log.commit([Out("state", key, feed(f"{key}{n}")) for key in ("x", "y")])
    await log.commit([Out("state", "x", None)])
    assert sorted(names(await everything(log, "state"))) == ["-x", "y2"]


async def test_retention_spares_what_a_group_has_still_to_read(log: SqliteLog, time: Time) -> None:
    await log.commit([Out("a", "k", feed(str(n)), partition=0) for n in range(10)], acks=[Ack("g", "a", 0, 4)])
    await log.commit([], acks=[Ack("h", "a", 0, 9)])
    assert await log.expire() == 0
    time.now += timedelta(seconds=101)
    assert await log.expire() == 4
    assert names(await everything(log, "a")) == [str(n) for n in range(4, 10)]
    await log.commit([Out("a", "k", feed("new"), partition=0)])
    assert [m.at.offset for m in await log.read("a", 0, 0, 100)] == list(range(4, 11))


async def test_retention_holds_for_compacted_streams_that_have_one(tmp_path: Path, time: Time) -> None:
    log = SqliteLog(tmp_path / "l", [Stream("known", compacted=True, keep=100)], time)
    await log.commit([out("known", "old"), out("known", "renewed")])
    time.now += timedelta(seconds=60)
    await log.commit([out("known", "renewed")])
    time.now += timedelta(seconds=60)
    assert await log.expire() == 1
    assert names(await everything(log, "known")) == ["renewed"]
    await log.close()


async def test_old_tombstones_go(log: SqliteLog, time: Time) -> None:
    await log.commit([Out("state", "x", None), out("state", "y")])
    time.now += timedelta(days=8)
    assert await log.expire() == 1
    assert names(await everything(log, "state")) == ["y"]


async def test_it_is_all_there_after_reopening(tmp_path: Path, time: Time) -> None:
    log = SqliteLog(tmp_path / "l", STREAMS, time)
    await log.commit([out("a", "x", partition=2)], {("s", "ok"): 1}, [Ack("g", "a", 2, 1)])
    await log.close()
    log = SqliteLog(tmp_path / "l", STREAMS, time)
    assert log.end("a", 2) == 1
    assert await log.committed("g", "a", 2) == 1
    assert names(await everything(log, "a")) == ["x"]
    assert await log.groups() == {("g", "a", 2): 1}
    assert log.stored()["a"][0] == 1
    await log.close()


async def test_two_processes_share_a_file_and_the_other_is_noticed(tmp_path: Path, time: Time) -> None:
    path = tmp_path / "l"
    log, other = SqliteLog(path, STREAMS, time), SqliteLog(path, STREAMS, time)
    await asyncio.gather(
        *(each.commit([out("b", f"{name}{n}")]) for n in range(50) for name, each in (("l", log), ("o", other)))
    )
    log.refresh()
    assert log.end("b", 0) == 100
    assert len(set(names(await everything(log, "b")))) == 100
    await other.close()
    await log.close()


async def test_a_signal_is_given_for_what_is_published_there(log: SqliteLog) -> None:
    here, there = log.signal("b", 0), log.signal("a", 0)
    await log.commit([out("b", "x")])
    await asyncio.wait_for(here, 5)
    assert not there.done()
    assert not log.signal("b", 0).done()


async def test_a_full_disk_is_unavailable_and_passes(log: SqliteLog) -> None:
    log._writer.execute("PRAGMA max_page_count = 1")  # SQLite's own way to a full disk
    with pytest.raises(Unavailable, match="full"):
        await log.commit([Out("b", str(n), feed("x" * 4000)) for n in range(500)])
    log._writer.execute("PRAGMA max_page_count = 1000000")
    await log.commit([out("b", "after")])
    assert names(await everything(log, "b")) == ["after"]


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (99, "written by a newer Almenara (schema 99, this one knows {SCHEMA}): upgrade this one"),
        (1, "written by an older Almenara (schema 1, now {SCHEMA}): move the folder {folder} away and start again"),
    ],
)
async def test_a_file_of_another_version_is_refused(tmp_path: Path, time: Time, schema: int, message: str) -> None:
    log = SqliteLog(tmp_path / "l", STREAMS, time)
    log._writer.execute(f"PRAGMA user_version = {schema}")
    await log.close()
    with pytest.raises(ValueError, match=re.escape(message.format(folder=tmp_path, SCHEMA=SCHEMA))):
        SqliteLog(tmp_path / "l", STREAMS, time)


async def test_no_database_at_all_is_unavailable(tmp_path: Path, time: Time) -> None:
    (tmp_path / "l").write_bytes(b"this is not a database, whatever its name says" * 100)
    with pytest.raises(Unavailable, match="not a database"):
        SqliteLog(tmp_path / "l", STREAMS, time)


KILLED = """
import asyncio, itertools, sys
from datetime import UTC, datetime
from pathlib import Path
from pipeline.backends.log_sqlite import SqliteLog
from pipeline.ports import Ack, Stream
from pipeline.records import Feed
from pipeline.stage import Out
async def main():
    log = SqliteLog(Path(sys.argv[1]), [Stream("b")], lambda: datetime.now(UTC))
    for n in itertools.count(await log.committed("g", "b", 0)):
        outs = [Out("b", str(n), Feed(id=str(n), name=str(n), url="u"))]
        await log.commit(outs, {("s", "ok"): 1}, [Ack("g", "b", 0, n + 1)])
        print(n, flush=True)
asyncio.run(main())
"""


@pytest.mark.slow
async def test_kill_9_loses_and_duplicates_nothing(tmp_path: Path, time: Time) -> None:
    path, confirmed = tmp_path / "l", -1
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True)
        assert process.stdout
        for _ in range(200):
            confirmed = int(process.stdout.readline())
        process.kill()
        process.communicate()
    log = SqliteLog(path, [Stream("b")], time)
    messages = await everything(log, "b")
    assert names(messages) == [str(n) for n in range(len(messages))]
    assert len(messages) > confirmed
    assert log.counters() == {("s", "ok"): len(messages)}
    assert await log.groups() == {("g", "b", 0): len(messages)}
    await log.close()


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a folder. The -shm file is shared memory, which readers use too."""
    return {file.name: file.read_bytes() for file in folder.iterdir() if not file.name.endswith("-shm")}


async def test_a_log_that_is_not_there_is_empty_for_readers(tmp_path: Path, time: Time) -> None:
    one, other = (SqliteLog(tmp_path / "no" / "log", STREAMS, time, write=False) for _ in range(2))
    for log in (one, other):
        assert await everything(log, "state") == []
        with log.snapshot():
            assert (log.counters(), log.stored(), await log.groups(), await log.ends()) == ({}, {}, {}, {})
        with pytest.raises(RuntimeError, match="reading only"):
            await log.publish([out("b", "x")])
        await log.close()
    assert not (tmp_path / "no").exists()


async def test_an_empty_file_stays_empty_for_readers(tmp_path: Path, time: Time) -> None:
    (tmp_path / "l").touch()
    log = SqliteLog(tmp_path / "l", STREAMS, time, write=False)
    assert await everything(log, "b") == []
    await log.close()
    assert contents(tmp_path) == {"l": b""}


@pytest.mark.parametrize("left", ["closed", "open", "killed"])
async def test_reading_changes_no_file(tmp_path: Path, time: Time, left: str) -> None:
    """Whether the log was closed in order, is still written, or its process was killed."""
    folder, used = tmp_path / "used", tmp_path / "written"
    writer = SqliteLog(used / "l", STREAMS, time)
    await writer.publish([out("b", "x"), out("state", "y")])
    if left == "killed":
        shutil.copytree(used, folder)
    if left != "open":
        await writer.close()
    folder = folder if left == "killed" else used
    before = contents(folder)
    assert ("l-wal" in before) == (left != "closed")
    log = SqliteLog(folder / "l", (*STREAMS, Stream("newer")), time, write=False)
    assert names(await everything(log, "b")) == ["x"]
    assert await everything(log, "newer") == []
    if left == "open":
        await writer.publish([out("b", "z")])
        assert names(await everything(log, "b")) == ["x", "z"]
        before = contents(folder)
    with pytest.raises(RuntimeError, match="reading only"):
        await log.publish([out("b", "x")])
    await log.close()
    assert contents(folder) == before
    if left == "open":
        await writer.close()


async def test_readers_refuse_a_file_of_another_version(tmp_path: Path, time: Time) -> None:
    log = SqliteLog(tmp_path / "l", STREAMS, time)
    log._writer.execute("PRAGMA user_version = 99")
    await log.close()
    with pytest.raises(ValueError, match="newer Almenara"):
        SqliteLog(tmp_path / "l", STREAMS, time, write=False)
    (tmp_path / "l").write_bytes(b"this is not a database, whatever its name says" * 100)
    with pytest.raises(Unavailable, match="not a database"):
        SqliteLog(tmp_path / "l", STREAMS, time, write=False)
