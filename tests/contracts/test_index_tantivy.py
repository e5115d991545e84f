"""What only the embedded index does: repair, rebuilding, locking, failing disks, reading beside a writer."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.backends.index_tantivy import CannotOpen, TantivyIndex, database, schema, store, text, writer
from pipeline.core.query.search import Search
from pipeline.core.query.tree import Word
from pipeline.records import SCHEMA
from pipeline.stage import Unavailable
from tests.builders import SEEN
from tests.contracts.indices import find, ids, numbered
from tests.contracts.tantivy_index import fill, opened, search_directory, settled

# -- repair


async def test_what_tantivy_missed_is_applied_at_the_next_start(tmp_path: Path) -> None:
    """As after a kill between the two commits: the store is ahead by a new document, a new version and a deletion."""
    await fill(tmp_path, numbered(1, "one"), numbered(2, "two"), numbered(3, "three"))
    with closing(store.Store.create(tmp_path)) as ahead:
        ahead.put([numbered(4, "four"), numbered(2, "zwei", seq=5, version=2)])
        assert ahead.expire(SEEN + timedelta(minutes=2), 10) == 1
    async with opened(tmp_path) as index:
        assert await find(index, "one OR two OR three OR four OR zwei") == ["a2", "a3", "a4"]
        assert await find(index, "two") == []
        assert (await index.search(Search())).missing == 0
        assert index._written().store.gone() == []


SCRIPT = """
import asyncio, sys
from pathlib import Path
from pipeline.backends.index_tantivy import TantivyIndex
from tests.contracts.indices import numbered

async def main():
    index = TantivyIndex.open(Path(sys.argv[1]), True)
    for n in range(1, 9):
        await index.put([numbered(2 * n, "vote"), numbered(2 * n + 1, "vote")])
        print(n, flush=True)

asyncio.run(main())
"""


@pytest.mark.slow
@pytest.mark.parametrize("place", ["index.stored", "index.applied"])
@pytest.mark.parametrize("nth", [1, 4])
async def test_a_kill_loses_nothing_that_was_answered(tmp_path: Path, place: str, nth: int) -> None:
    environment = os.environ | {"ALMENARA_FAILPOINT": f"{place}:{nth}"}
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)], env=environment, capture_output=True, text=True,
        start_new_session=True, check=False,
    )  # fmt: skip
    assert run.returncode == -signal.SIGKILL, run.stderr
    assert len(run.stdout.split()) == nth - 1
    async with opened(tmp_path) as index:
        found = await index.search(Search(Word("vote"), limit=100))
        # The batch in work was durable in the store at both places.
        assert sorted(ids(found)) == sorted(f"a{n}" for n in range(2, 2 * nth + 2))
        assert (found.total, found.missing) == (2 * nth, 0)
        assert await index.put([numbered(2, "vote")]) == ["ok"]


def cut_a_file(directory: Path) -> None:
    os.truncate(max(directory.glob("*.term"), key=lambda path: path.stat().st_size), 10)


def lose_a_file(directory: Path) -> None:
    next(directory.glob("*.pos")).unlink()


def spoil_the_list(directory: Path) -> None:
    (directory / "meta.json").write_text("{")


def lose_a_segment(directory: Path) -> None:
    meta = json.loads((directory / "meta.json").read_text())
    meta["segments"] = [segment for segment in meta["segments"] if segment["max_doc"] == 5]
    (directory / "meta.json").write_text(json.dumps(meta))


def lose_all(directory: Path) -> None:
    shutil.rmtree(directory)


@pytest.mark.parametrize("damage", [cut_a_file, lose_a_file, spoil_the_list, lose_a_segment, lose_all])
async def test_a_damaged_search_directory_is_rebuilt(tmp_path: Path, damage: Any) -> None:
    await fill(tmp_path, *(numbered(n, "vote") for n in range(15)))
    await fill(tmp_path, *(numbered(n, "vote") for n in range(15, 20)))
    before = search_directory(tmp_path)
    damage(before)
    async with opened(tmp_path) as index:
        await settled(index)
        assert (await index.search(Search(Word("vote")))).total == 20
    assert search_directory(tmp_path) != before


async def test_another_schema_is_rebuilt_newest_first_while_searching(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(tmp_path, *(numbered(n, "vote") for n in range(10)))
    schema.schema_hash.cache_clear()
    monkeypatch.setattr(schema, "_REVISION", 0)
    monkeypatch.setattr(writer, "AT_ONCE", 4)
    monkeypatch.setattr(TantivyIndex, "_build_on", lambda self: None)  # the test does it, a piece at a time
    async with opened(tmp_path) as index:
        first = await index.search(Search(Word("vote")))
        assert (first.total, first.missing) == (0, 10)
        await index.put([numbered(10, "vote")])  # a new one is found at once
        assert [document.relation.seq for document in index.scan(Search(Word("vote")))] == list(range(11))
        assert index._written().build()
        await index.put([numbered(3, "vote again", seq=20, version=2)])  # not built yet: built once all the same
        second = await index.search(Search(Word("vote"), sort="time"))
        assert ids(second) == ["a10", "a9", "a8", "a7", "a6", "a3"]
        assert second.missing == 5
        while index._written().build():
            pass
        last = await index.search(Search(Word("vote"), sort="time"))
        assert (ids(last), last.missing) == ([f"a{n}" for n in reversed(range(11))], 0)
    schema.schema_hash.cache_clear()


async def test_building_continues_after_a_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await fill(tmp_path, *(numbered(n, "vote") for n in range(10)))
    monkeypatch.setattr(writer, "AT_ONCE", 4)
    halfway = writer.Writer(tmp_path)
    halfway.start_over()
    assert halfway.build()
    halfway.close()
    part = search_directory(tmp_path)
    async with opened(tmp_path) as index:
        await settled(index)
        assert (await index.search(Search(Word("vote")))).total == 10
    assert search_directory(tmp_path) == part


async def test_a_store_replaced_by_hand_is_noticed(tmp_path: Path) -> None:
    """An older documents.sqlite copied over a newer one, beside the newer one's search directory."""
    await fill(tmp_path, numbered(1, "one"), numbered(2, "two"))
    older = (tmp_path / database.FILE).read_bytes()
    await fill(tmp_path, numbered(1, "uno", seq=7), numbered(2, "dos", seq=8))
    (tmp_path / database.FILE).write_bytes(older)
    async with opened(tmp_path) as index:
        await settled(index)
        assert await find(index, "one OR two OR uno OR dos") == ["a1", "a2"]
        assert await find(index, "uno OR dos") == []


async def test_reindex_reports_its_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "AT_ONCE", 4)
    seen = []
    async with opened(tmp_path) as index:
        await index.put([numbered(n, "vote") for n in range(10)])
        before = search_directory(tmp_path)
        assert await index.reindex(lambda done, total: seen.append((done, total))) == 10
        assert seen == [(4, 10), (8, 10), (10, 10)]
        assert (await index.search(Search(Word("vote")))).total == 10
        assert search_directory(tmp_path) != before


# -- who may open


async def test_one_writer_many_readers(tmp_path: Path) -> None:
    with pytest.raises(CannotOpen, match="nothing is indexed yet"):
        TantivyIndex.open(tmp_path, write=False)
    async with opened(tmp_path) as daemon:
        with pytest.raises(CannotOpen, match="another process writes"):
            TantivyIndex.open(tmp_path, write=True)
        async with opened(tmp_path, write=False) as reader:
            await daemon.put([numbered(1, "vote")])
            assert await find(reader, "vote") == ["a1"]
            await daemon.put([numbered(2, "vote")])
            assert await find(reader, "vote") == ["a1", "a2"]
            with pytest.raises(CannotOpen, match="for reading only"):
                await reader.put([numbered(3)])
            await daemon.reindex()  # a reader follows to the new directory
            await daemon.put([numbered(3, "vote")])
            assert await find(reader, "vote") == ["a1", "a2", "a3"]
    async with opened(tmp_path, write=False) as reader:
        assert await find(reader, "vote") == ["a1", "a2", "a3"]
        assert [document.article.id for document in reader.scan()] == ["a1", "a2", "a3"]
    async with opened(tmp_path) as daemon:
        assert await daemon.count() == 3


async def test_a_reader_reports_what_a_dead_writer_left_undone(tmp_path: Path) -> None:
    await fill(tmp_path, numbered(1, "vote"))
    with closing(store.Store.create(tmp_path)) as ahead:
        ahead.put([numbered(2, "vote")])
    async with opened(tmp_path, write=False) as reader:
        found = await reader.search(Search(Word("vote")))
        assert (found.total, found.missing) == (1, 1)
        assert [document.article.id for document in reader.scan(Search(Word("vote")))] == ["a1", "a2"]


@pytest.mark.parametrize(("version", "remedy"), [(SCHEMA - 1, "move the directory away"), (99, "upgrade this one")])
async def test_files_of_another_schema_are_refused(tmp_path: Path, version: int, remedy: str) -> None:
    await fill(tmp_path, numbered(1))
    with closing(sqlite3.connect(tmp_path / database.FILE)) as db:
        db.execute(f"PRAGMA user_version = {version}")
    for write in (True, False):
        with pytest.raises(CannotOpen, match=f"schema {version}, .*{remedy}"):
            TantivyIndex.open(tmp_path, write)


async def test_a_damaged_store_is_reported(tmp_path: Path) -> None:
    await fill(tmp_path, *(numbered(n, "vote " * 200) for n in range(50)))
    with (tmp_path / database.FILE).open("rb+") as file:
        file.write(b"no database at all, certainly not")
    with pytest.raises(Unavailable, match="restore a backup"):
        TantivyIndex.open(tmp_path, write=True)


# -- failing disks


async def test_a_full_disk_is_unavailable_until_there_is_space(tmp_path: Path) -> None:
    async with opened(tmp_path) as index:
        await index.put([numbered(1, "vote")])
        pages = index._written().store._db.execute("PRAGMA page_count").fetchone()[0]
        index._written().store._db.execute(f"PRAGMA max_page_count = {pages}")
        big = [numbered(n, os.urandom(4000).hex()) for n in range(2, 6)]
        with pytest.raises(Unavailable, match="full"):
            await index.put(big)
        assert await index.count() == 1
        index._written().store._db.execute("PRAGMA max_page_count = 1000000")
        assert await index.put(big) == ["ok"] * 4
        assert (await index.search(Search())).total == 5


class Failing:
    """A tantivy writer whose commits fail."""

    def __init__(self, message: str) -> None:
        self.message = message

    def delete_documents_by_term(self, field: str, value: int) -> None: ...

    def add_document(self, document: Any) -> None: ...

    def commit(self) -> None:
        raise ValueError(self.message)


FULL = "An IO error occurred: 'No space left on device (os error 28)'"
ODD = "An error occurred in a thread: 'An index writer was killed.'"


@pytest.mark.parametrize("message", [FULL, ODD])
async def test_what_tantivy_could_not_write_is_written_when_it_can(tmp_path: Path, message: str) -> None:
    """The store has the document, so a repeat is "ok": it must be applied all the same."""
    async with opened(tmp_path) as index:
        await index.put([numbered(1, "vote")])
        index._written().text._writer = Failing(message)
        with pytest.raises(Unavailable, match=r"No space left|killed"):
            await index.put([numbered(2, "vote")])
        found = await index.search(Search(Word("vote")))
        assert (found.total, found.missing) == (1, 1)
        assert await index.put([numbered(2, "vote")]) == ["ok"]
        assert (await index.search(Search(Word("vote")))).total == 2


@pytest.mark.parametrize(("message", "rebuilt"), [(FULL, False), (ODD, True)])
async def test_a_directory_that_can_never_be_written_is_rebuilt(tmp_path: Path, message: str, rebuilt: bool) -> None:
    async with opened(tmp_path) as index:
        await index.put([numbered(1, "vote")])
        before = search_directory(tmp_path)
        for _ in range(text.TRIES - 1):
            index._written().text._writer = Failing(message)
            with pytest.raises(Unavailable):
                await index.put([numbered(2, "vote")])
        index._written().text._writer = Failing(message)
        with nullcontext() if rebuilt else pytest.raises(Unavailable):
            await index.put([numbered(2, "vote")])
        await index.put([numbered(3, "vote")])
        await settled(index)
        assert await find(index, "vote") == ["a1", "a2", "a3"]
        assert (search_directory(tmp_path) != before) == rebuilt
